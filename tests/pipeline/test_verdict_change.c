/* SPDX-License-Identifier: BSD-3-Clause */
/* Policies that change under flows: judged anew or kept, and what the policy in force denies. */
#include <string.h>

#include <rte_ring_elem.h>

#include "dataplane/verdict.h"
#include "tests/pipeline/verdict_case.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

#define PASS .action = STATEFUL_PASS
#define DROP .action = STATEFUL_DROP
#define ALERT .action = STATEFUL_ALERT
#define MATCH(...) .match = {__VA_ARGS__}
#define DEFAULT(bits) .stateful_default = bits, FORWARD
#define STATELESS_DROPS(...)                                                                       \
	STATELESS({.match = {__VA_ARGS__}, .verdict = {STATELESS_DROP, METRIC_NONE}})
#define OPEN .frame = {TCP4, .tcp_flags = SYN}
#define OPEN_BACK .frame = {TCP4_BACK, .tcp_flags = SYN | ACK}
#define DATA .frame = {TCP4, .tcp_flags = ACK}
#define DATA_BACK .frame = {TCP4_BACK, .tcp_flags = ACK}
/* 48 bytes */
#define SCTP4 .source = "10.0.0.1", .destination = "10.0.0.2", .protocol = 132, .payload = 16
#define UNDER(number) .policy = number

