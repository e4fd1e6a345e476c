/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * message: texts for the user.
 *
 * A function that can fail for a reason the user should read has a ret_message: on failure it is
 * set to a text on the heap (NULL when memory is out), which the caller frees.
 */
#ifndef TIDEGATE_CONTROL_CLIENT_MESSAGE_H
#define TIDEGATE_CONTROL_CLIENT_MESSAGE_H

#include <stdio.h>

/* What the command exits with. */
enum exit_code {
	EXIT_CODE_OK = 0,
	EXIT_CODE_SERVER = 1,	  /* the server refused the request, or the operation failed */
	EXIT_CODE_USAGE = 2,	  /* the command line is wrong */
	EXIT_CODE_CONNECTION = 3, /* no server, no answer in time, or no valid one */
	EXIT_CODE_INCOMPLETE = 4, /* the flows printed are not all */
	EXIT_CODE_LOCAL = 5,	  /* out of memory, or the output cannot be written */
};

/* Write a message and return error, so that a failing function can return this call. */
int message_set(char **ret_message, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Replace every control character (C0, DEL, and C1 as UTF-8) by '?', in place: text of the server
 * must not be able to drive the terminal. Returns text.
 */
char *message_clean(char *text);

/* Print a text of the server to a stream that may be a terminal, with the same replacements. */
void message_put_clean(FILE *stream, const char *text);

/* Print "tidegate: COMMAND: MESSAGE" on stderr; without a command (NULL) that part is left out. */
void message_print(const char *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same for a message on the heap, which is freed. NULL means that memory is out. */
void message_print_free(const char *command, char *message);

#endif
