/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/client/command.h"

#include <assert.h>
#include <string.h>

#include "control/client/session.h"

static_assert(OPTION_COUNT <= 32, "options of a command are bits of a uint32_t");

const struct option_spec command_options[OPTION_COUNT] = {
	[OPTION_SOCKET] = {"socket", "PATH", OPTION_TEXT, NULL,
		"the daemon's socket; default $TIDEGATE_SOCKET, else " SESSION_SOCKET_PATH},
	[OPTION_OUTPUT] = {"output", "FORMAT", OPTION_TEXT, NULL,
		"table, json, ndjson or csv; default table on a terminal, else json"},
	[OPTION_TIMEOUT] = {"timeout", "SECONDS", OPTION_INTEGER, NULL,
		"how long to wait for the server's answer, 1 to 86400; default 30"},
	[OPTION_HELP] = {"help", NULL, OPTION_FLAG, NULL, "print this help, or that of a command"},
	[OPTION_VERSION] = {"version", NULL, OPTION_FLAG, NULL, "print the version"},
	[OPTION_FLOW_FILTERS] = {"flow-filters", "FILTER", OPTION_FILTERS, "FlowFilters",
		"flows to take; several filters are alternatives"},
	[OPTION_FLOW_OPERATION_ID] = {"flow-operation-id", "ID", OPTION_TEXT, "FlowOperationId",
		"the operation, as the start commands print it"},
	[OPTION_FLOW_OPERATION_TYPE] = {"flow-operation-type", "TYPE", OPTION_TEXT,
		"FlowOperationType", "FLOW_CAPTURE or FLOW_FLUSH alone"},
	[OPTION_MINIMUM_FLOW_AGE_IN_SECONDS] = {"minimum-flow-age-in-seconds", "SECONDS",
		OPTION_INTEGER, "MinimumFlowAgeInSeconds", "leave out younger flows"},
	[OPTION_MINIMUM_AGE] = {"minimum-age", "SECONDS", OPTION_INTEGER, "MinimumFlowAgeInSeconds",
		"leave out younger flows"},
	[OPTION_TIME_BOX_MILLISECONDS] = {"time-box-milliseconds", "MS", OPTION_INTEGER,
		"TimeBoxMilliseconds", "end after this time with what came back; default 5000"},
	[OPTION_TIME_BOX] = {"time-box", "MS", OPTION_INTEGER, "TimeBoxMilliseconds",
		"end after this time with what came back; default 5000"},
	[OPTION_LIMIT] = {"limit", "N", OPTION_INTEGER, "Limit", "at most so many flows"},
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
	[OPTION_WORKERS] = {"workers", NULL, OPTION_FLAG, NULL, "show each worker, too"},
	[OPTION_DENIED] = {"denied", NULL, OPTION_FLAG, "DeniedByPolicy",
		"only flows that pass, but whose next packet the rules would drop"},
	[OPTION_TCP_FLAGS] = {"tcp-flags", "FLAGS", OPTION_LIST, "TCPFlags",
		"those that are set, as SYN,ACK; default those of such a packet"},
	[OPTION_ESTABLISHED] = {"established", NULL, OPTION_FLAG, "Established",
		"its flow has had packets of both sides"},
	[OPTION_TO_CLIENT] = {"to-client", NULL, OPTION_FLAG, "Direction",
		"it goes to who sent the first packet of its flow", "to_client"},
	[OPTION_FRAGMENT] = {"fragment", NULL, OPTION_FLAG, "Fragment", "it is a fragment"},
	[OPTION_ALL] = {"all", NULL, OPTION_FLAG, NULL, "list all earlier rules, not the last 20"},
};

/* Which firewall is meant, and the request as JSON: every action takes these. */
#define OPTIONS_FIREWALL                                                                           \
	(OPTION_BIT(OPTION_FIREWALL_ARN) | OPTION_BIT(OPTION_AVAILABILITY_ZONE) |                  \
		OPTION_BIT(OPTION_VPC_ENDPOINT_ASSOCIATION_ARN) |                                  \
		OPTION_BIT(OPTION_VPC_ENDPOINT_ID) | OPTION_BIT(OPTION_CLI_INPUT_JSON))

#define OPTIONS_START                                                                              \
	(OPTIONS_FIREWALL | OPTION_BIT(OPTION_FLOW_FILTERS) |                                      \
		OPTION_BIT(OPTION_MINIMUM_FLOW_AGE_IN_SECONDS) |                                   \
		OPTION_BIT(OPTION_TIME_BOX_MILLISECONDS))

#define OPTIONS_PAGE (OPTION_BIT(OPTION_MAX_RESULTS) | OPTION_BIT(OPTION_NEXT_TOKEN))