static const struct verdict_case cases[] = {
	{"each flow is judged anew at its next packet, and counted for the new policy's rules",
		.policy_count = 3,
		.policies = {{{STATEFUL({MATCH(TO_PORT(53)), PASS}), DEFAULT(0)},
				     .stateless = {{3, 28 + 28 + 40}},
				     .stateful = {{1, 40}, {2, 56}}},
			{{STATEFUL({MATCH(TO_PORT(99)), PASS}, {MATCH(TO_PORT(53)), DROP}),
				 DEFAULT(DEFAULT_DROP_STRICT)},
				.stateless = {{3, 28 + 29 + 40}},
				.stateful = {{1, 40}, [2] = {2, 57}}},
			{{STATEFUL({ALERT}, {MATCH(TO_PORT(53)), PASS}), DEFAULT(0)},
				.stateless = {{4, 28 + 29 + 40 + 40}},
				.stateful = {{2, 80}, {2, 28 + 40}, {2, 57}}}},
		.packet_count = 10,
		.packets = {{{UDP4}}, {{UDP4_BACK}}, {OPEN}, {{UDP4}, UNDER(1), DROPPED(DROP_RULE)},
			{{UDP4_BACK, .payload = 1}, UNDER(1), DROPPED(DROP_RULE)},
			{OPEN_BACK, UNDER(1), DROPPED(DROP_DEFAULT_ACTION)}, {{UDP4}, UNDER(2)},
			{{UDP4_BACK, .payload = 1}, UNDER(2)}, {DATA, UNDER(2)},
			{DATA_BACK, UNDER(2)}},
		.event_count = 3,
		.events = {{1, 3, STATEFUL_DROP, 0}, {0, 6, STATEFUL_ALERT, 0},
			{0, 8, STATEFUL_ALERT, 0}},
		.flows = {2, 0}},
	{"a flow that is established is judged as one by the new policy", .policy_count = 2,
		.policies = {{{DEFAULT(0)}, .stateless = {{2, 80}}, .stateful = {{2, 80}}},
			{{STATEFUL({PASS, .flow = RULE_NOT_ESTABLISHED}),
				 DEFAULT(DEFAULT_DROP_STRICT)},
				.stateless = {{2, 80}}, .stateful = {{2, 80}}}},
		.packet_count = 4,
		.packets = {{OPEN}, {OPEN_BACK}, {DATA, UNDER(1), DROPPED(DROP_DEFAULT_ACTION)},
			{DATA_BACK, UNDER(1), DROPPED(DROP_DEFAULT_ACTION)}},
		.flows = {1, 0}},
	{"a reply that comes first goes by the rule for the source", .policy_count = 3,
		.policies = {{{DEFAULT(0)}, .stateless = {{2, 80}}, .stateful = {{2, 80}}},
			{{STATEFUL({ALERT}, {MATCH(TO_PORT(1000)), DROP, .flow = RULE_TO_CLIENT},
				  {MATCH(TO_PORT(80)), PASS, .flow = RULE_TO_SERVER}),
				 DEFAULT(DEFAULT_DROP_STRICT | DEFAULT_ALERT_STRICT)},
				.stateless = {{2, 80}}, .stateful = {[3] = {2, 80}}},
			{{STATEFUL({MATCH(TO_PORT(80)), DROP}, {PASS}), DEFAULT(0)},
				.stateless = {{2, 80}}, .stateful = {[1] = {2, 80}}}},
		.packet_count = 6,
		.packets = {{OPEN}, {OPEN_BACK}, {DATA_BACK, UNDER(1)}, {DATA, UNDER(1)},
			{DATA_BACK, UNDER(2), DROPPED(DROP_RULE)},
			{DATA, UNDER(2), DROPPED(DROP_RULE)}},
		.event_count = 1, .events = {{0, 4, STATEFUL_DROP, 1}}, .flows = {1, 0}},
	{"stateless rules of the new policy too, both ways", .policy_count = 3,
		.policies = {{{.stateless_default = {STATELESS_PASS, METRIC_NONE},
				      .stateless_fragment_default = {STATELESS_PASS, METRIC_NONE}},
				     .stateless = {{3, 84}}},
			{{STATELESS_DROPS(TO_PORT(53)), DEFAULT(0)},
				.stateless = {{1, 28}, {2, 56}}, .stateful = {{1, 28}}},
			{{DEFAULT(0)}, .stateless = {{2, 56}}, .stateful = {{2, 56}}}},
		.packet_count = 8,
		.packets = {{{UDP4}}, {{UDP4_BACK}}, {{UDP4}},
			{{UDP4}, UNDER(1), DROPPED(DROP_STATELESS_RULE)}, {{UDP4_BACK}, UNDER(1)},
			{{UDP4}, UNDER(1), DROPPED(DROP_STATELESS_RULE)}, {{UDP4}, UNDER(2)},
			{{UDP4_BACK}, UNDER(2)}},
		.flows = {1, 0}, .flow_packets = {3, 3}},
	{"flows that passed go on where they are kept, and count for no rule of the new policy",
		.policy_count = 2,
		.policies = {{{STATEFUL({MATCH(TO_PORT(53)), PASS}), DEFAULT(0)},
				     .stateless = {{3, 28 + 40 + 40}},
				     .stateful = {{2, 80}, {1, 28}}},
			{{STATELESS_DROPS(PROTOCOL(17)), STATEFUL({ALERT}),
				 DEFAULT(DEFAULT_DROP_STRICT | DEFAULT_ALERT_STRICT)},
				.keep = true, .stateless = {{1, 52}, {1, 48}},
				.stateful = {{1, 52}, {1, 52}}}},
		.packet_count = 9,
		.packets = {{{UDP4}}, {OPEN}, {OPEN_BACK}, {{UDP4}, UNDER(1)},
			{{UDP4_BACK}, UNDER(1)}, {DATA, UNDER(1)}, {DATA_BACK, UNDER(1)},
			{{UDP6}, UNDER(1), DROPPED(DROP_STATELESS_RULE)},
			{{.source = "10.0.0.3",
				 .destination = "10.0.0.1",
				 .protocol = 132,
				 .payload = 20},
				UNDER(1), DROPPED(DROP_DEFAULT_ACTION)}},
		.event_count = 2,
		.events = {{0, 8, STATEFUL_ALERT, 0}, {RULE_NONE, 8, STATEFUL_DROP, 0}},
		.flows = {3, 0}},
	{"flows that were dropped stay so where they are kept, until a policy judges them anew",
		.policy_count = 4,
		.policies = {{{STATEFUL({MATCH(PROTOCOL(17), TO_PORT(53)), DROP},
				       {MATCH(PROTOCOL(6)), .action = STATEFUL_REJECT}),
				      DEFAULT(DEFAULT_DROP_STRICT)},
				     .stateless = {{3, 28 + 40 + 48}},
				     .stateful = {{1, 48}, {1, 28}, {1, 40}}},
			{{DEFAULT(0)}, .keep = true},
			{{STATEFUL({PASS}), DEFAULT(0)}, .keep = true},
			{{STATEFUL({PASS}), DEFAULT(0)}, .stateless = {{3, 28 + 40 + 48}},
				.stateful = {[1] = {3, 28 + 40 + 48}}}},
		.packet_count = 12,
		.packets = {{{UDP4}, DROPPED(DROP_RULE)},
			{OPEN, DROPPED(DROP_REJECT), .answers = 1},
			{{SCTP4}, DROPPED(DROP_DEFAULT_ACTION)},
			{{UDP4}, UNDER(1), DROPPED(DROP_RULE)},
			{DATA, UNDER(1), DROPPED(DROP_REJECT), .answers = 2},
			{{SCTP4}, UNDER(1), DROPPED(DROP_DEFAULT_ACTION)},
			{{UDP4}, UNDER(2), DROPPED(DROP_RULE)},
			{DATA, UNDER(2), DROPPED(DROP_REJECT), .answers = 2},
			{{SCTP4}, UNDER(2), DROPPED(DROP_DEFAULT_ACTION)}, {{UDP4}, UNDER(3)},
			{DATA, UNDER(3)}, {{SCTP4}, UNDER(3)}},
		.event_count = 2, .events = {{0, 0, STATEFUL_DROP, 0}, {1, 1, STATEFUL_REJECT, 0}},
		.flows = {3, 0}},
};

