/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * reply: what a request gets, a result or one error.
 */
#ifndef TIDEGATE_CONTROL_REPLY_H
#define TIDEGATE_CONTROL_REPLY_H

#include <jansson.h>

enum { REPLY_MESSAGE_SIZE = 768 };

/*
 * ERROR(symbol, JSON-RPC code, exception of the flow API or NULL): JSON-RPC 2.0 section 5.1, and
 * the error table of the flow API.
 */
#define REPLY_ERRORS(ERROR)                                                                        \
	ERROR(PARSE, -32700, NULL)                                                                 \
	ERROR(REQUEST, -32600, NULL)                                                               \
	ERROR(METHOD, -32601, NULL)                                                                \
	ERROR(PARAMETER, -32602, "InvalidRequestException")                                        \
	ERROR(NOT_FOUND, 1, "ResourceNotFoundException")                                           \
	ERROR(THROTTLED, 2, "ThrottlingException")                                                 \
	ERROR(INTERNAL, -32603, "InternalServerError")

#define REPLY_SYMBOL(symbol, code, exception) REPLY_##symbol,
enum reply_error { REPLY_OK, REPLY_ERRORS(REPLY_SYMBOL) REPLY_ERROR_COUNT };
#undef REPLY_SYMBOL

struct page;

struct reply {
	json_t *result;	   /* owned; an object, NULL with an error */
	struct page *page; /* owned; flows to append to the result, or NULL */
	/* JSON to append to the result as this member, or NULL; borrowed until it is written. */
	const char *tail_name;
	const char *tail;
	enum reply_error error;
	char message[REPLY_MESSAGE_SIZE]; /* of the error; may be cut, then at a character's end */
};

/* Make the reply an error. Returns -1, for the caller to return. */
int reply_fail(struct reply *reply, enum reply_error error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Make it a result, which it takes over; NULL is an internal error: no memory for one. */
void reply_set_result(struct reply *reply, json_t *result);

/* The error object of JSON-RPC, or NULL without memory. An internal error's message goes to the log
 * under the request id that the client is told. */
json_t *reply_error_object(const struct reply *reply);

void reply_fini(struct reply *reply);

/* Cut a text of UTF-8 so that it ends with a whole character. */
void reply_trim(char *text);

#endif
