/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/client/option.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "control/client/message.h"
#include "control/client/session.h"

static_assert(OPTION_COUNT <= 64, "options of a command are bits of a uint64_t");

static const struct option_word output_words[] = {{"table", NULL}, {"json", NULL}, {"ndjson", NULL},
	{"csv", NULL}, {"conntrack", NULL}, {NULL, NULL}};
static const struct option_word format_words[] = {
	{"ndjson", NULL}, {"csv", NULL}, {"conntrack", NULL}, {"json", NULL}, {NULL, NULL}};
static const struct option_word color_words[] = {
	{"auto", NULL}, {"always", NULL}, {"never", NULL}, {NULL, NULL}};
static const struct option_word type_words[] = {
	{"FLOW_CAPTURE", NULL}, {"FLOW_FLUSH", NULL}, {NULL, NULL}};
static const struct option_word sort_words[] = {{"bytes", "Bytes"}, {"packets", "Packets"},
	{"age", "Age"}, {"window-bytes", "WindowBytes"}, {"window-packets", "WindowPackets"},
	{NULL, NULL}};
static const struct option_word sort_by_words[] = {{"Bytes", NULL}, {"Packets", NULL},
	{"Age", NULL}, {"WindowBytes", NULL}, {"WindowPackets", NULL}, {NULL, NULL}};
static const struct option_word state_words[] = {
	{"new", NULL}, {"established", NULL}, {"closing", NULL}, {"closed", NULL}, {NULL, NULL}};
static const struct option_word action_words[] = {
	{"passed", NULL}, {"dropped", NULL}, {NULL, NULL}};
static const struct option_word version_words[] = {{"4", NULL}, {"6", NULL}, {NULL, NULL}};
static const struct option_word flag_words[] = {{"FIN", NULL}, {"SYN", NULL}, {"RST", NULL},
	{"PSH", NULL}, {"ACK", NULL}, {"URG", NULL}, {"ECE", NULL}, {"CWR", NULL}, {NULL, NULL}};

