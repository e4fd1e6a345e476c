/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/client/command.h"

#include <assert.h>
#include <string.h>

#include "control/client/session.h"

/* Which firewall is meant, and the request as JSON: every action takes these. */
#define OPTIONS_FIREWALL                                                                           \
	(OPTION_BIT(OPTION_FIREWALL_ARN) | OPTION_BIT(OPTION_AVAILABILITY_ZONE) |                  \
		OPTION_BIT(OPTION_VPC_ENDPOINT_ASSOCIATION_ARN) |                                  \
		OPTION_BIT(OPTION_VPC_ENDPOINT_ID) | OPTION_BIT(OPTION_CLI_INPUT_JSON))

/* Those with one name for people and in the flow API. */
#define OPTIONS_SCOPE                                                                              \
	(OPTION_BIT(OPTION_STATES) | OPTION_BIT(OPTION_ACTIONS) | OPTION_BIT(OPTION_VLANS) |       \
		OPTION_BIT(OPTION_IP_VERSION))

/* What flows a capture or flush takes, beside filters, and how it runs. */
#define OPTIONS_START                                                                              \
	(OPTIONS_FIREWALL | OPTION_BIT(OPTION_FLOW_FILTERS) |                                      \
		OPTION_BIT(OPTION_MINIMUM_FLOW_AGE_IN_SECONDS) |                                   \
		OPTION_BIT(OPTION_MAXIMUM_FLOW_AGE_IN_SECONDS) |                                   \
		OPTION_BIT(OPTION_MINIMUM_BYTE_COUNT) | OPTION_BIT(OPTION_MINIMUM_PACKET_COUNT) |  \
		OPTION_BIT(OPTION_MINIMUM_IDLE_SECONDS) | OPTIONS_SCOPE |                          \
		OPTION_BIT(OPTION_DENIED_BY_POLICY) | OPTION_BIT(OPTION_TIME_BOX_MILLISECONDS) |   \
		OPTION_BIT(OPTION_CLIENT_TOKEN))

/* The same for people. */
#define OPTIONS_TAKE                                                                               \
	(OPTION_BIT(OPTION_MINIMUM_AGE) | OPTION_BIT(OPTION_MAXIMUM_AGE) |                         \
		OPTION_BIT(OPTION_MINIMUM_BYTES) | OPTION_BIT(OPTION_MINIMUM_PACKETS) |            \
		OPTION_BIT(OPTION_MINIMUM_IDLE) | OPTIONS_SCOPE | OPTION_BIT(OPTION_DENIED) |      \
		OPTION_BIT(OPTION_TIME_BOX) | OPTION_BIT(OPTION_RESOLVE))

#define OPTIONS_FLUSH                                                                              \
	(OPTION_BIT(OPTION_OF_OPERATION) | OPTION_BIT(OPTION_DRY_RUN) |                            \
		OPTION_BIT(OPTION_MAX_FLOWS) | OPTION_BIT(OPTION_REJECT))

#define OPTIONS_PAGE (OPTION_BIT(OPTION_MAX_RESULTS) | OPTION_BIT(OPTION_NEXT_TOKEN))

static const struct operand_spec packet_operands[] = {
	{"SRC", "SourceAddress", OPERAND_ADDRESS},
	{"SPORT", "SourcePort", OPERAND_PORT},
	{"DST", "DestinationAddress", OPERAND_ADDRESS},
	{"DPORT", "DestinationPort", OPERAND_PORT},
	{"PROTO", "Protocol", OPERAND_PROTOCOL},
};

static const struct operand_spec operation_operands[] = {
	{"OPERATION", "FlowOperationId", OPERAND_TEXT},
};

static_assert(sizeof(packet_operands) / sizeof(packet_operands[0]) <= OPERAND_LIMIT,
	"arguments.c has room for so many");

const struct command commands[] = {
	{
		.name = "flows",
		.action = "StartFlowCapture",
		.view = &view_flows,
		.options = OPTIONS_TAKE | OPTION_BIT(OPTION_SORT) | OPTION_BIT(OPTION_LIMIT) |
			OPTION_BIT(OPTION_TOP) | OPTION_BIT(OPTION_WINDOW) |
			OPTION_BIT(OPTION_WATCH) | OPTION_BIT(OPTION_INTERVAL),
		.operand = "FILTER",
		.summary = "capture the open flows and print them",
		.run = flows_run,
	},
	{
		.name = "status",
		.action = "GetStatus",
		.options = OPTION_BIT(OPTION_WORKERS) | OPTION_BIT(OPTION_WATCH) |
			OPTION_BIT(OPTION_INTERVAL),
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
		.view = &view_flows,
		.options = OPTIONS_TAKE | OPTIONS_FLUSH,
		.operand = "FILTER",
		.filter_unless = OPTION_BIT(OPTION_DENIED) | OPTION_BIT(OPTION_OF_OPERATION),
		.summary = "remove open flows and print them",
		.run = flows_run,
	},
	{
		.name = "export",
		.action = "ListFlowOperationResults",
		.view = &view_flows,
		.options = OPTION_BIT(OPTION_FORMAT) | OPTION_BIT(OPTION_WAIT),
		.operands = operation_operands,
		.operand_count = sizeof(operation_operands) / sizeof(operation_operands[0]),
		.summary = "print the flows that an operation took, as a stream",
		.run = export_run,
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
		.options = OPTIONS_START | OPTION_BIT(OPTION_SORT_BY) | OPTION_BIT(OPTION_LIMIT) |
			OPTION_BIT(OPTION_WINDOW_SECONDS) | OPTION_BIT(OPTION_TRANSIENT),
		.required = OPTION_BIT(OPTION_FLOW_FILTERS),
		.summary = "start a capture of the open flows and print its id",
		.run = action_run,
	},
	{
		.name = "start-flow-flush",
		.action = "StartFlowFlush",
		.view = &view_operation_started,
		.options = OPTIONS_START | OPTIONS_FLUSH,
		.filter_unless = OPTION_BIT(OPTION_OF_OPERATION),
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
