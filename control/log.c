/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_SIZE = 2048 };

static bool journal; /* these two: written by log_init() alone */
static const char *name = "tidegated";

void log_init(const char *program)
{
	name = program;
	journal = getenv("JOURNAL_STREAM") != NULL;
}

void log_write(int priority, const char *format, ...)
{
	char line[LINE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);

	for (char *c = line; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	if (journal)
		fprintf(stderr, "<%d>%s: %s\n", priority, name, line);
	else
		fprintf(stderr, "%s: %s\n", name, line);
}

int log_failure(int error, const char *format, ...)
{
	char message[LINE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	log_write(LOG_ERR, "%s: %s", message, strerror(-error));
	return error;
}
