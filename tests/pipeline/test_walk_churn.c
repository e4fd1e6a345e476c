/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Captures and flushes while 50,000 flows a second open and as many close: a ledger tells that none
 * that was open throughout is missed, none is listed twice, and none that was over before the
 * start; and that a flush takes out what it lists, and nothing else.
 */
#include <stdlib.h>

#include "dataplane/expire.h"
#include "tests/pipeline/flow_ledger.h"
#include "tests/pipeline/frame.h"
#include "tests/pipeline/walk_answer.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

enum {
	SEED = 6,
	OPERATIONS = 90, /* every third a flush of UDP */
	TUPLES = 24000,	 /* half of them TCP */
	CAPACITY = 20000,
	RATE = 50000,  /* openings a second */
	OPENINGS = 10, /* of a burst */
	LIFE = 4000,   /* openings of others between a flow's opening and its closing */
	SLICE = 2000,  /* of the walk's measure of work: about 45 records */
};

struct run {
	struct rig rig;
	struct ledger ledger;
	struct walk_answer answer;
	uint64_t now;
	uint64_t opened; /* TCP flows, so far */
	uint64_t closed;
	uint64_t listed;
	uint64_t throughout;
	uint64_t flushed;
	struct classifier *udp;
	bool asked;
};

static uint32_t tcp_tuple(uint64_t number)
{
	return (number / 2 * 4 + 2 + number % 2) % TUPLES;
}

static uint32_t udp_tuple(uint64_t number)
{
	return (number / 2 * 4 + number % 2) % TUPLES;
}

/* Openings, as many closings of older ones, and packets of UDP flows that stay as long as these
 * come often enough. */
static void step(struct run *run)
{
	uint32_t known = run->ledger.count;
	struct ledger_packet packets[4 * OPENINGS];
	uint16_t count = 0;

	run->now += SECOND / RATE * OPENINGS;
	for (unsigned i = 0; i < OPENINGS; i++) {
		packets[count++] =
			(struct ledger_packet){.tuple = tcp_tuple(run->opened++), .flags = SYN};
		if (run->opened > LIFE)
			packets[count++] = (struct ledger_packet){
				.tuple = tcp_tuple(run->closed++), .flags = RST};
	}
	for (unsigned i = 0; i < OPENINGS; i++)
		packets[count++] = (struct ledger_packet){
			.tuple = udp_tuple((uint64_t)random()), .from_server = random() % 2 == 0};
	ledger_burst(&run->ledger, packets, count, run->now);
	for (uint32_t i = known; i < run->ledger.count; i++)
		run->ledger.flows[i].expected = run->asked;
	expire_slice(run->rig.worker, run->now);
	ledger_note_ends(&run->ledger);
	run->rig.worker->walk.slice = SLICE;
	walk_slice(run->rig.worker, run->now);
	ledger_note_ends(&run->ledger);
}

static uint32_t in_ledger(const struct run *run)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < run->ledger.count; i++)
		count += !run->ledger.flows[i].gone;
	return count;
}

static void check(struct run *run, const struct walk_request *request)
{
	bool flush = request->kind == WALK_FLUSH;

	for (uint32_t i = 0; i < run->answer.count; i++) {
		const struct flow_record *record = &run->answer.flows[i];
		const struct ledger_flow *flow = ledger_find(&run->ledger, record);

		if (flow == NULL)
			fail_msg("port %u, first seen %lu: listed twice, or was over",
				record->source_port, record->first_seen);
		assert_true(record->captured >= request->start && record->captured <= run->now);
		assert_true(record->state != FLOW_CLOSED);
		assert_true(!flush || (flow->gone && record->protocol == 17));
		assert_true(!flush || record->packets[0] + record->packets[1] == flow->packets);
		run->listed++;
		run->flushed += flush;
	}
	for (uint32_t i = 0; i < run->ledger.count; i++) {
		struct ledger_flow *flow = &run->ledger.flows[i];

		if (flow->expected && flow->first_seen <= request->start &&
			(!flush || !ledger_tuple_is_tcp(flow->tuple)) &&
			ledger_is_open(flow, run->now)) {
			run->throughout++;
			if (!flow->listed)
				fail_msg("tuple %u, first seen %lu: missed", flow->tuple,
					flow->first_seen);
		}
		flow->expected = flow->listed = false;
	}
	assert_int_equal(in_ledger(run),
		run->rig.worker->tables[0].count + run->rig.worker->tables[1].count);
}

static void operate(struct run *run, uint32_t number)
{
	struct walk_request request = walk_everything(number, run->now);

	if (number % 3 == 0) {
		request.kind = WALK_FLUSH;
		request.filter = run->udp;
	}
	ledger_forget(&run->ledger);
	for (uint32_t i = 0; i < run->ledger.count; i++)
		run->ledger.flows[i].expected = ledger_is_open(&run->ledger.flows[i], run->now);
	walk_answer_clear(&run->answer, number);
	walk_ask(&run->rig, &request);
	run->asked = true;
	do {
		step(run);
		walk_answer_drain(&run->rig, &run->answer);
	} while (run->answer.closes == 0);
	run->asked = false;
	assert_int_equal(run->answer.close.walked, run->answer.close.positions);
	assert_int_equal(run->answer.close.matched, run->answer.count);
	check(run, &request);
}

static void test_churn(void **state)
{
	static const uint8_t udp = 17;
	static const struct match of_udp = {.protocols = &udp, .protocol_count = 1};
	struct run run = {.now = 1000 * SECOND};
	uint64_t begin = run.now;

	(void)state;
	srandom(SEED);
	rig_init(&run.rig, CAPACITY, NULL, NULL, 0, ACTION_ALLOW);
	ledger_init(&run.ledger, &run.rig, TUPLES);
	assert_int_equal(classifier_create(&of_udp, 1, &run.udp), 0);
	for (unsigned i = 0; i < 5000; i++)
		step(&run);
	for (uint32_t i = 1; i <= OPERATIONS; i++)
		operate(&run, i);
	print_message("%lu ms: %lu opened, %lu closed; %lu packets, %lu flows listed, %lu open "
		      "throughout, %lu flushed\n",
		(run.now - begin) / 1000000, run.opened, run.closed, run.ledger.packets, run.listed,
		run.throughout, run.flushed);
	assert_int_equal(run.opened * SECOND, (run.now - begin) * RATE);
	assert_true(run.throughout > 100000 && run.listed > 300000);
	assert_true(run.closed > 200000 && run.flushed > 20000);
	classifier_destroy(run.udp);
	walk_answer_fini(&run.answer);
	ledger_fini(&run.ledger);
	rig_fini(&run.rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_churn)};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
