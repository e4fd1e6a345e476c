/* SPDX-License-Identifier: BSD-3-Clause */
/* A Flow object of the flow API, to the byte: the members and their order as docs/control-socket.md
 * lists them, at the ends of their ranges. */
#include "control/flow_json.h"

#include <string.h>

#include "tests/unit/check.h"

#define MOST "18446744073709551615"

static void check(
	const struct flow_record *flow, const char *rule, bool window, const char *expected)
{
	char text[FLOW_JSON_SIZE + 300];
	int length;

	memset(text, 'x', sizeof(text));
	length = flow_json_write(flow, rule, window, text, sizeof(text));
	assert_int_equal(length, strlen(expected));
	assert_memory_equal(text, expected, strlen(expected));
	assert_true(length <= FLOW_JSON_SIZE + (rule != NULL ? (int)strlen(rule) : 0));
	assert_int_equal(flow_json_write(flow, rule, window, text,
				 FLOW_JSON_SIZE - 1 + (rule != NULL ? strlen(rule) : 0)),
		-1);
}

static void test_least(void **state)
{
	const struct flow_record flow = {.version = 4, .state = FLOW_NEW};

	(void)state;
	check(&flow, NULL, false,
		"{\"SourceAddress\":{\"AddressDefinition\":\"0.0.0.0\"},"
		"\"DestinationAddress\":{\"AddressDefinition\":\"0.0.0.0\"},"
		"\"SourcePort\":\"0\",\"DestinationPort\":\"0\",\"Protocol\":\"0\",\"Age\":0,"
		"\"PacketCount\":0,\"ByteCount\":0,\"ForwardPacketCount\":0,\"ForwardByteCount\":0,"
		"\"ReversePacketCount\":0,\"ReverseByteCount\":0,\"IdleMilliseconds\":0,"
		"\"State\":\"new\",\"Action\":\"passed\"}");
}

static void test_some(void **state)
{
	const struct flow_record flow = {
		.version = 6,
		.source = {0x20, 0x01, 0x0d, 0xb8, [15] = 1},
		.destination = {0xfe, 0x80, [15] = 0xff},
		.source_port = 1024,
		.destination_port = 443,
		.protocol = 6,
		.packets = {10, 9},
		.bytes = {1000, 20},
		.first_seen = 5 * NANOSECONDS,
		.last_seen = 6 * NANOSECONDS + 1,
		.captured = 7 * NANOSECONDS + NANOSECONDS / 2,
		.state = FLOW_CLOSING,
		.action = ACTION_DROP,
		.midstream = true,
		.vlan_outer = 7,
		.vlan_inner = 100,
		.window_packets = 3,
		.window_bytes = 4,
	};

	(void)state;
	check(&flow, "\"Rule\":\"web\"", true,
		"{\"SourceAddress\":{\"AddressDefinition\":\"2001:db8::1\"},"
		"\"DestinationAddress\":{\"AddressDefinition\":\"fe80::ff\"},"
		"\"SourcePort\":\"1024\",\"DestinationPort\":\"443\",\"Protocol\":\"6\",\"Age\":2,"
		"\"PacketCount\":19,\"ByteCount\":1020,\"ForwardPacketCount\":10,"
		"\"ForwardByteCount\":1000,\"ReversePacketCount\":9,\"ReverseByteCount\":20,"
		"\"IdleMilliseconds\":1499,\"WindowPacketCount\":3,\"WindowByteCount\":4,"
		"\"State\":\"closing\",\"Action\":\"dropped\",\"Midstream\":true,\"Rule\":\"web\","
		"\"Vlan\":100}");
}

/* The longest that there can be. */
static void test_most(void **state)
{
	struct flow_record flow = {
		.version = 6,
		.source_port = 65535,
		.destination_port = 65535,
		.protocol = 255,
		.packets = {UINT64_MAX, 0},
		.bytes = {UINT64_MAX, 0},
		.captured = UINT64_MAX,
		.state = FLOW_ESTABLISHED,
		.action = ACTION_DROP,
		.midstream = true,
		.vlan_inner = 4095,
		.window_packets = UINT64_MAX,
		.window_bytes = UINT64_MAX,
	};

	(void)state;
	memset(flow.source, 0xff, 16);
	memset(flow.destination, 0xff, 16);
	check(&flow, NULL, true,
		"{\"SourceAddress\":{\"AddressDefinition\":"
		"\"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff\"},"
		"\"DestinationAddress\":{\"AddressDefinition\":"
		"\"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff\"},"
		"\"SourcePort\":\"65535\",\"DestinationPort\":\"65535\",\"Protocol\":\"255\","
		"\"Age\":18446744073,\"PacketCount\":" MOST ",\"ByteCount\":" MOST
		",\"ForwardPacketCount\":" MOST ",\"ForwardByteCount\":" MOST
		",\"ReversePacketCount\":0,\"ReverseByteCount\":0,"
		"\"IdleMilliseconds\":18446744073709,\"WindowPacketCount\":" MOST
		",\"WindowByteCount\":" MOST ",\"State\":\"established\",\"Action\":\"dropped\","
		"\"Midstream\":true,\"Vlan\":4095}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_least),
		cmocka_unit_test(test_some),
		cmocka_unit_test(test_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
