/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/client/message.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

int message_set(char **ret_message, int error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(ret_message, format, arguments) < 0)
		*ret_message = NULL;
	va_end(arguments);
	return error;
}

/* The byte at *text, or '?' for a control character; moves *text past it. */
static char next_clean(const char **text)
{
	const unsigned char *in = (const unsigned char *)*text;
	/* C1 controls are U+0080 to U+009F: 0xc2 and a byte below 0xa0. */
	bool c1 = in[0] == 0xc2 && in[1] >= 0x80 && in[1] < 0xa0;

	*text += c1 ? 2 : 1;
	return c1 || *in < 0x20 || *in == 0x7f ? '?' : (char)*in;
}

char *message_clean(char *text)
{
	const char *in = text;
	char *out = text;

	while (*in != '\0')
		*out++ = next_clean(&in);
	*out = '\0';
	return text;
}

void message_put_clean(FILE *stream, const char *text)
{
	while (*text != '\0')
		putc(next_clean(&text), stream);
}

void message_print(const char *command, const char *format, ...)
{
	va_list arguments;

	fputs("tidegate: ", stderr);
	if (command != NULL)
		fprintf(stderr, "%s: ", command);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

void message_print_free(const char *command, char *message)
{
	message_print(command, "%s", message != NULL ? message : "out of memory");
	free(message);
}
