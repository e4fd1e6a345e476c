/* SPDX-License-Identifier: BSD-3-Clause */
/* The command line: words in, command and request out; and the help. */
#include "control/client/arguments.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/client/help.h"
#include "tests/unit/check.h"

enum { WORD_LIMIT = 20 };

#define ID "0123abcd-0123-0123-0123-0123456789ab"
#define PACKET(source, source_port, destination, destination_port, protocol)                       \
	"\"SourceAddress\":{\"AddressDefinition\":\"" source "\"},\"SourcePort\":\"" source_port   \
	"\",\"DestinationAddress\":{\"AddressDefinition\":\"" destination                          \
	"\"},\"DestinationPort\":\"" destination_port "\",\"Protocol\":\"" protocol "\""
#define PORT_80 "{\"FlowFilters\":[{\"DestinationPort\":\"80\"}]"

/* Words behind "tidegate", and the request they make. */
static const struct {
	const char *words[WORD_LIMIT];
	const char *command;
	const char *params;
} valid[] = {
	{{"flows"}, "flows", "{}"},
	{{"status"}, "status", "{}"},
	{{"status", "--workers"}, "status", "{}"},
	{{"status", "--workers", "--watch", "--interval", "1"}, "status", "{}"},
	{{"flows", "dport=80"}, "flows", PORT_80 "}"},
	{{"flows", "dport=80", "{}"}, "flows",
		"{\"FlowFilters\":[{\"DestinationPort\":\"80\"},{}]}"},
	{{"flows", "--minimum-age", "60", "--time-box=500", "dport=80", "--limit", "7"}, "flows",
		"{\"MinimumFlowAgeInSeconds\":60,\"TimeBoxMilliseconds\":500,\"Limit\":7,"
		"\"FlowFilters\":[{\"DestinationPort\":\"80\"}]}"},
	/* options before the command */
	{{"--limit", "7", "--output", "csv", "flows"}, "flows", "{\"Limit\":7}"},
	/* the example */
	{{"start-flow-capture", "--flow-filters",
		 "SourceAddress={AddressDefinition=10.0.0.0/8},DestinationPort=443,Protocols=6"},
		"start-flow-capture",
		"{\"FlowFilters\":[{\"SourceAddress\":{\"AddressDefinition\":\"10.0.0.0/8\"},"
		"\"DestinationPort\":\"443\",\"Protocols\":[\"6\"]}]}"},
	/* several filters, up to the next option */
	{{"start-flow-flush", "--flow-filters", "DestinationPort=1", "DestinationPort=2",
		 "--firewall-arn", "arn:aws:a"},
		"start-flow-flush",
		"{\"FirewallArn\":\"arn:aws:a\",\"FlowFilters\":[{\"DestinationPort\":\"1\"},"
		"{\"DestinationPort\":\"2\"}]}"},
	{{"start-flow-capture", "--flow-filters", "[{},{}]", "--flow-filters", "{}"},
		"start-flow-capture", "{\"FlowFilters\":[{},{},{}]}"},
	{{"start-flow-capture", "--flow-filters", "{}", "--minimum-flow-age-in-seconds", "0",
		 "--time-box-milliseconds", "9007199254740993", "--availability-zone", "z",
		 "--vpc-endpoint-association-arn", "arn:aws:v", "--vpc-endpoint-id", "vpce-1"},
		"start-flow-capture",
		"{\"MinimumFlowAgeInSeconds\":0,\"TimeBoxMilliseconds\":9007199254740993,"
		"\"AvailabilityZone\":\"z\",\"VpcEndpointAssociationArn\":\"arn:aws:v\","
		"\"VpcEndpointId\":\"vpce-1\",\"FlowFilters\":[{}]}"},
	{{"describe-flow-operation", "--flow-operation-id", ID}, "describe-flow-operation",
		"{\"FlowOperationId\":\"" ID "\"}"},
	{{"cancel-flow-operation", "--flow-operation-id", ID}, "cancel-flow-operation",
		"{\"FlowOperationId\":\"" ID "\"}"},
	{{"list-flow-operations", "--flow-operation-type", "FLOW_FLUSH"}, "list-flow-operations",
		"{\"FlowOperationType\":\"FLOW_FLUSH\"}"},
	{{"list-flow-operation-results", "--flow-operation-id", ID, "--max-results", "-1",
		 "--next-token", "t"},
		"list-flow-operation-results",
		"{\"FlowOperationId\":\"" ID "\",\"MaxResults\":-1,\"NextToken\":\"t\"}"},
	/* the last of two equal options counts */
	{{"flows", "--limit", "1", "--limit", "2"}, "flows", "{\"Limit\":2}"},
	/* --cli-input-json below the options */
	{{"start-flow-capture", "--cli-input-json",
		 "{\"FlowFilters\":[{}],\"Limit\":1,\"Other\":[1]}", "--limit", "2"},
		"start-flow-capture", "{\"FlowFilters\":[{}],\"Limit\":2,\"Other\":[1]}"},
	{{"flows", "--", "dport=80"}, "flows", PORT_80 "}"},
	{{"flush", "dport=80"}, "flush", PORT_80 "}"},
	{{"flush", "--denied"}, "flush", "{\"DeniedByPolicy\":true}"},
	{{"flush", "--of-operation", ID, "--dry-run", "--max-flows", "9", "--reject"}, "flush",
		"{\"OfOperation\":\"" ID "\",\"DryRun\":true,\"MaxFlows\":9,\"Reject\":true}"},
	{{"start-flow-flush", "--of-operation", ID}, "start-flow-flush",
		"{\"OfOperation\":\"" ID "\"}"},
	{{"start-flow-flush", "--cli-input-json", "{\"OfOperation\":\"x\"}"}, "start-flow-flush",
		"{\"OfOperation\":\"x\"}"},
	/* the names of flow-api.md, in its order */
	{{"start-flow-capture", "--flow-filters", "{}", "--window-seconds", "5", "--limit", "7",
		 "--sort-by", "WindowBytes", "--maximum-flow-age-in-seconds", "9",
		 "--minimum-byte-count", "1", "--minimum-packet-count", "2",
		 "--minimum-idle-seconds", "3"},
		"start-flow-capture",
		"{\"SortBy\":\"WindowBytes\",\"Limit\":7,\"WindowSeconds\":5,"
		"\"MaximumFlowAgeInSeconds\":9,\"MinimumByteCount\":1,\"MinimumPacketCount\":2,"
		"\"MinimumIdleSeconds\":3,\"FlowFilters\":[{}]}"},
	{{"start-flow-capture", "--flow-filters", "{}", "--states", "new,closed", "--actions",
		 "dropped", "--vlans", "0,4094", "--ip-version", "6", "--denied-by-policy",
		 "--client-token", "a-1", "--transient"},
		"start-flow-capture",
		"{\"States\":[\"new\",\"closed\"],\"Actions\":[\"dropped\"],\"Vlans\":[0,4094],"
		"\"IpVersion\":6,\"DeniedByPolicy\":true,\"ClientToken\":\"a-1\","
		"\"Transient\":true,"
		"\"FlowFilters\":[{}]}"},
	{{"flows", "--maximum-age", "9", "--minimum-bytes", "1", "--minimum-packets", "2",
		 "--minimum-idle", "3", "--window", "4", "--sort", "window-packets", "--denied"},
		"flows",
		"{\"SortBy\":\"WindowPackets\",\"WindowSeconds\":4,\"MaximumFlowAgeInSeconds\":9,"
		"\"MinimumByteCount\":1,\"MinimumPacketCount\":2,\"MinimumIdleSeconds\":3,"
		"\"DeniedByPolicy\":true}"},
	/* --top alone is that of bytes, in a window of the window's */
	{{"flows", "--top", "5"}, "flows", "{\"Limit\":5,\"SortBy\":\"Bytes\"}"},
	{{"flows", "--top", "5", "--window", "1"}, "flows",
		"{\"Limit\":5,\"WindowSeconds\":1,\"SortBy\":\"WindowBytes\"}"},
	{{"flows", "--top", "5", "--sort", "age"}, "flows", "{\"SortBy\":\"Age\",\"Limit\":5}"},
	{{"flows", "--watch", "--interval", "0", "--resolve", "--color", "never"}, "flows", "{}"},
	{{"export", ID}, "export", "{\"FlowOperationId\":\"" ID "\"}"},
	{{"export", "--wait", "--format", "csv", ID}, "export", "{\"FlowOperationId\":\"" ID "\"}"},
	{{"start-flow-flush", "--denied-by-policy", "--flow-filters", "{}"}, "start-flow-flush",
		"{\"DeniedByPolicy\":true,\"FlowFilters\":[{}]}"},
	{{"rules"}, "rules", "{}"},
	{{"rules", "--max-results", "5"}, "rules", "{\"MaxResults\":5}"},
	{{"explain", "10.0.0.1", "40000", "::1", "443", "TCP"}, "explain",
		"{" PACKET("10.0.0.1", "40000", "::1", "443", "6") "}"},
	/* numbers are the server's to judge, "-" is no port */
	{{"explain", "x", "-", "y", "0", "300"}, "explain",
		"{\"SourceAddress\":{\"AddressDefinition\":\"x\"},"
		"\"DestinationAddress\":{\"AddressDefinition\":\"y\"},"
		"\"DestinationPort\":\"0\",\"Protocol\":\"300\"}"},
	{{"explain", "--tcp-flags", "SYN,ACK", "a", "1", "b", "--to-client", "2", "udp",
		 "--established", "--fragment", "--all"},
		"explain",
		"{\"TCPFlags\":[\"SYN\",\"ACK\"],\"Established\":true,"
		"\"Direction\":\"to_client\",\"Fragment\":true," PACKET(
			"a", "1", "b", "2", "17") "}"},
	{{"explain", "--tcp-flags=", "a", "1", "b", "2", "6"}, "explain",
		"{\"TCPFlags\":[\"\"]," PACKET("a", "1", "b", "2", "6") "}"},
};

