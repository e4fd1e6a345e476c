/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Flows of which no packet has passed: nobody answers them, so that a packet from their other end
 * begins a flow of its own, as after a drop in Linux, Open vSwitch and pf, which leaves nothing
 * behind. And those of which one has: they stay what they are.
 */
#include "dataplane/pipeline.h"
#include "tests/pipeline/scenario.h"
#include "tests/pipeline/verdict_case.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

#define PING4 .source = "10.0.0.1", .destination = "10.0.0.2", .protocol = 1, .identifier = 7
#define PING4_BACK .source = "10.0.0.2", .destination = "10.0.0.1", .protocol = 1, .identifier = 7
#define UNREACHABLE(to)                                                                            \
	.source = "10.9.9.9", .destination = to, .protocol = 1, .icmp_type = ICMP_TYPE(3)
#define SCTP4                                                                                      \
	.source = "10.0.0.1", .destination = "10.0.0.2", .protocol = 132, .source_port = 1000,     \
	.destination_port = 80
#define SCTP4_BACK                                                                                 \
	.source = "10.0.0.2", .destination = "10.0.0.1", .protocol = 132, .source_port = 80,       \
	.destination_port = 1000
/* RFC 9260 sections 3.3.2 and 3.3.3. */
#define INIT(own) .chunks = {1, 0, 0, 20, 0, 0, 0, own}, .chunks_length = 20
#define INIT_ACK(other, own)                                                                       \
	.tag = other, .chunks = {2, 0, 0, 20, 0, 0, 0, own}, .chunks_length = 20
#define SEGMENT(flags, number, acknowledged) .tcp_flags = flags, .seq = number, .ack = acknowledged

/* Under a default of drop: what goes to ports 53 and 80. */
static const struct match_port servers[] = {{53, 53, false}, {80, 80, false}};
static const struct match rules[] = {{.destination_ports = servers, .destination_port_count = 2}};
static const enum action actions[] = {ACTION_ALLOW};

#define TO_SERVERS                                                                                 \
	.checks = CHECK_BIT(CHECK_ICMP_STATE), .matches = rules, .actions = actions,               \
	.rule_count = 1, .default_action = ACTION_DROP
#define BY_DEFAULT DROPPED(DROP_DEFAULT_ACTION)

static const struct frame_spec answer = {UDP4_BACK}, question = {UDP4};

