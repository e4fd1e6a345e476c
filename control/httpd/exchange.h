/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * exchange: one HTTP request and the answer to it.
 *
 * Life-cycle: made with the request line; handed on when the request is there in full; over
 * when the
 * answer is sent or the connection has ended. It outlives a client that hangs up while
 * the daemon is asked.
 */
#ifndef TIDEGATE_CONTROL_HTTPD_EXCHANGE_H
#define TIDEGATE_CONTROL_HTTPD_EXCHANGE_H

#include <jansson.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

#include "control/httpd/sigv4.h"

/* A UUID as text, and the text of any peer. */
enum { EXCHANGE_ID_SIZE = 37, EXCHANGE_PEER_SIZE = 64, EXCHANGE_HEADER_MAX = 64 };

struct server;

struct exchange {
	struct server *server;
	struct MHD_Connection *connection;
	char id[EXCHANGE_ID_SIZE];
	char *target; /* path and query of the request line */
	char *body;   /* never NULL once the request is there in full; a NUL byte is behind it */
	size_t body_length;
	struct sigv4_header headers[EXCHANGE_HEADER_MAX];
	struct sigv4_request request; /* all of the above */
	bool suspended;
	unsigned int status; /* 0: not answered */
	struct MHD_Response *response;
	/* For the log, and what is still to be known when the daemon answers. */
	uint64_t began; /* nanoseconds of the monotonic clock */
	const char *action;
	const char *error; /* the type of an error, or NULL */
	char *access_key;  /* of who signed, or NULL */
};

/*
 * Take the headers over into the request. Returns false where they, or the body that they announce,
 * are beyond the limits, and then the request is answered.
 */
bool exchange_take_headers(struct exchange *exchange, uint32_t body_limit);

/* Append a piece of the body. Returns whether there is room for it. */
bool exchange_take_body(struct exchange *exchange, const char *data, size_t length, uint32_t limit);

/*
 * Answer with a text on the heap, which is taken over and may be NULL when memory is out. Any
 * number of
 * headers more can be added to exchange->response after it.
 */
void exchange_answer(
	struct exchange *exchange, unsigned int status, const char *content_type, char *text);

/* The same with a JSON object, which is the caller's still. */
void exchange_answer_json(struct exchange *exchange, unsigned int status, const json_t *object);

/* Answer with an error as AWS JSON 1.0 has it. */
void exchange_fail(struct exchange *exchange, unsigned int status, const char *type,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Write the address of who sent the request. */
void exchange_peer(const struct exchange *exchange, char text[EXCHANGE_PEER_SIZE]);

#endif
