/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench_capture: what captures of a million flows, or ten, do to a worker under full load.
 *
 * Overview: all flows go round in the packets, so the flow table is in use all over. Captures are
 * asked for as the control side does, and their records are taken out of the ring by this thread,
 * which checks that each flow comes once. Two kinds of blocks with a capture of everything: ones
 * that last for the walk, and ones of the second that a capture may take until it is stored.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>

#include "tests/bench/blocks.h"
#include "tests/bench/load.h"
#include "tests/bench/program.h"

enum {
	MILLION = 1000000,
	FLOWS = MILLIONS * MILLION, /* meson says how many millions */
	/* The last /24 of the flows' sources has so many of them. */
	MATCHES = 100,
	FIRST = (MATCHES + 256 - FLOWS % 256) % 256,
	WALK_MS_MOST = MILLIONS == 1 ? 200 : 2500,
	RECORDS = 512, /* taken out of the ring at once */
};

static const struct target none = {TARGET_NONE, 0};

/* One capture, as it came back. */
struct capture {
	struct walk_close close;
	uint64_t records;
	uint64_t again; /* records of a flow that there was one of before */
	double ms;	/* from the request to the closing record */
};

struct bench {
	struct load load;
	uint8_t *seen; /* by flow */
	struct record records[RECORDS];
	uint32_t id;
};

/* Returns whether the closing record came. */
static bool drain(struct bench *bench, struct capture *capture)
{
	uint32_t count = dataplane_records(bench->load.dataplane, 0, bench->records, RECORDS);

	for (uint32_t i = 0; i < count; i++) {
		const struct record *record = &bench->records[i];
		uint32_t address, flow;

		if (record->type == RECORD_CLOSE) {
			capture->close = record->close;
			return true;
		}
		memcpy(&address, record->flow.source, sizeof(address));
		flow = ntohl(address) - load_address(FIRST);
		program_must(flow < FLOWS, "a record of no flow");
		capture->again += bench->seen[flow]++;
		capture->records++;
	}
	return false;
}

static struct capture run_capture(struct bench *bench, const struct classifier *filter)
{
	uint64_t begin = dataplane_now(), deadline = program_deadline();
	struct walk_request request = {.id = ++bench->id,
		.kind = WALK_CAPTURE,
		.filter = filter,
		.start = begin,
		.deadline = begin + 60 * NANOSECONDS};
	struct capture capture = {0};

	walk_scope_init(&request.scope);
	memset(bench->seen, 0, FLOWS);
	program_must(dataplane_request(bench->load.dataplane, 0, &request) == 0,
		"the worker takes no request");
	while (!drain(bench, &capture))
		program_wait(deadline, "the worker does not end the capture");
	capture.ms = (double)(dataplane_now() - begin) / 1e6;
	return capture;
}

static struct classifier *filter_create(const struct match *match)
{
	struct classifier *filter;

	program_must(classifier_create(match, 1, &filter) == 0, "the filter does not compile");
	return filter;
}

static struct classifier *filter_of_last(void)
{
	const uint32_t last = htonl(load_address(FIRST + FLOWS - 1) & 0xffffff00);
	struct match_address source = {.prefix = {.version = 4, .depth = 24}};

	memcpy(source.prefix.address, &last, sizeof(last));
	return filter_create(&(struct match){.sources = &source, .source_count = 1});
}

/* Blocks A B B A A of one length: seconds, or if that is 0 as long as the captures take. Returns
 * the captures' times. */
static void run_blocks(struct bench *bench, const struct classifier *filter, unsigned pairs,
	double seconds, uint64_t expected, struct capture *captures)
{
	double length = seconds * 1e3;

	if (seconds == 0)
		length = run_capture(bench, filter).ms;
	for (unsigned i = 0; i < pairs * BLOCKS; i++) {
		uint64_t begin = dataplane_now();
		double spent = 0;

		burst_times_next(&bench->load.times);
		if (blocks_with_task(i)) {
			struct capture capture = run_capture(bench, filter);

			program_must(capture.records == expected && capture.again == 0,
				"a flow is missing, or came twice");
			program_must(capture.close.walked == capture.close.positions,
				"the walk did not come to its end");
			*captures++ = capture;
			if (seconds == 0)
				length = capture.ms;
			spent = (double)(dataplane_now() - begin) / 1e6;
		}
		if (length > spent)
			rte_delay_us_sleep((unsigned)((length - spent) * 1e3));
	}
	/* The worker writes to none of them from here on. */
	burst_times_next(&bench->load.times);
}

