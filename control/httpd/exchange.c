/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/httpd/exchange.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/httpd/server.h"

#define CONTENT_TYPE "application/x-amz-json-1.0"

/* 15 digits hold every decimal number of as many digits, and no rounding error shows. */
#define DUMP_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(15))

static enum MHD_Result take_header(
	void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct exchange *exchange = context;
	struct sigv4_request *request = &exchange->request;

	(void)kind;
	exchange->headers[request->header_count++] =
		(struct sigv4_header){name, value != NULL ? value : ""};
	return request->header_count < EXCHANGE_HEADER_MAX ? MHD_YES : MHD_NO;
}

bool exchange_take_headers(struct exchange *exchange, uint32_t body_limit)
{
	const char *length;

	exchange->request.headers = exchange->headers;
	if (MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, NULL, NULL) >
		EXCHANGE_HEADER_MAX) {
		exchange_fail(exchange, MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE,
			"RequestEntityTooLargeException", "A request has at most %d headers.",
			EXCHANGE_HEADER_MAX);
		return false;
	}
	MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, take_header, exchange);
	length = sigv4_header_value(&exchange->request, MHD_HTTP_HEADER_CONTENT_LENGTH);
	if (length == NULL || strtoull(length, NULL, 10) <= body_limit)
		return true;
	exchange_fail(exchange, MHD_HTTP_CONTENT_TOO_LARGE, "RequestEntityTooLargeException",
		"A body has at most %u bytes.", body_limit);
	return false;
}

bool exchange_take_body(struct exchange *exchange, const char *data, size_t length, uint32_t limit)
{
	size_t whole = exchange->body_length + length;
	char *body = whole <= limit ? realloc(exchange->body, whole + 1) : NULL;

	if (body == NULL)
		return false;
	memcpy(body + exchange->body_length, data, length);
	body[whole] = '\0';
	exchange->body = body;
	exchange->body_length = whole;
	return true;
}

void exchange_answer(
	struct exchange *exchange, unsigned int status, const char *content_type, char *text)
{
	const char *const headers[][2] = {
		{MHD_HTTP_HEADER_CONTENT_TYPE, content_type},
		{"x-amzn-RequestId", exchange->id},
		{MHD_HTTP_HEADER_CACHE_CONTROL, "no-store"},
		{"X-Content-Type-Options", "nosniff"},
	};
	struct MHD_Response *response = NULL;

	if (text != NULL)
		response =
			MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE);
	if (response == NULL)
		free(text);
	for (size_t i = 0; response != NULL && i < sizeof(headers) / sizeof(headers[0]); i++) {
		if (MHD_add_response_header(response, headers[i][0], headers[i][1]) == MHD_YES)
			continue;
		MHD_destroy_response(response);
		response = NULL;
	}
	exchange->status = status;
	exchange->response = response;
	server_resume(exchange);
}

void exchange_answer_json(struct exchange *exchange, unsigned int status, const json_t *object)
{
	exchange_answer(
		exchange, status, CONTENT_TYPE, object ? json_dumps(object, DUMP_FLAGS) : NULL);
}

void exchange_fail(
	struct exchange *exchange, unsigned int status, const char *type, const char *format, ...)
{
	char *message = NULL;
	va_list arguments;
	json_t *object = NULL;

	va_start(arguments, format);
	if (vasprintf(&message, format, arguments) < 0)
		message = NULL;
	va_end(arguments);
	if (message != NULL)
		object = json_pack("{s:s, s:s}", "__type", type, "Message", message);
	exchange->error = type;
	exchange_answer_json(exchange, status, object);
	json_decref(object);
	free(message);
}

void exchange_peer(const struct exchange *exchange, char text[EXCHANGE_PEER_SIZE])
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *address = info != NULL ? info->client_addr : NULL;
	char host[INET6_ADDRSTRLEN];

	if (address != NULL && address->sa_family == AF_INET) {
		const struct sockaddr_in *ipv4 = (const struct sockaddr_in *)address;

		inet_ntop(AF_INET, &ipv4->sin_addr, host, sizeof(host));
		snprintf(text, EXCHANGE_PEER_SIZE, "%s:%u", host, ntohs(ipv4->sin_port));
	} else if (address != NULL && address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *)address;

		inet_ntop(AF_INET6, &ipv6->sin6_addr, host, sizeof(host));
		snprintf(text, EXCHANGE_PEER_SIZE, "[%s]:%u", host, ntohs(ipv6->sin6_port));
	} else {
		snprintf(text, EXCHANGE_PEER_SIZE, "unix");
	}
}
