/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Captures with a window against a ledger: random packets, in bursts, before each step of both
 * walks and in between, over a table that is too small, so that flows begin, end by RST or FINs,
 * expire, are evicted, and give way to others of their tuple at any moment.
 */
#include <stdlib.h>

#include "dataplane/expire.h"
#include "tests/pipeline/flow_ledger.h"
#include "tests/pipeline/frame.h"
#include "tests/pipeline/walk_answer.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

enum {
	SEED = 5,
	ROUNDS = 250,
	CAPACITY = 80,
	TUPLES = 400,
	FEW_TUPLES = 100,
	MILLISECOND = 1000000
};

struct run {
	struct rig rig;
	struct ledger ledger;
	struct policy *policies[2];
	struct classifier *udp;
	struct walk_answer answer;
	struct walk_request request;
	uint64_t now;
	uint32_t tuples; /* to draw from */
	bool begun;	 /* the window */
	bool over;
	uint64_t listed;
	uint64_t ended; /* of those, before the window was over */
	uint64_t untouched;
	uint64_t saved; /* kept as of the window's end */
};

static uint32_t below(uint32_t limit)
{
	return (uint32_t)random() % limit;
}

/* Some tuples are busier than others. */
static struct ledger_packet draw_packet(uint32_t tuples)
{
	static const uint8_t flags[] = {
		SYN, SYN, SYN, ACK, ACK, ACK, ACK, FIN | ACK, FIN | ACK, RST};
	struct ledger_packet packet = {.tuple = below(2) == 0 ? below(tuples) : below(tuples / 8),
		.from_server = below(2) == 0,
		.payload = (uint16_t)below(100)};

	if (ledger_tuple_is_tcp(packet.tuple))
		packet.flags = flags[below(RTE_DIM(flags))];
	return packet;
}

/* The ledger's flows as the window begins or ends. */
static void snapshot_begin(struct run *run)
{
	for (uint32_t i = 0; i < run->ledger.count; i++) {
		struct ledger_flow *flow = &run->ledger.flows[i];

		flow->expected = ledger_is_open(flow, run->now);
		flow->packets_before = flow->packets;
		flow->bytes_before = flow->bytes;
	}
	run->begun = true;
}

static void snapshot_end(struct run *run)
{
	for (uint32_t i = 0; i < run->ledger.count; i++) {
		struct ledger_flow *flow = &run->ledger.flows[i];

		flow->packets_after = flow->packets;
		flow->bytes_after = flow->bytes;
		run->ended += flow->expected && flow->gone;
	}
	run->over = true;
}

static void step_packets(struct run *run, unsigned burst_max)
{
	uint32_t known = run->ledger.count;
	struct ledger_packet packets[BURST_MAX];
	uint16_t count = below(8) == 0 ? 0 : 1 + below(burst_max);

	if (run->begun && !run->over && run->now >= run->request.window_end)
		snapshot_end(run);
	for (unsigned i = 0; i < count; i++)
		packets[i] = draw_packet(run->tuples);
	if (count > 0)
		ledger_burst(&run->ledger, packets, count, run->now);
	/* What began in the window was open in it, unless by a RST. */
	for (uint32_t i = known; run->begun && !run->over && i < run->ledger.count; i++) {
		struct ledger_flow *flow = &run->ledger.flows[i];

		flow->expected = !flow->began_closed;
	}
}

static void step(struct run *run, unsigned burst_max)
{
	struct worker *worker = run->rig.worker;

	run->now += 1 + below(60 * MILLISECOND);
	if (below(50) == 0)
		worker->policy = run->policies[below(2)];
	step_packets(run, burst_max);
	expire_slice(worker, run->now);
	ledger_note_ends(&run->ledger);
	/* An entry a slice, so that packets come with the walks at each of them. */
	worker->walk.slice = 1;
	walk_slice(worker, run->now);
	if (!run->begun && worker->window != NULL)
		snapshot_begin(run);
	if (below(10) == 0)
		walk_answer_drain(&run->rig, &run->answer);
}

