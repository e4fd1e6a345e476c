/* SPDX-License-Identifier: BSD-3-Clause */
/* help: what --help prints, made of the tables of command.h. */
#ifndef TIDEGATE_CONTROL_CLIENT_HELP_H
#define TIDEGATE_CONTROL_CLIENT_HELP_H

#include <stdio.h>

#include "control/client/command.h"

/* The help of a command, or with NULL that of tidegate as a whole. */
void help_print(FILE *stream, const struct command *command);

#endif