static const struct operand_spec packet_operands[] = {
	{"SRC", "SourceAddress", OPERAND_ADDRESS},
	{"SPORT", "SourcePort", OPERAND_PORT},
	{"DST", "DestinationAddress", OPERAND_ADDRESS},
	{"DPORT", "DestinationPort", OPERAND_PORT},
	{"PROTO", "Protocol", OPERAND_PROTOCOL},
};

static_assert(sizeof(packet_operands) / sizeof(packet_operands[0]) <= OPERAND_LIMIT,
	"arguments.c has room for so many");

const struct command commands[] = {
	{
		.name = "flows",
		.action = "StartFlowCapture",
		.options = OPTION_BIT(OPTION_MINIMUM_AGE) | OPTION_BIT(OPTION_TIME_BOX) |
			OPTION_BIT(OPTION_LIMIT),
		.operand = "FILTER",
		.summary = "capture the open flows and print them",
		.run = flows_run,
	},
	{
		.name = "status",
		.action = "GetStatus",
		.options = OPTION_BIT(OPTION_WORKERS),
		.summary = "print the state of ports, workers and drops",
		.run = status_run,
	},
	{
		.name = "reload",
		.action = "Reload",
		.view = &view_reload,
		.summary = "read the configuration again and put its rules in force",
		.run = reload_run,
	},
	{
		.name = "flush",
		.action = "StartFlowFlush",
		.options = OPTION_BIT(OPTION_MINIMUM_AGE) | OPTION_BIT(OPTION_TIME_BOX) |
			OPTION_BIT(OPTION_DENIED),
		.operand = "FILTER",
		.filter_unless = OPTION_BIT(OPTION_DENIED),
		.summary = "remove open flows and print them",
		.run = flows_run,
	},
	{
		.name = "rules",
		.action = "ListRules",
		.view = &view_rules,
		.options = OPTIONS_PAGE,
		.summary = "print the rules in force and what they have decided",
		.run = list_run,
	},
	{
		.name = "explain",
		.action = "ExplainPacket",
		.options = OPTION_BIT(OPTION_TCP_FLAGS) | OPTION_BIT(OPTION_ESTABLISHED) |
			OPTION_BIT(OPTION_TO_CLIENT) | OPTION_BIT(OPTION_FRAGMENT) |
			OPTION_BIT(OPTION_ALL),
		.operands = packet_operands,
		.operand_count = sizeof(packet_operands) / sizeof(packet_operands[0]),
		.summary = "print which rule decides a packet, and why earlier ones do not",
		.run = explain_run,
	},
	{
		.name = "check-policy",
		.program = "tidegate-check-policy",
		.summary = "read and compile policy documents without the daemon",
	},
	{
		.name = "start-flow-capture",
		.action = "StartFlowCapture",
		.view = &view_operation_started,
		.options = OPTIONS_START | OPTION_BIT(OPTION_LIMIT),
		.required = OPTION_BIT(OPTION_FLOW_FILTERS),
		.summary = "start a capture of the open flows and print its id",
		.run = action_run,
	},
	{
		.name = "start-flow-flush",
		.action = "StartFlowFlush",
		.view = &view_operation_started,
		.options = OPTIONS_START | OPTION_BIT(OPTION_DENIED),
		.required = OPTION_BIT(OPTION_FLOW_FILTERS),
		.summary = "start to remove open flows and print the operation's id",
		.run = action_run,
	},
	{
		.name = "describe-flow-operation",
		.action = "DescribeFlowOperation",
		.view = &view_operation,
		.options = OPTIONS_FIREWALL | OPTION_BIT(OPTION_FLOW_OPERATION_ID),
		.required = OPTION_BIT(OPTION_FLOW_OPERATION_ID),
		.summary = "print an operation's request and state",
		.run = action_run,
	},
	{
		.name = "list-flow-operations",
		.action = "ListFlowOperations",
		.view = &view_operations,
		.options = OPTIONS_FIREWALL | OPTIONS_PAGE | OPTION_BIT(OPTION_FLOW_OPERATION_TYPE),
		.summary = "print the operations, newest first",
		.run = list_run,
	},
	{
		.name = "list-flow-operation-results",
		.action = "ListFlowOperationResults",
		.view = &view_flows,
		.options = OPTIONS_FIREWALL | OPTIONS_PAGE | OPTION_BIT(OPTION_FLOW_OPERATION_ID),
		.required = OPTION_BIT(OPTION_FLOW_OPERATION_ID),
		.summary = "print the flows that an operation took",
		.run = list_run,
	},
	{
		.name = "cancel-flow-operation",
		.action = "CancelFlowOperation",
		.view = &view_operation_started,
		.options = OPTIONS_FIREWALL | OPTION_BIT(OPTION_FLOW_OPERATION_ID),
		.required = OPTION_BIT(OPTION_FLOW_OPERATION_ID),
		.summary = "end an operation that is in progress",
		.run = action_run,
	},
};

const size_t command_count = sizeof(commands) / sizeof(commands[0]);

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < command_count; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}
