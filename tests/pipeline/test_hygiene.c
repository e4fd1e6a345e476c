/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks of packets by themselves: RFC 791, 1122, 2131, 4291, 5095, 6890 say what is right. What
 * OpenBSD's pf_opts regress tests do with IP options differs: pf drops all but IGMP's router alert.
 */
#include "dataplane/pipeline.h"
#include "tests/pipeline/scenario.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

#define HOST4 .source = "10.0.0.1", .destination = "10.0.0.2"
#define HOST6 .source = "2001:db8::1", .destination = "2001:db8::2"
#define UDP .protocol = 17, .source_port = 1000, .destination_port = 53
#define TCP .protocol = 6, .source_port = 1000, .destination_port = 80, .tcp_flags = SYN
#define SCTP .protocol = 132, .source_port = 1000, .destination_port = 80
#define OPTION(...) .ipv4_options = 12, .options = {__VA_ARGS__}
#define FROM(address) .source = address, .destination = "10.0.0.2", UDP
#define FROM6(address) .source = address, .destination = "2001:db8::2", UDP
#define TO(address) .source = "10.0.0.1", .destination = address, UDP
#define TO6(address) .source = "2001:db8::1", .destination = address, UDP

#define ALL .checks = CHECK_BIT(CHECK_COUNT) - 1
#define ALL_BUT(check) .checks = (CHECK_BIT(CHECK_COUNT) - 1) & ~CHECK_BIT(check)

