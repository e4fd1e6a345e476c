/* SPDX-License-Identifier: BSD-3-Clause */
/* Scopes of operations: each member at its bound, one inside and one outside of it. */
#include "tests/pipeline/frame.h"
#include "tests/pipeline/walk_answer.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

/* Of a flow: began at 100 s, last packet at 130 s, captured at 140 s; 3 + 4 packets, 300 + 401
 * bytes. The operation starts at 135 s. */
#define START (135 * SECOND)

static const struct flow_record flow = {.first_seen = 100 * SECOND,
	.last_seen = 130 * SECOND,
	.captured = 140 * SECOND,
	.packets = {3, 4},
	.bytes = {300, 401},
	.vlan_outer = 7,
	.vlan_inner = 4094,
	.version = 6,
	.state = FLOW_ESTABLISHED,
	.action = ACTION_DROP};

/* A bound of the scope, and whether the flow is in it. */
static const struct {
	const char *name;
	size_t offset;
	uint64_t value;
	bool accepted;
} bounds[] = {
#define BOUND(member, value, accepted)                                                             \
	{                                                                                          \
#member " " #value, offsetof(struct walk_scope, member), value, accepted           \
	}
	BOUND(minimum_age, 0, true),
	BOUND(minimum_age, 35 * SECOND - 1, true),
	BOUND(minimum_age, 35 * SECOND, true),
	BOUND(minimum_age, 35 * SECOND + 1, false),
	BOUND(minimum_age, UINT64_MAX, false),
	BOUND(maximum_age, 0, false),
	BOUND(maximum_age, 35 * SECOND - 1, false),
	BOUND(maximum_age, 35 * SECOND, true),
	BOUND(maximum_age, 35 * SECOND + 1, true),
	BOUND(minimum_idle, 10 * SECOND, true),
	BOUND(minimum_idle, 10 * SECOND + 1, false),
	BOUND(minimum_packets, 7, true),
	BOUND(minimum_packets, 8, false),
	BOUND(minimum_bytes, 701, true),
	BOUND(minimum_bytes, 702, false),
};

static void test_bounds(void **state)
{
	(void)state;
	for (unsigned i = 0; i < RTE_DIM(bounds); i++) {
		struct walk_scope scope;

		walk_scope_init(&scope);
		*(uint64_t *)((char *)&scope + bounds[i].offset) = bounds[i].value;
		if (walk_scope_accepts(&scope, &flow, START) != bounds[i].accepted)
			fail_msg("%s", bounds[i].name);
	}
}

/* A flow that begins after the start, or at it, and one seen by a clock read later. */
static void test_young(void **state)
{
	struct flow_record young = flow;
	struct walk_scope scope;

	(void)state;
	walk_scope_init(&scope);
	young.first_seen = START + 1;
	assert_true(walk_scope_accepts(&scope, &young, START));
	scope.maximum_age = 0;
	assert_true(walk_scope_accepts(&scope, &young, START));
	scope.minimum_age = 1;
	assert_false(walk_scope_accepts(&scope, &young, START));
	young.first_seen = START;
	assert_false(walk_scope_accepts(&scope, &young, START));
	scope.minimum_age = 0;
	assert_true(walk_scope_accepts(&scope, &young, START));
	young.last_seen = young.captured + 1;
	assert_true(walk_scope_accepts(&scope, &young, START));
	scope.minimum_idle = 1;
	assert_false(walk_scope_accepts(&scope, &young, START));
}

/* Each value of what a flow is one of, with each set of them. */
static void test_kinds(void **state)
{
	struct flow_record other = flow;
	struct walk_scope scope;

	(void)state;
	for (unsigned set = 0; set < 1 << FLOW_STATE_COUNT; set++) {
		for (unsigned value = FLOW_NEW; value < FLOW_STATE_COUNT; value++) {
			walk_scope_init(&scope);
			other.state = value;
			assert_true(walk_scope_accepts(&scope, &other, START));
			scope.states = set;
			assert_int_equal(
				walk_scope_accepts(&scope, &other, START), set >> value & 1);
		}
	}
	for (unsigned set = 0; set < 4; set++) {
		for (unsigned value = 0; value < 2; value++) {
			walk_scope_init(&scope);
			other.action = value == 0 ? ACTION_ALLOW : ACTION_DROP;
			scope.actions = set;
			assert_int_equal(
				walk_scope_accepts(&scope, &other, START), set >> value & 1);
			walk_scope_init(&scope);
			other.version = value == 0 ? 4 : 6;
			scope.ip_versions = set;
			assert_int_equal(
				walk_scope_accepts(&scope, &other, START), set >> value & 1);
		}
	}
}

/* The inner VLAN counts; 0 is none. */
static void test_vlans(void **state)
{
	static const uint16_t vlans[] = {0, 1, 63, 64, 4031, 4094};
	struct flow_record tagged = flow;
	struct walk_scope scope;

	(void)state;
	walk_scope_init(&scope);
	scope.any_vlan = false;
	assert_false(walk_scope_accepts(&scope, &tagged, START));
	for (unsigned set = 0; set < RTE_DIM(vlans); set++) {
		walk_scope_init(&scope);
		scope.any_vlan = false;
		scope.vlans[vlans[set] / 64] = UINT64_C(1) << vlans[set] % 64;
		for (unsigned i = 0; i < RTE_DIM(vlans); i++) {
			tagged.vlan_inner = vlans[i];
			assert_int_equal(walk_scope_accepts(&scope, &tagged, START), i == set);
		}
	}
}

/* The worker asks: idle time counts to the visit, age to the start. */
static void test_worker(void **state)
{
	static const struct frame_spec frames[] = {
		{UDP4, .payload = 72},			 /* 100 bytes, at 10 s */
		{UDP6, .payload = 52},			 /* 100 bytes, at 20 s */
		{TCP4, .tcp_flags = SYN, .payload = 60}, /* 100 bytes, at 30 s */
	};
	struct walk_request request = walk_everything(1, 25 * SECOND);
	struct walk_answer answer = {0};
	struct rig rig;

	(void)state;
	rig_init(&rig, 64, NULL, NULL, 0, ACTION_ALLOW);
	for (unsigned i = 0; i < RTE_DIM(frames); i++) {
		uint8_t frame[FRAME_SIZE];
		uint32_t l3;
		uint16_t length = frame_build(&frames[i], frame, &l3);

		assert_int_equal(l3, 100);
		assert_int_equal(rig_packet(&rig, frame, length, (i + 1) * 10 * SECOND), DROP_NONE);
	}
	walk_answer_get(&rig, &request, 35 * SECOND, &answer);
	assert_int_equal(answer.count, 3);
	request.scope.minimum_idle = 15 * SECOND;
	walk_answer_get(&rig, &request, 35 * SECOND, &answer);
	assert_int_equal(answer.count, 2);
	request.scope.ip_versions = SCOPE_IPV6;
	walk_answer_get(&rig, &request, 35 * SECOND, &answer);
	assert_int_equal(answer.count, 1);
	assert_int_equal(answer.flows[0].version, 6);
	request.scope.maximum_age = 5 * SECOND - 1;
	walk_answer_get(&rig, &request, 35 * SECOND, &answer);
	assert_int_equal(answer.count, 0);
	assert_int_equal(answer.close.walked, answer.close.positions);
	walk_answer_fini(&answer);
	rig_fini(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_young),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_vlans),
		cmocka_unit_test(test_worker),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
