/* SPDX-License-Identifier: BSD-3-Clause */
/* Flow filters of the command line: text in, FlowFilters of the flow API out. */
#include "control/client/filter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/check.h"

static const struct {
	const char *text;
	const char *json;
} valid[] = {
	/*
	 * types of the API model: Protocols is a list of strings, the rest strings and structures
	 */
	{"SourceAddress={AddressDefinition=10.0.0.0/8},DestinationPort=443,Protocols=6",
		"[{\"SourceAddress\":{\"AddressDefinition\":\"10.0.0.0/8\"},"
		"\"DestinationPort\":\"443\",\"Protocols\":[\"6\"]}]"},
	{"Protocols=6,17", "[{\"Protocols\":[\"6\",\"17\"]}]"},
	{"Protocols=[6,17]", "[{\"Protocols\":[\"6\",\"17\"]}]"},
	{"Protocols=[]", "[{\"Protocols\":[]}]"},
	{"Protocols=6,17,SourcePort=1990:1994",
		"[{\"Protocols\":[\"6\",\"17\"],\"SourcePort\":\"1990:1994\"}]"},
	{"DestinationAddress={AddressDefinition=2001:db8::1},SourcePort=ANY",
		"[{\"DestinationAddress\":{\"AddressDefinition\":\"2001:db8::1\"},"
		"\"SourcePort\":\"ANY\"}]"},
	/* short keys */
	{"src=10.0.0.0/8", "[{\"SourceAddress\":{\"AddressDefinition\":\"10.0.0.0/8\"}}]"},
	{"dst=2001:db8::/32,dport=443,sport=1024:65535,proto=tcp",
		"[{\"DestinationAddress\":{\"AddressDefinition\":\"2001:db8::/32\"},"
		"\"DestinationPort\":\"443\",\"SourcePort\":\"1024:65535\","
		"\"Protocols\":[\"6\"]}]"},
	{"proto=tcp,UDP,icmp,icmpv6,sctp,gre,esp,ah,89",
		"[{\"Protocols\":[\"6\",\"17\",\"1\",\"58\",\"132\","
		"\"47\",\"50\",\"51\",\"89\"]}]"},
	{"src=10.0.0.1,Protocols=6",
		"[{\"SourceAddress\":{\"AddressDefinition\":\"10.0.0.1\"},\"Protocols\":[\"6\"]}]"},
	/* JSON goes through as it is */
	{"{}", "[{}]"},
	{" {\"SourcePort\": \"80\", \"New\": 1}", "[{\"SourcePort\":\"80\",\"New\":1}]"},
	{"[{\"SourcePort\":\"1\"},{\"SourcePort\":\"2\"}]",
		"[{\"SourcePort\":\"1\"},{\"SourcePort\":\"2\"}]"},
	{"[]", "[]"},
};

static const struct {
	const char *text;
	const char *message;
} invalid[] = {
	{"SourceAddress=10.0.0.0/8",
		"SourceAddress takes {AddressDefinition=ADDRESS}, an IP address or CIDR"},
	{"SourceAddress={Address=10.0.0.0/8}",
		"SourceAddress takes {AddressDefinition=ADDRESS}, an IP address or CIDR"},
	{"SourceAddress={AddressDefinition=10.0.0.1,Other=1}",
		"SourceAddress takes {AddressDefinition=ADDRESS}, an IP address or CIDR"},
	{"DestinationAddress={AddressDefinition=[10.0.0.1]}",
		"DestinationAddress takes {AddressDefinition=ADDRESS}, an IP address or CIDR"},
	{"SourcePort=80,81", "SourcePort takes one value"},
	{"DestinationPort={a=b}", "DestinationPort takes one value"},
	{"Protocols={a=b}", "Protocols takes a list"},
	{"Protocols=[[6]]", "Protocols takes a flat list"},
	{"src=10.0.0.1,10.0.0.2", "src takes one address"},
	{"proto=tpc",
		"unknown protocol 'tpc', give a number or one of: "
		"tcp, udp, icmp, icmpv6, sctp, gre, esp, ah"},
	{"proto=",
		"unknown protocol '', give a number or one of: "
		"tcp, udp, icmp, icmpv6, sctp, gre, esp, ah"},
	{"port=80",
		"Unknown key 'port', valid choices are: SourceAddress, DestinationAddress, "
		"SourcePort, DestinationPort, Protocols, src, dst, sport, dport, proto"},
	{"sport=80,SourcePort=81", "SourcePort is given twice"},
	{"src", "Expected: '=', received: 'EOF' for input:\nsrc\n   ^"},
	{"{\"a\":1,\"a\":2}", "Invalid JSON: line 1, column 10: duplicate object key near '\"a\"'"},
	{"file:///nonexistent/filter", "/nonexistent/filter: No such file or directory"},
};

static char *parse(const char *text)
{
	json_t *filters = json_array();
	char *message = NULL;
	char *result;

	if (filter_parse(text, filters, &message) != 0)
		result = message;
	else
		result = json_dumps(filters, JSON_COMPACT);
	json_decref(filters);
	return result;
}

static void test_valid(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(valid) / sizeof(valid[0]); i++) {
		char *result = parse(valid[i].text);

		assert_string_equal(result, valid[i].json);
		free(result);
	}
}

static void test_invalid(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++) {
		json_t *filters = json_array();
		char *message = NULL;

		assert_true(filter_parse(invalid[i].text, filters, &message) < 0);
		assert_string_equal(message, invalid[i].message);
		assert_int_equal(json_array_size(filters), 0);
		free(message);
		json_decref(filters);
	}
}

/* What a file holds is taken as if it stood on the command line. */
static void test_file(void **state)
{
	static const char *const contents[][2] = {
		{"\n{\"SourcePort\": \"80\"}\n", "[{\"SourcePort\":\"80\"}]"},
		{"[{}, {\"Protocols\": [\"6\"]}]", "[{},{\"Protocols\":[\"6\"]}]"},
		{"dport=443,proto=tcp", "[{\"DestinationPort\":\"443\",\"Protocols\":[\"6\"]}]"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
		char path[] = "/tmp/test_client_filter.XXXXXX";
		int fd = mkstemp(path);
		ssize_t length = (ssize_t)strlen(contents[i][0]);
		char text[64];
		char *result;

		assert_true(fd >= 0);
		assert_int_equal(write(fd, contents[i][0], (size_t)length), length);
		close(fd);
		snprintf(text, sizeof(text), "file://%s", path);
		result = parse(text);
		unlink(path);
		assert_string_equal(result, contents[i][1]);
		free(result);
	}
}

/* Each text appends: several arguments are several filters. */
static void test_append(void **state)
{
	json_t *filters = json_array();
	char *message = NULL;
	char *json;

	(void)state;
	assert_int_equal(filter_parse("dport=80", filters, &message), 0);
	assert_int_equal(filter_parse("[{},{}]", filters, &message), 0);
	assert_int_equal(filter_parse("dport=81", filters, &message), 0);
	json = json_dumps(filters, JSON_COMPACT);
	assert_string_equal(
		json, "[{\"DestinationPort\":\"80\"},{},{},{\"DestinationPort\":\"81\"}]");
	free(json);
	json_decref(filters);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_append),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
