/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Conversations of other firewalls' tests, TCP's sequence numbers apart. docs/correctness.md lists
 * all of them, and where the outcome is meant to differ.
 *
 * Sources: Open vSwitch's tests/system-traffic.at ("OVS"); VPP's test/test_acl_plugin_conns.py
 * ("VPP"); Linux's tools/testing/selftests/net/netfilter, conntrack_tcp_unreplied.sh and
 * conntrack_clash.sh ("Linux").
 */
#include "tests/pipeline/scenario.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

#define UDP6_BACK                                                                                  \
	.source = "2001:db8::2", .destination = "2001:db8::1", .protocol = 17, .source_port = 53,  \
	.destination_port = 1000
#define SECOND4                                                                                    \
	.source = "10.0.0.1", .destination = "10.0.0.2", .protocol = 17, .source_port = 1001,      \
	.destination_port = 53
#define SECOND4_BACK                                                                               \
	.source = "10.0.0.2", .destination = "10.0.0.1", .protocol = 17, .source_port = 53,        \
	.destination_port = 1001
#define PING4 .source = "10.0.0.1", .destination = "10.0.0.2", .protocol = 1, .identifier = 7
#define PING4_BACK                                                                                 \
	.source = "10.0.0.2", .destination = "10.0.0.1", .protocol = 1, .identifier = 7,           \
	.icmp_type = ICMP_TYPE(0)
#define VRRP                                                                                       \
	.source = "192.168.0.30", .destination = "224.0.0.18", .protocol = 112, .payload = 20,     \
	.hop_limit = 255

/* Under a default of drop: what goes to ports 53 and 80, echoes and VRRP. */
static const struct match_port servers[] = {{53, 53, false}, {80, 80, false}};
static const uint8_t protocols[] = {1, 112};
static const struct match rules[] = {
	{.destination_ports = servers, .destination_port_count = 2},
	{.protocols = protocols, .protocol_count = 2},
};
static const enum action actions[] = {ACTION_ALLOW, ACTION_ALLOW};

#define TO_SERVERS                                                                                 \
	.checks = CHECK_BIT(CHECK_COUNT) - 1, .matches = rules, .actions = actions,                \
	.rule_count = 2, .default_action = ACTION_DROP

static const struct scenario scenarios[] = {
	{"OVS controller: an answer to a question", TO_SERVERS, .packet_count = 4,
		.packets = {{{UDP4}}, {{UDP4_BACK}}, {{UDP6}}, {{UDP6_BACK}}}, .flows = {1, 1},
		.total = {2, 2}},
	{"OVS controller: an answer before its question is dropped, and holds the question up for nothing",
		TO_SERVERS, .packet_count = 8,
		.packets = {{{UDP4_BACK}, DROPPED(DROP_DEFAULT_ACTION)},
			{{UDP4_BACK}, DROPPED(DROP_DEFAULT_ACTION)}, {{UDP4}}, {{UDP4_BACK}},
			{{UDP6_BACK}, DROPPED(DROP_DEFAULT_ACTION)}, {{UDP6}}, {{UDP6_BACK}},
			{{UDP4}}},
		.flows = {1, 1}, .total = {3, 2}},
	{"OVS new connections: one side alone establishes nothing, and lives for 30 s", TO_SERVERS,
		.packet_count = 4,
		.packets = {{{UDP4}}, {{UDP4}, .second = 20}, {{UDP4}, .second = 40},
			{{UDP4_BACK}, DROPPED(DROP_DEFAULT_ACTION), .second = 71}},
		.flows = {1, 0}, .total = {1, 0}},
	{"OVS generic IP protocol: VRRP to its group", TO_SERVERS, .packet_count = 2,
		.packets = {{{VRRP}}, {{VRRP}}}, .flows = {1, 0}, .total = {2, 0}},
	{"OVS zones: an answer on another VLAN is none", TO_SERVERS, .packet_count = 3,
		.packets = {{{UDP4, .vlans = {1}}},
			{{UDP4_BACK, .vlans = {2}}, DROPPED(DROP_DEFAULT_ACTION)},
			{{UDP4_BACK, .vlans = {1}}}},
		.flows = {2, 0}, .total = {2, 1}},
	{"OVS zone-based timeout policy: 30 s for ICMP by default", TO_SERVERS, .packet_count = 3,
		.packets = {{{PING4}}, {{PING4_BACK}, .second = 30},
			{{PING4_BACK}, DROPPED(DROP_ICMP_UNSOLICITED), .second = 61}},
		.flows = {1, 0}, .total = {1, 1}},
	{"VPP basic_conn: while it is used, and 120 s beyond", TO_SERVERS, .packet_count = 8,
		.packets = {{{UDP4}}, {{UDP4_BACK}}, {{UDP6}}, {{UDP6_BACK}},
			{{UDP4_BACK}, .second = 100}, {{UDP6_BACK}, .second = 120},
			{{UDP4_BACK}, DROPPED(DROP_DEFAULT_ACTION), .second = 221},
			{{UDP6_BACK}, DROPPED(DROP_DEFAULT_ACTION), .second = 241}},
		.flows = {1, 1}, .total = {2, 0}},
	{"VPP active_conn: one that is idle ends beside one that is not", TO_SERVERS,
		.packet_count = 7,
		.packets = {{{UDP4}}, {{UDP4_BACK}}, {{SECOND4}}, {{SECOND4_BACK}},
			{{UDP4_BACK}, .second = 100},
			{{SECOND4_BACK}, DROPPED(DROP_DEFAULT_ACTION), .second = 121},
			{{UDP4_BACK}, .second = 200}},
		.flows = {2, 0}, .total = {2, 3}},
	{"Linux clash: the same tuple twice at once is one flow", TO_SERVERS, .packet_count = 3,
		.packets = {{{UDP4}}, {{UDP4}}, {{UDP4_BACK}}}, .flows = {1, 0}, .total = {2, 1}},
	{"Linux tcp_unreplied: SYNs of one side keep their flow", TO_SERVERS, .packet_count = 3,
		.packets = {{{TCP4, .tcp_flags = SYN}}, {{TCP4, .tcp_flags = SYN}, .second = 119},
			{{TCP4, .tcp_flags = SYN}, .second = 238}},
		.flows = {1, 0}, .total = {3, 0}},
	{"Linux tcp_unreplied: and without them it is over after 120 s", TO_SERVERS,
		.packet_count = 3,
		.packets = {{{TCP4, .tcp_flags = SYN}}, {{TCP4, .tcp_flags = SYN}, .second = 119},
			{{TCP4, .tcp_flags = SYN}, .second = 240}},
		.flows = {1, 0}, .total = {1, 0}},
};

static void test_scenarios(void **state)
{
	(void)state;
	scenarios_run(scenarios, RTE_DIM(scenarios));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenarios),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
