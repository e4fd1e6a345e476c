/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ICMP errors, answers and redirects against the flows that they speak of. The scenarios are those
 * of Linux's selftests/net/netfilter/conntrack_icmp_related.sh (an error of a router in between is
 * related, one of another flow is invalid), Open vSwitch's system-traffic.at ("conntrack - ICMP
 * related", "ICMP related with original direction"), OpenBSD's pf (an error passes by the state of
 * the quoted packet) and VPP's acl-plugin connections (an error does not end a session).
 *
 * 10.0.0.1 and 10.0.0.2 are the hosts, 10.9.9.9 a router between them.
 */
#include "tests/pipeline/scenario.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

#define HOST4 .source = "10.0.0.1", .destination = "10.0.0.2"
#define HOST4_BACK .source = "10.0.0.2", .destination = "10.0.0.1"
#define HOST6 .source = "2001:db8::1", .destination = "2001:db8::2"
#define HOST6_BACK .source = "2001:db8::2", .destination = "2001:db8::1"
#define TCP6 HOST6, .protocol = 6, .source_port = 1000, .destination_port = 80
#define ROUTER4 .source = "10.9.9.9", .protocol = 1
#define ROUTER6 .source = "2001:db8:9::9", .protocol = 58
#define ND(type)                                                                                   \
	.source = "fe80::1", .destination = "ff02::1", .protocol = 58, .icmp_type = ICMP_TYPE(type)
/* To the source of UDP4 and its like, about what is quoted. */
#define ERROR4(type) ROUTER4, .destination = "10.0.0.1", .icmp_type = ICMP_TYPE(type)
#define ERROR6(type) ROUTER6, .destination = "2001:db8::1", .icmp_type = ICMP_TYPE(type)

#define STATE .checks = CHECK_BIT(CHECK_ICMP_STATE)

static const struct frame_spec udp4 = {UDP4, .payload = 100}, udp4_back = {UDP4_BACK},
			       udp6 = {UDP6, .payload = 100}, tcp4 = {TCP4, .tcp_flags = ACK},
			       tcp6 = {TCP6, .tcp_flags = ACK};
static const struct frame_spec other_port = {
	HOST4, .protocol = 17, .source_port = 1001, .destination_port = 53};
static const struct frame_spec options4 = {UDP4, .ipv4_options = 40, .payload = 100};
static const struct frame_spec first4 = {UDP4, .payload = 100, .more_fragments = true};
static const struct frame_spec later4 = {UDP4, .payload = 100, .fragment_offset = 800};
static const struct frame_spec chain6 = {UDP6, .extensions = {0, 60, 60}, .extension_count = 3,
	.fragment_header = true, .more_fragments = true, .payload = 100};
static const struct frame_spec later6 = {
	UDP6, .fragment_header = true, .fragment_offset = 800, .payload = 100};
static const struct frame_spec long6 = {
	UDP6, .extensions = {0, 60, 60, 60, 60, 60, 60, 60, 60}, .extension_count = 9};
static const struct frame_spec echo4 = {HOST4, .protocol = 1, .identifier = 7};
static const struct frame_spec echo6 = {HOST6, .protocol = 58, .identifier = 7};
static const struct frame_spec other_echo4 = {HOST4, .protocol = 1, .identifier = 8};
static const struct frame_spec error4 = {HOST4, .protocol = 1, .icmp_type = ICMP_TYPE(3)};
static const struct frame_spec gre4 = {HOST4, .protocol = 47, .payload = 8};
static const struct frame_spec sctp4 = {
	HOST4, .protocol = 132, .source_port = 1, .destination_port = 2};
static const struct frame_spec bad_version4 = {UDP4, .ip_version = 5};
static const struct frame_spec short_ihl4 = {UDP4, .ihl = 4};
static const struct frame_spec bad_version6 = {UDP6, .ip_version = 5};

/* No ICMP, but for echoes in one of them, under a default of drop. */
static const uint8_t transports[] = {6, 17, 47, 132}, echoes[] = {1, 58};
static const struct match_port telnet[] = {{23, 23, false}};
static const struct match rules[] = {
	{.destination_ports = telnet, .destination_port_count = 1},
	{.protocols = transports, .protocol_count = 4},
	{.protocols = echoes, .protocol_count = 2},
};
static const enum action actions[] = {ACTION_DROP, ACTION_ALLOW, ACTION_ALLOW};

