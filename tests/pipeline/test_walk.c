/* SPDX-License-Identifier: BSD-3-Clause */
/* Captures and flushes on one worker: in scope exactly once, in slices, within the deadline. */
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <rte_ring_elem.h>

#include "dataplane/walk.h"
#include "tests/pipeline/frame.h"
#include "tests/pipeline/rig.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

enum { FLOWS = 20000, CAPACITY = 30000 };

static const struct match everything;

struct answer {
	uint32_t seen[65536]; /* records by source port */
	uint32_t records;
	uint32_t closes;
	struct walk_close close;
};

static void open_flow(struct rig *rig, uint16_t port, uint8_t flags, uint64_t now)
{
	struct frame_spec spec = {.source = "10.0.0.1",
		.destination = "10.0.0.2",
		.protocol = flags != 0 ? 6 : 17,
		.source_port = port,
		.destination_port = 53,
		.tcp_flags = flags};

	assert_int_equal(rig_send(rig, &spec, now), DROP_NONE);
}

static void request(struct rig *rig, const struct walk_request *walk)
{
	struct walk_request copy = *walk;

	assert_int_equal(rte_ring_sp_enqueue_elem(rig->worker->requests, &copy, sizeof(copy)), 0);
}

/* Take what is in the record ring, up to limit. */
static void drain(struct rig *rig, uint32_t id, struct answer *answer, uint32_t limit)
{
	struct record record;

	while (limit-- > 0 &&
		rte_ring_sc_dequeue_elem(rig->worker->records, &record, sizeof(record)) == 0) {
		assert_int_equal(record.id, id);
		if (record.type == RECORD_CLOSE) {
			answer->close = record.close;
			answer->closes++;
			continue;
		}
		assert_int_equal(record.type, RECORD_FLOW);
		answer->seen[record.flow.source_port]++;
		answer->records++;
	}
}

/* Slices until the closing record came; the worker is given the same time for all. */
static void finish(struct rig *rig, uint32_t id, struct answer *answer, uint64_t now)
{
	while (answer->closes == 0) {
		walk_slice(rig->worker, now);
		drain(rig, id, answer, UINT32_MAX);
	}
	assert_false(walk_slice(rig->worker, now));
}

static struct answer *answer_new(void)
{
	struct answer *answer = calloc(1, sizeof(*answer));

	assert_non_null(answer);
	return answer;
}

/* More flows than the record ring holds: the walk waits for room, and each comes once. */
static void test_full_ring(void **state)
{
	struct classifier *filter;
	struct walk_request walk = {.id = 7, .start = SECOND, .deadline = UINT64_MAX};
	struct answer *answer = answer_new();
	struct rig rig;

	(void)state;
	rig_init(&rig, CAPACITY, NULL, NULL, 0, ACTION_ALLOW);
	assert_int_equal(classifier_create(&everything, 1, &filter), 0);
	walk.filter = filter;
	walk_scope_init(&walk.scope);
	for (unsigned i = 0; i < FLOWS; i++)
		open_flow(&rig, i, 0, SECOND);
	request(&rig, &walk);
	/* The first slice does 1,024 of work; 45 for a flow that it reports. */
	walk_slice(rig.worker, SECOND);
	walk_slice(rig.worker, SECOND);
	assert_int_equal(rte_ring_count(rig.worker->records), 1024 / 45 + 1);
	for (unsigned i = 0; i < 100000; i++)
		walk_slice(rig.worker, SECOND);
	assert_int_equal(rte_ring_count(rig.worker->records), RECORD_RING_SIZE - 1);
	/* Packets go on while the walk waits. */
	open_flow(&rig, 1, 0, SECOND);
	finish(&rig, 7, answer, SECOND);
	assert_int_equal(answer->records, FLOWS);
	for (unsigned i = 0; i < FLOWS; i++)
		assert_int_equal(answer->seen[i], 1);
	assert_int_equal(answer->close.matched, FLOWS);
	assert_int_equal(answer->close.walked, answer->close.positions);
	assert_true(answer->close.slices > 1);
	classifier_destroy(filter);
	free(answer);
	rig_fini(&rig);
}

