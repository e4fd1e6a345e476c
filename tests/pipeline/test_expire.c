/* SPDX-License-Identifier: BSD-3-Clause */
/* The sweep: how much a slice does, and that none of what is due is left out. */
#include "dataplane/expire.h"
#include "tests/pipeline/frame.h"
#include "tests/pipeline/rig.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

enum {
	FLOWS = 10000,
	CAPACITY = 20000,
	/* 1,024 of work in a slice; 65 for a flow that is removed. */
	SLICE_REMOVALS = 16,
	SLICE_LOOKS = 1024,
	UDP_NEW = 30, /* seconds */
};

static void open_flows(struct rig *rig, unsigned count, uint64_t now)
{
	for (unsigned i = 0; i < count; i++) {
		struct frame_spec spec = {UDP4};

		spec.source_port = (uint16_t)(1000 + i);
		assert_int_equal(rig_send(rig, &spec, now), DROP_NONE);
	}
}

/* Everything is due: slices of a bounded number of removals, one after the other, without more
 * time passing. */
static void test_all_due(void **state)
{
	const uint64_t now = (1 + UDP_NEW) * SECOND + 1;
	const struct flow_table *table;
	unsigned slices = 0;
	struct rig rig;

	(void)state;
	rig_init(&rig, CAPACITY, NULL, NULL, 0, ACTION_ALLOW);
	table = &rig.worker->tables[0];
	open_flows(&rig, FLOWS, SECOND);
	rig.worker->expire_last = now - SECOND;
	while (table->count > 0) {
		uint32_t before = table->count;

		assert_true(expire_slice(rig.worker, now));
		assert_true(before - table->count <= SLICE_REMOVALS);
		slices++;
		assert_true(slices < 2 * FLOWS / SLICE_REMOVALS);
	}
	assert_true(slices >= FLOWS / SLICE_REMOVALS);
	assert_int_equal(rig.worker->stats.flows_ended, FLOWS);
	/* Nothing is left, and an empty table is no work. */
	assert_false(expire_slice(rig.worker, now + SECOND));
	rig_fini(&rig);
}

/* A worker that polls seldom: what a slice has no room for is due in the next ones. */
static void test_behind(void **state)
{
	uint64_t now = 2 * SECOND;
	unsigned slices = 1;
	struct rig rig;

	(void)state;
	rig_init(&rig, CAPACITY, NULL, NULL, 0, ACTION_ALLOW);
	open_flows(&rig, 1, SECOND);
	rig.worker->expire_last = now - SECOND;
	while (expire_slice(rig.worker, now))
		slices++;
	/* Once over all positions. */
	assert_int_equal(slices, (rig.worker->tables[0].positions + SLICE_LOOKS - 1) / SLICE_LOOKS);
	assert_int_equal(rig.worker->tables[0].count, 1);
	/* Nothing more is due at the same time. */
	assert_false(expire_slice(rig.worker, now));
	rig_fini(&rig);
}

/* Polled every 10 µs, an entry is given back within a second of being due. */
static void test_in_time(void **state)
{
	const uint64_t due = (1 + UDP_NEW) * SECOND;
	uint64_t now = due - SECOND;
	struct rig rig;

	(void)state;
	rig_init(&rig, CAPACITY, NULL, NULL, 0, ACTION_ALLOW);
	open_flows(&rig, FLOWS, SECOND);
	rig.worker->expire_last = now;
	for (; now <= due; now += 10000)
		expire_slice(rig.worker, now);
	assert_int_equal(rig.worker->tables[0].count, FLOWS);
	for (; now <= due + SECOND; now += 10000)
		expire_slice(rig.worker, now);
	assert_int_equal(rig.worker->tables[0].count, 0);
	rig_fini(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_due),
		cmocka_unit_test(test_behind),
		cmocka_unit_test(test_in_time),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
