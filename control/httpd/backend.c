/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/httpd/backend.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "control/client/answer.h"
#include "control/log.h"

/* Above any document that the daemon describes, a page of 100 flows and any status. */
enum { ANSWER_MAX = 8 << 20 };

static const struct timeval answer_timeout = {10, 0};

struct call {
	json_int_t id;
	backend_answered_fn *answered;
	void *context;
	TAILQ_ENTRY(call) link;
};

struct backend {
	struct event_base *base;
	const char *path;
	struct bufferevent *stream; /* NULL: not connected */
	struct event *overdue;	    /* pending while calls wait */
	size_t scanned;		    /* bytes of the input known to have no line's end */
	json_int_t last_id;
	TAILQ_HEAD(call_queue, call) calls; /* the oldest first */
};

static void disconnect(struct backend *backend)
{
	if (backend->stream != NULL)
		bufferevent_free(backend->stream);
	backend->stream = NULL;
	backend->scanned = 0;
	evtimer_del(backend->overdue);
}

/* End the connection, and tell everybody who waits; they may call again meanwhile. */
static void fail_all(struct backend *backend, const char *cause)
{
	struct call_queue calls = TAILQ_HEAD_INITIALIZER(calls);
	struct call *call;

	log_write(LOG_ERR, "%s: %s", backend->path, cause);
	disconnect(backend);
	TAILQ_CONCAT(&calls, &backend->calls, link);
	while ((call = TAILQ_FIRST(&calls)) != NULL) {
		TAILQ_REMOVE(&calls, call, link);
		call->answered(-ECONNRESET, NULL, NULL, call->context);
		free(call);
	}
}

/* ---- answers ---- */

/* The time runs for the oldest call. */
static void restart_timeout(struct backend *backend)
{
	if (TAILQ_EMPTY(&backend->calls))
		evtimer_del(backend->overdue);
	else
		evtimer_add(backend->overdue, &answer_timeout);
}

/* Give the line to the oldest call. Returns whether it was the answer to that. */
static bool deliver(struct backend *backend, const char *line, size_t length)
{
	struct call *call = TAILQ_FIRST(&backend->calls);
	json_t *result = NULL, *refusal = NULL;
	char *message = NULL;
	int error;

	if (call == NULL)
		return false;
	error = answer_parse_error(line, length, call->id, &result, &refusal, &message);
	free(message);
	if (error == 0 || error == -EREMOTEIO) {
		TAILQ_REMOVE(&backend->calls, call, link);
		restart_timeout(backend);
		call->answered(error, result, refusal, call->context);
		free(call);
	}
	json_decref(result);
	json_decref(refusal);
	return error == 0 || error == -EREMOTEIO;
}

static void on_read(struct bufferevent *stream, void *context)
{
	struct backend *backend = context;
	struct evbuffer *input = bufferevent_get_input(stream);

	for (;;) {
		struct evbuffer_ptr from, end;
		const char *line;
		bool good;

		evbuffer_ptr_set(input, &from, backend->scanned, EVBUFFER_PTR_SET);
		end = evbuffer_search_eol(input, &from, NULL, EVBUFFER_EOL_LF);
		if (end.pos < 0)
			break;
		line = (const char *)evbuffer_pullup(input, end.pos);
		good = line != NULL && deliver(backend, line, (size_t)end.pos);
		if (backend->stream != stream)
			return; /* a call has ended the connection */
		if (!good) {
			fail_all(backend, "the daemon's answer is not one");
			return;
		}
		evbuffer_drain(input, (size_t)end.pos + 1);
		backend->scanned = 0;
	}
	backend->scanned = evbuffer_get_length(input);
	if (backend->scanned >= ANSWER_MAX)
		fail_all(backend, "the daemon's answer is too long");
}

static void on_event(struct bufferevent *stream, short what, void *context)
{
	struct backend *backend = context;

	(void)stream;
	if ((what & BEV_EVENT_CONNECTED) != 0)
		return;
	if ((what & BEV_EVENT_EOF) != 0 && TAILQ_EMPTY(&backend->calls))
		disconnect(backend); /* the daemon was stopped, and nobody waits for it */
	else
		fail_all(backend,
			(what & BEV_EVENT_EOF) != 0 ? "the daemon closed the connection"
						    : strerrordesc_np(errno));
}

static void on_overdue(evutil_socket_t fd, short events, void *context)
{
	(void)fd;
	(void)events;
	fail_all(context, "the daemon does not answer");
}

/* ---- requests ---- */

static int connect_daemon(struct backend *backend)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (strlen(backend->path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, backend->path);
	backend->stream = bufferevent_socket_new(
		backend->base, -1, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	if (backend->stream == NULL)
		return -ENOMEM;
	bufferevent_setcb(backend->stream, on_read, NULL, on_event, backend);
	bufferevent_setwatermark(backend->stream, EV_READ, 0, ANSWER_MAX);
	if (bufferevent_enable(backend->stream, EV_READ | EV_WRITE) != 0 ||
		bufferevent_socket_connect(
			backend->stream, (struct sockaddr *)&address, sizeof(address)) != 0) {
		disconnect(backend);
		log_write(LOG_ERR, "cannot connect to %s", backend->path);
		return -ECONNREFUSED;
	}
	return 0;
}

static int write_request(
	struct backend *backend, json_int_t id, const char *method, const json_t *params)
{
	json_t *request = json_pack(
		"{sssIsssO}", "jsonrpc", "2.0", "id", id, "method", method, "params", params);
	char *text = request != NULL ? json_dumps(request, JSON_COMPACT) : NULL;
	struct evbuffer *output = bufferevent_get_output(backend->stream);
	int error = -ENOMEM;

	json_decref(request);
	if (text != NULL) {
		size_t length = strlen(text);

		/* The line's end takes the place of the string's. */
		text[length] = '\n';
		error = evbuffer_add(output, text, length + 1) == 0 ? 0 : -ENOMEM;
	}
	free(text);
	return error;
}

int backend_call(struct backend *backend, const char *method, const json_t *params,
	backend_answered_fn *answered, void *context)
{
	struct call *call = malloc(sizeof(*call));
	int error = call != NULL ? 0 : -ENOMEM;

	if (error == 0 && backend->stream == NULL)
		error = connect_daemon(backend);
	if (error == 0)
		error = write_request(backend, ++backend->last_id, method, params);
	if (error != 0) {
		free(call);
		return error;
	}
	*call = (struct call){.id = backend->last_id, .answered = answered, .context = context};
	TAILQ_INSERT_TAIL(&backend->calls, call, link);
	if (!evtimer_pending(backend->overdue, NULL))
		restart_timeout(backend);
	return 0;
}

int backend_create(struct event_base *base, const char *path, struct backend **ret_backend)
{
	struct backend *backend = calloc(1, sizeof(*backend));

	if (backend == NULL)
		return -ENOMEM;
	backend->base = base;
	backend->path = path;
	TAILQ_INIT(&backend->calls);
	backend->overdue = evtimer_new(base, on_overdue, backend);
	if (backend->overdue == NULL) {
		free(backend);
		return -ENOMEM;
	}
	*ret_backend = backend;
	return 0;
}

void backend_destroy(struct backend *backend)
{
	if (backend == NULL)
		return;
	if (!TAILQ_EMPTY(&backend->calls))
		fail_all(backend, "stopping");
	disconnect(backend);
	event_free(backend->overdue);
	free(backend);
}