/* The walks' times: of the worker, which is not always running, and by the clock. */
static void report_captures(struct report *report, const char *name, const struct capture *captures,
	const struct burst_block *blocks, unsigned count)
{
	const struct target in_time = {TARGET_AT_MOST, WALK_MS_MOST};
	double worker_ms[2 * BLOCKS_PAIRS_MAX], ms[2 * BLOCKS_PAIRS_MAX],
		slices[2 * BLOCKS_PAIRS_MAX];
	char full[64];

	for (unsigned i = 0; i < count; i++) {
		/* Blocks 1 and 2 of each pair. */
		worker_ms[i] = blocks[i / 2 * BLOCKS + 1 + i % 2].ns / 1e6;
		ms[i] = captures[i].ms;
		slices[i] = (double)captures[i].close.slices;
	}
	snprintf(full, sizeof(full), "capture.walk_ms.%s", name);
	report_values(report, full, worker_ms, count, "ms", in_time);
	snprintf(full, sizeof(full), "capture.walk_clock_ms.%s", name);
	report_values(report, full, ms, count, "ms", none);
	snprintf(full, sizeof(full), "capture.slices.%s", name);
	report_values(report, full, slices, count, "slices", none);
}

/* Captures with one filter, in blocks as long as the walks. */
static void run_walks(struct bench *bench, struct report *report, const char *name,
	const struct classifier *filter, uint64_t expected, unsigned pairs)
{
	const struct burst_block *blocks = burst_times_ahead(&bench->load.times);
	const struct target gap = {TARGET_AT_MOST, 10};
	struct capture captures[2 * BLOCKS_PAIRS_MAX];
	char full[64];

	run_blocks(bench, filter, pairs, 0, expected, captures);
	snprintf(full, sizeof(full), "capture.walk_throughput_ratio.%s", name);
	blocks_report_ratio(report, full, "Mpps", blocks, pairs, blocks_rate, none);
	snprintf(full, sizeof(full), "capture.worst_gap_us.%s", name);
	blocks_report_moved(report, full, "walking", blocks, pairs, blocks_worst_us, gap);
	snprintf(full, sizeof(full), "capture.p999_gap_us.%s", name);
	blocks_report_moved(report, full, "walking", blocks, pairs, blocks_p999_us, none);
	report_captures(report, name, captures, blocks, 2 * pairs);
}

/* Captures of everything, one a second. */
static void run_seconds(struct bench *bench, struct report *report, const char *name,
	const struct classifier *filter, unsigned pairs)
{
	const struct burst_block *blocks = burst_times_ahead(&bench->load.times);
	const struct target share = {TARGET_AT_LEAST, 0.95};
	struct capture captures[2 * BLOCKS_PAIRS_MAX];
	char full[64];

	run_blocks(bench, filter, pairs, 1, FLOWS, captures);
	snprintf(full, sizeof(full), "capture.throughput_ratio.%s", name);
	blocks_report_ratio(report, full, "Mpps", blocks, pairs, blocks_rate, share);
}

static void run(struct bench *bench, struct report *report, bool quick)
{
	/* Ten million flows: walks of everything alone, which take longer than a second. */
	const unsigned walks = quick || MILLIONS > 1 ? 5 : 30,
		       seconds = MILLIONS > 1 ? 0 : (quick ? 1 : 10);
	const struct load_config config = {.capacity = FLOWS,
		.timeout = TIMEOUT_NEVER,
		.blocks = (2 * walks + seconds) * BLOCKS + 3};
	const char *all = MILLIONS == 1 ? "1m" : "10m";
	struct classifier *everything = filter_create(&(struct match){0});
	struct classifier *last = filter_of_last();
	struct load_cycle cycle;
	const struct load_source source = {load_cycle_next, &cycle};

	load_init(&bench->load, &config);
	load_open(&bench->load, FIRST, FLOWS, true);
	load_cycle_init(&cycle, FIRST, FLOWS, (uint64_t[2]){UINT64_MAX, UINT64_MAX});
	load_switch(&bench->load, &source);
	run_walks(bench, report, all, everything, FLOWS, walks);
	run_seconds(bench, report, all, everything, seconds);
	run_walks(bench, report, MILLIONS == 1 ? "1m_filtered" : "10m_filtered", last, MATCHES,
		walks);
	load_stop(&bench->load);
	report_value(report, MILLIONS == 1 ? "capture.lost_packets.1m" : "capture.lost_packets.10m",
		(double)load_dropped(&bench->load), "packets", (struct target){TARGET_AT_MOST, 0});
	load_fini(&bench->load);
	classifier_destroy(everything);
	classifier_destroy(last);
}

int main(int argument_count, char **arguments)
{
	struct program program;
	static struct bench bench;

	program_begin(&program, argument_count, arguments);
	bench.seen = malloc(FLOWS);
	program_must(bench.seen != NULL, "no memory");
	run(&bench, &program.report, program.quick);
	free(bench.seen);
	program_end(&program);
	return EXIT_SUCCESS;
}
