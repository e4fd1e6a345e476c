/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * command: the commands. This table and that of option.h drive parsing, --help, the completion of
 * the shell and the check of the manual page.
 */
#ifndef TIDEGATE_CONTROL_CLIENT_COMMAND_H
#define TIDEGATE_CONTROL_CLIENT_COMMAND_H

#include <stdint.h>

#include "control/client/operand.h"
#include "control/client/option.h"
#include "control/client/view.h"

struct session;

/* Options that every command has, and that are valid without one. */
#define OPTIONS_GLOBAL                                                                             \
	(OPTION_BIT(OPTION_SOCKET) | OPTION_BIT(OPTION_OUTPUT) | OPTION_BIT(OPTION_COLOR) |        \
		OPTION_BIT(OPTION_TIMEOUT) | OPTION_BIT(OPTION_HELP) | OPTION_BIT(OPTION_VERSION))

struct command {
	const char *name;
	const char *action;	 /* the method of the flow API it calls first */
	const struct view *view; /* of what it prints; NULL: the command has its own */
	uint64_t options;	 /* OPTION_BITs, without the global ones */
	uint64_t required;	 /* those of them whose member the request must have */
	const char *operand;	 /* what --help calls filters as operands; NULL: it takes none */
	uint64_t filter_unless;	 /* 0, or it needs a filter unless it has one of these members */
	/* Operands that are no filters, all of them required. */
	const struct operand_spec *operands;
	size_t operand_count;
	/* Another program, which gets all words behind the command; NULL: none. */
	const char *program;
	const char *summary;
	int (*run)(struct session *session); /* returns an enum exit_code; NULL with a program */
};

extern const struct command commands[];
extern const size_t command_count;

/* The command of that name, or NULL. */
const struct command *command_find(const char *name);

#endif
