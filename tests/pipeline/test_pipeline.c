/* SPDX-License-Identifier: BSD-3-Clause */
/* The packet path as a whole: what is parsed, what is a flow, which rule decides. */
#include "tests/pipeline/frame.h"
#include "tests/pipeline/rig.h"
#include "tests/pipeline/scenario.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

enum { CAPACITY = 64 };

static const struct match_port telnet[] = {{23, 23, false}};
static const uint8_t only_tcp[] = {6};
static const struct match rules[] = {
	{.destination_ports = telnet,
		.destination_port_count = 1,
		.protocols = only_tcp,
		.protocol_count = 1},
	{.protocols = only_tcp, .protocol_count = 1},
};
static const enum action rule_actions[] = {ACTION_DROP, ACTION_ALLOW};

static const struct scenario cases[] = {
	{"a UDP conversation is one flow with both directions", .packet_count = 3,
		.packets = {{{UDP4, .payload = 10}}, {{UDP4_BACK, .payload = 100}, .port = 1},
			{{UDP4}}},
		.flows = {1, 0}, .total = {2, 1}, .state = FLOW_ESTABLISHED,
		.bytes = {28 + 10 + 28, 128}},
	{"padding of a short frame is not counted", .packet_count = 1,
		.packets = {{{UDP4, .payload = 1, .padding = 17}}}, .flows = {1, 0},
		.total = {1, 0}, .state = FLOW_NEW, .bytes = {29, 0}},
	{"packets of one side only never make a flow established", .packet_count = 3,
		.packets = {{{TCP4, .tcp_flags = SYN}}, {{TCP4, .tcp_flags = ACK}},
			{{TCP4, .tcp_flags = ACK}}},
		.flows = {1, 0}, .total = {3, 0}, .state = FLOW_NEW, .bytes = {120, 0}},
	{"one FIN half-closes", .packet_count = 4,
		.packets = {{{TCP4, .tcp_flags = SYN}}, {{TCP4_BACK, .tcp_flags = SYN | ACK}},
			{{TCP4, .tcp_flags = FIN | ACK}},
			{{TCP4_BACK, .tcp_flags = ACK, .payload = 5}}},
		.flows = {1, 0}, .total = {2, 2}, .state = FLOW_CLOSING, .bytes = {80, 85}},
	{"both FINs close", .packet_count = 5,
		.packets = {{{TCP4, .tcp_flags = SYN}}, {{TCP4_BACK, .tcp_flags = SYN | ACK}},
			{{TCP4, .tcp_flags = FIN | ACK}}, {{TCP4_BACK, .tcp_flags = FIN | ACK}},
			{{TCP4, .tcp_flags = ACK}}},
		.flows = {1, 0}, .total = {3, 2}, .state = FLOW_CLOSED, .bytes = {120, 80}},
	{"a RST closes", .packet_count = 2,
		.packets = {{{TCP4, .tcp_flags = SYN}}, {{TCP4_BACK, .tcp_flags = RST | ACK}}},
		.flows = {1, 0}, .total = {1, 1}, .state = FLOW_CLOSED, .bytes = {40, 40}},
	{"a SYN on a closed flow begins another, from either side", .packet_count = 4,
		.packets = {{{TCP4, .tcp_flags = SYN}}, {{TCP4_BACK, .tcp_flags = RST | ACK}},
			{{TCP4_BACK, .tcp_flags = SYN}}, {{TCP4, .tcp_flags = SYN | ACK}}},
		.flows = {1, 0}, .total = {1, 1}, .state = FLOW_ESTABLISHED, .bytes = {40, 40}},
	{"a flow idle for its timeout is still there, a moment later it is a new one",
		.packet_count = 3,
		.packets = {{{UDP4}}, {{UDP4}, .second = 30}, {{UDP4_BACK}, .second = 61}},
		.flows = {1, 0}, .total = {1, 0}, .state = FLOW_NEW, .bytes = {28, 0}},
	{"the same tuple in another VLAN, or on two tags, is another flow", .packet_count = 5,
		.packets = {{{UDP4}}, {{UDP4, .vlans = {5}}}, {{UDP4, .vlans = {6}}},
			{{UDP4, .vlans = {6, 5}, .vlan_types = {0x88a8}}},
			{{UDP4_BACK, .vlans = {0xa005}}}},
		.flows = {4, 0}, .total = {4, 1}},
	{"a priority tag is no VLAN", .packet_count = 2,
		.packets = {{{UDP4}}, {{UDP4, .vlans = {0xe000}}}}, .flows = {1, 0},
		.total = {2, 0}, .state = FLOW_NEW, .bytes = {56, 0}},
	{"two ends that are alike in all are one direction", .packet_count = 2,
		.packets = {{{.source = "::1", .destination = "::1", .protocol = 58}},
			{{.source = "::1", .destination = "::1", .protocol = 58}}},
		.flows = {0, 1}, .total = {2, 0}, .state = FLOW_NEW, .bytes = {96, 0}},
	{"IPv4 options", .packet_count = 1, .packets = {{{UDP4, .ipv4_options = 40}}},
		.flows = {1, 0}, .total = {1, 0}, .state = FLOW_NEW, .bytes = {68, 0}},
	{"IPv6, its bytes are 40 + payload length, extension headers within", .packet_count = 2,
		.packets = {{{UDP6, .payload = 3}},
			{{UDP6, .extensions = {0, 60, 43, 60}, .extension_count = 4}}},
		.flows = {0, 1}, .total = {2, 0}, .state = FLOW_NEW, .bytes = {51 + 80, 0}},
	{"8 IPv6 extension headers are looked through, 9 are too many", .packet_count = 2,
		.packets = {{{UDP6, .extensions = {0, 60, 60, 60, 60, 60, 60, 60},
				    .extension_count = 8}},
			{{UDP6, .extensions = {0, 60, 60, 60, 60, 60, 60, 60, 60},
				 .extension_count = 9},
				DROPPED(DROP_IPV6_EXTENSION_COUNT)}},
		.flows = {0, 1}, .total = {1, 0}},
	{"an atomic fragment is a whole packet", .packet_count = 2,
		.packets = {{{UDP6}}, {{UDP6, .fragment_header = true, .fragment_id = 7}}},
		.flows = {0, 1}, .total = {2, 0}, .state = FLOW_NEW, .bytes = {48 + 56, 0}},
	{"protocols without ports are flows by addresses", .packet_count = 4,
		.packets = {{{.source = "10.0.0.1", .destination = "10.0.0.2", .protocol = 47}},
			{{.source = "10.0.0.2", .destination = "10.0.0.1", .protocol = 47}},
			{{.source = "10.0.0.1", .destination = "10.0.0.2", .protocol = 50}},
			{{.source = "10.0.0.1",
				.destination = "10.0.0.2",
				.protocol = 132,
				.source_port = 1,
				.destination_port = 2}}},
		.flows = {3, 0}, .total = {3, 1}},
	{"later fragments belong to the flow of the first", .packet_count = 4,
		.packets = {{{UDP4, .payload = 16, .fragment_id = 9, .more_fragments = true,
				    .udp_length_delta = 40}},
			{{UDP4, .payload = 40, .fragment_id = 9, .fragment_offset = 24}},
			{{UDP6, .payload = 16, .fragment_header = true, .fragment_id = 9,
				.more_fragments = true}},
			{{UDP6, .payload = 40, .fragment_header = true, .fragment_id = 9,
				.fragment_offset = 24}}},
		.flows = {1, 1}, .total = {4, 0}},
	{"not IP passes", .packet_count = 2,
		.packets = {{{.ethertype = 0x0806, .payload = 46}},
			{{.ethertype = 0x88cc, .payload = 46}}}},
	{"not IP is dropped when it is to be", .drop_non_ip = true, .packet_count = 2,
		.packets = {{{.ethertype = 0x0806, .payload = 46}, DROPPED(DROP_NON_IP)}, {{UDP4}}},
		.flows = {1, 0}, .total = {1, 0}},
	{"frames cut in their link layer", .packet_count = 3,
		.packets = {{{UDP4, .cut = 13}, DROPPED(DROP_ETHERNET_TRUNCATED)},
			{{UDP4, .vlans = {5}, .cut = 17}, DROPPED(DROP_ETHERNET_TRUNCATED)},
			{{UDP4, .vlans = {5, 6}, .cut = 21}, DROPPED(DROP_ETHERNET_TRUNCATED)}}},
	{"three VLAN tags", .packet_count = 1,
		.packets = {{{UDP4, .vlans = {5, 6, 7}}, DROPPED(DROP_VLAN_DEPTH)}}},
	{"malformed IPv4", .packet_count = 7,
		.packets = {{{UDP4, .cut = 14}, DROPPED(DROP_IPV4_TRUNCATED)},
			{{UDP4, .cut = 33}, DROPPED(DROP_IPV4_TRUNCATED)},
			{{UDP4, .ip_version = 6}, DROPPED(DROP_IPV4_VERSION)},
			{{UDP4, .ihl = 4}, DROPPED(DROP_IPV4_HEADER_LENGTH)},
			{{UDP4, .ihl = 15}, DROPPED(DROP_IPV4_TOTAL_LENGTH)},
			{{UDP4, .total_length_delta = 1}, DROPPED(DROP_IPV4_TOTAL_LENGTH)},
			{{UDP4, .total_length_delta = -9}, DROPPED(DROP_IPV4_TOTAL_LENGTH)}}},
	{"malformed IPv6", .packet_count = 5,
		.packets = {{{UDP6, .cut = 14}, DROPPED(DROP_IPV6_TRUNCATED)},
			{{UDP6, .cut = 53}, DROPPED(DROP_IPV6_TRUNCATED)},
			{{UDP6, .ip_version = 4}, DROPPED(DROP_IPV6_VERSION)},
			{{UDP6, .total_length_delta = 1}, DROPPED(DROP_IPV6_PAYLOAD_LENGTH)},
			{{UDP6, .extensions = {0}, .extension_count = 1, .total_length_delta = -9},
				DROPPED(DROP_IPV6_EXTENSION_TRUNCATED)}}},
	{"malformed TCP", .packet_count = 4,
		.packets = {{{TCP4, .total_length_delta = -1}, DROPPED(DROP_TCP_TRUNCATED)},
			{{TCP4, .tcp_words = 4}, DROPPED(DROP_TCP_DATA_OFFSET)},
			{{TCP4, .tcp_words = 6}, DROPPED(DROP_TCP_DATA_OFFSET)},
			{{TCP4, .tcp_words = 6, .padding = 20}, DROPPED(DROP_TCP_DATA_OFFSET)}}},
	{"malformed UDP", .packet_count = 4,
		.packets = {{{UDP4, .total_length_delta = -1}, DROPPED(DROP_UDP_TRUNCATED)},
			{{UDP4, .udp_length_delta = -1}, DROPPED(DROP_UDP_LENGTH)},
			{{UDP4, .udp_length_delta = 1}, DROPPED(DROP_UDP_LENGTH)},
			{{UDP4, .payload = 9, .udp_length_delta = -9}}},
		.flows = {1, 0}, .total = {1, 0}},
	{"transport headers cut short", .packet_count = 3,
		.packets = {{{.source = "10.0.0.1",
				     .destination = "10.0.0.2",
				     .protocol = 132,
				     .total_length_delta = -1},
				    DROPPED(DROP_SCTP_TRUNCATED)},
			{{.source = "10.0.0.1",
				 .destination = "10.0.0.2",
				 .protocol = 1,
				 .total_length_delta = -1},
				DROPPED(DROP_ICMP_TRUNCATED)},
			{{.source = "2001:db8::1",
				 .destination = "2001:db8::2",
				 .protocol = 58,
				 .total_length_delta = -5},
				DROPPED(DROP_ICMPV6_TRUNCATED)}}},
	{"the first rule that matches decides, for all packets of the flow, from either side",
		.matches = rules, .actions = rule_actions, .rule_count = 2,
		.default_action = ACTION_DROP, .packet_count = 7,
		.packets = {{{.source = "10.0.0.1",
				     .destination = "10.0.0.2",
				     .protocol = 6,
				     .source_port = 1,
				     .destination_port = 23,
				     .tcp_flags = SYN},
				    DROPPED(DROP_RULE)},
			{{.source = "10.0.0.2",
				.destination = "10.0.0.1",
				.protocol = 6,
				.source_port = 23,
				.destination_port = 1,
				.tcp_flags = SYN}},
			{{.source = "10.0.0.1",
				.destination = "10.0.0.2",
				.protocol = 6,
				.source_port = 1,
				.destination_port = 23,
				.tcp_flags = SYN | ACK}},
			{{TCP4, .tcp_flags = SYN}}, {{TCP4_BACK, .tcp_flags = SYN | ACK}},
			{{UDP4}, DROPPED(DROP_DEFAULT_ACTION)},
			{{UDP4_BACK}, DROPPED(DROP_DEFAULT_ACTION)}},
		.flows = {3, 0}, .total = {3, 2}},
};