static void check_record(struct run *run, const struct flow_record *record, bool udp_alone)
{
	const struct ledger_flow *flow = ledger_find(&run->ledger, record);
	uint64_t moved;

	if (flow == NULL)
		fail_msg("port %u, first seen %lu: not to be listed", record->source_port,
			record->first_seen);
	moved = flow->packets_after - flow->packets_before;
	assert_true(!udp_alone || !ledger_tuple_is_tcp(flow->tuple));
	assert_int_equal(record->packets[0] + record->packets[1], flow->packets_after);
	assert_int_equal(record->bytes[0] + record->bytes[1], flow->bytes_after);
	assert_int_equal(record->window_packets, moved);
	assert_int_equal(record->window_bytes, flow->bytes_after - flow->bytes_before);
	assert_true(record->captured <= run->request.window_end);
	run->listed++;
	run->untouched += moved == 0;
}

/* One capture, from a request to the closing record. */
static void round_trip(struct run *run, uint32_t number)
{
	bool udp_alone = number % 3 == 0;
	unsigned burst_max = number % 2 == 0 ? 1 : 12;
	struct window *window;

	ledger_forget(&run->ledger);
	run->begun = run->over = false;
	run->tuples = number % 4 < 2 ? TUPLES : FEW_TUPLES;
	assert_int_equal(window_create(worker_places(run->rig.worker), &window), 0);
	run->request = walk_everything(number, run->now);
	run->request.filter = udp_alone ? run->udp : NULL;
	run->request.window = window;
	/* Also one that ends while the first walk is under way. */
	run->request.window_end = run->now + 1 + below(20) * SECOND;
	walk_answer_clear(&run->answer, number);
	walk_ask(&run->rig, &run->request);
	while (run->answer.closes == 0) {
		step(run, burst_max);
		if (rte_ring_count(run->rig.worker->records) > 4000 || run->over)
			walk_answer_drain(&run->rig, &run->answer);
	}
	assert_true(run->over);
	assert_int_equal(run->answer.close.walked, run->answer.close.positions);
	assert_int_equal(run->answer.close.window_lost, 0);
	for (uint32_t i = 0; i < run->answer.count; i++)
		check_record(run, &run->answer.flows[i], udp_alone);
	for (uint32_t i = 0; i < run->ledger.count; i++) {
		const struct ledger_flow *flow = &run->ledger.flows[i];

		if (udp_alone && ledger_tuple_is_tcp(flow->tuple))
			continue;
		if (flow->expected && !flow->listed)
			fail_msg("tuple %u, first seen %lu: missed", flow->tuple, flow->first_seen);
	}
	for (uint32_t i = 0; i < run->ledger.count; i++)
		run->ledger.flows[i].expected = run->ledger.flows[i].listed = false;
	run->saved += window->record_count;
	window_destroy(window);
}

static void test_random(void **state)
{
	static const struct match_port low = {20000, 20100, false};
	static const struct match to_low = {.source_ports = &low, .source_port_count = 1};
	static const enum action drop = ACTION_DROP;
	static const uint8_t udp = 17;
	static const struct match of_udp = {.protocols = &udp, .protocol_count = 1};
	struct run run = {.now = 1000 * SECOND};

	(void)state;
	srandom(SEED);
	rig_init(&run.rig, CAPACITY, NULL, NULL, 0, ACTION_ALLOW);
	ledger_init(&run.ledger, &run.rig, TUPLES);
	run.policies[0] = run.rig.policy;
	run.policies[1] = rig_policy(&to_low, &drop, 1, ACTION_ALLOW, 1);
	run.policies[1]->generation = 1;
	assert_int_equal(classifier_create(&of_udp, 1, &run.udp), 0);
	for (uint32_t i = 1; i <= ROUNDS; i++)
		round_trip(&run, i);
	/* All of this happened often. */
	print_message("%lu packets, %lu flows listed, %lu of them ended in the window, %lu had no "
		      "packet in it, %lu had one after it, %lu evicted\n",
		run.ledger.packets, run.listed, run.ended, run.untouched, run.saved,
		run.rig.worker->stats.flows_evicted);
	assert_true(run.ledger.packets >= 200000);
	assert_true(run.ended > 10000 && run.untouched > 1000 && run.saved > 1000);
	assert_true(run.rig.worker->stats.flows_evicted > 1000);
	classifier_destroy(run.udp);
	policy_destroy(run.policies[1]);
	walk_answer_fini(&run.answer);
	ledger_fini(&run.ledger);
	run.rig.worker->policy = run.rig.policy;
	rig_fini(&run.rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_random)};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
