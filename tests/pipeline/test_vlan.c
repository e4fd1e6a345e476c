/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Keys that must not be each other's: the same tuple with other VLAN tags, and of the other IP
 * version. scenarios_run() sees to it that every frame leaves as it came, tags included.
 */
#include "tests/pipeline/scenario.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

#define HOST4 .source = "10.0.0.1", .destination = "10.0.0.2"
#define HOST4_BACK .source = "10.0.0.2", .destination = "10.0.0.1"
#define HOST6 .source = "2001:db8::1", .destination = "2001:db8::2"
#define HOST6_BACK .source = "2001:db8::2", .destination = "2001:db8::1"
#define PORTS .source_port = 1000, .destination_port = 80
#define PORTS_BACK .source_port = 80, .destination_port = 1000
#define QINQ(outer, inner) .vlans = {outer, inner}, .vlan_types = {0x88a8}
#define FIRST .payload = 16, .fragment_id = 9, .more_fragments = true
#define LATER .payload = 40, .fragment_id = 9, .fragment_offset = 24

static const struct scenario scenarios[] = {
	{"the same tuple on two VLANs, by protocol", .packet_count = 12,
		.packets = {{{HOST4, .protocol = 6, PORTS, .tcp_flags = SYN, .vlans = {5}}},
			{{HOST4, .protocol = 6, PORTS, .tcp_flags = SYN, .vlans = {6}}},
			{{HOST4, .protocol = 17, PORTS, .vlans = {5}}},
			{{HOST4, .protocol = 17, PORTS, .vlans = {6}}},
			{{HOST4, .protocol = 1, .identifier = 7, .vlans = {5}}},
			{{HOST4, .protocol = 1, .identifier = 7, .vlans = {6}}},
			{{HOST4, .protocol = 47, .vlans = {5}}},
			{{HOST4, .protocol = 47, .vlans = {6}}},
			{{HOST6, .protocol = 6, PORTS, .tcp_flags = SYN, .vlans = {5}}},
			{{HOST6, .protocol = 6, PORTS, .tcp_flags = SYN, .vlans = {6}}},
			{{HOST6, .protocol = 58, .identifier = 7, .vlans = {5}}},
			{{HOST6, .protocol = 58, .identifier = 7, .vlans = {6}}}},
		.flows = {8, 4}, .total = {12, 0}},
	{"each of two tags counts, and their order", .packet_count = 6,
		.packets = {{{HOST6, .protocol = 17, PORTS, QINQ(5, 6)}},
			{{HOST6, .protocol = 17, PORTS, QINQ(6, 5)}},
			{{HOST6, .protocol = 17, PORTS, QINQ(5, 5)}},
			{{HOST6, .protocol = 17, PORTS, QINQ(6, 6)}},
			{{HOST6, .protocol = 17, PORTS, .vlans = {5}}},
			{{HOST6, .protocol = 17, PORTS}}},
		.flows = {0, 6}, .total = {6, 0}},
	{"what comes back on the same tags is the same flow, whatever their priority and type",
		.packet_count = 4,
		.packets = {{{HOST4, .protocol = 17, PORTS, QINQ(4095, 1)}},
			{{HOST4_BACK, .protocol = 17, PORTS_BACK, .vlans = {0xefff, 0xe001},
				.vlan_types = {0x9100}}},
			{{HOST6, .protocol = 17, PORTS, QINQ(4095, 1)}},
			{{HOST6_BACK, .protocol = 17, PORTS_BACK, .vlans = {0x2fff, 0x4001}}}},
		.flows = {1, 1}, .total = {2, 2}},
	{"fragments of two VLANs with one identification", .packet_count = 4,
		.packets = {{{HOST4, .protocol = 17, PORTS, FIRST, .vlans = {5}}},
			{{HOST4, .protocol = 17, PORTS_BACK, FIRST, .vlans = {6}}},
			{{HOST4, .protocol = 17, LATER, .vlans = {6}}},
			{{HOST4, .protocol = 17, LATER, .vlans = {5}}}},
		.flows = {2, 0}, .total = {4, 0}},
	/* IPv6 addresses that begin or end with the bytes of the IPv4 ones. */
	{"IPv4 and IPv6", .packet_count = 4,
		.packets = {{{HOST4, .protocol = 17, PORTS}},
			{{.source = "a00:1::", .destination = "a00:2::", .protocol = 17, PORTS}},
			{{.source = "::10.0.0.1",
				.destination = "::10.0.0.2",
				.protocol = 17,
				PORTS}},
			{{.source = "::ffff:10.0.0.1",
				.destination = "::ffff:10.0.0.2",
				.protocol = 17,
				PORTS}}},
		.flows = {1, 3}, .total = {4, 0}},
	{"protocols of one number of ports", .packet_count = 3,
		.packets = {{{HOST4, .protocol = 6, PORTS, .tcp_flags = SYN}},
			{{HOST4, .protocol = 17, PORTS}}, {{HOST4, .protocol = 132, PORTS}}},
		.flows = {3, 0}, .total = {3, 0}},
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