static void test_cases(void **state)
{
	(void)state;
	scenarios_run(cases, RTE_DIM(cases));
}

/* One more packet of a flow, and the reason it is dropped for. */
static enum drop_reason packet_of(struct rig *rig, uint16_t source_port)
{
	struct frame_spec spec = {TCP4, .tcp_flags = ACK};

	spec.source_port = source_port;
	return rig_send(rig, &spec, SECOND);
}

/* Another policy reaches the flows that are there at their next packet, unless they are to keep
 * their verdicts. */
static void test_policy_change(void **state)
{
	struct policy *others[3];
	struct rig rig;

	(void)state;
	rig_init(&rig, CAPACITY, NULL, NULL, 0, ACTION_ALLOW);
	for (unsigned i = 0; i < RTE_DIM(others); i++) {
		/* The first two drop by their default action, the last by a rule. */
		others[i] = rig_policy(
			i == 2 ? &rules[1] : NULL, &rule_actions[0], i == 2, ACTION_DROP, 1);
		others[i]->generation = i + 1;
		/* The first one keeps what there is. */
		others[i]->kept_from = i == 0 ? 0 : i + 1;
	}

	assert_int_equal(packet_of(&rig, 1000), DROP_NONE);
	rig.worker->policy = others[0];
	assert_int_equal(packet_of(&rig, 1000), DROP_NONE);
	assert_int_equal(packet_of(&rig, 1001), DROP_DEFAULT_ACTION);
	assert_int_equal(packet_of(&rig, 1000), DROP_NONE);
	rig.worker->policy = others[1];
	assert_int_equal(packet_of(&rig, 1000), DROP_DEFAULT_ACTION);
	rig.worker->policy = others[2];
	assert_int_equal(packet_of(&rig, 1000), DROP_RULE);
	rig.policy->generation = rig.policy->kept_from = RTE_DIM(others) + 1;
	rig.worker->policy = rig.policy;
	assert_int_equal(packet_of(&rig, 1000), DROP_NONE);
	assert_int_equal(packet_of(&rig, 1001), DROP_NONE);
	for (unsigned i = 0; i < RTE_DIM(others); i++)
		policy_destroy(others[i]);
	rig_fini(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_policy_change),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
