/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The fragments of other firewalls' tests, byte for byte where test_fragment.c has their kind only.
 * docs/correctness.md lists all of them, and where the outcome is meant to differ.
 *
 * Sources: OpenBSD's regress/sys/net/pf_fragment ("pf"), regress/sys/netinet/frag and
 * netinet6/frag6 ("OpenBSD"); VPP's test/test_reassembly.py ("VPP"); Open vSwitch's
 * tests/system-traffic.at ("OVS").
 */
#include "tests/pipeline/fragment_case.h"
#include "tests/pipeline/scenario.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

#define OVERLAP DROPPED(DROP_FRAGMENT_OVERLAP)
#define ORPHAN DROPPED(DROP_FRAGMENT_ORPHAN)

static const struct fragment_case cases[] = {
	/* Overlaps, where pf and VPP cut IPv4 to size and OVS, as RFC 5722 says, does not. */
	{"pf cutnew, OpenBSD overhead0: the second begins in the first", .count = 3,
		.pieces = {{0, 16, true}, {8, 24, false, OVERLAP}, {16, 24, false, OVERLAP}},
		.order = "a", .flows = 1},
	{"pf cutold, OpenBSD overtail0: the first ends in the second", .count = 2,
		.pieces = {{8, 24, false, OVERLAP}, {0, 16, true, OVERLAP}}},
	{"pf dropnew: within one that waits", .count = 3,
		.pieces = {{8, 32, false, OVERLAP}, {16, 24, true, OVERLAP},
			{0, 8, true, OVERLAP}}},
	{"pf dropold: around one that went on", .count = 3,
		.pieces = {{0, 8, true}, {16, 24, true}, {8, 32, false, OVERLAP}}, .order = "ab",
		.flows = 1},
	{"OpenBSD overhead: the third begins with the second", .count = 3,
		.pieces = {{0, 8, true}, {8, 16, true}, {8, 24, false, OVERLAP}}, .order = "ab",
		.flows = 1},
	{"OpenBSD overhead1: within the first, at its end", .count = 3,
		.pieces = {{0, 16, true}, {8, 16, true, OVERLAP}, {16, 24, false, OVERLAP}},
		.order = "a", .flows = 1},
	{"OpenBSD overtail: the first over all of one that waits", .count = 3,
		.pieces = {{16, 24, false, OVERLAP}, {8, 16, true, OVERLAP},
			{0, 16, true, OVERLAP}}},
	{"OpenBSD overtail1: within the last one, at its begin", .count = 3,
		.pieces = {{8, 24, false, OVERLAP}, {8, 16, true, OVERLAP}, {0, 8, true, OVERLAP}}},
	{"OpenBSD overdrop: no datagram comes of what follows an overlap", .count = 5,
		.pieces = {{0, 16, true}, {8, 24, false, OVERLAP}, {0, 8, true, OVERLAP},
			{8, 16, true, OVERLAP}, {16, 24, false, OVERLAP}},
		.order = "a", .flows = 1},
	{"OpenBSD overindex: before a last one that waits", .count = 3,
		.pieces = {{0, 1024, true}, {4088, 4104, false}, {4032, 4096, true, OVERLAP}},
		.order = "ab", .flows = 1},
	{"OpenBSD overreplace: between two, past its place", .count = 5,
		.pieces = {{0, 1024, true}, {4088, 4104, true}, {3072, 4096, true, OVERLAP},
			{4096, 5128, false, OVERLAP}, {3072, 4096, true, OVERLAP}},
		.order = "ab", .flows = 1},
	{"VPP overlap1: a datagram cut in two ways, one between the other", .count = 7,
		.pieces = {{0, 176, true}, {0, 280, true, OVERLAP}, {176, 352, true, OVERLAP},
			{280, 560, true, OVERLAP}, {352, 528, true, OVERLAP},
			{560, 600, false, OVERLAP}, {528, 600, false, OVERLAP}},
		.order = "a", .flows = 1},
	{"VPP 44924: tiny ones that overlap by the header that each has", .only = 4, .count = 3,
		.pieces = {{0, 24, true, .protocol = 1}, {24, 56, true, .protocol = 1},
			{48, 74, false, .protocol = 1, OVERLAP}},
		.order = "ab", .flows = 1},
	{"OVS overlapping fragments by 1 octet (of eight)", .count = 2,
		.pieces = {{0, 400, true}, {392, 420, false, OVERLAP}}, .order = "a", .flows = 1},
	{"OVS the same out of order", .count = 2,
		.pieces = {{392, 420, false, OVERLAP}, {0, 400, true, OVERLAP}}},

	/* Ends. */
	{"OpenBSD mf0long: an end behind the end", .count = 3,
		.pieces = {{8, 24, false, OVERLAP}, {16, 32, false, OVERLAP},
			{0, 8, true, OVERLAP}}},
	{"OpenBSD mf0short: an end before the end", .count = 3,
		.pieces = {{16, 32, false, OVERLAP}, {8, 24, false, OVERLAP},
			{0, 16, true, OVERLAP}}},
	{"OpenBSD mf0middle: an end within the first", .count = 3,
		.pieces = {{0, 16, true}, {8, 16, false, OVERLAP}, {16, 24, false, OVERLAP}},
		.order = "a", .flows = 1},
	{"OpenBSD mf1end: up to the end, as if more came", .count = 3,
		.pieces = {{16, 24, false, OVERLAP}, {8, 24, true, OVERLAP},
			{0, 16, true, OVERLAP}}},
	{"the end, but first as if more came", .count = 3,
		.pieces = {{0, 16, true}, {16, 24, true}, {16, 24, false, OVERLAP}}, .order = "ab",
		.flows = 1},
	{"OpenBSD timeout: one every 15 s", .count = 6,
		.pieces = {{0, 8, true}, {8, 16, true, .ms = 15000}, {16, 24, true, .ms = 30000},
			{24, 32, true, .ms = 45000, ORPHAN}, {32, 40, true, .ms = 60000, ORPHAN},
			{40, 48, false, .ms = 75000, ORPHAN}},
		.order = "abc", .flows = 1},
	{"VPP bunch_of_fragments: strays of a complete datagram", .count = 7,
		.pieces = {{A}, {B}, {C}, {4864, 5172, false, OVERLAP},
			{4864, 5172, false, OVERLAP}, {4864, 5172, false, OVERLAP},
			{0, 24, true, .id = 2}},
		.order = "abcg", .flows = 1},

	/* Sizes. */
	{"VPP one_byte_last_fragment", .count = 2, .pieces = {{0, 176, true}, {176, 177, false}},
		.order = "ab", .flows = 1},
	{"VPP one_byte_last_fragment behind a bare header, OpenBSD udpheader", .count = 2,
		.pieces = {{0, 8, true}, {8, 9, false}}, .order = "ab", .flows = 1},
	{"VPP frag_1: a first one of one byte takes its datagram with it, and no other", .only = 4,
		.count = 4,
		.pieces = {{0, 8, true, .protocol = 1, .cut = 7, DROPPED(DROP_ICMP_TRUNCATED)},
			{8, 9, false, .protocol = 1, DROPPED(DROP_ICMP_TRUNCATED)},
			{0, 400, true, .id = 1}, {400, 1008, false, .id = 1}},
		.order = "cd", .flows = 1},
	{"VPP invalid_frag_len, OpenBSD zerofirst: an empty first one", .count = 3,
		.pieces = {{0, 8, true, .cut = 8, DROPPED(DROP_UDP_TRUNCATED)},
			{0, 16, true, DROPPED(DROP_UDP_TRUNCATED)},
			{16, 24, false, DROPPED(DROP_UDP_TRUNCATED)}}},
	{"OpenBSD zerosecond: an empty one in between is none", .count = 3,
		.pieces = {{0, 16, true}, {16, 16, true, DROPPED(DROP_FRAGMENT_LENGTH)},
			{16, 24, false}},
		.order = "ac", .flows = 1},
	{"VPP 5737: one past 65,535 bytes, and datagrams beside it", .only = 4, .count = 3,
		.pieces = {{65520, 65636, false, .protocol = 1, DROPPED(DROP_FRAGMENT_TOO_LONG)},
			{0, 400, true, .id = 1}, {400, 1008, false, .id = 1}},
		.order = "bc", .flows = 1},
	{"OpenBSD maxpacket: one past 65,535 bytes takes the rest with it", .only = 6, .count = 3,
		.pieces = {{0, 16, true}, {65528, 65536, false, DROPPED(DROP_FRAGMENT_TOO_LONG)},
			{16, 24, false, DROPPED(DROP_FRAGMENT_TOO_LONG)}},
		.order = "a", .flows = 1},
	{"OpenBSD maxpacket0: and what comes behind it", .only = 6, .count = 2,
		.pieces = {{65528, 65536, false, DROPPED(DROP_FRAGMENT_TOO_LONG)},
			{0, 16, true, DROPPED(DROP_FRAGMENT_TOO_LONG)}}},

	/* Atomic ones, RFC 6946. */
	{"OpenBSD overatomic, udpatomic: beside one that waits in vain", .only = 6, .count = 2,
		.pieces = {{8, 24, false, ORPHAN}, {0, 24, false}}, .order = "b", .flows = 1},
	{"OpenBSD mf0atomic: with the bytes of the first", .only = 6, .count = 3,
		.pieces = {{0, 16, true, .protocol = 58}, {0, 8, false, .protocol = 58},
			{16, 24, false, .protocol = 58}},
		.order = "abc", .flows = 1},
	{"OpenBSD shortatomic: one without its header is dropped alone", .only = 6, .count = 3,
		.pieces = {{0, 24, true, .protocol = 58},
			{0, 8, false, .protocol = 58, .cut = 5, DROPPED(DROP_ICMPV6_TRUNCATED)},
			{24, 32, false, .protocol = 58}},
		.order = "ac", .flows = 1},

	/* Extension headers before the fragment header, which are no part of the datagram. */
	{"OpenBSD ext, OVS multiple extension headers", .only = 6, .count = 2,
		.pieces = {{0, 16, true, .extensions = 1}, {16, 24, false, .extensions = 1}},
		.order = "ab", .flows = 1},
	{"OVS multiple extension headers + out of order", .only = 6, .count = 2,
		.pieces = {{1272, 1308, false, .extensions = 3}, {0, 1272, true, .extensions = 3}},
		.order = "ba", .flows = 1},
	{"OpenBSD ext2long: more of them in the second", .only = 6, .count = 2,
		.pieces = {{0, 16, true}, {16, 24, false, .extensions = 5}}, .order = "ab",
		.flows = 1},
	{"OVS incomplete reassembled packet: a first one alone", .count = 1,
		.pieces = {{0, 400, true}}, .order = "a", .flows = 1},
	{"VPP unsupp_ip_proto: any protocol is one (IGP, 9)", .count = 4,
		.pieces = {{976, 2000, false, .protocol = 9}, {0, 976, true, .protocol = 9},
			{0, 976, true, .protocol = 9, .id = 1},
			{976, 2000, false, .protocol = 9, .id = 1}},
		.order = "bacd", .flows = 1},
};