#define NO_ICMP                                                                                    \
	STATE, .matches = rules, .actions = actions, .rule_count = 2, .default_action = ACTION_DROP
#define WITH_ICMP                                                                                  \
	STATE, .matches = rules, .actions = actions, .rule_count = 3, .default_action = ACTION_DROP

#define LINK                                                                                       \
	.checks = CHECK_BIT(CHECK_ND_HOP_LIMIT), .matches = rules, .actions = actions,             \
	.rule_count = 2, .default_action = ACTION_DROP

static const struct scenario scenarios[] = {
	{"each kind of error passes with the flow that it quotes, from a router in between",
		NO_ICMP, .packet_count = 11,
		.packets = {{{UDP4}}, {{UDP6}}, {{ERROR4(3), .icmp_code = 3, .quote = &udp4}},
			{{ERROR4(4), .quote = &udp4}}, {{ERROR4(11), .quote = &udp4}},
			{{ERROR4(12), .quote = &udp4}}, {{ERROR6(1), .quote = &udp6}},
			{{ERROR6(2), .quote = &udp6}}, {{ERROR6(3), .quote = &udp6}},
			{{ERROR6(4), .quote = &udp6}}, {{ERROR6(100), .quote = &udp6}}},
		.flows = {2, 2}, .total = {11, 0}},
	{"path MTU discovery: type 3 code 4, and packet too big", NO_ICMP, .packet_count = 4,
		.packets = {{{TCP4, .tcp_flags = SYN}},
			{{ERROR4(3), .icmp_code = 4, .quote = &tcp4}}, {{TCP6, .tcp_flags = SYN}},
			{{ERROR6(2), .quote = &tcp6}}},
		.flows = {2, 2}, .total = {4, 0}},
	{"an error in fragments: what follows the quote is left to the rules", NO_ICMP,
		.packet_count = 4,
		.packets = {{{UDP4}},
			{{ERROR4(3), .quote = &udp4, .fragment_id = 9, .more_fragments = true}},
			{{ERROR4(3), .payload = 8, .fragment_id = 9, .fragment_offset = 136},
				DROPPED(DROP_DEFAULT_ACTION)},
			{{ERROR4(3), .quote = &udp4}}},
		.flows = {2, 0}, .total = {4, 0}},
	{"the fragments of an error of no flow, and of an answer without its request", STATE,
		.packet_count = 4,
		.packets = {{{ERROR4(3), .quote = &other_port, .quoted = 32, .fragment_id = 9,
				     .more_fragments = true},
				    DROPPED(DROP_ICMP_UNRELATED)},
			{{ERROR4(3), .payload = 8, .fragment_id = 9, .fragment_offset = 40},
				DROPPED(DROP_ICMP_UNRELATED)},
			{{HOST6_BACK, .protocol = 58, .icmp_type = ICMP_TYPE(129), .identifier = 7,
				 .payload = 8, .fragment_header = true, .fragment_id = 9,
				 .more_fragments = true},
				DROPPED(DROP_ICMP_UNSOLICITED)},
			{{HOST6_BACK, .protocol = 58, .payload = 8, .fragment_header = true,
				 .fragment_id = 9, .fragment_offset = 16},
				DROPPED(DROP_ICMP_UNSOLICITED)}}},
	{"errors from the other end of the flow, and about the way back", NO_ICMP,
		.packet_count = 4,
		.packets = {{{UDP4}},
			{{HOST4_BACK, .protocol = 1, .icmp_type = ICMP_TYPE(3), .icmp_code = 3,
				.quote = &udp4}},
			{{UDP4_BACK}},
			{{ROUTER4, .destination = "10.0.0.2", .icmp_type = ICMP_TYPE(3),
				.quote = &udp4_back}}},
		.flows = {3, 0}, .total = {3, 1}},
	{"unrelated: no such flow, another destination than who sent the quoted packet", STATE,
		.packet_count = 6,
		.packets = {{{UDP4}},
			{{ERROR4(3), .quote = &other_port}, DROPPED(DROP_ICMP_UNRELATED)},
			{{ROUTER4, .destination = "10.0.0.2", .icmp_type = ICMP_TYPE(3),
				 .quote = &udp4},
				DROPPED(DROP_ICMP_UNRELATED)},
			{{ROUTER4, .destination = "10.0.0.3", .icmp_type = ICMP_TYPE(3),
				 .quote = &udp4},
				DROPPED(DROP_ICMP_UNRELATED)},
			{{ERROR6(1), .quote = &udp6}, DROPPED(DROP_ICMP_UNRELATED)},
			{{ERROR4(3), .quote = &udp4, .vlans = {5}}, DROPPED(DROP_ICMP_UNRELATED)}},
		.flows = {1, 0}, .total = {1, 0}},
	{"an error about a flow that is dropped is dropped", NO_ICMP, .packet_count = 2,
		.packets = {{{HOST4, .protocol = 17, .source_port = 1000, .destination_port = 23},
				    DROPPED(DROP_RULE)},
			{{ERROR4(3),
				 .quote = &(const struct frame_spec){HOST4, .protocol = 17,
					 .source_port = 1000, .destination_port = 23}},
				DROPPED(DROP_ICMP_UNRELATED)}},
		.flows = {1, 0}, .total = {1, 0}},
	{"quotes: options, a first fragment, extension headers, 8 bytes of transport header", STATE,
		.packet_count = 7,
		.packets = {{{UDP4}}, {{UDP6}}, {{ERROR4(3), .quote = &options4}},
			{{ERROR4(3), .quote = &first4}}, {{ERROR6(2), .quote = &chain6}},
			{{ERROR4(3), .quote = &udp4, .quoted = 28}},
			{{ERROR6(1), .quote = &udp6, .quoted = 48}}},
		.flows = {2, 2}, .total = {7, 0}},
	{"quotes cut before the ports are there", STATE, .packet_count = 8,
		.packets = {{{UDP4}}, {{UDP6}}, {{ERROR4(3)}, DROPPED(DROP_ICMP_UNRELATED)},
			{{ERROR4(3), .quote = &udp4, .quoted = 19}, DROPPED(DROP_ICMP_UNRELATED)},
			{{ERROR4(3), .quote = &udp4, .quoted = 23, .padding = 9},
				DROPPED(DROP_ICMP_UNRELATED)},
			{{ERROR6(1), .quote = &udp6, .quoted = 39}, DROPPED(DROP_ICMP_UNRELATED)},
			{{ERROR6(1), .quote = &udp6, .quoted = 43, .padding = 9},
				DROPPED(DROP_ICMP_UNRELATED)},
			{{ERROR6(1), .quote = &chain6, .quoted = 47},
				DROPPED(DROP_ICMP_UNRELATED)}},
		.flows = {1, 1}, .total = {2, 0}},
	{"quotes that name no flow: later fragments, too many extension headers, bad headers",
		STATE, .packet_count = 8,
		.packets = {{{UDP4}}, {{UDP6}},
			{{ERROR4(11), .quote = &later4}, DROPPED(DROP_ICMP_UNRELATED)},
			{{ERROR6(3), .quote = &later6}, DROPPED(DROP_ICMP_UNRELATED)},
			{{ERROR6(3), .quote = &long6}, DROPPED(DROP_ICMP_UNRELATED)},
			{{ERROR4(3), .quote = &bad_version4}, DROPPED(DROP_ICMP_UNRELATED)},
			{{ERROR4(3), .quote = &short_ihl4}, DROPPED(DROP_ICMP_UNRELATED)},
			{{ERROR6(1), .quote = &bad_version6}, DROPPED(DROP_ICMP_UNRELATED)}},
		.flows = {1, 1}, .total = {2, 0}},
	{"errors about echoes, by identifier; never about errors", WITH_ICMP, .packet_count = 6,
		.packets = {{{HOST4, .protocol = 1, .identifier = 7}},
			{{HOST6, .protocol = 58, .identifier = 7}},
			{{ERROR4(11), .quote = &echo4, .quoted = 28}},
			{{ERROR6(3), .quote = &echo6}},
			{{ERROR4(11), .quote = &other_echo4}, DROPPED(DROP_ICMP_UNRELATED)},
			{{ERROR4(3), .quote = &error4}, DROPPED(DROP_ICMP_UNRELATED)}},
		.flows = {2, 2}, .total = {4, 0}},
	{"errors about GRE and SCTP", NO_ICMP, .packet_count = 4,
		.packets = {{{HOST4, .protocol = 47, .payload = 8}},
			{{HOST4, .protocol = 132, .source_port = 1, .destination_port = 2}},
			{{ERROR4(3), .quote = &gre4}}, {{ERROR4(3), .quote = &sctp4}}},
		.flows = {3, 0}, .total = {4, 0}},
	{"an error does not refresh the flow, and one that is over is not known", STATE,
		.packet_count = 4,
		.packets = {{{UDP4}}, {{ERROR4(3), .quote = &udp4}, .second = 29},
			{{ERROR4(3), .quote = &udp4}, .second = 30},
			{{ERROR4(3), .quote = &udp4}, DROPPED(DROP_ICMP_UNRELATED), .second = 31}},
		.flows = {2, 0}, .total = {3, 0}},
	{"an error does not end the flow", STATE, .packet_count = 4,
		.packets = {{{UDP4}}, {{UDP4_BACK}}, {{ERROR4(3), .quote = &udp4}}, {{UDP4}}},
		.flows = {2, 0}, .total = {3, 1}},
	{"what an error leaves lets no other ICMP pass", NO_ICMP, .packet_count = 4,
		.packets = {{{UDP4}}, {{ERROR4(3), .quote = &udp4}},
			{{ROUTER4, .destination = "10.0.0.1", .icmp_type = ICMP_TYPE(9)},
				DROPPED(DROP_DEFAULT_ACTION)},
			{{.source = "10.0.0.1",
				 .destination = "10.9.9.9",
				 .protocol = 1,
				 .icmp_type = ICMP_TYPE(0)},
				DROPPED(DROP_ICMP_UNSOLICITED)}},
		.flows = {2, 0}, .total = {3, 0}},
	{"a redirect grants nothing: it needs a flow, and a rule", NO_ICMP, .packet_count = 3,
		.packets = {{{UDP4}}, {{ERROR4(5), .quote = &udp4}, DROPPED(DROP_DEFAULT_ACTION)},
			{{ERROR4(5), .quote = &other_port}, DROPPED(DROP_ICMP_UNRELATED)}},
		.flows = {2, 0}, .total = {2, 0}},
	{"a redirect that a rule allows still needs a flow", WITH_ICMP, .packet_count = 3,
		.packets = {{{UDP4}}, {{ERROR4(5), .quote = &udp4}},
			{{ERROR4(5), .quote = &other_port}, DROPPED(DROP_ICMP_UNRELATED)}},
		.flows = {2, 0}, .total = {2, 0}},
	{"answers want their request, from the other side", STATE, .packet_count = 9,
		.packets =
			{{{HOST4_BACK, .protocol = 1, .identifier = 7, .icmp_type = ICMP_TYPE(0)},
				 DROPPED(DROP_ICMP_UNSOLICITED)},
				{{HOST4, .protocol = 1, .identifier = 7}},
				{{HOST4_BACK, .protocol = 1, .identifier = 7,
					.icmp_type = ICMP_TYPE(0)}},
				{{HOST4_BACK, .protocol = 1, .identifier = 8,
					 .icmp_type = ICMP_TYPE(0)},
					DROPPED(DROP_ICMP_UNSOLICITED)},
				{{HOST4_BACK, .protocol = 1, .identifier = 8,
					 .icmp_type = ICMP_TYPE(14)},
					DROPPED(DROP_ICMP_UNSOLICITED)},
				{{HOST6, .protocol = 58, .identifier = 7,
					 .icmp_type = ICMP_TYPE(129)},
					DROPPED(DROP_ICMP_UNSOLICITED)},
				{{HOST6, .protocol = 58, .identifier = 7}},
				{{HOST6, .protocol = 58, .identifier = 7,
					 .icmp_type = ICMP_TYPE(129)},
					DROPPED(DROP_ICMP_UNSOLICITED)},
				{{HOST4, .protocol = 1, .icmp_type = ICMP_TYPE(9)}}},
		.flows = {2, 1}, .total = {3, 1}},
	{"an answer to an answer, until its side was asked", STATE, .packet_count = 6,
		.packets = {{{HOST4, .protocol = 1, .identifier = 7}},
			{{HOST4_BACK, .protocol = 1, .identifier = 7, .icmp_type = ICMP_TYPE(0)}},
			{{HOST4, .protocol = 1, .identifier = 7, .icmp_type = ICMP_TYPE(0)},
				DROPPED(DROP_ICMP_UNSOLICITED)},
			{{HOST4_BACK, .protocol = 1, .identifier = 7}},
			{{HOST4, .protocol = 1, .identifier = 7, .icmp_type = ICMP_TYPE(0)}},
			{{HOST4_BACK, .protocol = 1, .identifier = 7, .icmp_type = ICMP_TYPE(0)}}},
		.flows = {1, 0}, .total = {2, 3}},
	{"neighbor, router and listener discovery pass whatever the rules say", LINK,
		.packet_count = 9,
		.packets = {{{ND(133), .hop_limit = 255}}, {{ND(134), .hop_limit = 255}},
			{{ND(135), .hop_limit = 255}}, {{ND(136), .hop_limit = 255}},
			{{ND(130), .hop_limit = 1}}, {{ND(131), .hop_limit = 1}},
			{{ND(132), .hop_limit = 1}}, {{ND(143), .hop_limit = 1}},
			{{.source = "::",
				.destination = "ff02::16",
				.protocol = 58,
				.icmp_type = ICMP_TYPE(143),
				.hop_limit = 1,
				.extensions = {0},
				.extension_count = 1}}},
		.flows = {0, 2}, .total = {9, 0}},
	{"but not from beyond the link", LINK, .packet_count = 12,
		.packets = {{{ND(133), .hop_limit = 254}, DROPPED(DROP_ND_HOP_LIMIT)},
			{{ND(134), .hop_limit = 254}, DROPPED(DROP_ND_HOP_LIMIT)},
			{{ND(135), .hop_limit = 1}, DROPPED(DROP_ND_HOP_LIMIT)},
			{{ND(136), .hop_limit = 254}, DROPPED(DROP_ND_HOP_LIMIT)},
			{{ND(137), .hop_limit = 254}, DROPPED(DROP_ND_HOP_LIMIT)},
			{{ND(130), .hop_limit = 255}, DROPPED(DROP_ND_HOP_LIMIT)},
			{{ND(131), .hop_limit = 2}, DROPPED(DROP_ND_HOP_LIMIT)},
			{{ND(132), .hop_limit = 64}, DROPPED(DROP_ND_HOP_LIMIT)},
			{{ND(143), .hop_limit = 2}, DROPPED(DROP_ND_HOP_LIMIT)},
			{{HOST6, .protocol = 58, .icmp_type = ICMP_TYPE(143), .hop_limit = 1},
				DROPPED(DROP_ND_HOP_LIMIT)},
			/* What a link works without, and what no node takes. */
			{{ND(137), .hop_limit = 255}, DROPPED(DROP_DEFAULT_ACTION)},
			{{ND(135), .hop_limit = 255, .fragment_header = true,
				 .more_fragments = true},
				DROPPED(DROP_DEFAULT_ACTION)}},
		.flows = {0, 1}, .total = {2, 0}},
	{"without the check any hop limit will do", .matches = rules, .actions = actions,
		.rule_count = 2, .default_action = ACTION_DROP, .packet_count = 2,
		.packets = {{{ND(135), .hop_limit = 64}}, {{ND(143), .hop_limit = 64}}},
		.flows = {0, 1}, .total = {2, 0}},
	{"without the check all of these are flows by addresses", .packet_count = 3,
		.packets = {{{ERROR4(3), .quote = &udp4}}, {{ERROR4(5), .quote = &udp4}},
			{{HOST4, .protocol = 1, .identifier = 7, .icmp_type = ICMP_TYPE(0)}}},
		.flows = {2, 0}, .total = {3, 0}},
};