static const struct {
	const char *words[WORD_LIMIT];
	const char *message;
} invalid[] = {
	{{NULL}, "no command given, see tidegate --help"},
	{{"--output", "json"}, "no command given, see tidegate --help"},
	{{"flow"}, "unknown command 'flow', see tidegate --help"},
	{{"status", "now"}, "unexpected argument 'now'"},
	{{"start-flow-capture", "--limit", "1", "{}"}, "unexpected argument '{}'"},
	{{"start-flow-capture"}, "option --flow-filters is required"},
	{{"start-flow-capture", "--cli-input-json", "{}"}, "option --flow-filters is required"},
	{{"describe-flow-operation"}, "option --flow-operation-id is required"},
	{{"start-flow-flush", "--flow-filters"}, "option --flow-filters needs a value"},
	{{"flows", "--limit"}, "option --limit needs a value"},
	{{"flows", "--limit", "1x"}, "option --limit: '1x' is not an integer"},
	{{"flows", "--limit", ""}, "option --limit: '' is not an integer"},
	{{"flows", "--limit", " 1"}, "option --limit: ' 1' is not an integer"},
	{{"flows", "--limit", "9223372036854775808"},
		"option --limit: '9223372036854775808' is not an integer"},
	{{"flows", "--colour"}, "unknown or ambiguous option '--colour'"},
	{{"flows", "-x"}, "unknown or ambiguous option '-x'"},
	{{"status", "--workers=2"}, "option --workers takes no value"},
	{{"flows", "--workers"},
		"option --workers is not one of this command, see tidegate flows --help"},
	{{"start-flow-flush", "--flow-filters", "{}", "--limit", "1"},
		"option --limit is not one of this command, see tidegate start-flow-flush --help"},
	{{"flows", "--output", "xml"},
		"option --output: 'xml' is none of table, json, ndjson, csv, conntrack"},
	{{"export", ID, "--format", "table"},
		"option --format: 'table' is none of ndjson, csv, conntrack, json"},
	{{"status", "--output", "conntrack"}, "option --output: conntrack is for flows alone"},
	{{"flows", "--color", "blue"}, "option --color: 'blue' is none of auto, always, never"},
	{{"flows", "--sort", "Bytes"},
		"option --sort: 'Bytes' is none of bytes, packets, age, window-bytes, "
		"window-packets"},
	{{"flows", "--interval", "86401"}, "option --interval: 86401 is not in 0 to 86400"},
	{{"flows", "--vlans", "1,,2"}, "option --vlans: '1,,2' is not a list of integers"},
	{{"flows", "--vlans", ""}, "option --vlans: '' is not a list of integers"},
	{{"export"}, "OPERATION is missing, see tidegate export --help"},
	{{"export", "a", "b"}, "unexpected argument 'b'"},
	{{"flush", "--dry-run"},
		"a FILTER or option --denied or option --of-operation is required; {} is every "
		"flow"},
	{{"start-flow-flush", "--denied-by-policy"},
		"option --flow-filters or option --of-operation is required; {} is every flow"},
	{{"flows", "--timeout", "0"}, "option --timeout: 0 is not in 1 to 86400"},
	{{"flows", "--timeout", "86401"}, "option --timeout: 86401 is not in 1 to 86400"},
	{{"flows", "--timeout", "soon"}, "option --timeout: 'soon' is not an integer"},
	{{"flows", "dport=80,81"}, "error parsing parameter 'FILTER': dport takes one value"},
	{{"start-flow-capture", "--flow-filters", "a=b,c==d"},
		"error parsing parameter '--flow-filters': "
		"Expected: ',', received: '=' for input:\na=b,c==d\n      ^"},
	{{"start-flow-capture", "--flow-filters", "{}", "--cli-input-json", "[]"},
		"option --cli-input-json: not a JSON object"},
	{{"start-flow-capture", "--flow-filters", "{}", "--cli-input-json", "{"},
		"option --cli-input-json: Invalid JSON: line 1, column 1: "
		"string or '}' expected near end of file"},
	{{"flush"},
		"a FILTER or option --denied or option --of-operation is required; {} is every flow"},
	{{"flush", "--denied=1"}, "option --denied takes no value"},
	{{"flows", "--dry-run"},
		"option --dry-run is not one of this command, see tidegate flows --help"},
	{{"rules", "1"}, "unexpected argument '1'"},
	{{"explain"}, "SRC is missing, see tidegate explain --help"},
	{{"explain", "a", "1", "b", "2"}, "PROTO is missing, see tidegate explain --help"},
	{{"explain", "a", "1", "b", "2", "6", "7"}, "unexpected argument '7'"},
	{{"explain", "a", "1", "b", "2", "ip"},
		"PROTO: unknown protocol 'ip', give a number or one of: "
		"tcp, udp, icmp, icmpv6, sctp, gre, esp, ah"},
	{{"explain", "a", "1", "b", "2", ""},
		"PROTO: unknown protocol '', give a number or one of: "
		"tcp, udp, icmp, icmpv6, sctp, gre, esp, ah"},
	{{"explain", "\xff", "1", "b", "2", "6"}, "SRC: '\xff' is not UTF-8 text"},
	{{"explain", "a", "1", "b", "2", "6", "--tcp-flags", "SYN,\xff"},
		"option --tcp-flags: 'SYN,\xff' is not UTF-8 text"},
	{{"describe-flow-operation", "--flow-operation-id", "\xff"},
		"option --flow-operation-id: '\xff' is not UTF-8 text"},
};