static void test_cases(void **state)
{
	(void)state;
	verdict_case_run(cases, RTE_DIM(cases));
}

enum { DENIED_PACKETS = 4 };

/* A flow under one policy, and whether another one denies it. */
struct denied_case {
	const char *name;
	struct policy_rules rules; /* in force with the packets */
	struct policy_rules then;  /* published behind them */
	bool same;		   /* the first goes on */
	unsigned packet_count;
	struct verdict_packet packets[DENIED_PACKETS];
	bool denied;
};

#define PASS_OPENING STATEFUL({PASS, .flow = RULE_NOT_ESTABLISHED}), DEFAULT(DEFAULT_DROP_STRICT)

static const struct denied_case denied_cases[] = {
	{"what passes goes on", {DEFAULT(0)}, {STATEFUL({PASS}), DEFAULT(DEFAULT_DROP_STRICT)},
		.packet_count = 2, .packets = {{OPEN}, {OPEN_BACK}}},
	{"dropped by a rule", {DEFAULT(0)}, {STATEFUL({MATCH(TO_PORT(80)), DROP}), DEFAULT(0)},
		.packet_count = 2, .packets = {{OPEN}, {OPEN_BACK}}, .denied = true},
	{"dropped by default", {DEFAULT(0)}, {DEFAULT(DEFAULT_DROP_STRICT)}, .packet_count = 1,
		.packets = {{OPEN}}, .denied = true},
	{"not dropped by the default of established flows", {DEFAULT(0)},
		{DEFAULT(DEFAULT_DROP_ESTABLISHED)}, .packet_count = 1, .packets = {{OPEN}}},
	{"dropped by the default of established flows", {DEFAULT(0)},
		{DEFAULT(DEFAULT_DROP_ESTABLISHED)}, .packet_count = 2,
		.packets = {{OPEN}, {OPEN_BACK}}, .denied = true},
	{"dropped as it comes back alone", {DEFAULT(0)},
		{STATEFUL({MATCH(TO_PORT(1000)), DROP}), DEFAULT(0)}, .packet_count = 2,
		.packets = {{OPEN}, {OPEN_BACK}}, .denied = true},
	{"dropped by a stateless rule", {DEFAULT(0)}, {STATELESS_DROPS(TO_PORT(80)), DEFAULT(0)},
		.packet_count = 1, .packets = {{OPEN}}, .denied = true},
	{"dropped by a stateless rule as it comes back alone, though a rule passes the flow",
		{DEFAULT(0)}, {STATELESS_DROPS(TO_PORT(1000)), STATEFUL({PASS}), DEFAULT(0)},
		.packet_count = 2, .packets = {{OPEN}, {OPEN_BACK}}, .denied = true},
	{"a stateless rule that looks at TCP flags may let the next packet pass", {DEFAULT(0)},
		{STATELESS_DROPS(.flags = SYN, .flag_mask = SYN), DEFAULT(0)}, .packet_count = 2,
		.packets = {{OPEN}, {OPEN_BACK}}},
	{"a stateless rule of other TCP flags does not hide the rules behind it", {DEFAULT(0)},
		{STATELESS_DROPS(.flags = 0, .flag_mask = 255), STATEFUL({DROP}), DEFAULT(0)},
		.packet_count = 2, .packets = {{OPEN}, {OPEN_BACK}}, .denied = true},
	{"what an established connection sends has the flag ACK", {DEFAULT(0)},
		{STATELESS_DROPS(.flags = 0, .flag_mask = ACK), DEFAULT(0)}, .packet_count = 2,
		.packets = {{OPEN}, {OPEN_BACK}}},
	{"before a connection is established its flags are not known", {DEFAULT(0)},
		{STATELESS_DROPS(.flags = ACK, .flag_mask = ACK), DEFAULT(0)}, .packet_count = 1,
		.packets = {{OPEN}}},
	{"a decision to drop, behind a direction that stateless rules pass",
		{STATELESS({.match = {TO_PORT(80)}, .verdict = {STATELESS_PASS, METRIC_NONE}}),
			STATEFUL({DROP, .flow = RULE_NOT_ESTABLISHED}), DEFAULT(0)},
		.same = true, .packet_count = 3,
		.packets = {{OPEN}, {OPEN_BACK, DROPPED(DROP_RULE)}, {DATA}}, .denied = true},
	{"TCP flags hold no other protocol back", {DEFAULT(0)},
		{STATELESS({.match = {PROTOCOL(17), .flags = SYN, .flag_mask = SYN}},
			 {.match = {PROTOCOL(17)}, .verdict = {STATELESS_DROP, METRIC_NONE}}),
			DEFAULT(0)},
		.packet_count = 1, .packets = {{{UDP4}}}, .denied = true},
	{"fragments' default is not that of the next packet", {DEFAULT(0)},
		{DEFAULTS(STATELESS_FORWARD, STATELESS_DROP)}, .packet_count = 1,
		.packets = {{OPEN}}},
	{"a rule for the opening no longer holds for a flow of an earlier policy", {DEFAULT(0)},
		{PASS_OPENING}, .packet_count = 2, .packets = {{OPEN}, {OPEN_BACK}},
		.denied = true},
	{"a rule for the opening holds for the flow that it has decided", {PASS_OPENING},
		.same = true, .packet_count = 4,
		.packets = {{OPEN}, {OPEN_BACK}, {DATA}, {DATA_BACK}}},
	{"what is dropped already", {DEFAULT(DEFAULT_DROP_STRICT)}, {DEFAULT(DEFAULT_DROP_STRICT)},
		.packet_count = 1, .packets = {{OPEN, DROPPED(DROP_DEFAULT_ACTION)}}},
};

