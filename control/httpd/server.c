/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/httpd/server.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <uuid/uuid.h>

#include "control/client/clock.h"
#include "control/log.h"
#include "control/rate_limit.h"

/* In GnuTLS's words: 1.2 and 1.3, with 128 bits of security or more. */
#define TLS_PRIORITIES "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

/* Lines of log a second about requests that nobody has signed. */
enum { UNSIGNED_LINES = 20 };

struct server {
	struct event_base *base;
	const struct settings *settings;
	server_request_fn *request;
	void *context;
	struct MHD_Daemon *mhd;
	struct event *ready; /* mhd's epoll descriptor */
	struct event *turn;  /* mhd has work, whatever its sockets say */
	size_t exchange_count;
	bool draining;
	struct rate_limit lines; /* about requests that nobody has signed */
	uint64_t lines_left_out;
	uint64_t answered[SERVER_STATUS_MAX]; /* by status */
};

/* One connection, as libmicrohttpd's "socket context". */
struct client {
	struct event *deadline;
	int fd;
};

/* ---- the loop ---- */

static void run(struct server *server)
{
	MHD_UNSIGNED_LONG_LONG milliseconds;
	struct timeval wait;

	MHD_run(server->mhd);
	if (server->draining && server->exchange_count == 0)
		event_base_loopexit(server->base, NULL);
	if (MHD_get_timeout(server->mhd, &milliseconds) != MHD_YES) {
		evtimer_del(server->turn);
		return;
	}
	wait.tv_sec = (time_t)(milliseconds / 1000);
	wait.tv_usec = (suseconds_t)(milliseconds % 1000 * 1000);
	evtimer_add(server->turn, &wait);
}

static void on_ready(evutil_socket_t fd, short events, void *context)
{
	(void)fd;
	(void)events;
	run(context);
}

static void run_soon(struct server *server)
{
	static const struct timeval at_once = {0, 0};

	evtimer_add(server->turn, &at_once);
}

/* ---- connections and their deadlines ---- */

static struct client *client_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info != NULL ? info->socket_context : NULL;
}

static void restart_deadline(struct server *server, struct MHD_Connection *connection)
{
	const struct timeval wait = {server->settings->deadline, 0};
	struct client *client = client_of(connection);

	if (client != NULL)
		evtimer_add(client->deadline, &wait);
}

/* libmicrohttpd finds the end of the stream, and closes. */
static void on_deadline(evutil_socket_t fd, short events, void *context)
{
	struct client *client = context;

	(void)fd;
	(void)events;
	shutdown(client->fd, SHUT_RDWR);
}

static void *begin_client(struct server *server, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	const struct timeval wait = {server->settings->deadline, 0};
	struct client *client = calloc(1, sizeof(*client));

	if (client != NULL) {
		client->fd = info->connect_fd;
		client->deadline = evtimer_new(server->base, on_deadline, client);
		if (client->deadline != NULL && evtimer_add(client->deadline, &wait) == 0)
			return client;
		if (client->deadline != NULL)
			event_free(client->deadline);
		free(client);
	}
	/* Without a deadline it is not served. */
	log_failure(-ENOMEM, "connection");
	shutdown(info->connect_fd, SHUT_RDWR);
	return NULL;
}

static void on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
	enum MHD_ConnectionNotificationCode what)
{
	struct client *client = *socket_context;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		*socket_context = begin_client(context, connection);
	} else if (client != NULL) {
		event_free(client->deadline);
		free(client);
	}
}

/* ---- requests ---- */

/* The request line is there. What this returns is the exchange of the calls that follow. */
static void *on_request_line(void *context, const char *target, struct MHD_Connection *connection)
{
	struct server *server = context;
	struct exchange *exchange = calloc(1, sizeof(*exchange));
	uuid_t id;

	restart_deadline(server, connection);
	if (exchange == NULL)
		return NULL;
	exchange->target = strdup(target);
	exchange->body = strdup("");
	if (exchange->target == NULL || exchange->body == NULL) {
		free(exchange->target);
		free(exchange->body);
		free(exchange);
		return NULL;
	}
	exchange->server = server;
	exchange->connection = connection;
	exchange->began = clock_nanoseconds();
	uuid_generate_random(id);
	uuid_unparse_lower(id, exchange->id);
	server->exchange_count++;
	return exchange;
}

/* Whether there is to be a line about it: who is not known is not to fill the log. */
static bool is_logged(struct server *server, const struct exchange *exchange)
{
	if (exchange->access_key != NULL)
		return true;
	if (!rate_limit_take(&server->lines, clock_nanoseconds())) {
		server->lines_left_out++;
		return false;
	}
	if (server->lines_left_out > 0)
		log_write(LOG_WARNING, "%" PRIu64 " unsigned requests were not logged",
			server->lines_left_out);
	server->lines_left_out = 0;
	return true;
}

static void log_exchange(const struct exchange *exchange, const char *outcome)
{
	char peer[EXCHANGE_PEER_SIZE];

	if (!is_logged(exchange->server, exchange))
		return;
	exchange_peer(exchange, peer);
	log_write(LOG_INFO, "%s %s %s %s %u %s, %" PRIu64 " us", exchange->id, peer,
		exchange->access_key != NULL ? exchange->access_key : "-",
		exchange->action != NULL ? exchange->action : "-", exchange->status, outcome,
		(clock_nanoseconds() - exchange->began) / 1000);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **request_context,
	enum MHD_RequestTerminationCode code)
{
	struct server *server = context;
	struct exchange *exchange = *request_context;