static void test_cases(void **state)
{
	(void)state;
	fragment_cases_run(cases, RTE_DIM(cases));
}

/* A datagram of 16 + 8 bytes in two. */
#define FIRST .payload = 8, .fragment_id = 9, .more_fragments = true
#define LAST .payload = 8, .fragment_id = 9, .fragment_offset = 16
#define PING4 .source = "10.0.0.1", .destination = "10.0.0.2", .protocol = 1
#define PING6 .source = "2001:db8::1", .destination = "2001:db8::2", .protocol = 58
#define CVLAN .vlans = {4094, 100}, .vlan_types = {0x88a8}

static const struct scenario scenarios[] = {
	{"OpenBSD padding: bytes behind the packet are none of the fragment", .packet_count = 4,
		.packets = {{{PING4, .identifier = 7, FIRST, .padding = 4}},
			{{PING4, LAST, .padding = 4}},
			{{PING6, .identifier = 7, FIRST, .fragment_header = true, .padding = 4}},
			{{PING6, LAST, .fragment_header = true, .padding = 4}}},
		.flows = {1, 1}, .total = {4, 0}},
	{"OpenBSD opt: IPv4 options on the first", .checks = CHECK_BIT(CHECK_IPV4_OPTIONS),
		.packet_count = 2,
		.packets = {{{PING4, .identifier = 7, FIRST, .ipv4_options = 4}}, {{PING4, LAST}}},
		.flows = {1, 0}, .total = {2, 0}},
	{"OVS fragmentation + vlan, + cvlan: on the outer tag alone another flow",
		.packet_count = 8,
		.packets = {{{PING4, .identifier = 7, FIRST, .vlans = {4094}}},
			{{PING4, .identifier = 7, FIRST, CVLAN}}, {{PING4, LAST, CVLAN}},
			{{PING4, LAST, .vlans = {4094}}},
			{{PING6, .identifier = 7, FIRST, .fragment_header = true, CVLAN}},
			{{PING6, .identifier = 7, FIRST, .fragment_header = true, .vlans = {4094}}},
			{{PING6, LAST, .fragment_header = true, CVLAN}},
			{{PING6, LAST, .fragment_header = true, .vlans = {4094}}}},
		.flows = {2, 2}, .total = {8, 0}},
	{"VPP mixed: whole packets among first fragments", .packet_count = 6,
		.packets = {{{UDP4, .fragment_id = 1, .payload = 6}},
			{{UDP4, .fragment_id = 2, .payload = 8, .more_fragments = true}},
			{{UDP4, .fragment_id = 3, .payload = 6}},
			{{UDP4, .fragment_id = 4, .payload = 8, .more_fragments = true}},
			{{UDP4, .fragment_id = 5, .payload = 8, .more_fragments = true}},
			{{UDP4, .fragment_id = 6, .payload = 6}}},
		.flows = {1, 0}, .total = {6, 0}},
	{"VPP truncated_ext_header_chain: 1 byte of a fragment header", .packet_count = 1,
		.packets = {{{.source = "2001:db8::1",
				     .destination = "2001:db8::2",
				     .protocol = 59,
				     .extensions = {0},
				     .extension_count = 1,
				     .fragment_header = true,
				     .total_length_delta = -7},
			DROPPED(DROP_IPV6_EXTENSION_TRUNCATED)}}},
	{"VPP atomic_fragment: a payload length of 65,535 and little behind it", .packet_count = 1,
		.packets = {{{UDP6, .fragment_header = true, .fragment_offset = 65528,
				     .more_fragments = true, .payload = 1452,
				     .total_length_delta = 65535 - 1460},
			DROPPED(DROP_IPV6_PAYLOAD_LENGTH)}}},
};

static void test_scenarios(void **state)
{
	(void)state;
	scenarios_run(scenarios, RTE_DIM(scenarios));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_scenarios),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
