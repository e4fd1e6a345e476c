/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench_flood: a worker that is flooded with tuples it has never seen, its table full.
 *
 * Overview: the table holds ESTABLISHED flows, the ones that are to lose nothing, and made-up ones
 * in all the room that unreplied flows may have, so that each packet of the flood pushes another
 * one out. Blocks A are packets of the established flows alone, blocks B the flood, in which every
 * AMID-th packet is of an established flow. Then the same flood against one of tuples that are all
 * the same to CRC32C, or to RSS by its public symmetric key. At last new flows in a table that has
 * room, which a flush takes out again.
 */
#include <stdlib.h>

#include <rte_byteorder.h>
#include <rte_cycles.h>
#include <rte_ip.h>

#include "tests/bench/blocks.h"
#include "tests/bench/collide.h"
#include "tests/bench/load.h"
#include "tests/bench/program.h"

enum {
	CAPACITY = 1000000,
	ESTABLISHED = 100000,
	AMID = 64,
	BLOCK_MS = 100,
	NEW = 200000, /* flows that are begun in a block */
	NEW_PORT = 7, /* of these */
	RECORDS = 512,
};

static const struct target nothing = {TARGET_AT_MOST, 0};

/* A source: made-up tuples, and packets of the established flows amid. */
struct flood {
	struct load_cycle established;
	struct collide *collide; /* NULL: random tuples */
	uint64_t random;
	unsigned amid; /* packets since one of an established flow */
};

/* Marsaglia, "Xorshift RNGs", 2003: period 2^64 - 1. */
static uint64_t random_next(uint64_t *random)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return *random;
}

static bool flood_next(void *context, unsigned port, struct load_tuple *ret_tuple)
{
	struct flood *flood = context;
	uint64_t random;

	if (++flood->amid == AMID) {
		flood->amid = 0;
		return load_cycle_next(&flood->established, port, ret_tuple);
	}
	if (flood->collide != NULL) {
		collide_next(flood->collide, ret_tuple);
		return true;
	}
	random = random_next(&flood->random);
	*ret_tuple = (struct load_tuple){/* Never 10.0.0.0/8, where the established flows are. */
		.source = (uint32_t)random | rte_cpu_to_be_32(RTE_IPV4(128, 0, 0, 0)),
		.destination = rte_cpu_to_be_32(RTE_IPV4(192, 0, 2, 2)),
		.source_port = (uint16_t)(random >> 32),
		.destination_port = (uint16_t)(random >> 48)};
	return true;
}

/* A source: one packet of each of left flows that there are none of. */
struct beginner {
	uint64_t left[2];
	uint32_t next;
};

static bool beginner_next(void *context, unsigned port, struct load_tuple *ret_tuple)
{
	struct beginner *beginner = context;

	if (beginner->left[port] == 0)
		return false;
	beginner->left[port]--;
	*ret_tuple = (struct load_tuple){.source = rte_cpu_to_be_32(beginner->next++),
		.destination = rte_cpu_to_be_32(RTE_IPV4(192, 0, 2, 3)),
		.source_port = rte_cpu_to_be_16(1000),
		.destination_port = rte_cpu_to_be_16(NEW_PORT)};
	return true;
}

struct bench {
	struct load load;
	struct record records[RECORDS];
	uint32_t id;
};

static void flood_init(struct flood *flood, struct collide *collide)
{
	*flood = (struct flood){.collide = collide, .random = 20261123};
	load_cycle_init(&flood->established, 0, ESTABLISHED, (uint64_t[2]){UINT64_MAX, UINT64_MAX});
}

/* Blocks A B B A A, of two sources. */
static void run_blocks(
	struct load *load, const struct load_source *a, const struct load_source *b, unsigned pairs)
{
	for (unsigned i = 0; i < pairs * BLOCKS; i++) {
		load_switch(load, blocks_with_task(i) ? b : a);
		burst_times_next(&load->times);
		rte_delay_us_sleep(BLOCK_MS * 1000);
	}
	burst_times_next(&load->times);
}

static void compare(struct load *load, struct report *report, const char *name,
	const struct load_source *a, const struct load_source *b, unsigned pairs, double least)
{
	const struct burst_block *blocks = burst_times_ahead(&load->times);

	run_blocks(load, a, b, pairs);
	blocks_report_ratio(report, name, "Mpps", blocks, pairs, blocks_rate,
		(struct target){TARGET_AT_LEAST, least});
}

static void run_floods(struct bench *bench, struct report *report, unsigned pairs)
{
	struct load *load = &bench->load;
	struct collide crc, rss;
	struct flood random, crc_flood, rss_flood;
	struct load_cycle established;
	const struct load_source floods[3] = {{flood_next, &random}, {flood_next, &crc_flood},
		{flood_next, &rss_flood}},
				 quiet = {load_cycle_next, &established};

	collide_init(&crc, collide_crc32c);
	collide_init(&rss, collide_rss);
	flood_init(&random, NULL);
	flood_init(&crc_flood, &crc);
	flood_init(&rss_flood, &rss);
	load_cycle_init(&established, 0, ESTABLISHED, (uint64_t[2]){UINT64_MAX, UINT64_MAX});
	load_switch(load, &floods[0]);
	load_wait(load, 2 * CAPACITY);
	compare(load, report, "flood.judged_ratio", &quiet, &floods[0], pairs, 0.4);
	compare(load, report, "flood.crc32c_ratio", &floods[0], &floods[1], pairs, 0.9);
	compare(load, report, "flood.rss_ratio", &floods[0], &floods[2], pairs, 0.9);
	load_switch(load, NULL);
}