/* Under churn a flow that is open throughout is listed once, one closed before the start never. */
static void test_churn(void **state)
{
	struct classifier *filter;
	struct walk_request walk = {.id = 8, .start = 2 * SECOND, .deadline = UINT64_MAX};
	struct answer *answer = answer_new();
	uint16_t churn = 0;
	struct rig rig;

	(void)state;
	rig_init(&rig, CAPACITY, NULL, NULL, 0, ACTION_ALLOW);
	assert_int_equal(classifier_create(&everything, 1, &filter), 0);
	walk.filter = filter;
	walk_scope_init(&walk.scope);
	/* Ports 0–9,999 stay open, 10,000–10,999 are closed before, the rest comes and goes
	 * meanwhile. */
	for (unsigned i = 0; i < 11000; i++)
		open_flow(&rig, i, SYN, SECOND);
	for (unsigned i = 10000; i < 11000; i++)
		open_flow(&rig, i, RST, SECOND);
	request(&rig, &walk);
	while (answer->closes == 0) {
		for (unsigned i = 0; i < 8; i++, churn++) {
			open_flow(&rig, 12000 + churn % 4000, SYN, 2 * SECOND);
			open_flow(&rig, 12000 + (churn + 2000) % 4000, RST, 2 * SECOND);
		}
		walk_slice(rig.worker, 2 * SECOND);
		drain(&rig, 8, answer, UINT32_MAX);
	}
	for (unsigned i = 0; i < 10000; i++)
		assert_int_equal(answer->seen[i], 1);
	for (unsigned i = 10000; i < 11000; i++)
		assert_int_equal(answer->seen[i], 0);
	classifier_destroy(filter);
	free(answer);
	rig_fini(&rig);
}

/* Of the request's scope the minimum age alone counts. */
static void capture(struct rig *rig, struct walk_request walk, const struct match *match,
	uint64_t now, struct answer *answer)
{
	uint64_t minimum_age = walk.scope.minimum_age;
	struct classifier *filter;

	assert_int_equal(classifier_create(match, 1, &filter), 0);
	memset(answer, 0, sizeof(*answer));
	walk.id = 9;
	walk.filter = filter;
	walk_scope_init(&walk.scope);
	walk.scope.minimum_age = minimum_age;
	request(rig, &walk);
	finish(rig, 9, answer, now);
	classifier_destroy(filter);
}