static int parse(const char *const *words, struct arguments *arguments, char **ret_message)
{
	char *argv[WORD_LIMIT + 1] = {(char *)"tidegate"};
	int argc = 1;

	for (; words[argc - 1] != NULL; argc++)
		argv[argc] = (char *)words[argc - 1];
	return arguments_parse(argc, argv, arguments, ret_message);
}

static void test_valid(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(valid) / sizeof(valid[0]); i++) {
		struct arguments arguments;
		char *message = NULL;
		json_t *params;

		if (parse(valid[i].words, &arguments, &message) != 0)
			fail_msg("%s: %s", valid[i].command, message);
		assert_string_equal(arguments.command->name, valid[i].command);
		params = json_loads(valid[i].params, 0, NULL);
		assert_non_null(params);
		if (!json_equal(arguments.params, params))
			fail_msg("%s: %s", valid[i].params,
				json_dumps(arguments.params, JSON_COMPACT));
		json_decref(params);
		arguments_fini(&arguments);
	}
}

static void test_invalid(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++) {
		struct arguments arguments;
		char *message = NULL;

		if (parse(invalid[i].words, &arguments, &message) != -EINVAL)
			fail_msg("accepted, not: %s", invalid[i].message);
		assert_string_equal(message, invalid[i].message);
		free(message);
	}
}

