/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lines of the event log. Names and values are Suricata's (doc/userguide/output/eve and
 * src/output-json*.c of 7.0 and 8.0), those of default actions from published logs of AWS Network
 * Firewall. flow_id is from a separate FNV-1a. The examples of docs/event-log.md are lines of this
 * test.
 */
#include "control/eve.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check.h"

/* 2026-11-23T17:00:00Z when the dataplane's clock says 0: date -d ... +%s */
#define EPOCH (INT64_C(1795453200) * (int64_t)NANOSECONDS)

static const struct eve_signature telnet = {"no telnet", 1001, 2, EVE_SEVERITY};

/* 192.0.2.1:40000 to 198.51.100.7:23, a SYN of 60 bytes, the first packet, 0.123456789 s after
 * EPOCH. */
static struct event_record tcp_syn(void)
{
	return (struct event_record){
		.flow = {.source = {192, 0, 2, 1},
			.destination = {198, 51, 100, 7},
			.source_port = 40000,
			.destination_port = 23,
			.version = 4,
			.protocol = 6,
			.first_seen = 123456789,
			.captured = 123456789,
			.rule = 0,
			.rule_kind = RULE_STATEFUL},
		.length = 60,
		.action = STATEFUL_DROP,
		.tcp_flags = 0x02,
	};
}

static const char tcp_drop_line[] =
	"{\"timestamp\":\"2026-11-23T17:00:00.123456+0000\",\"flow_id\":1143253472307286,"
	"\"in_iface\":\"inside\",\"event_type\":\"alert\",\"src_ip\":\"192.0.2.1\","
	"\"src_port\":40000,\"dest_ip\":\"198.51.100.7\",\"dest_port\":23,\"proto\":\"TCP\","
	"\"ip_v\":4,\"alert\":{\"action\":\"blocked\",\"gid\":1,\"signature_id\":1001,\"rev\":2,"
	"\"signature\":\"no telnet\",\"category\":\"\",\"severity\":3},\"direction\":\"to_server\","
	"\"flow\":{\"pkts_toserver\":1,\"pkts_toclient\":0,\"bytes_toserver\":60,"
	"\"bytes_toclient\":0,\"start\":\"2026-11-23T17:00:00.123456+0000\","
	"\"src_ip\":\"192.0.2.1\",\"src_port\":40000,\"dest_ip\":\"198.51.100.7\","
	"\"dest_port\":23},\"tcp\":{\"tcp_flags\":\"02\",\"syn\":true},"
	"\"verdict\":{\"action\":\"drop\"}}\n";

/* The answer of [2001:db8::53]:53 to [2001:db8:0:1::9]:5353, 2.5 s after the question. */
static struct event_record udp_answer(void)
{
	return (struct event_record){
		.flow = {.source = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 1, [15] = 9},
			.destination = {0x20, 0x01, 0x0d, 0xb8, [15] = 0x53},
			.source_port = 5353,
			.destination_port = 53,
			.version = 6,
			.protocol = 17,
			.first_seen = 1000000000,
			.captured = 3500000999,
			.packets = {2, 0},
			.bytes = {140, 0},
			.rule = 7,
			.rule_kind = RULE_STATEFUL},
		.length = 300,
		.direction = 1,
		.action = STATEFUL_ALERT,
	};
}

static const char udp_alert_line[] =
	"{\"timestamp\":\"2026-11-23T17:00:03.500000+0000\",\"flow_id\":2188792124169966,"
	"\"in_iface\":\"outside\",\"event_type\":\"alert\",\"src_ip\":\"2001:db8::53\","
	"\"src_port\":53,\"dest_ip\":\"2001:db8:0:1::9\",\"dest_port\":5353,\"proto\":\"UDP\","
	"\"ip_v\":6,\"alert\":{\"action\":\"allowed\",\"gid\":1,\"signature_id\":7,\"rev\":0,"
	"\"signature\":\"DNS answers\",\"category\":\"\",\"severity\":1},"
	"\"direction\":\"to_client\",\"flow\":{\"pkts_toserver\":2,\"pkts_toclient\":1,"
	"\"bytes_toserver\":140,\"bytes_toclient\":300,"
	"\"start\":\"2026-11-23T17:00:01.000000+0000\",\"src_ip\":\"2001:db8:0:1::9\","
	"\"src_port\":5353,\"dest_ip\":\"2001:db8::53\",\"dest_port\":53}}\n";