static void test_scenarios(void **state)
{
	(void)state;
	scenarios_run(scenarios, RTE_DIM(scenarios));
}

static enum drop_reason judged(struct rig *rig, const struct frame_spec *spec)
{
	return rig_send(rig, spec, SECOND);
}

/* What the stateless rules pass or drop by the error's own header is not asked what it quotes. */
static void test_stateless(void **state)
{
	static const struct frame_spec flow = {UDP4};
	static const struct frame_spec related = {ERROR4(3), .quote = &udp4};
	static const struct frame_spec unrelated = {ERROR4(3), .quote = &other_port};
	static const uint8_t icmp[] = {1};
	static const struct {
		enum stateless_action action;
		enum drop_reason related, unrelated;
	} rows[] = {
		{STATELESS_PASS, DROP_NONE, DROP_NONE},
		{STATELESS_DROP, DROP_STATELESS_RULE, DROP_STATELESS_RULE},
		{STATELESS_FORWARD, DROP_NONE, DROP_ICMP_UNRELATED},
	};

	(void)state;
	for (unsigned i = 0; i < RTE_DIM(rows); i++) {
		struct stateless_rule rule = {
			.match = {.protocols = icmp, .protocol_count = 1},
			.verdict = {rows[i].action, METRIC_NONE},
		};
		struct policy_rules of_one = {
			.stateless = &rule,
			.stateless_count = 1,
			.stateless_default = {STATELESS_FORWARD, METRIC_NONE},
			.stateless_fragment_default = {STATELESS_FORWARD, METRIC_NONE},
		};
		struct policy *policy;
		struct rig rig;

		rig_init(&rig, 64, NULL, NULL, 0, ACTION_ALLOW);
		assert_int_equal(policy_create(&of_one, 1, &policy), 0);
		rig.worker->policy = policy;
		rig.worker->checks = CHECK_BIT(CHECK_ICMP_STATE);
		assert_int_equal(judged(&rig, &flow), DROP_NONE);
		assert_int_equal(judged(&rig, &related), rows[i].related);
		assert_int_equal(judged(&rig, &unrelated), rows[i].unrelated);
		rig_fini(&rig);
		policy_destroy(policy);
	}
}