static void send_packet(struct rig *rig, const struct verdict_packet *packet)
{
	assert_int_equal(rig_send(rig, &packet->frame, SECOND),
		packet->dropped ? packet->reason : DROP_NONE);
}

static void run_denied(const struct denied_case *one)
{
	struct policy *policy, *then;
	const struct flow_table *table;
	uint32_t position = 0;
	struct rig rig;

	rig_init(&rig, 64, NULL, NULL, 0, ACTION_ALLOW);
	assert_int_equal(policy_create(&one->rules, 1, &policy), 0);
	assert_int_equal(policy_create(&one->then, 1, &then), 0);
	then->generation = 1;
	rig.worker->policy = policy;
	for (unsigned i = 0; i < one->packet_count; i++)
		send_packet(&rig, &one->packets[i]);
	table = &rig.worker->tables[0];
	assert_int_equal(table->count, 1);
	while (table->flows[position].state == FLOW_FREE)
		position++;
	if (verdict_denied(one->same ? policy : then, table, position) != one->denied)
		fail_msg("%s: wrong", one->name);
	policy_destroy(policy);
	policy_destroy(then);
	rig_fini(&rig);
}

static void test_denied(void **state)
{
	(void)state;
	for (unsigned i = 0; i < RTE_DIM(denied_cases); i++)
		run_denied(&denied_cases[i]);
}