/* A ping with VLAN 100 that the default actions alert on and drop. */
static const char ping_line[] =
	"{\"timestamp\":\"2026-11-23T17:00:00.123456+0000\",\"flow_id\":815406503162377,"
	"\"in_iface\":\"inside\",\"event_type\":\"alert\",\"vlan\":[100],"
	"\"src_ip\":\"192.0.2.1\",\"dest_ip\":\"198.51.100.7\",\"proto\":\"ICMP\",\"ip_v\":4,"
	"\"alert\":{\"action\":\"blocked\",\"gid\":1,\"signature_id\":2,\"rev\":0,"
	"\"signature\":\"aws:alert_strict action\",\"category\":\"\",\"severity\":3},"
	"\"direction\":\"to_server\",\"flow\":{\"pkts_toserver\":1,\"pkts_toclient\":0,"
	"\"bytes_toserver\":84,\"bytes_toclient\":0,"
	"\"start\":\"2026-11-23T17:00:00.123456+0000\",\"src_ip\":\"192.0.2.1\","
	"\"dest_ip\":\"198.51.100.7\"},\"verdict\":{\"action\":\"drop\"}}\n";

static const char stats_line[] =
	"{\"timestamp\":\"2026-11-23T17:00:10.000000+0000\",\"event_type\":\"stats\","
	"\"stats\":{\"uptime\":10,\"detect\":{\"alert\":1000,\"alert_queue_overflow\":3,"
	"\"alerts_suppressed\":4997}}}\n";

static struct event_record ping(void)
{
	struct event_record event = tcp_syn();

	event.flow.protocol = 1;
	event.flow.source_port = event.flow.destination_port = 0;
	event.flow.vlan_inner = 100;
	event.flow.rule = RULE_NONE;
	event.length = 84;
	event.tcp_flags = 0;
	return event;
}

/* The line, in static storage; it is checked to be one JSON object in one line. */
static const char *line_of(
	const struct event_record *event, const struct eve_signature *signature, const char *port)
{
	static char line[EVE_LINE_SIZE];
	int length = eve_alert(event, signature, port, EPOCH, line, sizeof(line));
	json_error_t error;
	json_t *object;

	assert_int_equal(length, strlen(line));
	assert_ptr_equal(strchr(line, '\n'), line + length - 1);
	object = json_loads(line, JSON_REJECT_DUPLICATES, &error);
	if (object == NULL)
		fail_msg("%s: %s", line, error.text);
	json_decref(object);
	return line;
}

static void assert_contains(const char *line, const char *part)
{
	if (strstr(line, part) == NULL)
		fail_msg("no %s in %s", part, line);
}

static void test_ipv4_tcp_drop(void **state)
{
	struct event_record event = tcp_syn();

	(void)state;
	assert_string_equal(line_of(&event, &telnet, "inside"), tcp_drop_line);
}

static void test_ipv6_udp_alert(void **state)
{
	static const struct eve_signature signature = {"DNS answers", 7, 0, 1};
	struct event_record event = udp_answer();

	(void)state;
	assert_string_equal(line_of(&event, &signature, "outside"), udp_alert_line);
}

static void test_default_action(void **state)
{
	struct event_record event = ping();
	const struct eve_signature *signature =
		eve_default(DEFAULT_ALERT_STRICT | DEFAULT_DROP_STRICT);

	(void)state;
	assert_string_equal(line_of(&event, signature, "inside"), ping_line);

	event.action = STATEFUL_ALERT;
	signature = eve_default(DEFAULT_ALERT_ESTABLISHED);
	assert_contains(line_of(&event, signature, "inside"),
		"\"alert\":{\"action\":\"allowed\",\"gid\":1,\"signature_id\":4,\"rev\":0,"
		"\"signature\":\"aws:alert_established action\",\"category\":\"\",\"severity\":3}");
	assert_contains(
		line_of(&event, signature, "inside"), "\"verdict\":{\"action\":\"alert\"}}");
}