static const struct scenario scenarios[] = {
	{"right checksums, with odd lengths, options and extension headers", ALL,
		.packet_count = 12,
		.packets = {{{UDP4, .payload = 1}}, {{UDP6, .payload = 1}},
			{{HOST4, TCP, .payload = 3}}, {{HOST6, TCP, .payload = 1400}},
			{{HOST4, .protocol = 1, .identifier = 0xffff, .payload = 5}},
			{{HOST6, .protocol = 58, .identifier = 0xffff, .payload = 5}},
			{{UDP4, .ipv4_options = 40}},
			{{UDP6, .extensions = {0, 60}, .extension_count = 2}},
			{{UDP4, .payload = 9, .padding = 5}}, {{UDP4, .udp_without_sum = true}},
			{{HOST4, .protocol = 132, .source_port = 1, .destination_port = 2}},
			{{HOST4, .protocol = 47, .payload = 7}}},
		.flows = {5, 3}, .total = {12, 0}},
	{"a wrong IPv4 header checksum", ALL, .packet_count = 3,
		.packets = {{{UDP4, .ip_sum_delta = 1}, DROPPED(DROP_IPV4_CHECKSUM)},
			{{UDP4, .ip_sum_delta = 0x8000, .ipv4_options = 40},
				DROPPED(DROP_IPV4_CHECKSUM)},
			{{UDP4, .ip_sum_delta = 1, .more_fragments = true},
				DROPPED(DROP_IPV4_CHECKSUM)}}},
	{"the CRC32c of SCTP, also where a routing header has another destination: it has no "
	 "pseudo-header",
		ALL, .packet_count = 7,
		.packets = {{{HOST4, SCTP, .payload = 1}}, {{HOST6, SCTP, .payload = 1400}},
			{{HOST4, SCTP, .payload = 1000, .ipv4_options = 8, .padding = 3}},
			{{HOST4, SCTP, .sum_delta = 0x8000}, DROPPED(DROP_L4_CHECKSUM)},
			{{HOST6, SCTP, .payload = 9, .sum_delta = 1}, DROPPED(DROP_L4_CHECKSUM)},
			{{HOST6, SCTP, .extensions = {43}, .extension_count = 1,
				.routing = ROUTING(4, 1)}},
			{{HOST6, SCTP, .extensions = {43}, .extension_count = 1,
				 .routing = ROUTING(4, 1), .sum_delta = 1},
				DROPPED(DROP_L4_CHECKSUM)}},
		.flows = {1, 1}, .total = {4, 0}},
	{"a wrong checksum touches no flow", ALL, .packet_count = 9,
		.packets = {{{HOST4, TCP}},
			{{HOST4, TCP, .sum_delta = 1}, DROPPED(DROP_L4_CHECKSUM)},
			{{HOST6, TCP, .sum_delta = 1}, DROPPED(DROP_L4_CHECKSUM)},
			{{UDP4, .sum_delta = 0x100}, DROPPED(DROP_L4_CHECKSUM)},
			{{UDP6, .sum_delta = 0x100}, DROPPED(DROP_L4_CHECKSUM)},
			{{UDP6, .udp_without_sum = true}, DROPPED(DROP_L4_CHECKSUM)},
			{{HOST4, .protocol = 1, .sum_delta = 1}, DROPPED(DROP_L4_CHECKSUM)},
			{{HOST6, .protocol = 58, .sum_delta = 1}, DROPPED(DROP_L4_CHECKSUM)},
			{{UDP6, .extensions = {60}, .extension_count = 1, .sum_delta = 1},
				DROPPED(DROP_L4_CHECKSUM)}},
		.flows = {1, 0}, .total = {1, 0}},
	{"checksums that are not known here: fragments, and a destination behind a routing header",
		ALL, .packet_count = 4,
		.packets = {{{UDP4, .sum_delta = 1, .more_fragments = true, .payload = 8}},
			{{UDP4, .fragment_offset = 16, .payload = 8}},
			{{UDP6, .extensions = {43}, .extension_count = 1, .routing = ROUTING(4, 1),
				.sum_delta = 1}},
			{{UDP6, .extensions = {43}, .extension_count = 1, .routing = ROUTING(4, 0),
				 .sum_delta = 1},
				DROPPED(DROP_L4_CHECKSUM)}},
		.flows = {1, 1}, .total = {3, 0}},
	{"a fragment with a wrong header checksum is none of its datagram", ALL, .packet_count = 4,
		.packets = {{{UDP4, .payload = 8, .fragment_id = 9, .more_fragments = true}},
			{{UDP4, .payload = 24, .fragment_id = 9, .fragment_offset = 16,
				 .ip_sum_delta = 1},
				DROPPED(DROP_IPV4_CHECKSUM)},
			{{UDP4, .payload = 32, .fragment_id = 9, .fragment_offset = 8,
				 .ip_sum_delta = 1},
				DROPPED(DROP_IPV4_CHECKSUM)},
			{{UDP4, .payload = 24, .fragment_id = 9, .fragment_offset = 16}}},
		.flows = {1, 0}, .total = {2, 0}},
	{"a later fragment from the address of no host goes by its first", ALL, .packet_count = 4,
		.packets = {{{.source = "0.0.0.0",
				    .destination = "255.255.255.255",
				    .protocol = 17,
				    .source_port = 68,
				    .destination_port = 67,
				    .payload = 8,
				    .fragment_id = 9,
				    .more_fragments = true}},
			{{.source = "0.0.0.0",
				.destination = "255.255.255.255",
				.protocol = 17,
				.payload = 24,
				.fragment_id = 9,
				.fragment_offset = 16}},
			{{FROM("0.0.0.0"), .payload = 8, .fragment_id = 9, .more_fragments = true},
				DROPPED(DROP_MARTIAN)},
			{{FROM6("::"), .fragment_header = true, .more_fragments = true,
				 .payload = 8},
				DROPPED(DROP_MARTIAN)}},
		.flows = {1, 0}, .total = {2, 0}},
	{"checksums that are not to be checked", .checks = 0, .packet_count = 3,
		.packets = {{{UDP4, .sum_delta = 1, .ip_sum_delta = 1}}, {{UDP6, .sum_delta = 1}},
			{{UDP6, .udp_without_sum = true}}},
		.flows = {1, 1}, .total = {3, 0}},
	{"IPv4 options: source routes and record route", ALL, .packet_count = 6,
		.packets = {{{UDP4, OPTION(131, 7, 4, 10, 1, 1, 1)}, DROPPED(DROP_IPV4_OPTIONS)},
			{{UDP4, OPTION(137, 7, 4, 10, 1, 1, 1)}, DROPPED(DROP_IPV4_OPTIONS)},
			{{UDP4, OPTION(7, 7, 4, 10, 1, 1, 1)}, DROPPED(DROP_IPV4_OPTIONS)},
			{{UDP4, OPTION(1, 1, 68, 4, 5, 1, 131, 4, 4, 9)},
				DROPPED(DROP_IPV4_OPTIONS)},
			{{UDP4, OPTION(68, 4, 5, 1)}}, {{UDP4, OPTION(130, 11, 9, 9, 9, 9)}}},
		.flows = {1, 0}, .total = {2, 0}},
	{"IPv4 options past their list", ALL, .packet_count = 3,
		.packets = {{{UDP4, OPTION(68, 13)}, DROPPED(DROP_IPV4_OPTIONS)},
			{{UDP4, OPTION(68, 1)}, DROPPED(DROP_IPV4_OPTIONS)},
			{{UDP4, OPTION(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 68)},
				DROPPED(DROP_IPV4_OPTIONS)}}},
	{"router alert", ALL, .packet_count = 3,
		.packets = {{{HOST4, .protocol = 2, .payload = 8, .ipv4_options = 4,
				    .options = {148, 4}}},
			{{HOST4, .protocol = 46, .payload = 8, .ipv4_options = 4,
				.options = {148, 4}}},
			{{UDP4, .ipv4_options = 4, .options = {148, 4}},
				DROPPED(DROP_IPV4_OPTIONS)}},
		.flows = {2, 0}, .total = {2, 0}},
	{"IPv4 options that are not to be checked", ALL_BUT(CHECK_IPV4_OPTIONS), .packet_count = 2,
		.packets = {{{UDP4, OPTION(131, 7, 4, 10, 1, 1, 1)}}, {{UDP4, OPTION(68, 13)}}},
		.flows = {1, 0}, .total = {2, 0}},
	{"IPv6 routing header 0, in its last place too", ALL, .packet_count = 3,
		.packets =
			{{{UDP6, .extensions = {43},
				  .extension_count = 1, .routing = ROUTING(0, 1)},
				 DROPPED(DROP_ROUTING_HEADER)},
				{{UDP6, .extensions = {0, 60, 43}, .extension_count = 3,
					 .routing = ROUTING(0, 0)},
					DROPPED(DROP_ROUTING_HEADER)},
				{{UDP6, .extensions = {43}, .extension_count = 1,
					.routing = ROUTING(2, 1)}}},
		.flows = {0, 1}, .total = {1, 0}},
	{"IPv6 routing header 0 where it may be", ALL_BUT(CHECK_ROUTING_HEADER), .packet_count = 1,
		.packets = {{{UDP6, .extensions = {43}, .extension_count = 1,
			.routing = ROUTING(0, 1)}}},
		.flows = {0, 1}, .total = {1, 0}},
	{"land", ALL, .packet_count = 4,
		.packets = {{{FROM("10.0.0.2")}, DROPPED(DROP_LAND)},
			{{.source = "10.0.0.2",
				 .destination = "10.0.0.2",
				 .protocol = 6,
				 .source_port = 80,
				 .destination_port = 80,
				 .tcp_flags = SYN},
				DROPPED(DROP_LAND)},
			{{FROM6("2001:db8::2")}, DROPPED(DROP_LAND)}, {{FROM("10.0.0.3")}}},
		.flows = {1, 0}, .total = {1, 0}},
	{"land where it may be", ALL_BUT(CHECK_LAND), .packet_count = 1,
		.packets = {{{FROM("10.0.0.2")}}}, .flows = {1, 0}, .total = {1, 0}},
	{"loopback", ALL, .packet_count = 7,
		.packets = {{{FROM("127.0.0.1")}, DROPPED(DROP_LOOPBACK)},
			{{TO("127.255.255.254")}, DROPPED(DROP_LOOPBACK)},
			{{FROM6("::1")}, DROPPED(DROP_LOOPBACK)},
			{{TO6("::1")}, DROPPED(DROP_LOOPBACK)}, {{TO("126.255.255.255")}},
			{{FROM("128.0.0.1")}}, {{TO6("64:ff9b::1")}}},
		.flows = {2, 1}, .total = {3, 0}},
	{"loopback where it may be", ALL_BUT(CHECK_LOOPBACK), .packet_count = 2,
		.packets = {{{FROM("127.0.0.1")}}, {{FROM6("::1")}}}, .flows = {1, 1},
		.total = {2, 0}},
	{"martians of IPv4", ALL, .packet_count = 9,
		.packets = {{{FROM("0.0.0.1")}, DROPPED(DROP_MARTIAN)},
			{{FROM("0.0.0.0")}, DROPPED(DROP_MARTIAN)},
			{{FROM("224.0.0.1")}, DROPPED(DROP_MARTIAN)},
			{{FROM("239.255.255.255")}, DROPPED(DROP_MARTIAN)},
			{{FROM("255.255.255.255")}, DROPPED(DROP_MARTIAN)},
			{{TO("0.0.0.0")}, DROPPED(DROP_MARTIAN)}, {{TO("224.0.0.251")}},
			{{TO("255.255.255.255")}}, {{FROM("223.255.255.255")}}},
		.flows = {3, 0}, .total = {3, 0}},
	{"who has no IPv4 address yet", ALL, .packet_count = 2,
		.packets = {{{.source = "0.0.0.0",
				    .destination = "255.255.255.255",
				    .protocol = 17,
				    .source_port = 68,
				    .destination_port = 67}},
			{{.source = "0.0.0.0",
				.destination = "224.0.0.1",
				.protocol = 2,
				.payload = 8}}},
		.flows = {2, 0}, .total = {2, 0}},
	{"martians of IPv6", ALL, .packet_count = 7,
		.packets = {{{FROM6("ff02::1")}, DROPPED(DROP_MARTIAN)},
			{{FROM6("::")}, DROPPED(DROP_MARTIAN)},
			{{TO6("::")}, DROPPED(DROP_MARTIAN)},
			{{FROM6("::ffff:10.0.0.1")}, DROPPED(DROP_MARTIAN)},
			{{TO6("::ffff:10.0.0.1")}, DROPPED(DROP_MARTIAN)},
			{{.source = "::", .destination = "ff02::1", .protocol = 58},
				DROPPED(DROP_MARTIAN)},
			{{TO6("ff02::fb")}}},
		.flows = {0, 1}, .total = {1, 0}},
	{"who has no IPv6 address yet", ALL, .packet_count = 3,
		.packets = {{{.source = "::",
				    .destination = "ff02::1:ff00:1",
				    .protocol = 58,
				    .icmp_type = ICMP_TYPE(135),
				    .hop_limit = 255}},
			{{.source = "::",
				.destination = "ff02::2",
				.protocol = 58,
				.icmp_type = ICMP_TYPE(133),
				.hop_limit = 255}},
			{{.source = "::",
				.destination = "ff02::16",
				.protocol = 58,
				.icmp_type = ICMP_TYPE(143),
				.hop_limit = 1}}},
		.flows = {0, 3}, .total = {3, 0}},
	{"martians where they may be", ALL_BUT(CHECK_MARTIAN), .packet_count = 2,
		.packets = {{{FROM("224.0.0.1")}}, {{FROM6("::")}}}, .flows = {1, 1},
		.total = {2, 0}},
	{"a hop limit of 1 or 255 is not touched", ALL, .packet_count = 4,
		.packets = {{{UDP4, .hop_limit = 1}}, {{UDP4, .hop_limit = 255}},
			{{UDP6, .hop_limit = 1}}, {{UDP6, .hop_limit = 255}}},
		.flows = {1, 1}, .total = {4, 0}},
};

