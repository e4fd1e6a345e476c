/* SPDX-License-Identifier: BSD-3-Clause */
/* The output formats: answers in, exact text out. */
#include "control/client/output.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check.h"

#define FLOW_TCP                                                                                   \
	"{\"SourceAddress\":{\"AddressDefinition\":\"10.0.0.1\"},"                                 \
	"\"DestinationAddress\":{\"AddressDefinition\":\"10.0.0.2\"},"                             \
	"\"SourcePort\":\"40000\",\"DestinationPort\":\"443\",\"Protocol\":\"6\","                 \
	"\"Age\":3725,\"PacketCount\":12,\"ByteCount\":3456,\"ForwardPacketCount\":7,"             \
	"\"ForwardByteCount\":456,\"ReversePacketCount\":5,\"ReverseByteCount\":3000,"             \
	"\"IdleMilliseconds\":350,\"State\":\"established\",\"Action\":\"passed\","                \
	"\"Rule\":\"web, \\\"tls\\\"\"}"

#define FLOW_OSPF                                                                                  \
	"{\"SourceAddress\":{\"AddressDefinition\":\"2001:db8::1\"},"                              \
	"\"DestinationAddress\":{\"AddressDefinition\":\"2001:db8::2\"},"                          \
	"\"SourcePort\":\"0\",\"DestinationPort\":\"0\",\"Protocol\":\"89\","                      \
	"\"Age\":59,\"PacketCount\":1,\"ByteCount\":9007199254740993,\"ForwardPacketCount\":1,"    \
	"\"ForwardByteCount\":9007199254740993,\"ReversePacketCount\":0,\"ReverseByteCount\":0,"   \
	"\"IdleMilliseconds\":59000,\"State\":\"new\",\"Action\":\"dropped\"}"

/* FLOW_OSPF with a VLAN */
#define FLOW_VLAN                                                                                  \
	"{\"SourceAddress\":{\"AddressDefinition\":\"10.0.0.1\"},"                                 \
	"\"DestinationAddress\":{\"AddressDefinition\":\"10.0.0.2\"},"                             \
	"\"SourcePort\":\"1\",\"DestinationPort\":\"2\",\"Protocol\":\"17\",\"Age\":90061,"        \
	"\"PacketCount\":1,\"ByteCount\":28,\"State\":\"new\",\"Action\":\"passed\",\"Vlan\":7,"   \
	"\"RuleSid\":4294967295,\"RuleGroup\":\"e\"}"

#define CSV_HEADER                                                                                 \
	"vlan,protocol,source,source_port,destination,destination_port,state,action,rule,age,"     \
	"idle_milliseconds,packets,bytes,forward_packets,forward_bytes,reverse_packets,"           \
	"reverse_bytes,window_packets,window_bytes\r\n"