/* All events of a flow have one flow_id, whichever way the packet goes; another flow has
 * another. */
static void test_flow_id(void **state)
{
	struct event_record first = tcp_syn(), later = tcp_syn(), other = tcp_syn();
	char line[EVE_LINE_SIZE];

	(void)state;
	later.flow.captured += NANOSECONDS;
	later.flow.packets[0] = 1;
	later.direction = 1;
	other.flow.first_seen++;
	assert_contains(line_of(&first, &telnet, "a"), "\"flow_id\":1143253472307286,");
	assert_contains(line_of(&later, &telnet, "a"), "\"flow_id\":1143253472307286,");
	strcpy(line, line_of(&other, &telnet, "a"));
	assert_null(strstr(line, "\"flow_id\":1143253472307286,"));
}

static void test_reject(void **state)
{
	static const struct {
		uint8_t protocol, flags, direction;
		const char *verdict;
	} cases[] = {
		{6, 0x02, 0, "\"reject-target\":\"to_client\",\"reject\":[\"tcp-reset\"]"},
		{6, 0x18, 0, "\"reject-target\":\"both\",\"reject\":[\"tcp-reset\"]"},
		{6, 0x12, 1, "\"reject-target\":\"both\",\"reject\":[\"tcp-reset\"]"},
		{17, 0, 0, "\"reject-target\":\"to_client\",\"reject\":[\"icmp-prohib\"]"},
		{17, 0, 1, "\"reject-target\":\"to_server\",\"reject\":[\"icmp-prohib\"]"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct event_record event = tcp_syn();
		char verdict[128];

		event.action = STATEFUL_REJECT;
		event.flow.protocol = cases[i].protocol;
		event.tcp_flags = cases[i].flags;
		event.direction = cases[i].direction;
		snprintf(verdict, sizeof(verdict), ",\"verdict\":{\"action\":\"drop\",%s}}\n",
			cases[i].verdict);
		assert_contains(line_of(&event, &telnet, "inside"), verdict);
		assert_contains(line_of(&event, &telnet, "inside"), "\"action\":\"blocked\"");
	}
}

static void test_vlans(void **state)
{
	struct event_record event = tcp_syn();

	(void)state;
	assert_null(strstr(line_of(&event, &telnet, "inside"), "vlan"));
	event.flow.vlan_outer = 4094;
	event.flow.vlan_inner = 7;
	assert_contains(line_of(&event, &telnet, "inside"),
		"\"event_type\":\"alert\",\"vlan\":[4094,7],\"src_ip\"");
}

static void test_protocols(void **state)
{
	static const struct {
		uint8_t protocol;
		bool ports;
		const char *name;
	} cases[] = {{1, false, "ICMP"}, {47, false, "GRE"}, {58, false, "IPv6-ICMP"},
		{132, true, "SCTP"}, {253, false, "253"}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct event_record event = tcp_syn();
		char name[64];

		event.flow.protocol = cases[i].protocol;
		snprintf(name, sizeof(name), "\"proto\":\"%s\",", cases[i].name);
		assert_contains(line_of(&event, &telnet, "inside"), name);
		assert_int_equal(strstr(line_of(&event, &telnet, "inside"), "_port") != NULL,
			cases[i].ports);
	}
}

static void test_tcp_flags(void **state)
{
	struct event_record event = tcp_syn();

	(void)state;
	event.tcp_flags = 0xff;
	assert_contains(line_of(&event, &telnet, "inside"),
		"\"tcp\":{\"tcp_flags\":\"ff\",\"syn\":true,\"fin\":true,\"rst\":true,\"psh\":true,"
		"\"ack\":true,\"urg\":true,\"ecn\":true,\"cwr\":true}");
	event.tcp_flags = 0;
	assert_contains(line_of(&event, &telnet, "inside"), "\"tcp\":{\"tcp_flags\":\"00\"},");
}

static void test_text(void **state)
{
	static const struct {
		const char *text, *json;
	} cases[] = {
		{"", "\"\""},
		{"a \"b\" \\ c\nd\x01%s", "\"a \\\"b\\\" \\\\ c\\nd\\u0001%s\""},
		{"gr\xc3\xb6\xc3\x9f"
		 "er",
			"\"gr\xc3\xb6\xc3\x9f"
			"er\""},
		{"bad \xff\xc3", "\"bad ??\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct event_record event = tcp_syn();
		struct eve_signature signature = {cases[i].text, 1, 1, 3};
		char part[128];

		snprintf(part, sizeof(part), "\"signature\":%s,\"category\"", cases[i].json);
		assert_contains(line_of(&event, &signature, "inside"), part);
	}
}

/* A text too long is cut between two characters, whatever it takes to write them. */
static void test_long_text(void **state)
{
	char text[2 * EVE_TEXT_MAX], expected[2 * EVE_TEXT_MAX];
	struct eve_signature signature = {text, 1, 1, 3};
	struct event_record event = tcp_syn();

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text + EVE_TEXT_MAX - 1, "\xc3\xb6", 2);
	text[sizeof(text) - 1] = '\0';
	snprintf(expected, sizeof(expected), "\"signature\":\"%.*s\",", EVE_TEXT_MAX - 1, text);
	assert_contains(line_of(&event, &signature, "inside"), expected);

	memset(text, '\x01', sizeof(text) - 1); /* \u0001: six bytes each */
	assert_true(strlen(line_of(&event, &signature, "inside")) > 6 * EVE_TEXT_MAX);
}

static void test_too_small(void **state)
{
	struct event_record event = tcp_syn();
	char line[sizeof(tcp_drop_line)];

	(void)state;
	for (size_t size = 0; size < sizeof(line); size++) {
		char *text = malloc(size); /* for a sanitizer to watch its end */

		assert_int_equal(eve_alert(&event, &telnet, "inside", EPOCH, text, size), -1);
		free(text);
	}
	assert_int_equal(
		eve_alert(&event, &telnet, "inside", EPOCH, line, sizeof(line)), sizeof(line) - 1);
}

static void test_stats(void **state)
{
	static const struct eve_stats stats = {1000, 3, 4997, 10};
	char line[EVE_LINE_SIZE];

	(void)state;
	assert_int_equal(eve_stats(&stats, EPOCH + 10 * (int64_t)NANOSECONDS, line, sizeof(line)),
		sizeof(stats_line) - 1);
	assert_string_equal(line, stats_line);
}

/* The examples are the lines of these tests, in this order. */
static void test_documentation(void **state)
{
	static const char *const lines[] = {tcp_drop_line, udp_alert_line, ping_line, stats_line};
	FILE *file = fopen(TIDEGATE_SOURCE_ROOT "/docs/event-log.md", "r");
	size_t size = 0, found = 0;
	char *text = NULL;

	(void)state;
	assert_non_null(file);
	while (getline(&text, &size, file) > 0) {
		if (strncmp(text, "{\"timestamp\"", 12) != 0)
			continue;
		assert_true(found < sizeof(lines) / sizeof(lines[0]));
		assert_string_equal(text, lines[found]);
		found++;
	}
	assert_int_equal(found, sizeof(lines) / sizeof(lines[0]));
	free(text);
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ipv4_tcp_drop),
		cmocka_unit_test(test_ipv6_udp_alert),
		cmocka_unit_test(test_default_action),
		cmocka_unit_test(test_flow_id),
		cmocka_unit_test(test_reject),
		cmocka_unit_test(test_vlans),
		cmocka_unit_test(test_protocols),
		cmocka_unit_test(test_tcp_flags),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_long_text),
		cmocka_unit_test(test_too_small),
		cmocka_unit_test(test_stats),
		cmocka_unit_test(test_documentation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
