/* SPDX-License-Identifier: BSD-3-Clause */
/* Sets of flows: the same flow, its other half, another one of its tuple; and flushes by a set. */
#include "dataplane/flow_set.h"

#include <errno.h>
#include <string.h>

#include "tests/pipeline/frame.h"
#include "tests/pipeline/walk_answer.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

enum { MANY = 100000 };

#define ENDS                                                                                       \
	.source = {10, 0, 0, 1}, .destination = {10, 0, 0, 2}, .destination_port = 80,             \
	.captured = 200
#define IDENTITY(version_, protocol_, port, outer, inner)                                          \
	.version = version_, .protocol = protocol_, .source_port = port, .vlan_outer = outer,      \
	.vlan_inner = inner
#define LISTED ENDS, IDENTITY(4, 6, 1000, 3, 4)
#define REVERSED                                                                                   \
	.source = {10, 0, 0, 2}, .destination = {10, 0, 0, 1}, .destination_port = 1000,           \
	IDENTITY(4, 6, 80, 3, 4)

/* Against LISTED, first seen at 100. */
static const struct {
	const char *name;
	struct flow_record flow;
	bool has;
} cases[] = {
	{"itself", {LISTED, .first_seen = 100}, true},
	{"counters and state do not matter",
		{LISTED, .first_seen = 100, .packets = {5, 6}, .state = FLOW_CLOSING}, true},
	{"an older one", {LISTED, .first_seen = 99}, false},
	{"the other half", {REVERSED, .first_seen = 101}, true},
	{"the other half, at once", {REVERSED, .first_seen = 100}, true},
	{"the other half, late", {REVERSED, .first_seen = 199}, true},
	{"the next one, in the moment of the capture", {LISTED, .first_seen = 200}, false},
	{"the next one", {LISTED, .first_seen = 201}, false},
	{"the next one, from the other side", {REVERSED, .first_seen = 201}, false},
	{"ports exchanged alone",
		{.source = {10, 0, 0, 1},
			.destination = {10, 0, 0, 2},
			.destination_port = 1000,
			.first_seen = 100,
			IDENTITY(4, 6, 80, 3, 4)},
		false},
	{"UDP", {ENDS, IDENTITY(4, 17, 1000, 3, 4), .first_seen = 100}, false},
	{"of IPv6", {ENDS, IDENTITY(6, 6, 1000, 3, 4), .first_seen = 100}, false},
	{"another port", {ENDS, IDENTITY(4, 6, 1001, 3, 4), .first_seen = 100}, false},
	{"another outer VLAN", {ENDS, IDENTITY(4, 6, 1000, 4, 4), .first_seen = 100}, false},
	{"another inner VLAN", {ENDS, IDENTITY(4, 6, 1000, 3, 3), .first_seen = 100}, false},
	{"another identifier", {LISTED, .first_seen = 100, .identifier = 1}, false},
};

static void test_same(void **state)
{
	static const struct flow_record listed = {LISTED, .first_seen = 100};
	struct flow_set *set;

	(void)state;
	assert_int_equal(flow_set_create(1, &set), 0);
	for (unsigned i = 0; i < RTE_DIM(cases); i++)
		assert_false(flow_set_has(set, &cases[i].flow));
	assert_int_equal(flow_set_add(set, &listed), 0);
	assert_int_equal(flow_set_add(set, &listed), -ENOSPC);
	for (unsigned i = 0; i < RTE_DIM(cases); i++)
		if (flow_set_has(set, &cases[i].flow) != cases[i].has)
			fail_msg("%s", cases[i].name);
	flow_set_destroy(set);
}

/* One that was captured in the nanosecond of its first packet; and an empty set. */
static void test_bounds(void **state)
{
	static const struct flow_record at_once = {LISTED, .first_seen = 200};
	struct flow_set *set;

	(void)state;
	assert_int_equal(flow_set_create(0, &set), 0);
	assert_int_equal(flow_set_add(set, &at_once), -ENOSPC);
	assert_false(flow_set_has(set, &at_once));
	flow_set_destroy(set);
	assert_int_equal(flow_set_create(1, &set), 0);
	assert_int_equal(flow_set_add(set, &at_once), 0);
	assert_true(flow_set_has(set, &at_once));
	flow_set_destroy(set);
	flow_set_destroy(NULL);
}

