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
		.options = OPTIONS_START,
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