/* A list of flows in two pages, in every format. */
static const struct {
	const char *format;
	const char *pages[2];
	const char *text;
} lists[] = {
	{"csv", {"[" FLOW_TCP "]", "[" FLOW_OSPF "," FLOW_VLAN "]"},
		CSV_HEADER
		",6,10.0.0.1,40000,10.0.0.2,443,established,passed,"
		"\"web, \"\"tls\"\"\",3725,350,12,"
		"3456,7,456,5,3000,,\r\n"
		",89,2001:db8::1,0,2001:db8::2,0,new,dropped,,59,59000,1,9007199254740993,1,"
		"9007199254740993,0,0,,\r\n"
		"7,17,10.0.0.1,1,10.0.0.2,2,new,passed,sid 4294967295 e,90061,,1,28,,,,,,\r\n"},
	{"csv", {"[]", "[]"}, CSV_HEADER},
	{"ndjson", {"[" FLOW_TCP "]", "[" FLOW_OSPF "]"}, FLOW_TCP "\n" FLOW_OSPF "\n"},
	{"ndjson", {"[]", "[]"}, ""},
	{"json",
		{"[{\"Age\":1,\"SourceAddress\":{\"AddressDefinition\":\"::1\"}}]",
			"[{\"Age\":2}]"},
		"{\n"
		"    \"FlowOperationId\": \"id\",\n"
		"    \"FlowRequestTimestamp\": 1763906523.123,\n"
		"    \"Flows\": [\n"
		"        {\n"
		"            \"Age\": 1,\n"
		"            \"SourceAddress\": {\n"
		"                \"AddressDefinition\": \"::1\"\n"
		"            }\n"
		"        },\n"
		"        {\n"
		"            \"Age\": 2\n"
		"        }\n"
		"    ]\n"
		"}\n"},
	{"json", {"[]", "[]"},
		"{\n"
		"    \"FlowOperationId\": \"id\",\n"
		"    \"FlowRequestTimestamp\": 1763906523.123,\n"
		"    \"Flows\": []\n"
		"}\n"},
	{"table", {"[" FLOW_TCP "]", "[" FLOW_OSPF "]"},
		"PROTO SOURCE      SPORT DESTINATION DPORT STATE       ACTION  RULE         AGE IDLE"
		" PACKETS            BYTES\n"
		"tcp   10.0.0.1    40000 10.0.0.2      443 established passed  web, \"tls\" 1h02m 0.3s"
		"      12             3456\n"
		"89    2001:db8::1     0 2001:db8::2     0 new         dropped              59s  59s"
		"       1 9007199254740993\n"},
	{"table",
		{"[{\"RulePriority\":10,\"RuleGroup\":\"edge in\"},{\"RuleSid\":7,\"RuleGroup\":\"w\"}]",
			"[]"},
		"PROTO SOURCE SPORT DESTINATION DPORT STATE ACTION RULE                AGE IDLE PACKETS BYTES\n"
		"                                                  priority 10 edge in                  \n"
		"                                                  sid 7 w                              \n"},
	/* the VLAN column is there when one flow has one */
	{"table", {"[" FLOW_TCP "]", "[" FLOW_VLAN "]"},
		"VLAN PROTO SOURCE   SPORT DESTINATION DPORT STATE       ACTION RULE               AGE IDLE"
		" PACKETS BYTES\n"
		"     tcp   10.0.0.1 40000 10.0.0.2      443 established passed web, \"tls\"       1h02m 0.3s"
		"      12  3456\n"
		"   7 udp   10.0.0.1     1 10.0.0.2        2 new         passed sid 4294967295 e 1d01h     "
		"       1    28\n"},
	{"table", {"[]", "[]"}, "no flows\n"},
	/* so is what was moved in a window */
	{"table", {"[{\"Age\":1,\"WindowPacketCount\":0,\"WindowByteCount\":9}]", "[]"},
		"PROTO SOURCE SPORT DESTINATION DPORT STATE ACTION AGE IDLE PACKETS BYTES"
		" WINDOW PACKETS WINDOW BYTES\n"
		"                                                   1s                   "
		"              0            9\n"},
	/* the form of conntrack -L of conntrack-tools 1.4.7, without what is not known */
	{"conntrack", {"[" FLOW_TCP "]", "[" FLOW_OSPF "," FLOW_VLAN "]"},
		"tcp      6 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=40000 dport=443 packets=7 "
		"bytes=456 src=10.0.0.2 dst=10.0.0.1 sport=443 dport=40000 packets=5 bytes=3000 "
		"[ASSURED]\n"
		"unknown  89 src=2001:db8::1 dst=2001:db8::2 packets=1 bytes=9007199254740993 "
		"[UNREPLIED] src=2001:db8::2 dst=2001:db8::1 packets=0 bytes=0 action=dropped\n"
		"udp      17 src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 packets=0 bytes=0 "
		"[UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1 packets=0 bytes=0 vlan=7\n"},
	/* the kernel's entries stay assured to their end */
	{"conntrack",
		{"[{\"Protocol\":\"6\",\"State\":\"closing\",\"ReversePacketCount\":1}]", "[]"},
		"tcp      6 FIN_WAIT src= dst= sport= dport= packets=0 bytes=0 src= dst= sport= "
		"dport= packets=1 bytes=0 [ASSURED]\n"},
	{"conntrack", {"[]", "[]"}, ""},
	/*
	 * no control character of the server reaches the terminal: ESC, BEL, newline, DEL, CSI as
	 * C1
	 */
	{"table",
		{"[{\"ByteCount\":1,\"State\":\"a\\u001b[2Jb\\u0007\\n\\u007f\\u009bc\","
		 "\"Protocol\":\"6\\u001b\"}]",
			"[]"},
		"PROTO SOURCE SPORT DESTINATION DPORT STATE       ACTION AGE IDLE PACKETS BYTES\n"
		"6?                                   a?[2Jb????c                             1\n"},
	{"csv",
		{"[{\"State\":\"a\\u001b[2Jb\\u0007\\r\\n\\u007f\\u009bc\u00a0\",\"Rule\":\"\\u001b,\\n\","
		 "\"Protocol\":\"6\\u001b\"}]",
			"[]"},
		CSV_HEADER ",6?,,,,,a?[2Jb?????c\u00a0,,\"?,?\",,,,,,,,,,\r\n"},
	{"conntrack",
		{"[{\"Protocol\":\"6\\u001b\",\"State\":\"\\u001b\","
		 "\"SourceAddress\":{\"AddressDefinition\":\"a\\u001b[2J\"},"
		 "\"DestinationAddress\":{\"AddressDefinition\":\"b\\u009b\"}},"
		 "{\"Protocol\":\"17\",\"SourcePort\":\"\\u0007\\n\",\"DestinationPort\":\"\\u007f\"}]",
			"[]"},
		"unknown  6? src=a?[2J dst=b? packets=0 bytes=0 [UNREPLIED] src=b? dst=a?[2J "
		"packets=0 bytes=0\n"
		"udp      17 src= dst= sport=?? dport=? packets=0 bytes=0 [UNREPLIED] src= dst= "
		"sport=? dport=?? packets=0 bytes=0\n"},
};