	restart_deadline(server, connection);
	*request_context = NULL;
	if (exchange == NULL)
		return;
	if (code != MHD_REQUEST_TERMINATED_COMPLETED_OK) {
		log_exchange(exchange, "cut off");
	} else {
		server->answered[exchange->status]++;
		log_exchange(exchange, exchange->error != NULL ? exchange->error : "ok");
	}
	if (exchange->response != NULL)
		MHD_destroy_response(exchange->response);
	free(exchange->access_key);
	free(exchange->target);
	free(exchange->body);
	free(exchange);
	server->exchange_count--;
	if (server->draining)
		run_soon(server);
}

/* A client that sends more than it may is not read any further. */
static enum MHD_Result take_body(struct exchange *exchange, const char *data, size_t *length)
{
	uint32_t limit = exchange->server->settings->body_bytes;

	if (!exchange_take_body(exchange, data, *length, limit))
		return MHD_NO;
	*length = 0;
	return MHD_YES;
}

static enum MHD_Result send_answer(struct exchange *exchange)
{
	if (exchange->response == NULL)
		return MHD_NO; /* without memory: the connection ends */
	return MHD_queue_response(exchange->connection, exchange->status, exchange->response);
}

/*
 * Called with the headers, with each piece of the body, with no piece when there are no more,
 * and once
 * more after a pause.
 */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
	const char *path, const char *method, const char *version, const char *data, size_t *length,
	void **request_context)
{
	struct exchange *exchange = *request_context;
	struct server *server = context;

	(void)path;
	(void)version;
	if (exchange == NULL)
		return MHD_NO;
	if (exchange->request.method == NULL) {
		exchange->request.method = method;
		exchange->request.target = exchange->target;
		return exchange_take_headers(exchange, server->settings->body_bytes)
			? MHD_YES
			: send_answer(exchange);
	}
	if (*length > 0)
		return take_body(exchange, data, length);
	if (exchange->status == 0) {
		exchange->request.body = exchange->body;
		exchange->request.body_length = exchange->body_length;
		server->request(exchange, server->context);
	}
	if (exchange->status != 0)
		return send_answer(exchange);
	MHD_suspend_connection(connection);
	exchange->suspended = true;
	return MHD_YES;
}

void server_resume(struct exchange *exchange)
{
	if (!exchange->suspended)
		return;
	exchange->suspended = false;
	MHD_resume_connection(exchange->connection);
	run_soon(exchange->server);
}

/* ---- life-cycle ---- */

void server_add(struct server *server, int fd, const struct sockaddr *address, socklen_t length)
{
	/* It closes what it does not take. */
	if (MHD_add_connection(server->mhd, fd, address, length) == MHD_YES)
		run_soon(server);
}

static struct MHD_Daemon *start_mhd(struct server *server, const struct tls *tls)
{
	const struct settings *settings = server->settings;
	const struct MHD_OptionItem none = {MHD_OPTION_END, 0, NULL};
	struct MHD_OptionItem secure[] = {
		{MHD_OPTION_HTTPS_MEM_CERT, 0, tls->certificate},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, tls->key},
		{MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)TLS_PRIORITIES},
		none,
	};
	unsigned int flags =
		MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME;

	if (tls->certificate != NULL)
		flags |= MHD_USE_TLS;
	else
		secure[0] = none;
	return MHD_start_daemon(flags, 0, NULL, NULL, on_request, server, MHD_OPTION_ARRAY, secure,
		MHD_OPTION_CONNECTION_LIMIT, settings->connections,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, settings->connections_per_address,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)settings->header_bytes,
		MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_URI_LOG_CALLBACK,
		on_request_line, server, MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
		MHD_OPTION_END);
}

int server_create(struct event_base *base, const struct settings *settings, const struct tls *tls,
	server_request_fn *request, void *context, struct server **ret_server)
{
	struct server *server = calloc(1, sizeof(*server));
	const union MHD_DaemonInfo *info;

	if (server == NULL)
		return log_failure(-ENOMEM, "server");
	server->base = base;
	server->settings = settings;
	server->request = request;
	server->context = context;
	rate_limit_init(&server->lines, UNSIGNED_LINES, clock_nanoseconds());
	server->mhd = start_mhd(server, tls);
	if (server->mhd == NULL) {
		log_write(LOG_ERR, "server not started%s",
			tls->certificate != NULL ? ": are certificate and key good?" : "");
		server_destroy(server);
		return -EINVAL;
	}
	info = MHD_get_daemon_info(server->mhd, MHD_DAEMON_INFO_EPOLL_FD);
	server->ready = event_new(base, info->epoll_fd, EV_READ | EV_PERSIST, on_ready, server);
	server->turn = evtimer_new(base, on_ready, server);
	if (server->ready == NULL || server->turn == NULL || event_add(server->ready, NULL) != 0)
		goto fail;
	*ret_server = server;
	return 0;

fail:
	server_destroy(server);
	return log_failure(-ENOMEM, "server");
}

uint64_t server_answered(const struct server *server, unsigned int status)
{
	return server->answered[status];
}

unsigned int server_connections(const struct server *server)
{
	return MHD_get_daemon_info(server->mhd, MHD_DAEMON_INFO_CURRENT_CONNECTIONS)
		->num_connections;
}

void server_drain(struct server *server)
{
	server->draining = true;
	run_soon(server);
}

void server_destroy(struct server *server)
{
	if (server == NULL)
		return;
	if (server->ready != NULL)
		event_free(server->ready);
	server->ready = NULL;
	if (server->mhd != NULL)
		MHD_stop_daemon(server->mhd);
	if (server->turn != NULL)
		event_free(server->turn);
	free(server);
}
