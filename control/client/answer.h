/* SPDX-License-Identifier: BSD-3-Clause */
/* answer: one JSON-RPC 2.0 response (section 5 of its specification). */
#ifndef TIDEGATE_CONTROL_CLIENT_ANSWER_H
#define TIDEGATE_CONTROL_CLIENT_ANSWER_H

#include <jansson.h>
#include <stddef.h>

/*
 * Parse the answer to request id. Returns what connection_call() does: 0, -EREMOTEIO or -EPROTO.
 */
int answer_parse(
	const char *text, size_t length, json_int_t id, json_t **ret_result, char **ret_message);

/*
 * The same; where the server refuses the request (-EREMOTEIO), its error object is in *ret_error,
 * which is the caller's.
 */
int answer_parse_error(const char *text, size_t length, json_int_t id, json_t **ret_result,
	json_t **ret_error, char **ret_message);

#endif