/* Minimum age, filter, expired flows, deadline, flush. */
static void test_scope(void **state)
{
	static const struct match_port port_100 = {100, 100, false};
	static const struct match from_100 = {.source_ports = &port_100, .source_port_count = 1};
	struct answer *answer = answer_new();
	struct rig rig;

	(void)state;
	rig_init(&rig, CAPACITY, NULL, NULL, 0, ACTION_ALLOW);
	open_flow(&rig, 100, 0, 10 * SECOND);
	open_flow(&rig, 101, 0, 15 * SECOND);
	open_flow(&rig, 102, 0, 20 * SECOND);

	/* A flow of exactly the minimum age is in. */
	capture(&rig,
		(struct walk_request){.start = 20 * SECOND,
			.scope.minimum_age = 5 * SECOND,
			.deadline = UINT64_MAX},
		&everything, 20 * SECOND, answer);
	assert_int_equal(answer->records, 2);
	assert_int_equal(answer->seen[102], 0);
	capture(&rig,
		(struct walk_request){.start = 20 * SECOND - 1,
			.scope.minimum_age = 5 * SECOND,
			.deadline = UINT64_MAX},
		&everything, 20 * SECOND, answer);
	assert_int_equal(answer->records, 1);
	/* One that began after the start has no age yet. */
	capture(&rig, (struct walk_request){.start = 12 * SECOND, .deadline = UINT64_MAX},
		&everything, 20 * SECOND, answer);
	assert_int_equal(answer->records, 3);
	capture(&rig,
		(struct walk_request){
			.start = 12 * SECOND, .scope.minimum_age = 1, .deadline = UINT64_MAX},
		&everything, 20 * SECOND, answer);
	assert_int_equal(answer->records, 1);

	/* The filter's source is the flow's. Idle for 30 s is still open, and longer is not, swept
	 * or not. */
	capture(&rig, (struct walk_request){.start = 40 * SECOND, .deadline = UINT64_MAX},
		&from_100, 40 * SECOND, answer);
	assert_int_equal(answer->records, 1);
	assert_int_equal(answer->seen[100], 1);
	capture(&rig, (struct walk_request){.start = 40 * SECOND, .deadline = UINT64_MAX},
		&from_100, 40 * SECOND + 1, answer);
	assert_int_equal(answer->records, 0);

	/* The box closed before anything was walked. */
	capture(&rig, (struct walk_request){.start = 40 * SECOND, .deadline = 40 * SECOND},
		&everything, 40 * SECOND, answer);
	assert_int_equal(answer->records, 0);
	assert_int_equal(answer->close.walked, 0);
	assert_true(answer->close.positions > CAPACITY);

	/* A flush takes out what it lists. */
	capture(&rig,
		(struct walk_request){
			.kind = WALK_FLUSH, .start = 40 * SECOND, .deadline = UINT64_MAX},
		&from_100, 40 * SECOND, answer);
	assert_int_equal(answer->records, 1);
	assert_int_equal(rig.worker->stats.flows_ended, 1);
	assert_int_equal(rig.worker->tables[0].count, 2);
	capture(&rig, (struct walk_request){.start = 40 * SECOND, .deadline = UINT64_MAX},
		&everything, 40 * SECOND, answer);
	assert_int_equal(answer->records, 2);
	assert_int_equal(answer->seen[100], 0);
	free(answer);
	rig_fini(&rig);
}

/* The box closes half-way: what was walked is told, and the request that waited begins. */
static void test_deadline(void **state)
{
	struct walk_request walk = {.id = 10, .start = SECOND, .deadline = 2 * SECOND};
	struct answer *answer = answer_new(), *next = answer_new();
	struct rig rig;

	(void)state;
	rig_init(&rig, CAPACITY, NULL, NULL, 0, ACTION_ALLOW);
	walk_scope_init(&walk.scope);
	for (unsigned i = 0; i < 1000; i++)
		open_flow(&rig, i, 0, SECOND);
	request(&rig, &walk);
	walk.id = 11;
	walk.deadline = UINT64_MAX;
	request(&rig, &walk);
	walk_slice(rig.worker, SECOND);
	for (unsigned i = 0; i < 5; i++) {
		rig.worker->walk.slice = 2000; /* of its measure of work: see walk.c */
		walk_slice(rig.worker, 2 * SECOND - 1);
	}
	drain(&rig, 10, answer, UINT32_MAX);
	assert_int_equal(answer->closes, 0);
	walk_slice(rig.worker, 2 * SECOND);
	drain(&rig, 10, answer, UINT32_MAX);
	assert_int_equal(answer->closes, 1);
	assert_true(answer->close.walked > 100 && answer->close.walked < 1000);
	/* The first thousand positions are all in use. */
	assert_int_equal(answer->records, answer->close.walked);
	assert_int_equal(answer->close.matched, answer->records);
	finish(&rig, 11, next, 2 * SECOND);
	assert_int_equal(next->records, 1000);
	free(next);
	free(answer);
	rig_fini(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full_ring),
		cmocka_unit_test(test_churn),
		cmocka_unit_test(test_scope),
		cmocka_unit_test(test_deadline),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