const struct option_spec option_specs[OPTION_COUNT] = {
	[OPTION_SOCKET] = {"socket", "PATH", OPTION_TEXT, NULL,
		"the daemon's socket; default $TIDEGATE_SOCKET, else " SESSION_SOCKET_PATH},
	[OPTION_OUTPUT] = {"output", "FORMAT", OPTION_CHOICE, NULL,
		"table, json, ndjson, csv, of flows also conntrack; default table on a terminal, "
		"else json",
		.words = output_words},
	[OPTION_COLOR] = {"color", "WHEN", OPTION_CHOICE, NULL,
		"colours in tables: always, never or auto, on a terminal without $NO_COLOR",
		.words = color_words},
	[OPTION_TIMEOUT] = {"timeout", "SECONDS", OPTION_INTEGER, NULL,
		"how long to wait for the server's answer, 1 to 86400; default 30", .low = 1,
		.high = 86400},
	[OPTION_HELP] = {"help", NULL, OPTION_FLAG, NULL, "print this help, or that of a command"},
	[OPTION_VERSION] = {"version", NULL, OPTION_FLAG, NULL, "print the version"},
	[OPTION_FLOW_FILTERS] = {"flow-filters", "FILTER", OPTION_FILTERS, "FlowFilters",
		"flows to take; several filters are alternatives"},
	[OPTION_FLOW_OPERATION_ID] = {"flow-operation-id", "ID", OPTION_TEXT, "FlowOperationId",
		"the operation, as the start commands print it"},
	[OPTION_FLOW_OPERATION_TYPE] = {"flow-operation-type", "TYPE", OPTION_TEXT,
		"FlowOperationType", "FLOW_CAPTURE or FLOW_FLUSH alone", .words = type_words},
	[OPTION_SORT_BY] = {"sort-by", "ORDER", OPTION_TEXT, "SortBy",
		"the largest first by Bytes, Packets, Age, WindowBytes or WindowPackets",
		.words = sort_by_words},
	[OPTION_SORT] = {"sort", "ORDER", OPTION_CHOICE, "SortBy",
		"the largest first by bytes, packets, age, window-bytes or window-packets",
		.words = sort_words},
	[OPTION_LIMIT] = {"limit", "N", OPTION_INTEGER, "Limit", "at most so many flows"},
	[OPTION_TOP] = {"top", "N", OPTION_INTEGER, "Limit",
		"the first N of --sort; default bytes, with --window window-bytes"},
	[OPTION_WINDOW_SECONDS] = {"window-seconds", "SECONDS", OPTION_INTEGER, "WindowSeconds",
		"watch so long, and tell what each flow moved in that time"},
	[OPTION_WINDOW] = {"window", "SECONDS", OPTION_INTEGER, "WindowSeconds",
		"watch so long, and tell what each flow moved in that time"},
	[OPTION_MINIMUM_FLOW_AGE_IN_SECONDS] = {"minimum-flow-age-in-seconds", "SECONDS",
		OPTION_INTEGER, "MinimumFlowAgeInSeconds", "leave out younger flows"},
	[OPTION_MINIMUM_AGE] = {"minimum-age", "SECONDS", OPTION_INTEGER, "MinimumFlowAgeInSeconds",
		"leave out younger flows"},
	[OPTION_MAXIMUM_FLOW_AGE_IN_SECONDS] = {"maximum-flow-age-in-seconds", "SECONDS",
		OPTION_INTEGER, "MaximumFlowAgeInSeconds", "leave out older flows"},
	[OPTION_MAXIMUM_AGE] = {"maximum-age", "SECONDS", OPTION_INTEGER, "MaximumFlowAgeInSeconds",
		"leave out older flows"},
	[OPTION_MINIMUM_BYTE_COUNT] = {"minimum-byte-count", "N", OPTION_INTEGER,
		"MinimumByteCount", "leave out flows of fewer bytes"},
	[OPTION_MINIMUM_BYTES] = {"minimum-bytes", "N", OPTION_INTEGER, "MinimumByteCount",
		"leave out flows of fewer bytes"},
	[OPTION_MINIMUM_PACKET_COUNT] = {"minimum-packet-count", "N", OPTION_INTEGER,
		"MinimumPacketCount", "leave out flows of fewer packets"},
	[OPTION_MINIMUM_PACKETS] = {"minimum-packets", "N", OPTION_INTEGER, "MinimumPacketCount",
		"leave out flows of fewer packets"},
	[OPTION_MINIMUM_IDLE_SECONDS] = {"minimum-idle-seconds", "SECONDS", OPTION_INTEGER,
		"MinimumIdleSeconds", "leave out flows whose last packet is more recent"},
	[OPTION_MINIMUM_IDLE] = {"minimum-idle", "SECONDS", OPTION_INTEGER, "MinimumIdleSeconds",
		"leave out flows whose last packet is more recent"},
	[OPTION_STATES] = {"states", "STATES", OPTION_LIST, "States",
		"only these, as new,established; also closing, and closed with a window",
		.words = state_words},
	[OPTION_ACTIONS] = {"actions", "ACTIONS", OPTION_LIST, "Actions",
		"only flows that are passed, or dropped", .words = action_words},
	[OPTION_VLANS] = {"vlans", "IDS", OPTION_NUMBERS, "Vlans",
		"only these VLANs, as 7,12; 0 is untagged"},
	[OPTION_IP_VERSION] = {"ip-version", "VERSION", OPTION_INTEGER, "IpVersion",
		"only IPv4 (4) or IPv6 (6)", .words = version_words},
	[OPTION_DENIED_BY_POLICY] = {"denied-by-policy", NULL, OPTION_FLAG, "DeniedByPolicy",
		"only flows that pass, but whose next packet the rules would drop"},
	[OPTION_DENIED] = {"denied", NULL, OPTION_FLAG, "DeniedByPolicy",
		"only flows that pass, but whose next packet the rules would drop"},
	[OPTION_OF_OPERATION] = {"of-operation", "ID", OPTION_TEXT, "OfOperation",
		"only flows that this operation listed, if they are the same still"},
	[OPTION_DRY_RUN] = {"dry-run", NULL, OPTION_FLAG, "DryRun",
		"list what would be removed, and remove nothing"},
	[OPTION_MAX_FLOWS] = {"max-flows", "N", OPTION_INTEGER, "MaxFlows",
		"fail and remove nothing when more flows match"},
	[OPTION_REJECT] = {"reject", NULL, OPTION_FLAG, "Reject",
		"send a RST to both ends of every TCP connection removed; other ends are not told"},
	[OPTION_TIME_BOX_MILLISECONDS] = {"time-box-milliseconds", "MS", OPTION_INTEGER,
		"TimeBoxMilliseconds", "end after this time with what came back; default 5000"},
	[OPTION_TIME_BOX] = {"time-box", "MS", OPTION_INTEGER, "TimeBoxMilliseconds",
		"end after this time with what came back; default 5000"},
	[OPTION_CLIENT_TOKEN] = {"client-token", "TOKEN", OPTION_TEXT, "ClientToken",
		"the same request with the same token starts nothing again"},
	[OPTION_TRANSIENT] = {"transient", NULL, OPTION_FLAG, "Transient",
		"keep the result in memory alone, for a minute"},
	[OPTION_WATCH] = {"watch", NULL, OPTION_FLAG, NULL,
		"print again and again, until interrupted"},
	[OPTION_INTERVAL] = {"interval", "SECONDS", OPTION_INTEGER, NULL,
		"with --watch, the time to the next print, 0 to 86400; default 2", .high = 86400},
	[OPTION_RESOLVE] = {"resolve", NULL, OPTION_FLAG, NULL,
		"in a table, names for addresses where they are found in time"},
	[OPTION_FORMAT] = {"format", "FORMAT", OPTION_CHOICE, NULL,
		"ndjson, csv, conntrack or json; default ndjson", .words = format_words},
	[OPTION_WAIT] = {"wait", NULL, OPTION_FLAG, NULL, "wait for the end of the operation"},
	[OPTION_MAX_RESULTS] = {"max-results", "N", OPTION_INTEGER, "MaxResults",
		"print one page of at most so many"},
	[OPTION_NEXT_TOKEN] = {"next-token", "TOKEN", OPTION_TEXT, "NextToken",
		"print the page that NextToken of the page before names"},
	[OPTION_FIREWALL_ARN] = {"firewall-arn", "ARN", OPTION_TEXT, "FirewallArn",
		"fail unless the firewall is this one"},
	[OPTION_AVAILABILITY_ZONE] = {"availability-zone", "ZONE", OPTION_TEXT, "AvailabilityZone",
		"fail unless the firewall is in this zone"},
	[OPTION_VPC_ENDPOINT_ASSOCIATION_ARN] = {"vpc-endpoint-association-arn", "ARN", OPTION_TEXT,
		"VpcEndpointAssociationArn", "fail unless the firewall has this association"},
	[OPTION_VPC_ENDPOINT_ID] = {"vpc-endpoint-id", "ID", OPTION_TEXT, "VpcEndpointId",
		"fail unless the firewall has this endpoint"},
	[OPTION_CLI_INPUT_JSON] = {"cli-input-json", "JSON", OPTION_TEXT, NULL,
		"the request as a JSON object or file://PATH; options go before it"},
	[OPTION_WORKERS] = {"workers", NULL, OPTION_FLAG, NULL,
		"show each worker, too: load, tables, counters"},
	[OPTION_TCP_FLAGS] = {"tcp-flags", "FLAGS", OPTION_LIST, "TCPFlags",
		"those that are set, as SYN,ACK; default those of such a packet",
		.words = flag_words},
	[OPTION_ESTABLISHED] = {"established", NULL, OPTION_FLAG, "Established",
		"its flow has had packets of both sides"},
	[OPTION_TO_CLIENT] = {"to-client", NULL, OPTION_FLAG, "Direction",
		"it goes to who sent the first packet of its flow", "to_client"},
	[OPTION_FRAGMENT] = {"fragment", NULL, OPTION_FLAG, "Fragment", "it is a fragment"},
	[OPTION_ALL] = {"all", NULL, OPTION_FLAG, NULL, "list all earlier rules, not the last 20"},
};

