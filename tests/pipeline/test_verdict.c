/* SPDX-License-Identifier: BSD-3-Clause */
/* Stateless rules: by each packet's own header; what they drop leaves no trace in the tables. */
#include <errno.h>
#include <stdlib.h>

#include "tests/pipeline/verdict_case.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

#define PASS .verdict = {STATELESS_PASS, METRIC_NONE}
#define DROP .verdict = {STATELESS_DROP, METRIC_NONE}
#define ANY_FLAGS 255

/* A datagram of 56 bytes payload in two fragments, 44 and 60 bytes of IP; with IPv6 72 and 88. */
#define FIRST .fragment_id = 9, .more_fragments = true, .payload = 16, .udp_length_delta = 40
#define LATER .fragment_id = 9, .fragment_offset = 24, .payload = 40

static const struct verdict_case cases[] = {
	{"a drop by a rule makes no flow; the other direction meets the rules by its own header",
		.policies = {{{STATELESS({{PROTOCOL(17), TO_PORT(53)}, DROP}), FORWARD},
			.stateless = {{2, 28 + 40}, {1, 38}}, .stateful = {{2, 28 + 40}}}},
		.packet_count = 3,
		.packets = {{{UDP4, .payload = 10}, DROPPED(DROP_STATELESS_RULE)},
			{{UDP4_BACK}, .port = 1}, {{TCP4, .tcp_flags = SYN}}},
		.flows = {2, 0}},
	{"a drop by a rule leaves the flow's entry as it is, neither counted nor established",
		.policies = {{{STATELESS({{PROTOCOL(17), TO_PORT(53)}, DROP}),
				      STATEFUL({.action = STATEFUL_DROP, .flow = RULE_ESTABLISHED}),
				      FORWARD},
			.stateless = {{3, 28 + 29 + 30}, {2, 56}}, .stateful = {{3, 87}}}},
		.packet_count = 5,
		.packets = {{{UDP4_BACK}}, {{UDP4}, DROPPED(DROP_STATELESS_RULE)},
			{{UDP4_BACK, .payload = 1}}, {{UDP4}, DROPPED(DROP_STATELESS_RULE)},
			{{UDP4_BACK, .payload = 2}}},
		.flows = {1, 0}, .flow_packets = {3, 0}},
	{"a drop by default makes no flow and changes none",
		.policies = {{{STATELESS({{PROTOCOL(17), TO_PORT(53)}, PASS}),
				      DEFAULTS(STATELESS_DROP, STATELESS_FORWARD)},
			.stateless = {{3, 28 + 40 + 28}, {2, 57}}}},
		.packet_count = 5,
		.packets = {{{UDP4_BACK}, DROPPED(DROP_STATELESS_DEFAULT)}, {{UDP4}},
			{{TCP4, .tcp_flags = SYN}, DROPPED(DROP_STATELESS_DEFAULT)},
			{{UDP4_BACK}, DROPPED(DROP_STATELESS_DEFAULT)}, {{UDP4, .payload = 1}}},
		.flows = {1, 0}, .flow_packets = {2, 0}},
	{"what passes is not shown to the stateful rules, whatever they say of the other direction",
		.policies = {{{STATELESS({{PROTOCOL(17), TO_PORT(53)}, PASS}),
				      STATEFUL({.action = STATEFUL_ALERT},
					      {.action = STATEFUL_DROP}),
				      .stateful_default = DEFAULT_DROP_STRICT, FORWARD},
			.stateless = {{2, 56}, {3, 84}},
			.stateful = {[1] = {1, 28}, [2] = {2, 56}}}},
		.packet_count = 5,
		.packets = {{{UDP4}}, {{UDP4_BACK}, DROPPED(DROP_RULE), .port = 1}, {{UDP4}},
			{{UDP4_BACK}, DROPPED(DROP_RULE), .port = 1}, {{UDP4}}},
		.event_count = 2, .events = {{0, 1, STATEFUL_ALERT, 1}, {1, 1, STATEFUL_DROP, 1}},
		.flows = {1, 0}, .flow_packets = {3, 2}},
	{"each direction has its own rule",
		.policies = {{{STATELESS({{TO_PORT(53)}, PASS}, {{TO_PORT(1000)}, DROP}),
				      DEFAULTS(STATELESS_DROP, STATELESS_DROP)},
			.stateless = {[1] = {3, 84}, [2] = {2, 56}}}},
		.packet_count = 5,
		.packets = {{{UDP4}}, {{UDP4_BACK}, DROPPED(DROP_STATELESS_RULE)}, {{UDP4}},
			{{UDP4_BACK}, DROPPED(DROP_STATELESS_RULE)}, {{UDP4}}},
		.flows = {1, 0}, .flow_packets = {3, 0}},
	{"the first rule that matches",
		.policies = {{{STATELESS({{FROM(10, 0, 0, 2)}, PASS}, {{PROTOCOL(17)}, DROP},
				       {{FROM(10, 0, 0, 1)}, PASS}, {{PROTOCOL(17)}, PASS}),
				      DEFAULTS(STATELESS_DROP, STATELESS_DROP)},
			.stateless = {[1] = {1, 28}, [2] = {2, 28 + 48}, [3] = {1, 40}}}},
		.packet_count = 4,
		.packets = {{{UDP4}, DROPPED(DROP_STATELESS_RULE)}, {{UDP4_BACK}}, {{TCP4}},
			{{UDP6}, DROPPED(DROP_STATELESS_RULE)}},
		.flows = {2, 0}},
	{"fragments have a default of their own, the first and the later; an atomic one is whole",
		.policies = {{{DEFAULTS(STATELESS_FORWARD, STATELESS_DROP)},
			.stateless = {{9, 28 + 44 + 60 + 29 + 28 + 72 + 88 + 56 + 57}},
			.stateful = {{5, 28 + 29 + 28 + 56 + 57}}}},
		.packet_count = 9,
		.packets = {{{UDP4}}, {{UDP4, FIRST}, DROPPED(DROP_STATELESS_DEFAULT)},
			{{UDP4, LATER}, DROPPED(DROP_STATELESS_DEFAULT)}, {{UDP4, .payload = 1}},
			{{UDP4}},
			{{UDP6, FIRST, .fragment_header = true}, DROPPED(DROP_STATELESS_DEFAULT)},
			{{UDP6, LATER, .fragment_header = true}, DROPPED(DROP_STATELESS_DEFAULT)},
			{{UDP6, .fragment_header = true, .fragment_id = 9}},
			{{UDP6, .fragment_header = true, .payload = 1}}},
		.flows = {1, 1}},
	{"fragments pass by their default, and are counted in their flow",
		.policies = {{{DEFAULTS(STATELESS_DROP, STATELESS_PASS),
				      STATEFUL({.action = STATEFUL_DROP})},
			.stateless = {{4, 28 + 44 + 60 + 28}}}},
		.packet_count = 4,
		.packets = {{{UDP4}, DROPPED(DROP_STATELESS_DEFAULT)}, {{UDP4, FIRST}},
			{{UDP4, LATER}}, {{UDP4}, DROPPED(DROP_STATELESS_DEFAULT)}},
		.flows = {1, 0}, .flow_packets = {2, 0}},
	{"a later fragment has the ports of its first",
		.policies = {{{STATELESS({{PROTOCOL(17), TO_PORT(53)}, PASS}),
				      DEFAULTS(STATELESS_DROP, STATELESS_DROP)},
			.stateless = {{2, 44 + 60}, {3, 44 + 60 + 28}}}},
		.packet_count = 5,
		.packets = {{{UDP4, FIRST}}, {{UDP4, LATER}}, {{UDP4}},
			{{.source = "10.0.0.1", .destination = "10.0.0.2", .protocol = 1, FIRST},
				DROPPED(DROP_STATELESS_DEFAULT)},
			{{.source = "10.0.0.1", .destination = "10.0.0.2", .protocol = 1, LATER},
				DROPPED(DROP_STATELESS_DEFAULT)}},
		.flows = {1, 0}, .flow_packets = {3, 0}},
	{"TCP flags are looked at in every packet",
		.policies = {{{STATELESS(
				       {{PROTOCOL(6), .flags = SYN, .flag_mask = SYN | ACK}, DROP}),
				      FORWARD},
			.stateless = {{5, 200}, {4, 160}}, .stateful = {{5, 200}}}},
		.packet_count = 9,
		.packets = {{{TCP4, .tcp_flags = SYN}, DROPPED(DROP_STATELESS_RULE)},
			{{TCP4, .tcp_flags = ACK}},
			{{TCP4, .tcp_flags = SYN}, DROPPED(DROP_STATELESS_RULE)},
			{{TCP4, .tcp_flags = ACK}}, {{TCP4_BACK, .tcp_flags = SYN | ACK}},
			{{TCP4_BACK, .tcp_flags = SYN | PSH}, DROPPED(DROP_STATELESS_RULE)},
			{{TCP4, .tcp_flags = ACK}}, {{TCP4_BACK, .tcp_flags = ACK}},
			{{TCP4, .tcp_flags = SYN}, DROPPED(DROP_STATELESS_RULE)}},
		.flows = {1, 0}, .flow_packets = {3, 2}},
	{"a SYN that is dropped leaves the entry of the connection before it",
		.policies = {{{STATELESS({{.flags = SYN, .flag_mask = SYN | ACK}, DROP}), FORWARD},
			.stateless = {{3, 120}, {2, 80}}, .stateful = {{3, 120}}}},
		.packet_count = 5,
		.packets = {{{TCP4, .tcp_flags = ACK}}, {{TCP4_BACK, .tcp_flags = RST}},
			{{TCP4, .tcp_flags = SYN}, DROPPED(DROP_STATELESS_RULE)},
			{{TCP4_BACK, .tcp_flags = SYN}, DROPPED(DROP_STATELESS_RULE)},
			{{TCP4, .tcp_flags = ACK}}},
		.flows = {1, 0}, .flow_packets = {2, 1}},
	{"a pass by TCP flags holds for its packet alone",
		.policies = {{{STATELESS({{.flags = ACK, .flag_mask = ACK}, PASS}),
				      DEFAULTS(STATELESS_DROP, STATELESS_DROP)},
			.stateless = {{2, 80}, {2, 80}}}},
		.packet_count = 4,
		.packets = {{{TCP4, .tcp_flags = ACK}},
			{{TCP4, .tcp_flags = PSH}, DROPPED(DROP_STATELESS_DEFAULT)},
			{{TCP4, .tcp_flags = ACK}},
			{{TCP4, .tcp_flags = SYN}, DROPPED(DROP_STATELESS_DEFAULT)}},
		.flows = {1, 0}, .flow_packets = {2, 0}},
	{"flags without masks are all the flags",
		.policies = {{{STATELESS({{.flags = SYN, .flag_mask = ANY_FLAGS}, DROP}), FORWARD},
			.stateless = {{3, 120}, {1, 40}}, .stateful = {{3, 120}}}},
		.packet_count = 4,
		.packets = {{{TCP4, .tcp_flags = SYN | PSH}}, {{TCP4, .tcp_flags = SYN | 128}},
			{{TCP4, .tcp_flags = SYN}, DROPPED(DROP_STATELESS_RULE)},
			{{TCP4, .tcp_flags = SYN | ACK}}},
		.flows = {1, 0}, .flow_packets = {3, 0}},
	{"flags are TCP's, also where none is to be set; a later fragment has none",
		.policies = {{{STATELESS({{.flags = 0, .flag_mask = ANY_FLAGS}, DROP}), FORWARD},
			.stateless = {{4, 28 + 40 + 60 + 48}, {2, 40 + 60}},
			.stateful = {{4, 28 + 40 + 60 + 48}}}},
		.packet_count = 6,
		.packets = {{{UDP4}}, {{TCP4}, DROPPED(DROP_STATELESS_RULE)},
			{{TCP4, .tcp_flags = ACK}},
			{{TCP4, .tcp_flags = ACK, .fragment_id = 5, .more_fragments = true,
				.payload = 20}},
			{{TCP4, .fragment_id = 5, .fragment_offset = 40, .payload = 40},
				DROPPED(DROP_STATELESS_RULE)},
			{{UDP6}}},
		.flows = {2, 1}},
	{"custom actions count for all rules and defaults that name them",
		.policies = {{{STATELESS({{PROTOCOL(17), TO_PORT(53)}, {STATELESS_PASS, 0}},
				       {{PROTOCOL(6), TO_PORT(80)}, {STATELESS_DROP, 1}},
				       {{PROTOCOL(6)}, PASS}),
				      .stateless_default = {STATELESS_FORWARD, 0},
				      .stateless_fragment_default = {STATELESS_DROP, 1},
				      .metric_count = 2},
			.stateless = {{3, 28 + 29 + 44}, {2, 56}, {2, 80}, {1, 40}},
			.stateful = {{2, 57}},
			.metrics = {{4, 28 + 28 + 28 + 29}, {3, 40 + 40 + 44}}}},
		.packet_count = 8,
		.packets = {{{UDP4}}, {{UDP4_BACK}}, {{UDP4}}, {{UDP4_BACK, .payload = 1}},
			{{TCP4, .tcp_flags = SYN}, DROPPED(DROP_STATELESS_RULE)},
			{{TCP4, .tcp_flags = ACK}, DROPPED(DROP_STATELESS_RULE)},
			{{TCP4_BACK, .tcp_flags = SYN}},
			{{.source = "10.0.0.1", .destination = "10.0.0.2", .protocol = 1, FIRST},
				DROPPED(DROP_STATELESS_DEFAULT)}},
		.flows = {2, 0}},
	{"without rules the default action counts every packet",
		.policies = {{{.stateless_default = {STATELESS_FORWARD, 1},
				      .stateless_fragment_default = {STATELESS_FORWARD, 0},
				      .metric_count = 2},
			.stateless = {{4, 28 + 28 + 29 + 30}}, .stateful = {{4, 115}},
			.metrics = {[1] = {4, 115}}}},
		.packet_count = 4,
		.packets = {{{UDP4}}, {{UDP4_BACK}}, {{UDP4, .payload = 1}},
			{{UDP4, .payload = 2}}},
		.flows = {1, 0}, .flow_packets = {3, 1}},
};

