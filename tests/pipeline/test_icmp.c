/* SPDX-License-Identifier: BSD-3-Clause */
/* ICMP and ICMPv6 as flows. */
#include "tests/pipeline/scenario.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

#define PING4 .source = "10.0.0.1", .destination = "10.0.0.2", .protocol = 1
#define PING4_BACK .source = "10.0.0.2", .destination = "10.0.0.1", .protocol = 1
#define PING6 .source = "2001:db8::1", .destination = "2001:db8::2", .protocol = 58
#define PING6_BACK .source = "2001:db8::2", .destination = "2001:db8::1", .protocol = 58

static const struct match_port all_ports[] = {{0, 65535, false}};
static const struct match with_ports[] = {{.source_ports = all_ports, .source_port_count = 1}};
static const enum action drop[] = {ACTION_DROP};

static const struct scenario scenarios[] = {
	{"an echo and its reply are one flow, by identifier", .packet_count = 6,
		.packets = {{{PING4, .identifier = 7}},
			{{PING4_BACK, .identifier = 7, .icmp_type = ICMP_TYPE(0)}},
			{{PING4, .identifier = 8}}, {{PING6, .identifier = 7}},
			{{PING6_BACK, .identifier = 7, .icmp_type = ICMP_TYPE(129)}},
			{{PING6, .identifier = 8}}},
		.flows = {2, 2}, .total = {4, 2}},
	{"the other requests with an identifier", .packet_count = 6,
		.packets = {{{PING4, .identifier = 1, .icmp_type = ICMP_TYPE(13)}},
			{{PING4_BACK, .identifier = 1, .icmp_type = ICMP_TYPE(14)}},
			{{PING4, .identifier = 2, .icmp_type = ICMP_TYPE(15)}},
			{{PING4_BACK, .identifier = 2, .icmp_type = ICMP_TYPE(16)}},
			{{PING4, .identifier = 3, .icmp_type = ICMP_TYPE(17)}},
			{{PING4_BACK, .identifier = 3, .icmp_type = ICMP_TYPE(18)}}},
		.flows = {3, 0}, .total = {3, 3}},
	{"messages without an identifier are a flow by addresses, and not identifier 0",
		.packet_count = 6,
		.packets = {{{PING4, .icmp_type = ICMP_TYPE(9)}},
			{{PING4_BACK, .icmp_type = ICMP_TYPE(10), .identifier = 9}},
			{{PING4, .identifier = 0}},
			{{PING6, .icmp_type = ICMP_TYPE(139), .identifier = 9}},
			{{PING6_BACK, .icmp_type = ICMP_TYPE(140)}}, {{PING6, .identifier = 0}}},
		.flows = {2, 2}, .total = {4, 2}},
	{"ICMP of the other IP version has no identifiers", .packet_count = 2,
		.packets = {{{.source = "2001:db8::1",
				    .destination = "2001:db8::2",
				    .protocol = 1,
				    .identifier = 7}},
			{{.source = "2001:db8::1",
				.destination = "2001:db8::2",
				.protocol = 1,
				.identifier = 8}}},
		.flows = {0, 1}, .total = {2, 0}},
	{"later fragments of an echo belong to its flow", .packet_count = 6,
		.packets = {{{PING4, .identifier = 7, .payload = 16, .fragment_id = 9,
				    .more_fragments = true}},
			{{PING4, .payload = 40, .fragment_id = 9, .fragment_offset = 24}},
			{{PING6, .identifier = 7, .payload = 16, .fragment_id = 9,
				.fragment_header = true, .more_fragments = true}},
			{{PING6, .payload = 40, .fragment_id = 9, .fragment_header = true,
				.fragment_offset = 24}},
			{{PING4_BACK, .identifier = 7, .icmp_type = ICMP_TYPE(0), .payload = 16,
				.fragment_id = 9, .more_fragments = true}},
			{{PING4_BACK, .payload = 40, .fragment_id = 9, .fragment_offset = 24}}},
		.flows = {1, 1}, .total = {4, 2}},
	{"an ICMPv6 echo without its identifier", .packet_count = 1,
		.packets = {{{PING6, .total_length_delta = -1}, DROPPED(DROP_ICMPV6_TRUNCATED)}}},
	{"rules with ports do not match identifiers", .matches = with_ports, .actions = drop,
		.rule_count = 1, .packet_count = 2,
		.packets = {{{PING4, .identifier = 7}}, {{PING6, .identifier = 7}}},
		.flows = {1, 1}, .total = {2, 0}},
};

static void test_scenarios(void **state)
{
	(void)state;
	scenarios_run(scenarios, RTE_DIM(scenarios));
}

/* The identifier is no port to who looks at a flow. */
static void test_record(void **state)
{
	struct frame_spec spec = {PING4, .identifier = 0x1234};
	struct flow_record record;
	struct rig rig;

	(void)state;
	rig_init(&rig, 64, NULL, NULL, 0, ACTION_ALLOW);
	assert_int_equal(rig_send(&rig, &spec, SECOND), DROP_NONE);
	flow_to_record(&rig.worker->tables[0], rig.worker->burst.positions[0], SECOND, &record);
	assert_int_equal(record.protocol, 1);
	assert_int_equal(record.source_port, 0);
	assert_int_equal(record.destination_port, 0);
	assert_int_equal(record.identifier, 0x1234);
	rig_fini(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenarios),
		cmocka_unit_test(test_record),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