/* Whether the text of this length is an integer of 64 bits in decimal, and which. */
static bool read_integer(const char *text, size_t length, json_int_t *ret_value)
{
	const char *digits = text + (*text == '-');
	char *end;

	errno = 0;
	*ret_value = strtoll(text, &end, 10);
	return *digits >= '0' && *digits <= '9' && end == text + length && errno == 0;
}

json_int_t option_integer(const char *text)
{
	return strtoll(text, NULL, 10);
}

static int set_integer(
	const struct option_spec *option, const char *text, json_t **ret_value, char **ret_message)
{
	json_int_t value;

	if (!read_integer(text, strlen(text), &value))
		return message_set(ret_message, -EINVAL, "option --%s: '%s' is not an integer",
			option->name, text);
	if (option->member == NULL && (value < option->low || value > option->high))
		return message_set(ret_message, -EINVAL, "option --%s: %s is not in %lld to %lld",
			option->name, text, (long long)option->low, (long long)option->high);
	*ret_value = json_integer(value);
	return 0;
}

static int set_choice(
	const struct option_spec *option, const char *text, json_t **ret_value, char **ret_message)
{
	char list[128] = "";

	for (const struct option_word *word = option->words; word->word != NULL; word++) {
		if (strcmp(word->word, text) == 0) {
			*ret_value = json_string(word->value != NULL ? word->value : text);
			return 0;
		}
		strncat(list, *list != '\0' ? ", " : "", sizeof(list) - strlen(list) - 1);
		strncat(list, word->word, sizeof(list) - strlen(list) - 1);
	}
	return message_set(
		ret_message, -EINVAL, "option --%s: '%s' is none of %s", option->name, text, list);
}

