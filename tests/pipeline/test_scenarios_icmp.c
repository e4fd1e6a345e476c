/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ICMP, IGMP and header options of other firewalls' tests, where test_related.c, test_icmp.c and
 * test_hygiene.c have their kind only. docs/correctness.md lists all of them, and where the outcome
 * is meant to differ.
 *
 * Sources: Linux's tools/testing/selftests/net/netfilter/conntrack_icmp_related.sh ("Linux"); Open
 * vSwitch's tests/system-traffic.at ("OVS"); OpenBSD's regress/sys/net/pf_opts and pf_fragment
 * ("pf") and netinet6/frag6 ("OpenBSD").
 */
#include "tests/pipeline/scenario.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

#define ALL .checks = CHECK_BIT(CHECK_COUNT) - 1
#define HOST4 .source = "10.0.0.1", .destination = "10.0.0.2"
#define HOST4_BACK .source = "10.0.0.2", .destination = "10.0.0.1"
#define HOST6 .source = "2001:db8::1", .destination = "2001:db8::2"
#define HOST6_BACK .source = "2001:db8::2", .destination = "2001:db8::1"
#define PING4 HOST4, .protocol = 1, .identifier = 7
#define PING4_BACK HOST4_BACK, .protocol = 1, .identifier = 7
#define PING6 HOST6, .protocol = 58, .identifier = 7
#define PING6_BACK HOST6_BACK, .protocol = 58, .identifier = 7
#define UNREACHABLE .protocol = 1, .icmp_type = ICMP_TYPE(3), .icmp_code = 3
#define ROUTER4 .source = "10.9.9.9", .destination = "10.0.0.1", .protocol = 1
#define ROUTER6 .source = "2001:db8:9::9", .destination = "2001:db8::1", .protocol = 58
/* Of a type that no RFC gives a meaning in IPv4, and that is an error in ICMPv6. */
#define TYPE6 .icmp_type = ICMP_TYPE(6), .payload = 16
#define OPTIONS(length, ...) .ipv4_options = length, .options = {__VA_ARGS__}

static const struct frame_spec big4 = {PING4, .payload = 1300};
static const struct frame_spec big6 = {PING6, .payload = 1300};
static const struct frame_spec other4 = {HOST4, .protocol = 1, .identifier = 8, .payload = 1300};
static const struct frame_spec other6 = {HOST6, .protocol = 58, .identifier = 8, .payload = 1300};
#define DNS(from, to)                                                                              \
	.source = from, .destination = to, .protocol = 17, .source_port = 53, .destination_port = 53
static const struct frame_spec asked_back = {DNS("192.100.2.5", "192.100.1.8")};
static const struct frame_spec unknown = {.source = "172.16.0.3",
	.destination = "172.16.0.4",
	.protocol = 17,
	.source_port = 4369,
	.destination_port = 8738};
static const struct frame_spec udp4 = {UDP4};

/* UDP alone, under a default of drop; and echoes of one host. */
static const uint8_t udp_alone[] = {17}, pings[] = {1, 58};
static const struct match udp_rules[] = {{.protocols = udp_alone, .protocol_count = 1}};
static const struct match_address hosts[] = {
	{.prefix = {.address = {10, 0, 0, 1}, .depth = 32, .version = 4}},
	{.prefix = {.address = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
		 .depth = 128,
		 .version = 6}}};
static const struct match ping_rules[] = {
	{.sources = hosts, .source_count = 2, .protocols = pings, .protocol_count = 2}};
static const enum action allow[] = {ACTION_ALLOW};

#define UDP_ALONE                                                                                  \
	ALL, .matches = udp_rules, .actions = allow, .rule_count = 1, .default_action = ACTION_DROP
#define PINGS_OF_ONE                                                                               \
	ALL, .matches = ping_rules, .actions = allow, .rule_count = 1, .default_action = ACTION_DROP