static void test_settings(void **state)
{
	static const char *const defaults[] = {"flows", NULL};
	static const char *const given[] = {
		"--socket", "/s", "flows", "--timeout", "5", "--output", "csv", NULL};
	static const char *const watched[] = {"flows", "--watch", "--interval", "7", NULL};
	static const char *const exported[] = {"export", ID, NULL};
	static const char *const help[] = {"start-flow-capture", "--help", NULL};
	static const char *const version[] = {"--version", NULL};
	struct arguments arguments;
	char *message = NULL;

	(void)state;
	assert_int_equal(parse(defaults, &arguments, &message), 0);
	assert_null(arguments.values[OPTION_SOCKET]);
	assert_null(arguments.output);
	assert_int_equal(arguments.timeout, 30);
	arguments_fini(&arguments);

	assert_int_equal(parse(given, &arguments, &message), 0);
	assert_string_equal(arguments.values[OPTION_SOCKET], "/s");
	assert_ptr_equal(arguments.output, &output_csv);
	assert_int_equal(arguments.timeout, 5);
	arguments_fini(&arguments);

	/* what is a table without being asked for, and what is a stream */
	assert_int_equal(parse(watched, &arguments, &message), 0);
	assert_ptr_equal(arguments.output, &output_table);
	assert_int_equal(arguments.interval, 7);
	arguments_fini(&arguments);
	assert_int_equal(parse(exported, &arguments, &message), 0);
	assert_ptr_equal(arguments.output, &output_ndjson);
	arguments_fini(&arguments);

	/* help and version ask for nothing else */
	assert_int_equal(parse(help, &arguments, &message), 0);
	assert_non_null(arguments.values[OPTION_HELP]);
	assert_string_equal(arguments.command->name, "start-flow-capture");
	arguments_fini(&arguments);
	assert_int_equal(parse(version, &arguments, &message), 0);
	assert_non_null(arguments.values[OPTION_VERSION]);
	arguments_fini(&arguments);
}

