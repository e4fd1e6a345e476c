/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * server: HTTP by libmicrohttpd on the event loop, within the limits of the settings.
 *
 * Overview: libmicrohttpd has its sockets in an epoll descriptor, which libevent watches.
 * Connections are
 * accepted elsewhere (listener.h) and given to it. Each has a deadline of its own, that of its
 * request: from the answer before, or the connection's begin, to the request line, and from
 * there to
 * the end of the answer. When it is over the connection is shut down, whatever it is at.
 */
#ifndef TIDEGATE_CONTROL_HTTPD_SERVER_H
#define TIDEGATE_CONTROL_HTTPD_SERVER_H

#include <sys/socket.h>

#include "control/httpd/exchange.h"
#include "control/httpd/settings.h"
#include "control/httpd/tls.h"

struct event_base;

/* A request has come in full. It is answered now or later, by exchange_answer(). */
typedef void server_request_fn(struct exchange *exchange, void *context);

/*
 * settings are borrowed; tls may be gone afterwards. Returns 0, or -errno with the cause logged.
 */
int server_create(struct event_base *base, const struct settings *settings, const struct tls *tls,
	server_request_fn *request, void *context, struct server **ret_server);

/* Every exchange has to be answered before. */
void server_destroy(struct server *server);

/* Take over a connection; one beyond the limits is closed. */
void server_add(struct server *server, int fd, const struct sockaddr *address, socklen_t length);

/* Statuses of HTTP are below it. */
enum { SERVER_STATUS_MAX = 600 };

/* How many requests have been answered with a status, and how many connections there are. */
uint64_t server_answered(const struct server *server, unsigned int status);
unsigned int server_connections(const struct server *server);

/* End the loop once no request is under way. */
void server_drain(struct server *server);

/* The exchange has its answer; to be called by exchange_answer() alone. */
void server_resume(struct exchange *exchange);

#endif