static const struct scenario scenarios[] = {
	{"repeated packets keep their flow alive, and the other end begins its own all the same",
		TO_SERVERS, .packet_count = 7,
		.packets = {{{UDP4_BACK}, BY_DEFAULT}, {{UDP4_BACK}, BY_DEFAULT, .second = 25},
			{{UDP4_BACK}, BY_DEFAULT, .second = 50}, {{UDP4}, .second = 51},
			{{UDP4_BACK}, .second = 52}, {{UDP4}, .second = 53},
			{{UDP4_BACK}, .second = 54}},
		.flows = {1, 0}, .total = {2, 2}},
	{"without the other end they are one flow", TO_SERVERS, .packet_count = 3,
		.packets = {{{UDP4_BACK}, BY_DEFAULT}, {{UDP4_BACK}, BY_DEFAULT, .second = 25},
			{{UDP4_BACK}, BY_DEFAULT, .second = 50}},
		.flows = {1, 0}, .total = {3, 0}},
	{"two ends that may not speak: each in its turn has the entry", TO_SERVERS,
		.packet_count = 4,
		.packets = {{{PING4}, BY_DEFAULT}, {{PING4_BACK}, BY_DEFAULT},
			{{PING4}, BY_DEFAULT}, {{PING4}, BY_DEFAULT}},
		.flows = {1, 0}, .total = {2, 0}},
	{"the answer to a request that was dropped has no request", TO_SERVERS, .packet_count = 3,
		.packets = {{{PING4}, BY_DEFAULT},
			{{PING4_BACK, .icmp_type = ICMP_TYPE(0)}, DROPPED(DROP_ICMP_UNSOLICITED)},
			{{PING4}, BY_DEFAULT}},
		.flows = {1, 0}, .total = {2, 0}},
	{"errors go by the flow that is there", TO_SERVERS, .packet_count = 5,
		.packets = {{{UDP4_BACK}, BY_DEFAULT},
			{{UNREACHABLE("10.0.0.2"), .quote = &answer}, DROPPED(DROP_ICMP_UNRELATED)},
			{{UNREACHABLE("10.0.0.1"), .quote = &question},
				DROPPED(DROP_ICMP_UNRELATED)},
			{{UDP4}}, {{UNREACHABLE("10.0.0.1"), .quote = &question}}},
		.flows = {2, 0}, .total = {2, 0}},
	{"an error that passes is not the answer of a redirect that was dropped", TO_SERVERS,
		.packet_count = 3,
		.packets = {{{UDP4}},
			{{.source = "10.0.0.1",
				 .destination = "10.0.0.2",
				 .protocol = 1,
				 .icmp_type = ICMP_TYPE(5),
				 .quote = &answer},
				BY_DEFAULT},
			{{.source = "10.0.0.2",
				.destination = "10.0.0.1",
				.protocol = 1,
				.icmp_type = ICMP_TYPE(3),
				.quote = &question}}},
		.flows = {2, 0}, .total = {2, 0}},
	{"fragments, of the unasked and of the question", TO_SERVERS, .packet_count = 7,
		.packets = {{{UDP4_BACK, .payload = 8, .fragment_id = 9, .more_fragments = true},
				    BY_DEFAULT},
			{{UDP4_BACK, .payload = 8, .fragment_id = 9, .fragment_offset = 16,
				 .more_fragments = true},
				BY_DEFAULT},
			{{UDP4, .payload = 8, .fragment_id = 8, .more_fragments = true}},
			{{UDP4, .payload = 8, .fragment_id = 8, .fragment_offset = 16}},
			{{UDP4_BACK}}, {{UDP4}},
			{{UDP4_BACK, .payload = 8, .fragment_id = 9, .fragment_offset = 24},
				BY_DEFAULT}},
		.flows = {1, 0}, .total = {3, 1}},
	{"a connection is opened by who may", TO_SERVERS, .tracked = true, .packet_count = 6,
		.packets = {{{TCP4_BACK, SEGMENT(SYN, 900, 0)}, BY_DEFAULT},
			{{TCP4, SEGMENT(SYN | ACK, 100, 901)}, DROPPED(DROP_MIDSTREAM)},
			{{TCP4_BACK, SEGMENT(SYN, 900, 0)}, BY_DEFAULT},
			{{TCP4, SEGMENT(SYN, 100, 0)}}, {{TCP4_BACK, SEGMENT(SYN | ACK, 300, 101)}},
			{{TCP4, SEGMENT(ACK, 101, 301)}}},
		.flows = {1, 0}, .total = {2, 1}},
	{"a RST to nobody ends nothing that follows", TO_SERVERS, .packet_count = 3,
		.packets = {{{TCP4_BACK, .tcp_flags = RST}, BY_DEFAULT}, {{TCP4, .tcp_flags = ACK}},
			{{TCP4_BACK, .tcp_flags = ACK}}},
		.flows = {1, 0}, .total = {1, 1}},
	{"an association likewise", TO_SERVERS, .tracked = true, .packet_count = 4,
		.packets = {{{SCTP4_BACK, INIT(9)}, BY_DEFAULT},
			{{SCTP4, INIT_ACK(9, 10)}, DROPPED(DROP_MIDSTREAM)}, {{SCTP4, INIT(10)}},
			{{SCTP4_BACK, INIT_ACK(10, 20)}}},
		.flows = {1, 0}, .total = {1, 1}},
	{"picked up from the side that may not speak first", TO_SERVERS, .packet_count = 4,
		.packets = {{{TCP4_BACK, .tcp_flags = ACK, .payload = 5}, BY_DEFAULT},
			{{SCTP4_BACK}, BY_DEFAULT}, {{TCP4, .tcp_flags = ACK}}, {{SCTP4}}},
		.flows = {2, 0}, .total = {2, 0}},
};

static void test_scenarios(void **state)
{
	(void)state;
	scenarios_run(scenarios, RTE_DIM(scenarios));
}

#define PASS .action = STATEFUL_PASS
#define DROP .action = STATEFUL_DROP
#define REJECT .action = STATEFUL_REJECT
#define ALERT .action = STATEFUL_ALERT
#define MATCH(...) .match = {__VA_ARGS__}
#define DEFAULT(bits) .stateful_default = bits, FORWARD
#define UNDER(number) .policy = number

