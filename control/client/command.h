/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * command: the commands and their options. These tables drive parsing, --help and the check of the
 * manual page.
 */
#ifndef TIDEGATE_CONTROL_CLIENT_COMMAND_H
#define TIDEGATE_CONTROL_CLIENT_COMMAND_H

#include <stdint.h>

#include "control/client/operand.h"
#include "control/client/view.h"

struct session;

enum option_id {
	OPTION_SOCKET,
	OPTION_OUTPUT,
	OPTION_TIMEOUT,
	OPTION_HELP,
	OPTION_VERSION,
	OPTION_FLOW_FILTERS,
	OPTION_FLOW_OPERATION_ID,
	OPTION_FLOW_OPERATION_TYPE,
	OPTION_MINIMUM_FLOW_AGE_IN_SECONDS,
	OPTION_MINIMUM_AGE,
	OPTION_TIME_BOX_MILLISECONDS,
	OPTION_TIME_BOX,
	OPTION_LIMIT,
	OPTION_MAX_RESULTS,
	OPTION_NEXT_TOKEN,
	OPTION_FIREWALL_ARN,
	OPTION_AVAILABILITY_ZONE,
	OPTION_VPC_ENDPOINT_ASSOCIATION_ARN,
	OPTION_VPC_ENDPOINT_ID,
	OPTION_CLI_INPUT_JSON,
	OPTION_WORKERS,
	OPTION_DENIED,
	OPTION_TCP_FLAGS,
	OPTION_ESTABLISHED,
	OPTION_TO_CLIENT,
	OPTION_FRAGMENT,
	OPTION_ALL,
	OPTION_COUNT,
};

enum option_kind {
	OPTION_FLAG,
	OPTION_TEXT,
	OPTION_INTEGER,
	OPTION_LIST,	/* words with commas between them */
	OPTION_FILTERS, /* one value or more, up to the next option */
};

struct option_spec {
	const char *name;     /* without the dashes */
	const char *argument; /* what --help calls its value; NULL for a flag */
	enum option_kind kind;
	const char *member; /* of the request; NULL: the client's own */
	const char *help;
	const char *value; /* of a flag's member; NULL: true */
};

#define OPTION_BIT(id) (UINT32_C(1) << (id))

/* Options that every command has, and that are valid without one. */
#define OPTIONS_GLOBAL                                                                             \
	(OPTION_BIT(OPTION_SOCKET) | OPTION_BIT(OPTION_OUTPUT) | OPTION_BIT(OPTION_TIMEOUT) |      \
		OPTION_BIT(OPTION_HELP) | OPTION_BIT(OPTION_VERSION))

struct command {
	const char *name;
	const char *action;	 /* the method of the flow API it calls first */
	const struct view *view; /* of the answer; NULL: the command has its own */
	uint32_t options;	 /* OPTION_BITs, without the global ones */
	uint32_t required;	 /* those of them whose member the request must have */
	const char *operand;	 /* what --help calls filters as operands; NULL: it takes none */
	uint32_t filter_unless;	 /* 0, or it needs a filter unless it has one of these options */
	/* Operands that are no filters, all of them required. */
	const struct operand_spec *operands;
	size_t operand_count;
	/* Another program, which gets all words behind the command; NULL: none. */
	const char *program;
	const char *summary;
	int (*run)(struct session *session); /* returns an enum exit_code; NULL with a program */
};

extern const struct option_spec command_options[OPTION_COUNT];
extern const struct command commands[];
extern const size_t command_count;

/* The command of that name, or NULL. */
const struct command *command_find(const char *name);

#endif