static const struct policy_rules only_dns = {
	STATEFUL({MATCH(TO_PORT(53)), PASS}), DEFAULT(DEFAULT_DROP_STRICT)};

static const struct verdict_packet two_flows[] = {{.frame = {UDP4}}, {OPEN}};

/* Take the records; returns how many flows are among them. */
static unsigned drain(struct rig *rig, bool *ret_closed)
{
	struct record record;
	unsigned flows = 0;

	while (rte_ring_sc_dequeue_elem(rig->worker->records, &record, sizeof(record)) == 0) {
		if (record.type == RECORD_CLOSE) {
			*ret_closed = true;
			continue;
		}
		assert_int_equal(record.flow.destination_port, 80);
		flows++;
	}
	return flows;
}

/* A flush of what the next policy denies waits for that policy, and takes out nothing else. */
static void test_flush_denied(void **state)
{
	const struct match everything = {0};
	struct walk_request request = {.id = 3,
		.kind = WALK_FLUSH,
		.start = SECOND,
		.deadline = UINT64_MAX,
		.generation = 1,
		.denied = true};
	struct classifier *filter;
	struct policy *policy;
	bool closed = false;
	unsigned flows = 0;
	struct rig rig;

	(void)state;
	rig_init(&rig, 64, NULL, NULL, 0, ACTION_ALLOW);
	assert_int_equal(policy_create(&only_dns, 1, &policy), 0);
	assert_int_equal(classifier_create(&everything, 1, &filter), 0);
	policy->generation = 1;
	request.filter = filter;
	walk_scope_init(&request.scope);
	for (unsigned i = 0; i < RTE_DIM(two_flows); i++)
		send_packet(&rig, &two_flows[i]);
	assert_int_equal(
		rte_ring_sp_enqueue_elem(rig.worker->requests, &request, sizeof(request)), 0);
	for (unsigned i = 0; i < 1000; i++)
		assert_true(walk_slice(rig.worker, SECOND));
	assert_int_equal(rte_ring_count(rig.worker->records), 0);
	assert_int_equal(rig.worker->tables[0].count, 2);
	rig.worker->policy = policy;
	while (!closed) {
		walk_slice(rig.worker, SECOND);
		flows += drain(&rig, &closed);
	}
	assert_int_equal(flows, 1);
	assert_int_equal(rig.worker->tables[0].count, 1);
	send_packet(&rig, &two_flows[0]);
	classifier_destroy(filter);
	policy_destroy(policy);
	rig_fini(&rig);
}

/* Without a policy of its generation a walk ends by its deadline, with nothing done. */
static void test_flush_deadline(void **state)
{
	const struct match everything = {0};
	struct walk_request request = {.id = 3,
		.kind = WALK_FLUSH,
		.start = SECOND,
		.deadline = 2 * SECOND,
		.generation = 1};
	struct classifier *filter;
	bool closed = false;
	struct rig rig;

	(void)state;
	rig_init(&rig, 64, NULL, NULL, 0, ACTION_ALLOW);
	assert_int_equal(classifier_create(&everything, 1, &filter), 0);
	request.filter = filter;
	walk_scope_init(&request.scope);
	for (unsigned i = 0; i < RTE_DIM(two_flows); i++)
		send_packet(&rig, &two_flows[i]);
	assert_int_equal(
		rte_ring_sp_enqueue_elem(rig.worker->requests, &request, sizeof(request)), 0);
	for (unsigned i = 0; i < 10; i++)
		walk_slice(rig.worker, 2 * SECOND - 1);
	assert_int_equal(drain(&rig, &closed), 0);
	assert_false(closed);
	for (unsigned i = 0; i < 2; i++)
		walk_slice(rig.worker, 2 * SECOND);
	assert_int_equal(drain(&rig, &closed), 0);
	assert_true(closed);
	assert_int_equal(rig.worker->tables[0].count, 2);
	classifier_destroy(filter);
	rig_fini(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_denied),
		cmocka_unit_test(test_flush_denied),
		cmocka_unit_test(test_flush_deadline),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