static const struct verdict_case cases[] = {
	{"dropped by a rule; alerts are told of either flow",
		.policies = {{{STATEFUL({ALERT}, {MATCH(TO_PORT(1000)), DROP}, {PASS}), DEFAULT(0)},
			.stateless = {{4, 28 + 29 + 30 + 31}},
			.stateful = {[1] = {2, 28 + 30}, [2] = {2, 57}, [3] = {2, 61}}}},
		.packet_count = 4,
		.packets = {{{UDP4_BACK}, DROPPED(DROP_RULE)},
			{{UDP4_BACK, .payload = 1}, DROPPED(DROP_RULE)}, {{UDP4, .payload = 2}},
			{{UDP4_BACK, .payload = 3}}},
		.event_count = 3,
		.events = {{0, 0, STATEFUL_ALERT, 0}, {1, 0, STATEFUL_DROP, 0},
			{0, 2, STATEFUL_ALERT, 0}},
		.flows = {1, 0}, .flow_packets = {1, 1}},
	{"rejected",
		.policies = {{{STATEFUL({MATCH(TO_PORT(1000)), REJECT}, {PASS}), DEFAULT(0)},
			.stateless = {{3, 84}}, .stateful = {[1] = {1, 28}, [2] = {2, 56}}}},
		.packet_count = 3,
		.packets = {{{UDP4_BACK}, DROPPED(DROP_REJECT), .answers = 1}, {{UDP4}},
			{{UDP4_BACK}}},
		.event_count = 1, .events = {{0, 0, STATEFUL_REJECT, 0}}, .flows = {1, 0},
		.flow_packets = {1, 1}},
	{"a rule for answers allows none to what was dropped",
		.policies = {{{STATEFUL({MATCH(TO_PORT(53)), PASS, .flow = RULE_TO_CLIENT}),
				      DEFAULT(DEFAULT_DROP_STRICT)},
			.stateless = {{2, 56}}, .stateful = {{2, 56}}}},
		.packet_count = 2,
		.packets = {{{UDP4_BACK}, DROPPED(DROP_DEFAULT_ACTION)},
			{{UDP4}, DROPPED(DROP_DEFAULT_ACTION)}},
		.flows = {1, 0}, .flow_packets = {1, 0}},
	{"what the stateless rules drop makes no flow, and leaves the one that is there",
		.policies = {{{STATELESS({.match = {TO_PORT(53)},
				       .verdict = {STATELESS_DROP, METRIC_NONE}}),
				      DEFAULT(DEFAULT_DROP_STRICT)},
			.stateless = {{2, 57}, {1, 28}}, .stateful = {{2, 57}}}},
		.packet_count = 3,
		.packets = {{{UDP4_BACK}, DROPPED(DROP_DEFAULT_ACTION)},
			{{UDP4}, DROPPED(DROP_STATELESS_RULE)},
			{{UDP4_BACK, .payload = 1}, DROPPED(DROP_DEFAULT_ACTION)}},
		.flows = {1, 0}, .flow_packets = {2, 0}},
	{"what they pass makes one, of which answers that are dropped are a part",
		.policies = {{{STATELESS({.match = {TO_PORT(53)},
				       .verdict = {STATELESS_PASS, METRIC_NONE}}),
				      DEFAULT(DEFAULT_DROP_STRICT)},
			.stateless = {{2, 56}, {2, 56}}, .stateful = {{2, 56}}}},
		.packet_count = 4,
		.packets = {{{UDP4_BACK}, DROPPED(DROP_DEFAULT_ACTION)}, {{UDP4}},
			{{UDP4_BACK}, DROPPED(DROP_DEFAULT_ACTION)}, {{UDP4}}},
		.flows = {1, 0}, .flow_packets = {2, 1}},
	{"dropped from the first answer on: the flow stays, and is told of once",
		.policies = {{{STATEFUL({DROP, .flow = RULE_ESTABLISHED}), DEFAULT(0)},
			.stateless = {{4, 112}}, .stateful = {{1, 28}, {3, 84}}}},
		.packet_count = 4,
		.packets = {{{UDP4}}, {{UDP4_BACK}, DROPPED(DROP_RULE)},
			{{UDP4}, DROPPED(DROP_RULE)}, {{UDP4_BACK}, DROPPED(DROP_RULE)}},
		.event_count = 1, .events = {{0, 1, STATEFUL_DROP, 1}}, .flows = {1, 0},
		.flow_packets = {2, 2}},
	{"passed, then dropped by other policies: what comes back is the flow's", .policy_count = 3,
		.policies = {{{DEFAULT(0)}, .stateless = {{1, 28}}, .stateful = {{1, 28}}},
			{{STATEFUL({MATCH(TO_PORT(53)), DROP}), DEFAULT(0)}, .stateless = {{1, 28}},
				.stateful = {[1] = {1, 28}}},
			{{STATEFUL({MATCH(TO_PORT(53)), DROP}, {PASS}), DEFAULT(0)},
				.stateless = {{2, 56}}, .stateful = {[1] = {2, 56}}}},
		.packet_count = 4,
		.packets = {{{UDP4}}, {{UDP4}, UNDER(1), DROPPED(DROP_RULE)},
			{{UDP4_BACK}, UNDER(2), DROPPED(DROP_RULE)},
			{{UDP4}, UNDER(2), DROPPED(DROP_RULE)}},
		.event_count = 2, .events = {{0, 1, STATEFUL_DROP, 0}, {0, 2, STATEFUL_DROP, 1}},
		.flows = {1, 0}, .flow_packets = {3, 1}},
	{"allowed by another policy: its source's next packet is the first that passes",
		.policy_count = 2,
		.policies = {{{DEFAULT(DEFAULT_DROP_STRICT)}, .stateless = {{1, 28}},
				     .stateful = {{1, 28}}},
			{{DEFAULT(0)}, .stateless = {{2, 56}}, .stateful = {{2, 56}}}},
		.packet_count = 3,
		.packets = {{{UDP4_BACK}, DROPPED(DROP_DEFAULT_ACTION)}, {{UDP4_BACK}, UNDER(1)},
			{{UDP4}, UNDER(1)}},
		.flows = {1, 0}, .flow_packets = {2, 1}},
	{"or the other end begins a flow before that", .policy_count = 2,
		.policies = {{{DEFAULT(DEFAULT_DROP_STRICT)}, .stateless = {{1, 28}},
				     .stateful = {{1, 28}}},
			{{STATEFUL({MATCH(TO_PORT(53)), PASS}), DEFAULT(DEFAULT_DROP_STRICT)},
				.stateless = {{3, 84}}, .stateful = {[1] = {3, 84}}}},
		.packet_count = 4,
		.packets = {{{UDP4_BACK}, DROPPED(DROP_DEFAULT_ACTION)}, {{UDP4}, UNDER(1)},
			{{UDP4_BACK}, UNDER(1)}, {{UDP4}, UNDER(1)}},
		.flows = {1, 0}, .flow_packets = {2, 1}},
	{"a verdict that is kept is not the other end's", .policy_count = 2,
		.policies = {{{STATEFUL({MATCH(TO_PORT(1000)), DROP}), DEFAULT(0)},
				     .stateless = {{1, 28}}, .stateful = {[1] = {1, 28}}},
			{{DEFAULT(0)}, .keep = true, .stateless = {{2, 57}},
				.stateful = {{2, 57}}}},
		.packet_count = 4,
		.packets = {{{UDP4_BACK}, DROPPED(DROP_RULE)},
			{{UDP4_BACK}, UNDER(1), DROPPED(DROP_RULE)}, {{UDP4}, UNDER(1)},
			{{UDP4_BACK, .payload = 1}, UNDER(1)}},
		.event_count = 1, .events = {{0, 0, STATEFUL_DROP, 0}}, .flows = {1, 0},
		.flow_packets = {1, 1}},
	{"a later fragment that the rules allow by now has not passed either", .policy_count = 2,
		.policies = {{{STATEFUL({DROP}), DEFAULT(0)}, .stateless = {{1, 36}},
				     .stateful = {[1] = {1, 36}}},
			{{DEFAULT(0)}, .stateless = {{2, 28 + 28}}, .stateful = {{2, 56}}}},
		.packet_count = 3,
		.packets = {{{UDP4_BACK, .payload = 8, .fragment_id = 9, .more_fragments = true},
				    DROPPED(DROP_RULE)},
			{{UDP4_BACK, .payload = 8, .fragment_id = 9, .fragment_offset = 16},
				UNDER(1), DROPPED(DROP_RULE)},
			{{UDP4}, UNDER(1)}},
		.event_count = 1, .events = {{0, 0, STATEFUL_DROP, 0}}, .flows = {1, 0},
		.flow_packets = {1, 0}},
};