/* Everything behind it is another program's. */
static void test_program(void **state)
{
	char *argv[] = {(char *)"tidegate", (char *)"check-policy", (char *)"--help",
		(char *)"--prefix-list", (char *)"a=b", (char *)"--", (char *)"policy.json", NULL};
	struct arguments arguments;
	char *message = NULL;

	(void)state;
	assert_int_equal(arguments_parse(7, argv, &arguments, &message), 0);
	assert_string_equal(arguments.command->program, "tidegate-check-policy");
	assert_ptr_equal(arguments.words, &argv[2]);
	assert_null(arguments.values[OPTION_HELP]);
	arguments_fini(&arguments);
}

static void test_input_file(void **state)
{
	char path[] = "/tmp/test_client_arguments.XXXXXX";
	char value[64];
	const char *const words[] = {"list-flow-operations", "--cli-input-json", value, NULL};
	struct arguments arguments;
	char *message = NULL;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "{\"MaxResults\": 5}\n", 18), 18);
	close(fd);
	snprintf(value, sizeof(value), "file://%s", path);
	assert_int_equal(parse(words, &arguments, &message), 0);
	unlink(path);
	assert_int_equal(json_integer_value(json_object_get(arguments.params, "MaxResults")), 5);
	arguments_fini(&arguments);
	assert_int_equal(parse(words, &arguments, &message), -ENOENT);
	free(message);
}

/* The help is made of the tables; this is how it is laid out. */
static void test_help(void **state)
{
	static const char start[] =
		"Usage: tidegate describe-flow-operation --flow-operation-id ID [OPTION]...\n"
		"\n"
		"  print an operation's request and state\n"
		"\n"
		"Options:\n"
		"  --flow-operation-id ID        the operation, as the start commands print it\n"
		"  --firewall-arn ARN            fail unless the firewall is this one\n"
		"  --availability-zone ZONE      fail unless the firewall is in this zone\n"
		"  --vpc-endpoint-association-arn ARN\n"
		"                                fail unless the firewall has this association\n";
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	(void)state;
	assert_non_null(stream);
	help_print(stream, command_find("describe-flow-operation"));
	fclose(stream);
	assert_true(size > strlen(start));
	text[strlen(start)] = '\0';
	assert_string_equal(text, start);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_program),
		cmocka_unit_test(test_input_file),
		cmocka_unit_test(test_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
