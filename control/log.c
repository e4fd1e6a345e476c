/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_SIZE = 2048 };

static bool journal; /* written by log_init() alone */

void log_init(void)
{
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
		fprintf(stderr, "<%d>tidegated: %s\n", priority, line);
	else
		fprintf(stderr, "tidegated: %s\n", line);
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