/* "SYN,ACK" or "1,2": a list of what is between the commas. */
static int set_list(
	const struct option_spec *option, const char *text, json_t **ret_value, char **ret_message)
{
	json_t *list = json_array();

	for (const char *word = text;; word++) {
		size_t length = strcspn(word, ",");
		bool numbers = option->kind == OPTION_NUMBERS;
		json_int_t integer;

		if (numbers && !read_integer(word, length, &integer)) {
			json_decref(list);
			return message_set(ret_message, -EINVAL,
				"option --%s: '%s' is not a list of integers", option->name, text);
		}
		/* Without memory, or when it is no UTF-8, there is no list in the end. */
		if (json_array_append_new(list,
			    numbers ? json_integer(integer) : json_stringn(word, length)) != 0) {
			json_decref(list);
			list = NULL;
		}
		word += length;
		if (*word == '\0')
			break;
	}
	*ret_value = list;
	return 0;
}

int option_set(enum option_id id, const char *text, json_t *params, char **ret_message)
{
	const struct option_spec *option = &option_specs[id];
	json_t *value = NULL;
	int error = 0;

	if (option->kind == OPTION_INTEGER)
		error = set_integer(option, text, &value, ret_message);
	else if (option->kind == OPTION_CHOICE)
		error = set_choice(option, text, &value, ret_message);
	else if (option->kind == OPTION_LIST || option->kind == OPTION_NUMBERS)
		error = set_list(option, text, &value, ret_message);
	else if (option->kind == OPTION_FLAG)
		value = option->value != NULL ? json_string(option->value) : json_true();
	else
		value = json_string(text);
	if (error != 0)
		return error;
	if (option->member == NULL) {
		json_decref(value);
		return 0;
	}
	if (value == NULL)
		return message_set(ret_message, -EINVAL, "option --%s: '%s' is not UTF-8 text",
			option->name, text);
	return json_object_set_new(params, option->member, value) == 0 ? 0 : -ENOMEM;
}