static void test_scenarios(void **state)
{
	(void)state;
	scenarios_run(scenarios, RTE_DIM(scenarios));
}

/* What the device says of a packet's checksums, and what comes of it; UINT64_C(0): it does not say.
 */
static const struct {
	uint64_t flags;
	bool right;
	enum drop_reason reason;
} devices[] = {
	{RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD, false, DROP_NONE},
	{RTE_MBUF_F_RX_IP_CKSUM_NONE | RTE_MBUF_F_RX_L4_CKSUM_NONE, false, DROP_NONE},
	{RTE_MBUF_F_RX_IP_CKSUM_BAD | RTE_MBUF_F_RX_L4_CKSUM_GOOD, true, DROP_IPV4_CHECKSUM},
	{RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_BAD, true, DROP_L4_CHECKSUM},
	{RTE_MBUF_F_RX_IP_CKSUM_GOOD, false, DROP_L4_CHECKSUM},
	{RTE_MBUF_F_RX_L4_CKSUM_GOOD, false, DROP_IPV4_CHECKSUM},
	{0, true, DROP_NONE},
};

static void test_devices(void **state)
{
	(void)state;
	for (unsigned i = 0; i < RTE_DIM(devices); i++) {
		struct frame_spec spec = {UDP4, .sums = true};
		struct rte_mbuf *mbuf, *sent[SENT_MAX];
		uint8_t frame[FRAME_SIZE];
		struct rig rig;
		uint32_t l3;

		spec.sum_delta = spec.ip_sum_delta = !devices[i].right;
		rig_init(&rig, 64, NULL, NULL, 0, ACTION_ALLOW);
		rig.worker->checks = CHECK_BIT(CHECK_IPV4_CHECKSUM) | CHECK_BIT(CHECK_L4_CHECKSUM);
		mbuf = rig_mbuf(&rig, frame, frame_build(&spec, frame, &l3), 0, 0);
		mbuf->ol_flags |= devices[i].flags;
		rte_pktmbuf_free_bulk(sent, pipeline_burst(rig.worker, &mbuf, 1, SECOND, sent));
		assert_int_equal(rig.worker->burst.reasons[0], devices[i].reason);
		rig_fini(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenarios),
		cmocka_unit_test(test_devices),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