struct sink {
	FILE *stream;
	char *text;
	size_t length;
	struct output output;
};

static void open_sink(struct sink *sink, const char *format)
{
	assert_non_null(output_format_find(format));
	sink->stream = open_memstream(&sink->text, &sink->length);
	assert_non_null(sink->stream);
	output_init(&sink->output, output_format_find(format), sink->stream, false);
}

static void check_sink(struct sink *sink, const char *expected)
{
	output_fini(&sink->output);
	fclose(sink->stream);
	assert_string_equal(sink->text, expected);
	free(sink->text);
}

static json_t *load(const char *text)
{
	json_t *json = json_loads(text, 0, NULL);

	assert_non_null(json);
	return json;
}

static void test_lists(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		json_t *head = load(
			"{\"FlowOperationId\":\"id\",\"FlowRequestTimestamp\":1763906523.123}");
		struct sink sink;

		open_sink(&sink, lists[i].format);
		assert_int_equal(output_list_begin(&sink.output, &view_flows, head), 0);
		for (size_t page = 0; page < 2; page++) {
			json_t *rows = load(lists[i].pages[page]);

			assert_int_equal(output_list_rows(&sink.output, &view_flows, rows), 0);
			json_decref(rows);
		}
		assert_int_equal(output_list_end(&sink.output, &view_flows, head), 0);
		check_sink(&sink, lists[i].text);
		json_decref(head);
	}
}

/* On a terminal headings are bold, and some words stand out; the columns stay where they are. */
static void test_colors(void **state)
{
	json_t *rows = load("[" FLOW_OSPF "]");
	struct sink sink;

	(void)state;
	open_sink(&sink, "table");
	sink.output.color = true;
	assert_int_equal(output_list_begin(&sink.output, &view_flows, NULL), 0);
	assert_int_equal(output_list_rows(&sink.output, &view_flows, rows), 0);
	assert_int_equal(output_list_end(&sink.output, &view_flows, NULL), 0);
#define BOLD(text) "\033[1m" text "\033[0m"
	check_sink(&sink,
		BOLD("PROTO") " " BOLD("SOURCE     ") " " BOLD("SPORT") " " BOLD("DESTINATION") " " BOLD("DPORT") " " BOLD(
			"STATE") " " BOLD("ACTION ") " " BOLD("AGE") " " BOLD("IDLE") " " BOLD("PACKETS") " " BOLD("           BYTES") "\n"
																       "89    2001:db8::1     0 2001:db8::2     0 \033[36mnew  \033[0m \033[31mdropped\033[0m "
																       "59s  59s       1 9007199254740993\n");
#undef BOLD
	json_decref(rows);
}