/* The i-th of many flows that differ in all of the tuple; several have the same conversation. */
static struct flow_record flow_of(uint32_t i)
{
	struct flow_record flow = {.source = {0x20, 1, (uint8_t)(i % 7)},
		.destination = {0x20, 1, 0xff, (uint8_t)(i % 11)},
		.source_port = (uint16_t)(i % 30011),
		.destination_port = 443,
		.vlan_inner = (uint16_t)(i % 2),
		.version = 6,
		.protocol = 17,
		.first_seen = 1000 * (uint64_t)i,
		.captured = 1000 * (uint64_t)i + 500};

	return flow;
}

static void test_many(void **state)
{
	struct flow_set *set;

	(void)state;
	assert_int_equal(flow_set_create(MANY / 2, &set), 0);
	for (uint32_t i = 0; i < MANY; i += 2) {
		struct flow_record flow = flow_of(i);

		assert_int_equal(flow_set_add(set, &flow), 0);
	}
	for (uint32_t i = 0; i < MANY; i++) {
		struct flow_record flow = flow_of(i);

		assert_int_equal(flow_set_has(set, &flow), i % 2 == 0);
		flow.first_seen += 499;
		assert_int_equal(flow_set_has(set, &flow), i % 2 == 0);
		flow.first_seen++;
		assert_false(flow_set_has(set, &flow));
	}
	flow_set_destroy(set);
}

static void pass(struct rig *rig, const struct frame_spec *spec, uint64_t now)
{
	assert_int_equal(rig_send(rig, spec, now), DROP_NONE);
}

static const struct frame_spec flows[] = {
	{UDP4},
	{UDP4, .vlans = {9}, .vlan_types = {0x8100}},
	{TCP4, .tcp_flags = SYN},
	{UDP6},
	{UDP6, .vlans = {8, 9}, .vlan_types = {0x88a8, 0x8100}},
};

/* What a capture listed is flushed: all of it that is still there, and nothing else. */
static void test_flush(void **state)
{
	static const struct frame_spec reset = {TCP4, .tcp_flags = RST};
	struct walk_request request = walk_everything(1, 2 * SECOND);
	static const struct match_address ipv4 = {.prefix = {.version = 4}};
	static const struct match to_ipv4 = {.destinations = &ipv4, .destination_count = 1};
	struct walk_answer answer = {0};
	struct classifier *filter;
	struct flow_set *set;
	struct rig rig;

	(void)state;
	rig_init(&rig, 64, NULL, NULL, 0, ACTION_ALLOW);
	for (unsigned i = 0; i < RTE_DIM(flows); i++)
		pass(&rig, &flows[i], SECOND);
	walk_answer_get(&rig, &request, 2 * SECOND, &answer);
	assert_int_equal(answer.count, RTE_DIM(flows));
	assert_int_equal(flow_set_create(answer.count, &set), 0);
	/* All but one of VLAN 9 inside of 8. */
	for (uint32_t i = 0; i < answer.count; i++)
		if (answer.flows[i].vlan_outer != 8)
			assert_int_equal(flow_set_add(set, &answer.flows[i]), 0);
	/* The TCP connection is closed, and another one begins; a flow grows; one is new. */
	pass(&rig, &reset, 3 * SECOND);
	pass(&rig, &flows[2], 3 * SECOND);
	pass(&rig, &flows[0], 3 * SECOND);
	pass(&rig, &(struct frame_spec){UDP4_BACK, .vlans = {10}, .vlan_types = {0x8100}},
		3 * SECOND);
	request.set = set;
	/* Of a set and a filter those of both. */
	assert_int_equal(classifier_create(&to_ipv4, 1, &filter), 0);
	request.filter = filter;
	walk_answer_get(&rig, &request, 3 * SECOND, &answer);
	assert_int_equal(answer.count, 2);
	classifier_destroy(filter);
	request.filter = NULL;
	request.kind = WALK_FLUSH;
	walk_answer_get(&rig, &request, 3 * SECOND, &answer);
	assert_int_equal(answer.count, 3);
	/* With the connection that made way. */
	assert_int_equal(rig.worker->stats.flows_ended, 4);
	for (uint32_t i = 0; i < answer.count; i++) {
		assert_int_equal(answer.flows[i].protocol, 17);
		assert_int_equal(answer.flows[i].vlan_outer, 0);
		assert_int_equal(answer.flows[i].first_seen, SECOND);
	}
	assert_int_equal(rig.worker->tables[0].count, 2);
	assert_int_equal(rig.worker->tables[1].count, 1);
	/* None of the set is left. */
	request.kind = WALK_CAPTURE;
	walk_answer_get(&rig, &request, 3 * SECOND, &answer);
	assert_int_equal(answer.count, 0);
	flow_set_destroy(set);
	walk_answer_fini(&answer);
	rig_fini(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_flush),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