static void test_cases(void **state)
{
	(void)state;
	verdict_case_run(cases, RTE_DIM(cases));
}

/* What an entry is replaced by is another flow: the first one ends as flows do. */
static void note_record(const struct flow_record *record, void *context)
{
	struct flow_record *last = context;

	assert_int_equal(last->packets[0], 0);
	*last = *record;
}

static void test_ended(void **state)
{
	struct flow_record record = {0};
	struct rig rig;

	(void)state;
	rig_init(&rig, 64, rules, actions, 1, ACTION_DROP);
	rig.worker->flow_ended = note_record;
	rig.worker->flow_ended_context = &record;
	assert_int_equal(rig_send(&rig, &answer, SECOND), DROP_DEFAULT_ACTION);
	assert_int_equal(record.packets[0], 0);
	assert_int_equal(rig_send(&rig, &question, 2 * SECOND), DROP_NONE);
	assert_int_equal(record.source_port, 53);
	assert_int_equal(record.destination_port, 1000);
	assert_int_equal(record.packets[0], 1);
	assert_int_equal(record.packets[1], 0);
	assert_int_equal(record.action, ACTION_DROP);
	assert_int_equal(record.first_seen, SECOND);
	assert_int_equal(record.last_seen, SECOND);
	assert_int_equal(record.captured, 2 * SECOND);
	assert_int_equal(rig.worker->stats.flows_created, 2);
	assert_int_equal(rig.worker->stats.flows_ended, 1);
	assert_int_equal(rig.worker->tables[0].count, 1);
	rig_fini(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenarios),
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_ended),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