/* A page by hand: the table ends with the token of the next one. */
static void test_next_token(void **state)
{
	json_t *head = load("{\"NextToken\":\"abc=\\u001b\"}");
	json_t *rows = load("[{\"FlowOperationId\":\"id\",\"FlowOperationType\":\"FLOW_FLUSH\","
			    "\"FlowRequestTimestamp\":1763906523.9,"
			    "\"FlowOperationStatus\":\"COMPLETED\"}]");
	struct sink sink;

	(void)state;
	open_sink(&sink, "table");
	assert_int_equal(output_list_begin(&sink.output, &view_operations, head), 0);
	assert_int_equal(output_list_rows(&sink.output, &view_operations, rows), 0);
	assert_int_equal(output_list_end(&sink.output, &view_operations, head), 0);
	check_sink(&sink,
		"OPERATION TYPE       REQUESTED            STATUS\n"
		"id        FLOW_FLUSH 2025-11-23T14:02:03Z COMPLETED\n"
		"NextToken: abc=?\n");
	json_decref(rows);
	json_decref(head);
}

/* What the answer has beside the rules stands below them, in a table alone. */
static void test_rules(void **state)
{
	json_t *head = load("{\"DefaultActions\":[{\"RuleKind\":\"stateful\",\"Action\":"
			    "\"aws:drop_strict\",\"PacketCount\":4,\"ByteCount\":336}],"
			    "\"Metrics\":[]}");
	json_t *rows =
		load("[{\"RuleKind\":\"stateless\",\"RuleGroup\":\"edge\","
		     "\"RulePriority\":10,\"Action\":\"aws:pass\",\"PacketCount\":0,"
		     "\"ByteCount\":0},{\"RuleKind\":\"stateful\",\"RuleGroup\":\"web\","
		     "\"RuleSid\":7,\"Rev\":2,\"Msg\":\"no, \\u001bmail\",\"Action\":\"drop\","
		     "\"PacketCount\":12,\"ByteCount\":3456,"
		     "\"LastHitTimestamp\":1763906523.123}]");
	struct sink sink;

	(void)state;
	open_sink(&sink, "table");
	assert_int_equal(output_list_begin(&sink.output, &view_rules, head), 0);
	assert_int_equal(output_list_rows(&sink.output, &view_rules, rows), 0);
	assert_int_equal(output_list_end(&sink.output, &view_rules, head), 0);
	check_sink(&sink,
		"RULE KIND GROUP PRIORITY SID ACTION   MESSAGE   PACKETS BYTES LAST HIT\n"
		"stateless edge        10     aws:pass                 0     0 \n"
		"stateful  web              7 drop     no, ?mail      12  3456 "
		"2025-11-23T14:02:03Z\n"
		"\n"
		"DEFAULT ACTION ACTION          PACKETS BYTES\n"
		"stateful       aws:drop_strict       4   336\n");
	open_sink(&sink, "csv");
	assert_int_equal(output_list_begin(&sink.output, &view_rules, head), 0);
	assert_int_equal(output_list_rows(&sink.output, &view_rules, rows), 0);
	assert_int_equal(output_list_end(&sink.output, &view_rules, head), 0);
	check_sink(&sink,
		"rule_kind,rule_group,rule_priority,rule_sid,rev,rule,action,msg,packets,bytes,"
		"last_hit_timestamp\r\n"
		"stateless,edge,10,,,,aws:pass,,0,0,\r\n"
		"stateful,web,,7,2,,drop,\"no, ?mail\",12,3456,1763906523.123\r\n");
	json_decref(rows);
	json_decref(head);
}

#define OPERATION                                                                                  \
	"{\"FirewallArn\":\"arn:aws:x\",\"FlowOperationId\":\"id\","                               \
	"\"FlowRequestTimestamp\":1763906523,\"FlowOperation\":"                                   \
	"{\"MinimumFlowAgeInSeconds\":0,\"FlowFilters\":[{\"Protocols\":[\"6\"]}]},"               \
	"\"ElapsedMilliseconds\":12345,\"AsymmetricFlowCount\":3,"                                 \
	"\"Progress\":[{\"Worker\":0,\"Walked\":64,\"LongestSliceMicroseconds\":4.5}]}"

