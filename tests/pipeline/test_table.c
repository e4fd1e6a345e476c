/* SPDX-License-Identifier: BSD-3-Clause */
/* A flow table that is full, and what makes room in it. */
#include "dataplane/expire.h"
#include "tests/pipeline/frame.h"
#include "tests/pipeline/rig.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

enum { CAPACITY = 64 };

/* A datagram of the flow of a port, from its source or back. */
static enum drop_reason datagram(struct rig *rig, uint16_t port, bool back, uint64_t now)
{
	struct frame_spec spec = {.source = back ? "10.0.0.2" : "10.0.0.1",
		.destination = back ? "10.0.0.1" : "10.0.0.2",
		.protocol = 17,
		.source_port = back ? 53 : port,
		.destination_port = back ? port : 53};

	return rig_send(rig, &spec, now);
}

static void test_table_full(void **state)
{
	struct rig rig;

	(void)state;
	rig_init(&rig, CAPACITY, NULL, NULL, 0, ACTION_ALLOW);
	for (unsigned i = 0; i < CAPACITY + 10; i++) {
		enum drop_reason expected = i < CAPACITY ? DROP_NONE : DROP_TABLE_FULL;

		assert_int_equal(datagram(&rig, 1000 + i, false, SECOND), expected);
		assert_int_equal(datagram(&rig, 1000 + i, true, SECOND), expected);
	}
	assert_int_equal(rig.worker->stats.flows_refused, 20);
	assert_int_equal(datagram(&rig, 1000, false, 100 * SECOND), DROP_NONE);
	/* At 122 s all but the one seen at 100 s have been idle for more than 120 s. */
	for (unsigned i = 0; i < 2; i++)
		for (unsigned slice = 0; slice < 1000; slice++)
			expire_slice(
				rig.worker, 122 * SECOND + i * SECOND / 2 + slice * SECOND / 2000);
	assert_int_equal(rig.worker->tables[0].count, 1);
	assert_int_equal(datagram(&rig, 5000, false, 124 * SECOND), DROP_NONE);
	rig_fini(&rig);
}

/* A flood of made-up tuples: the oldest unreplied flow goes for each, the conversations stay. */
static void test_flood(void **state)
{
	enum { CONVERSATIONS = 20, UNREPLIED = CAPACITY - CONVERSATIONS, FLOOD = 10000 };
	struct flow_table *table;
	struct rig rig;

	(void)state;
	rig_init(&rig, CAPACITY, NULL, NULL, 0, ACTION_ALLOW);
	table = &rig.worker->tables[0];
	for (unsigned i = 0; i < CONVERSATIONS; i++) {
		assert_int_equal(datagram(&rig, 100 + i, false, SECOND), DROP_NONE);
		assert_int_equal(datagram(&rig, 100 + i, true, SECOND), DROP_NONE);
	}
	for (unsigned i = 0; i < FLOOD; i++) {
		assert_int_equal(datagram(&rig, 1000 + i, false, SECOND), DROP_NONE);
		assert_int_equal(datagram(&rig, 100 + i % CONVERSATIONS, i % 2, SECOND), DROP_NONE);
	}
	assert_int_equal(table->count, CAPACITY);
	assert_int_equal(table->unreplied.count, UNREPLIED);
	assert_int_equal(rig.worker->stats.flows_evicted, FLOOD - UNREPLIED);
	assert_int_equal(rig.worker->stats.flows_refused, 0);
	/* The newest of the flood are there: an answer to each is one to its flow. */
	for (unsigned i = FLOOD - UNREPLIED; i < FLOOD; i++)
		assert_int_equal(datagram(&rig, 1000 + i, true, SECOND), DROP_NONE);
	assert_int_equal(table->unreplied.count, 0);
	assert_int_equal(datagram(&rig, 99, false, SECOND), DROP_TABLE_FULL);
	rig_fini(&rig);
}

/* Of an empty table an eighth is kept for conversations. */
static void test_unreplied_share(void **state)
{
	struct rig rig;

	(void)state;
	rig_init(&rig, CAPACITY, NULL, NULL, 0, ACTION_ALLOW);
	for (unsigned i = 0; i < CAPACITY; i++)
		assert_int_equal(datagram(&rig, 1000 + i, false, SECOND), DROP_NONE);
	assert_int_equal(rig.worker->tables[0].count, CAPACITY * 7 / 8);
	assert_int_equal(rig.worker->stats.flows_evicted, CAPACITY / 8);
	rig_fini(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_full),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_unreplied_share),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