/* Carry out an operation on the flows to a port, all if 0. Returns how many of those are
 * established that began before a time. */
static unsigned walk(struct bench *bench, enum walk_kind kind, uint16_t port, uint64_t before)
{
	const struct match_port ports = {port, port, false};
	const struct match match = {
		.destination_ports = &ports, .destination_port_count = port != 0};
	struct walk_request request = {
		.id = ++bench->id, .kind = kind, .start = dataplane_now(), .deadline = UINT64_MAX};
	struct classifier *filter;
	uint64_t deadline = program_deadline();
	unsigned established = 0;
	bool closed = false;

	program_must(classifier_create(&match, 1, &filter) == 0, "the filter does not compile");
	request.filter = filter;
	walk_scope_init(&request.scope);
	program_must(dataplane_request(bench->load.dataplane, 0, &request) == 0,
		"the worker takes no request");
	while (!closed) {
		uint32_t count =
			dataplane_records(bench->load.dataplane, 0, bench->records, RECORDS);

		program_wait(deadline, "the worker does not end the operation");
		for (uint32_t i = 0; i < count; i++) {
			const struct flow_record *flow = &bench->records[i].flow;

			if (bench->records[i].type == RECORD_CLOSE)
				closed = true;
			else if (flow->state == FLOW_ESTABLISHED && flow->first_seen < before)
				established++;
		}
	}
	classifier_destroy(filter);
	return established;
}

/* Established flows that are no more, or others in their place; and packets. */
static void report_losses(struct bench *bench, struct report *report, uint64_t opened)
{
	struct worker_status status;
	unsigned flows = walk(bench, WALK_CAPTURE, 0, opened);

	dataplane_worker_status(bench->load.dataplane, 0, &status);
	program_must(status.flows_evicted > CAPACITY, "the table was not full");
	report_value(report, "flood.lost_flows", (double)ESTABLISHED - flows, "flows", nothing);
	report_value(report, "flood.lost_packets", (double)load_dropped(&bench->load), "packets",
		nothing);
}

/* A block in which NEW flows begin, which then are taken out. */
static void begin_flows(struct bench *bench, struct beginner *beginner)
{
	const struct load_source source = {beginner_next, beginner};
	uint64_t end, deadline = program_deadline();

	beginner->left[0] = beginner->left[1] = NEW / 2;
	load_switch(&bench->load, NULL);
	end = load_received(&bench->load) + NEW;
	load_switch(&bench->load, &source);
	while (load_received(&bench->load) < end)
		program_wait(deadline, "the worker does not take the new flows");
	load_switch(&bench->load, NULL);
	walk(bench, WALK_FLUSH, NEW_PORT, 0);
}

/* Many flows established, and as fast as it goes others begun in a table that has room. */
static void run_beginners(struct bench *bench, struct report *report, unsigned pairs)
{
	struct load *load = &bench->load;
	const struct burst_block *blocks = burst_times_ahead(&load->times);
	struct beginner beginner = {.next = RTE_IPV4(172, 16, 0, 0)};
	struct load_cycle established;
	const struct load_source quiet = {load_cycle_next, &established};
	uint32_t count = CAPACITY - NEW;

	walk(bench, WALK_FLUSH, 0, 0);
	load_open(load, 0, count, true);
	load_cycle_init(&established, 0, count, (uint64_t[2]){UINT64_MAX, UINT64_MAX});
	load_switch(load, &quiet);
	for (unsigned i = 0; i < pairs * BLOCKS; i++) {
		/* The few bursts of the other source in it do not matter. */
		burst_times_next(&load->times);
		if (blocks_with_task(i)) {
			begin_flows(bench, &beginner);
			load_switch(load, &quiet);
		} else {
			rte_delay_us_sleep(BLOCK_MS * 1000);
		}
	}
	burst_times_next(&load->times);
	load_switch(load, NULL);
	blocks_report_ratio(report, "flood.new_flows_ratio", "Mpps", blocks, pairs, blocks_rate,
		(struct target){TARGET_AT_LEAST, 0.2});
}

int main(int argument_count, char **arguments)
{
	struct load_config config = {.capacity = CAPACITY, .timeout = TIMEOUT_NEVER};
	struct program program;
	static struct bench bench;
	uint64_t opened;
	unsigned pairs;

	program_begin(&program, argument_count, arguments);
	pairs = program.quick ? 5 : 30;
	config.blocks = 4 * pairs * BLOCKS + 4;
	load_init(&bench.load, &config);
	load_open(&bench.load, 0, ESTABLISHED, true);
	opened = dataplane_now();
	run_floods(&bench, &program.report, pairs);
	report_losses(&bench, &program.report, opened);
	run_beginners(&bench, &program.report, pairs);
	load_stop(&bench.load);
	load_fini(&bench.load);
	program_end(&program);
	return EXIT_SUCCESS;
}