static const struct scenario scenarios[] = {
	{"Linux, pf ping_mtu: too long echoes, and errors about them of 576 and 1,280 bytes",
		PINGS_OF_ONE, .packet_count = 8,
		.packets = {{{PING4, .payload = 1000}},
			{{PING4_BACK, .icmp_type = ICMP_TYPE(0), .payload = 1000}},
			{{PING4, .payload = 1300}},
			{{ROUTER4, .icmp_type = ICMP_TYPE(3), .icmp_code = 4, .quote = &big4,
				.quoted = 548}},
			{{ROUTER4, .icmp_type = ICMP_TYPE(3), .icmp_code = 4, .quote = &other4,
				 .quoted = 548},
				DROPPED(DROP_ICMP_UNRELATED)},
			{{PING6, .payload = 1300}},
			{{ROUTER6, .icmp_type = ICMP_TYPE(2), .quote = &big6, .quoted = 1232}},
			{{ROUTER6, .icmp_type = ICMP_TYPE(2), .quote = &other6, .quoted = 1232},
				DROPPED(DROP_ICMP_UNRELATED)}},
		.flows = {2, 2}, .total = {5, 1}},
	{"Linux: a redirect about an echo grants nothing", PINGS_OF_ONE, .packet_count = 2,
		.packets = {{{PING4}},
			{{ROUTER4, .icmp_type = ICMP_TYPE(5), .icmp_code = 1, .quote = &big4,
				 .quoted = 84},
				DROPPED(DROP_DEFAULT_ACTION)}},
		.flows = {2, 0}, .total = {2, 0}},
	{"OVS IPv4 ping, IPv6 ping: of one side alone", PINGS_OF_ONE, .packet_count = 6,
		.packets = {{{PING4}}, {{PING4_BACK, .icmp_type = ICMP_TYPE(0)}},
			{{HOST4_BACK, .protocol = 1, .identifier = 9},
				DROPPED(DROP_DEFAULT_ACTION)},
			{{PING6}}, {{PING6_BACK, .icmp_type = ICMP_TYPE(129)}},
			{{HOST6_BACK, .protocol = 58, .identifier = 9},
				DROPPED(DROP_DEFAULT_ACTION)}},
		.flows = {2, 2}, .total = {4, 2}},
	{"OVS ICMP related to original direction: an error about the answer", UDP_ALONE,
		.packet_count = 4,
		.packets = {{{DNS("192.100.1.8", "192.100.2.5")}},
			{{DNS("192.100.2.5", "192.100.1.8")}},
			{{.source = "192.100.1.8",
				.destination = "192.100.2.5",
				UNREACHABLE,
				.quote = &asked_back}},
			{{.source = "192.100.1.8",
				.destination = "192.100.2.5",
				UNREACHABLE,
				.quote = &asked_back}}},
		.flows = {2, 0}, .total = {3, 1}},
	{"OVS ICMP related 2: before any packet, and from the midst of the path", UDP_ALONE,
		.packet_count = 3,
		.packets = {{{.source = "172.16.0.4",
				     .destination = "172.16.0.3",
				     UNREACHABLE,
				     .quote = &unknown},
				    DROPPED(DROP_ICMP_UNRELATED)},
			{{UDP4}},
			{{.source = "10.0.0.3",
				.destination = "10.0.0.1",
				UNREACHABLE,
				.quote = &udp4}}},
		.flows = {2, 0}, .total = {2, 0}},

	{"an answer of another kind, with the identifier of a request", PINGS_OF_ONE,
		.packet_count = 2,
		.packets = {{{PING4}}, {{PING4_BACK, .icmp_type = ICMP_TYPE(14)}}}, .flows = {1, 0},
		.total = {1, 1}},

	/* pf drops packets with options, but of IGMP and listener discovery, unless a rule allows
	 * them. Here those that route or record are dropped. */
	{"pf icmp, icmp6: a type without a meaning; of an error there has to be a flow", ALL,
		.packet_count = 2,
		.packets = {{{HOST4, .protocol = 1, TYPE6}},
			{{HOST6, .protocol = 58, TYPE6}, DROPPED(DROP_ICMP_UNRELATED)}},
		.flows = {1, 0}, .total = {1, 0}},
	{"pf icmp-pad, icmp-eol, icmp-max: options that say nothing", ALL, .packet_count = 3,
		.packets = {{{HOST4, .protocol = 1, TYPE6, OPTIONS(4, 1, 1, 1, 1)}},
			{{HOST4, .protocol = 1, TYPE6, OPTIONS(4, 1), .options_end = 1}},
			{{HOST4, .protocol = 1, TYPE6, OPTIONS(40, 1)}}},
		.flows = {1, 0}, .total = {3, 0}},
	{"pf ping-record, icmp-ra", ALL, .packet_count = 2,
		.packets = {{{PING4, OPTIONS(40, 7, 39, 4)}, DROPPED(DROP_IPV4_OPTIONS)},
			{{HOST4, .protocol = 1, TYPE6, OPTIONS(8, 148, 4, 1)},
				DROPPED(DROP_IPV4_OPTIONS)}}},
	{"pf icmp-bad, igmp-bad: an option that no one knows is the host's to ignore", ALL,
		.packet_count = 2,
		.packets = {{{HOST4, .protocol = 1, TYPE6, OPTIONS(4, 3, 4, 1, 1)}},
			{{.source = "10.0.0.1",
				.destination = "224.0.0.1",
				.protocol = 2,
				.payload = 8,
				OPTIONS(4, 3, 4, 1, 1)}}},
		.flows = {2, 0}, .total = {2, 0}},
	{"pf igmp-ra, icmp6-mld: queries with router alert", UDP_ALONE, .packet_count = 2,
		.packets = {{{.source = "10.0.0.1",
				     .destination = "224.0.0.1",
				     .protocol = 2,
				     .payload = 8,
				     .hop_limit = 1,
				     OPTIONS(4, 148, 4)},
				    DROPPED(DROP_DEFAULT_ACTION)},
			{{.source = "fe80::1",
				.destination = "ff02::1",
				.protocol = 58,
				.icmp_type = ICMP_TYPE(130),
				.payload = 16,
				.hop_limit = 1,
				.extensions = {0},
				.extension_count = 1}}},
		.flows = {1, 1}, .total = {2, 0}},
	{"pf icmp6-hop, icmp6-dst: extension headers", ALL, .packet_count = 2,
		.packets = {{{PING6, .extensions = {0}, .extension_count = 1}},
			{{PING6, .extensions = {60}, .extension_count = 1}}},
		.flows = {0, 1}, .total = {2, 0}},
	{"OpenBSD frag6_hop: hop-by-hop options out of their place are the host's to refuse", ALL,
		.packet_count = 1,
		.packets = {{{PING6, .extensions = {60, 0}, .extension_count = 2}}},
		.flows = {0, 1}, .total = {1, 0}},
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