static void test_cases(void **state)
{
	(void)state;
	verdict_case_run(cases, RTE_DIM(cases));
}

static void check_hits(
	const struct policy *policy, enum rule_kind kind, uint32_t rule, uint64_t packets)
{
	struct rule_hits hits;

	policy_hits(policy, kind, rule, &hits);
	assert_int_equal(hits.packets, packets);
}

/* Port 1 is that of all rules but the last one of each kind. */
static void make_most_rules(struct stateless_rule *stateless, struct stateful_rule *stateful)
{
	static const struct match_port ports[] = {{1, 1, false}, {53, 53, false}};

	for (uint32_t i = 0; i < POLICY_STATELESS_MAX; i++) {
		stateless[i].match.destination_ports = &ports[i == POLICY_STATELESS_MAX - 1];
		stateless[i].match.destination_port_count = 1;
		stateless[i].verdict = (struct stateless_verdict){STATELESS_DROP, METRIC_NONE};
	}
	for (uint32_t i = 0; i < POLICY_STATEFUL_MAX - 1; i++) {
		stateful[i].match.destination_ports = &ports[0];
		stateful[i].match.destination_port_count = 1;
	}
	stateful[POLICY_STATEFUL_MAX - 1].action = STATEFUL_DROP;
}

/* The last one of the most rules of each kind, and the defaults behind them. */
static void test_most_rules(void **state)
{
	struct stateless_rule *stateless = calloc(POLICY_STATELESS_MAX, sizeof(*stateless));
	struct stateful_rule *stateful = calloc(POLICY_STATEFUL_MAX, sizeof(*stateful));
	struct policy_rules rules = {.stateless = stateless,
		.stateful = stateful,
		.stateless_count = POLICY_STATELESS_MAX,
		.stateful_count = POLICY_STATEFUL_MAX,
		DEFAULTS(STATELESS_FORWARD, STATELESS_DROP)};
	static const struct frame_spec frames[] = {
		{UDP4}, {UDP4_BACK}, {TCP4, .payload = 20, .more_fragments = true}};
	static const enum drop_reason reasons[] = {
		DROP_STATELESS_RULE, DROP_RULE, DROP_STATELESS_DEFAULT};
	struct policy *policy;
	struct rig rig;

	(void)state;
	assert_true(stateless != NULL && stateful != NULL);
	make_most_rules(stateless, stateful);
	rig_init(&rig, 64, NULL, NULL, 0, ACTION_ALLOW);
	assert_int_equal(policy_create(&rules, 1, &policy), 0);
	rig.worker->policy = policy;
	for (unsigned i = 0; i < RTE_DIM(frames); i++)
		assert_int_equal(rig_send(&rig, &frames[i], SECOND), reasons[i]);
	check_hits(policy, RULE_STATELESS, POLICY_STATELESS_MAX - 1, 1);
	check_hits(policy, RULE_STATELESS, RULE_NONE, 2);
	check_hits(policy, RULE_STATEFUL, POLICY_STATEFUL_MAX - 1, 1);
	check_hits(policy, RULE_STATEFUL, RULE_NONE, 0);
	policy_destroy(policy);

	rules.stateless_count++;
	assert_int_equal(policy_create(&rules, 1, &policy), -E2BIG);
	rules.stateless_count--;
	rules.stateful_count++;
	assert_int_equal(policy_create(&rules, 1, &policy), -E2BIG);
	free(stateless);
	free(stateful);
	rig_fini(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_most_rules),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
