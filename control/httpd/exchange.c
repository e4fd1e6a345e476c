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