/* An error goes by the policy in force, also before the flow's next packet; a flow that keeps its
 * verdict keeps its errors. */
static void test_policy_change(void **state)
{
	static const struct frame_spec flow = {UDP4};
	static const struct frame_spec error = {ERROR4(3), .quote = &udp4}, other = {ERROR4(9)};

	(void)state;
	for (unsigned keep = 0; keep < 2; keep++) {
		struct policy *denying = rig_policy(NULL, NULL, 0, ACTION_DROP, 1);
		struct rig rig;

		denying->generation = 1;
		denying->kept_from = keep ? 0 : 1;
		rig_init(&rig, 64, NULL, NULL, 0, ACTION_ALLOW);
		rig.worker->checks = CHECK_BIT(CHECK_ICMP_STATE);
		assert_int_equal(judged(&rig, &flow), DROP_NONE);
		assert_int_equal(judged(&rig, &error), DROP_NONE);
		rig.worker->policy = denying;
		assert_int_equal(judged(&rig, &error), keep ? DROP_NONE : DROP_ICMP_UNRELATED);
		/* What the error left is no verdict to keep. */
		assert_int_equal(judged(&rig, &other), DROP_DEFAULT_ACTION);
		rig_fini(&rig);
		policy_destroy(denying);
	}
}

/* A full table does not keep an error from its flow, and the error ends none: neither where all
 * flows are conversations nor where all are unreplied, of which seven eighths of the capacity may
 * be. */
static void test_table_full(void **state)
{
	static const struct frame_spec error = {ERROR4(3), .quote = &udp4};

	(void)state;
	for (unsigned replied = 0; replied < 2; replied++) {
		struct frame_spec spec = {UDP4}, back = {UDP4_BACK};
		unsigned count = replied ? 64 : 56;
		struct rig rig;

		rig_init(&rig, 64, NULL, NULL, 0, ACTION_ALLOW);
		rig.worker->checks = CHECK_BIT(CHECK_ICMP_STATE);
		for (unsigned i = 0; i < count; i++) {
			assert_int_equal(judged(&rig, &spec), DROP_NONE);
			if (replied)
				assert_int_equal(judged(&rig, &back), DROP_NONE);
			spec.source_port = ++back.destination_port;
		}
		assert_int_equal(judged(&rig, &error), DROP_NONE);
		assert_int_equal(rig.worker->tables[0].count, count);
		assert_int_equal(rig.worker->stats.flows_evicted, 0);
		assert_int_equal(judged(&rig, &spec), replied ? DROP_TABLE_FULL : DROP_NONE);
		rig_fini(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenarios),
		cmocka_unit_test(test_stateless),
		cmocka_unit_test(test_policy_change),
		cmocka_unit_test(test_table_full),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
