/* SPDX-License-Identifier: BSD-3-Clause */
/* program: the commands that are programs of their own. */
#ifndef TIDEGATE_CONTROL_CLIENT_PROGRAM_H
#define TIDEGATE_CONTROL_CLIENT_PROGRAM_H

#include "control/client/command.h"

/*
 * Execute the command's program in place of this process, with these words up to NULL: the one
 * beside this program, else that of the PATH. Returns only when there is none, with the exit code.
 */
int program_run(const struct command *command, char **words);

#endif