static const struct {
	const char *format;
	const char *text;
} documents[] = {
	{"ndjson", OPERATION "\n"},
	{"csv",
		"flow_operation_id,flow_operation_type,flow_operation_status,status_message,"
		"flow_request_timestamp,flow_count,asymmetric_flow_count,elapsed_milliseconds,"
		"minimum_flow_age_in_seconds,flow_filters,firewall_arn,availability_zone\r\n"
		"id,,,,1763906523,,3,12345,0,\"[{\"\"Protocols\"\":[\"\"6\"\"]}]\",arn:aws:x,\r\n"
		"\r\n"
		"port,reason,packets\r\n"
		"in,rule,3\r\n"},
	{"json",
		"{\n"
		"    \"FirewallArn\": \"arn:aws:x\",\n"
		"    \"FlowOperationId\": \"id\",\n"
		"    \"FlowRequestTimestamp\": 1763906523,\n"
		"    \"FlowOperation\": {\n"
		"        \"MinimumFlowAgeInSeconds\": 0,\n"
		"        \"FlowFilters\": [\n"
		"            {\n"
		"                \"Protocols\": [\n"
		"                    \"6\"\n"
		"                ]\n"
		"            }\n"
		"        ]\n"
		"    },\n"
		"    \"ElapsedMilliseconds\": 12345,\n"
		"    \"AsymmetricFlowCount\": 3,\n"
		"    \"Progress\": [\n"
		"        {\n"
		"            \"Worker\": 0,\n"
		"            \"Walked\": 64,\n"
		"            \"LongestSliceMicroseconds\": 4.5\n"
		"        }\n"
		"    ]\n"
		"}\n"},
	{"table",
		"OPERATION   id\n"
		"REQUESTED   2025-11-23T14:02:03Z\n"
		"ASYMMETRIC  3\n"
		"TOOK        12s\n"
		"MINIMUM AGE 0s\n"
		"FILTERS     [{\"Protocols\":[\"6\"]}]\n"
		"FIREWALL    arn:aws:x\n"
		"\n"
		"WORKER WALKED POSITIONS COVERAGE % MATCHED SLICES LONGEST US RESETS NO RESET\n"
		"     0     64                                            4.5        \n"
		"\n"
		"PORT DROP REASON PACKETS\n"
		"in   rule              3\n"},
};

static void test_documents(void **state)
{
	json_t *document = load(OPERATION);
	json_t *record = json_pack("[O]", document);
	json_t *drops = load("[{\"Port\":\"in\",\"Reason\":\"rule\",\"Packets\":3}]");
	const struct section sections[] = {{&view_operation, record}, {&view_drops, drops}};

	(void)state;
	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
		struct sink sink;

		open_sink(&sink, documents[i].format);
		assert_int_equal(output_document(&sink.output, document, sections, 2), 0);
		check_sink(&sink, documents[i].text);
	}
	json_decref(drops);
	json_decref(record);
	json_decref(document);
}

/* A stream that cannot be written is an error of every format, at the page that did not fit. */
static void test_full_disk(void **state)
{
	static const char *const formats[] = {"table", "json", "ndjson", "csv", "conntrack"};
	json_t *rows = load("[" FLOW_TCP "]");

	(void)state;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		FILE *full = fopen("/dev/full", "w");
		struct output output;
		int error;

		assert_non_null(full);
		output_init(&output, output_format_find(formats[i]), full, false);
		error = output_list_begin(&output, &view_flows, NULL);
		if (error == 0)
			error = output_list_rows(&output, &view_flows, rows);
		if (error == 0)
			error = output_list_end(&output, &view_flows, NULL);
		assert_int_equal(error, -ENOSPC);
		output_fini(&output);
		fclose(full);
	}
	json_decref(rows);
}

static void test_unknown_format(void **state)
{
	(void)state;
	assert_null(output_format_find("text"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_colors),
		cmocka_unit_test(test_next_token),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_documents),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_unknown_format),
	};

	setlocale(LC_CTYPE, "C");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
