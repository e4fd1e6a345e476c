/* SPDX-License-Identifier: BSD-3-Clause */
/* Stateful rules: what they decide, tell and count of a flow. */
#include "dataplane/pipeline.h"
#include "tests/pipeline/verdict_case.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

#define PASS .action = STATEFUL_PASS
#define DROP .action = STATEFUL_DROP
#define REJECT .action = STATEFUL_REJECT
#define ALERT .action = STATEFUL_ALERT
#define MATCH(...) .match = {__VA_ARGS__}
#define DEFAULT(bits) .stateful_default = bits, FORWARD

/* By a case's first packet. */
#define TOLD(alert) .rule = alert, .action = STATEFUL_ALERT
#define OPEN .frame = {TCP4, .tcp_flags = SYN}
#define OPEN_BACK .frame = {TCP4_BACK, .tcp_flags = SYN | ACK}
#define ACK_DATA(bytes) .frame = {TCP4, .tcp_flags = ACK, .payload = bytes}
#define ACK_BACK(bytes) .frame = {TCP4_BACK, .tcp_flags = ACK, .payload = bytes}

static const struct verdict_case cases[] = {
	{"what the first rule decides holds for all packets of the flow, both ways",
		.policies = {{{STATEFUL({MATCH(PROTOCOL(17), TO_PORT(53)), PASS}, {DROP}, {PASS}),
				      DEFAULT(DEFAULT_DROP_STRICT)},
			.stateless = {{5, 28 + 29 + 30 + 40 + 40}},
			.stateful = {[1] = {3, 28 + 29 + 30}, [2] = {2, 80}}}},
		.packet_count = 5,
		.packets = {{{UDP4}}, {{UDP4_BACK, .payload = 1}, .port = 1},
			{{UDP4, .payload = 2}}, {OPEN, DROPPED(DROP_RULE)},
			{OPEN_BACK, DROPPED(DROP_RULE), .port = 1}},
		.event_count = 2, .events = {{1, 3, STATEFUL_DROP, 0}, {1, 4, STATEFUL_DROP, 0}},
		.flows = {2, 0}},
	{"each rejected packet is answered: ICMP to its sender, RST to both but for a bare SYN",
		.policies = {{{STATEFUL({REJECT}), DEFAULT(0)},
			.stateless = {{7, 28 + 28 + 44 + 60 + 40 + 40 + 41}},
			.stateful = {[1] = {7, 28 + 28 + 44 + 60 + 40 + 40 + 41}}}},
		.packet_count = 7,
		.packets = {{{UDP4}, DROPPED(DROP_REJECT), .answers = 1},
			{{UDP4_BACK}, DROPPED(DROP_REJECT), .answers = 1, .port = 1},
			{{UDP4, .fragment_id = 9, .more_fragments = true, .payload = 16,
				 .udp_length_delta = 40},
				DROPPED(DROP_REJECT), .answers = 1},
			{{UDP4, .fragment_id = 9, .fragment_offset = 24, .payload = 40},
				DROPPED(DROP_REJECT), .answers = 0},
			{OPEN, DROPPED(DROP_REJECT), .answers = 1},
			{OPEN_BACK, DROPPED(DROP_REJECT), .answers = 2, .port = 1},
			{ACK_DATA(1), DROPPED(DROP_REJECT), .answers = 2}},
		.event_count = 6,
		.events = {{0, 0, STATEFUL_REJECT, 0}, {0, 1, STATEFUL_REJECT, 0},
			{0, 2, STATEFUL_REJECT, 0}, {0, 4, STATEFUL_REJECT, 0},
			{0, 5, STATEFUL_REJECT, 0}, {0, 6, STATEFUL_REJECT, 0}},
		.flows = {2, 0}},
	{"alerts before the rule that decides are told, those behind it are not",
		.policies = {{{STATEFUL({ALERT}, {MATCH(TO_PORT(54)), ALERT},
				       {MATCH(TO_PORT(53)), PASS}, {ALERT}),
				      DEFAULT(DEFAULT_ALERT_STRICT)},
			.stateless = {{3, 84}}, .stateful = {[1] = {1, 28}, [3] = {3, 84}}}},
		.packet_count = 3, .packets = {{{UDP4}}, {{UDP4_BACK}}, {{UDP4}}}, .event_count = 1,
		.events = {{0, 0, STATEFUL_ALERT, 0}}, .flows = {1, 0}},
	{"undecided, each situation is judged once, by the packet's own addresses; an alert is told once",
		.policies = {{{STATEFUL({ALERT}, {MATCH(TO_PORT(53)), ALERT},
				       {MATCH(TO_PORT(1000)), ALERT}),
				      DEFAULT(0)},
			.stateless = {{5, 28 + 29 + 30 + 31 + 32}},
			.stateful = {{5, 150}, {1, 28}, {1, 28}, {1, 29}}}},
		.packet_count = 5,
		.packets = {{{UDP4}}, {{UDP4_BACK, .payload = 1}, .port = 1},
			{{UDP4, .payload = 2}}, {{UDP4_BACK, .payload = 3}, .port = 1},
			{{UDP4, .payload = 4}}},
		.event_count = 3,
		.events = {{0, 0, STATEFUL_ALERT, 0}, {1, 0, STATEFUL_ALERT, 0},
			{2, 1, STATEFUL_ALERT, 1}},
		.flows = {1, 0}, .flow_packets = {3, 2}},
	{"at most 16 alerts",
		.policies = {{{STATEFUL({ALERT}, {ALERT}, {ALERT}, {ALERT}, {ALERT}, {ALERT},
				       {ALERT}, {ALERT}, {ALERT}, {ALERT}, {ALERT}, {ALERT},
				       {ALERT}, {ALERT}, {ALERT}, {ALERT}, {ALERT}, {ALERT},
				       {DROP}),
				      DEFAULT(0)},
			.stateless = {{1, 28}},
			.stateful = {[1 ... 16] = {1, 28}, [19] = {1, 28}}}},
		.packet_count = 1, .packets = {{{UDP4}, DROPPED(DROP_RULE)}}, .event_count = 17,
		.events = {{TOLD(0)}, {TOLD(1)}, {TOLD(2)}, {TOLD(3)}, {TOLD(4)}, {TOLD(5)},
			{TOLD(6)}, {TOLD(7)}, {TOLD(8)}, {TOLD(9)}, {TOLD(10)}, {TOLD(11)},
			{TOLD(12)}, {TOLD(13)}, {TOLD(14)}, {TOLD(15)}, {18, 0, STATEFUL_DROP, 0}},
		.flows = {1, 0}},
	{"a rule of both directions also matches with the ends exchanged",
		.policies = {{{STATEFUL({MATCH(PROTOCOL(17), TO_PORT(53)), PASS, .both = true},
				       {MATCH(PROTOCOL(6), TO_PORT(80)), PASS}),
				      DEFAULT(DEFAULT_DROP_STRICT)},
			.stateless = {{4, 28 + 40 + 41 + 42}},
			.stateful = {{1, 40}, {1, 28}, {2, 41 + 42}}}},
		.packet_count = 4,
		.packets = {{{UDP4_BACK}},
			{{TCP4_BACK, .tcp_flags = SYN}, DROPPED(DROP_DEFAULT_ACTION)},
			{ACK_DATA(1)}, {ACK_BACK(2)}},
		.flows = {2, 0}},
	{"of matches either way the first in the list counts, and an alert is told once",
		.policies = {{{STATEFUL({ALERT, .both = true},
				       {MATCH(TO_PORT(1000)), PASS, .both = true},
				       {MATCH(TO_PORT(53)), DROP}),
				      DEFAULT(0)},
			.stateless = {{1, 28}}, .stateful = {[1] = {1, 28}, [2] = {1, 28}}}},
		.packet_count = 1, .packets = {{{UDP4}}}, .event_count = 1,
		.events = {{0, 0, STATEFUL_ALERT, 0}}, .flows = {1, 0}},
	{"to_server is from the flow's source, to_client to it",
		.policies = {{{STATEFUL({ALERT, .flow = RULE_TO_SERVER},
				       {ALERT, .flow = RULE_TO_CLIENT}),
				      DEFAULT(0)},
			.stateless = {{3, 84}}, .stateful = {{3, 84}, {1, 28}, {1, 28}}}},
		.packet_count = 3, .packets = {{{UDP4_BACK}}, {{UDP4}}, {{UDP4_BACK}}},
		.event_count = 2, .events = {{0, 0, STATEFUL_ALERT, 0}, {1, 1, STATEFUL_ALERT, 1}},
		.flows = {1, 0}},
	{"to_client holds for a rule of both directions too",
		.policies = {{{STATEFUL({MATCH(TO_PORT(53)), DROP, .both = true,
				       .flow = RULE_TO_CLIENT}),
				      DEFAULT(0)},
			.stateless = {{3, 84}}, .stateful = {{1, 28}, {2, 56}}}},
		.packet_count = 3,
		.packets = {{{UDP4_BACK}}, {{UDP4}, DROPPED(DROP_RULE)},
			{{UDP4_BACK}, DROPPED(DROP_RULE)}},
		.event_count = 1, .events = {{0, 1, STATEFUL_DROP, 1}}, .flows = {1, 0}},
	{"TCP is established behind its handshake, UDP with the first reply",
		.policies = {{{STATEFUL({ALERT, .flow = RULE_NOT_ESTABLISHED},
				       {ALERT, .flow = RULE_ESTABLISHED}),
				      DEFAULT(0)},
			.stateless = {{9, 40 + 40 + 41 + 42 + 40 + 40 + 84}},
			.stateful = {{9, 327}, {2, 40 + 28}, {2, 41 + 28}}}},
		.packet_count = 9,
		.packets = {{OPEN}, {OPEN_BACK}, {ACK_DATA(1)}, {ACK_BACK(2)}, {OPEN}, {OPEN_BACK},
			{{UDP4}}, {{UDP4_BACK}}, {{UDP4}}},
		.event_count = 4,
		.events = {{0, 0, STATEFUL_ALERT, 0}, {1, 2, STATEFUL_ALERT, 0},
			{0, 6, STATEFUL_ALERT, 0}, {1, 7, STATEFUL_ALERT, 1}},
		.flows = {2, 0}},
	{"one side alone does not establish a flow, whatever it sends",
		.policies = {{{STATEFUL({DROP, .flow = RULE_ESTABLISHED}), DEFAULT(0)},
			.stateless = {{6, 240}}, .stateful = {{6, 240}}}},
		.packet_count = 6,
		.packets = {{{TCP4, .tcp_flags = FIN | ACK}}, {{TCP4, .tcp_flags = ACK}},
			{{TCP4, .tcp_flags = ACK}}, {{TCP4, .tcp_flags = RST}},
			{{TCP4, .tcp_flags = ACK}}, {{TCP4, .tcp_flags = FIN | ACK}}},
		.flows = {1, 0}},
	{"a drop that is decided late holds for the situations that had passed",
		.policies = {{{STATEFUL({DROP, .flow = RULE_TO_SERVER | RULE_ESTABLISHED}),
				      DEFAULT(0)},
			.stateless = {{9, 84 + 28 + 40 * 5}}, .stateful = {{4, 136}, {5, 176}}}},
		.packet_count = 9,
		.packets = {{{UDP4}}, {{UDP4_BACK}}, {{UDP4}, DROPPED(DROP_RULE)},
			{{UDP4_BACK}, DROPPED(DROP_RULE)}, {OPEN}, {OPEN_BACK},
			{{TCP4, .tcp_flags = ACK}, DROPPED(DROP_RULE)}, {OPEN, DROPPED(DROP_RULE)},
			{OPEN_BACK, DROPPED(DROP_RULE)}},
		.event_count = 2, .events = {{0, 2, STATEFUL_DROP, 0}, {0, 6, STATEFUL_DROP, 0}},
		.flows = {2, 0}},
	{"a rule counts the packets of its flow from the one that it decided",
		.policies = {{{STATEFUL({PASS, .flow = RULE_ESTABLISHED}),
				      DEFAULT(DEFAULT_DROP_ESTABLISHED)},
			.stateless = {{6, 40 + 40 + 41 + 42 + 40 + 40}},
			.stateful = {{2, 80}, {4, 41 + 42 + 80}}}},
		.packet_count = 6,
		.packets = {{OPEN}, {OPEN_BACK}, {ACK_DATA(1)}, {ACK_BACK(2)}, {OPEN}, {OPEN_BACK}},
		.flows = {1, 0}},
	{"drop_strict drops all that is not decided, and tells nothing",
		.policies = {{{STATEFUL({MATCH(TO_PORT(1000)), PASS, .flow = RULE_TO_CLIENT}),
				      DEFAULT(DEFAULT_DROP_STRICT)},
			.stateless = {{4, 40 + 40 + 41 + 48}}, .stateful = {{4, 169}}}},
		.packet_count = 4,
		.packets = {{OPEN, DROPPED(DROP_DEFAULT_ACTION)},
			{OPEN_BACK, DROPPED(DROP_DEFAULT_ACTION)},
			{ACK_DATA(1), DROPPED(DROP_DEFAULT_ACTION)},
			{{UDP6}, DROPPED(DROP_DEFAULT_ACTION)}},
		.flows = {1, 1}},
	{"drop_established lets handshakes pass",
		.policies = {{{STATEFUL({MATCH(PROTOCOL(17)), PASS}),
				      DEFAULT(DEFAULT_DROP_ESTABLISHED)},
			.stateless = {{8, 40 + 40 + 41 + 42 + 80 + 56}},
			.stateful = {{6, 40 + 40 + 41 + 42 + 80}, {2, 56}}}},
		.packet_count = 8,
		.packets = {{OPEN}, {OPEN_BACK}, {ACK_DATA(1), DROPPED(DROP_DEFAULT_ACTION)},
			{ACK_BACK(2), DROPPED(DROP_DEFAULT_ACTION)}, {OPEN}, {OPEN_BACK}, {{UDP4}},
			{{UDP4_BACK}}},
		.flows = {2, 0}},
	{"alert_strict tells what nothing decides, once a situation",
		.policies = {{{STATEFUL({MATCH(PROTOCOL(6)), PASS}), DEFAULT(DEFAULT_ALERT_STRICT)},
			.stateless = {{6, 28 + 28 + 29 + 30 + 31 + 40}},
			.stateful = {{5, 146}, {1, 40}}}},
		.packet_count = 6,
		.packets = {{{UDP4}}, {{UDP4}}, {{UDP4_BACK, .payload = 1}}, {{UDP4, .payload = 2}},
			{{UDP4_BACK, .payload = 3}}, {OPEN}},
		.event_count = 3,
		.events = {{RULE_NONE, 0, STATEFUL_ALERT, 0}, {RULE_NONE, 2, STATEFUL_ALERT, 1},
			{RULE_NONE, 3, STATEFUL_ALERT, 0}},
		.flows = {2, 0}},
	{"alert_established tells behind the handshake alone, as a drop where it is one",
		.policies = {{{DEFAULT(DEFAULT_ALERT_ESTABLISHED | DEFAULT_DROP_ESTABLISHED)},
			.stateless = {{5, 40 + 40 + 41 + 42 + 43}}, .stateful = {{5, 206}}}},
		.packet_count = 5,
		.packets = {{OPEN}, {OPEN_BACK}, {ACK_DATA(1), DROPPED(DROP_DEFAULT_ACTION)},
			{ACK_BACK(2), DROPPED(DROP_DEFAULT_ACTION)},
			{ACK_DATA(3), DROPPED(DROP_DEFAULT_ACTION)}},
		.event_count = 2,
		.events = {{RULE_NONE, 2, STATEFUL_DROP, 0}, {RULE_NONE, 3, STATEFUL_DROP, 1}},
		.flows = {1, 0}},
	{"a SYN on a closed connection begins a flow that is judged anew",
		.policies = {{{STATEFUL({ALERT, .flow = RULE_TO_SERVER}), DEFAULT(0)},
			.stateless = {{3, 120}}, .stateful = {{3, 120}, {2, 80}}}},
		.packet_count = 3,
		.packets = {{OPEN}, {{TCP4_BACK, .tcp_flags = RST | ACK}}, {OPEN}},
		.event_count = 2, .events = {{0, 0, STATEFUL_ALERT, 0}, {0, 2, STATEFUL_ALERT, 0}},
		.flows = {1, 0}, .flow_packets = {1, 0}},
	{"a rule of IPv4 addresses never matches IPv6",
		.policies = {{{STATEFUL({MATCH(.sources =
							 (const struct match_address[]){
								 {{.version = 4}, false}},
						 .source_count = 1),
				       DROP}),
				      DEFAULT(0)},
			.stateless = {{2, 28 + 48}}, .stateful = {{1, 48}, {1, 28}}}},
		.packet_count = 2, .packets = {{{UDP6}}, {{UDP4}, DROPPED(DROP_RULE)}},
		.event_count = 1, .events = {{0, 1, STATEFUL_DROP, 0}}, .flows = {1, 1}},
};

