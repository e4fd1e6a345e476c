/* SPDX-License-Identifier: BSD-3-Clause */
/* arguments: the command line, read by the tables of command.h. */
#ifndef TIDEGATE_CONTROL_CLIENT_ARGUMENTS_H
#define TIDEGATE_CONTROL_CLIENT_ARGUMENTS_H

#include <jansson.h>

#include "control/client/command.h"
#include "control/client/output.h"

struct arguments {
	const struct command *command; /* NULL: --help or --version alone */
	/* The text of each option that was given, "" for a flag, else NULL. Points into argv. */
	const char *values[OPTION_COUNT];
	const struct output_format *output; /* NULL: not given */
	unsigned int timeout;		    /* seconds */
	unsigned int interval;		    /* of --watch, seconds */
	json_t *params;			    /* of the command's action */
	char **words; /* behind a command that is another program, up to NULL; points into argv */
};

/*
 * Read the command line. Returns 0, then arguments_fini() is due; or -errno with a message (NULL
 * when memory is out) for a user who typed it wrongly, or named a file that cannot be read. With
 * --help or --version what the command needs is not asked for. Uses getopt's global state.
 */
int arguments_parse(int argc, char **argv, struct arguments *arguments, char **ret_message);
void arguments_fini(struct arguments *arguments);

#endif