static void test_cases(void **state)
{
	(void)state;
	verdict_case_run(cases, RTE_DIM(cases));
}

static const struct policy_rules reject_all = {STATEFUL({REJECT}), DEFAULT(0)};
static const struct policy_rules alert_all = {STATEFUL({ALERT}), DEFAULT(0)};

/* 1,000 answers at once, then one a millisecond. */
static void test_answer_rate(void **state)
{
	static const struct frame_spec spec = {UDP4};
	struct policy *policy;
	struct rig rig;

	(void)state;
	rig_init(&rig, 64, NULL, NULL, 0, ACTION_ALLOW);
	assert_int_equal(policy_create(&reject_all, 1, &policy), 0);
	rig.worker->policy = policy;
	for (unsigned i = 0; i < 1005; i++)
		assert_int_equal(rig_send(&rig, &spec, SECOND), DROP_REJECT);
	assert_int_equal(rig.worker->port_stats[0].tx_answers, 1000);
	assert_int_equal(rig.worker->stats.answers_suppressed, 5);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(rig_send(&rig, &spec, SECOND + 1000000), DROP_REJECT);
	assert_int_equal(rig.worker->port_stats[0].tx_answers, 1001);
	assert_int_equal(rig.worker->stats.answers_suppressed, 6);
	policy_destroy(policy);
	rig_fini(&rig);
}

/* Events that find no room are counted, and the packets go on. */
static void test_events_lost(void **state)
{
	struct frame_spec spec = {UDP4};
	struct policy *policy;
	struct rig rig;

	(void)state;
	rig_init(&rig, 5000, NULL, NULL, 0, ACTION_ALLOW);
	assert_int_equal(policy_create(&alert_all, 1, &policy), 0);
	rig.worker->policy = policy;
	for (unsigned i = 0; i < 5000; i++) {
		spec.source_port = 1000 + i;
		assert_int_equal(rig_send(&rig, &spec, SECOND), DROP_NONE);
	}
	/* rte_ring holds one less than its size. */
	assert_int_equal(rte_ring_count(rig.worker->events), 4095);
	assert_int_equal(rig.worker->stats.events_lost, 905);
	policy_destroy(policy);
	rig_fini(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_answer_rate),
		cmocka_unit_test(test_events_lost),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
