/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/connection.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/log.h"
#include "control/peer.h"
#include "control/rpc.h"

enum {
	OUTPUT_LOW = CONNECTION_OUTPUT_MAX / 4, /* more is made once the output is down to this */
	SINGLE_READ = 1 << 16,			/* bytes a system call */
	SINGLE_WRITE = 1 << 18,
};

static const struct timeval at_once = {0, 0};
static const struct timeval write_timeout = {60, 0};
static const struct timeval linger_timeout = {5, 0};

struct connection {
	const struct flow_api *api;
	struct bufferevent *stream;
	struct event *turn;    /* the next step; once it lingers, its end */
	struct event *overdue; /* pending while the input holds a line without its end */
	struct rpc_call *call; /* the line being answered, or NULL */
	size_t scanned;	       /* bytes of the input known to have no line's end */
	bool ended;	       /* no more input will come */
	bool drained;	       /* by connection_drain(): a line without its end is not one */
	bool lingering;	       /* refused: the answer is under way, what comes in is thrown away */
	connection_closed_fn *closed;
	void *context;
};

/* ---- lines ---- */

enum line { LINE_NONE, LINE_WHOLE, LINE_TOO_LONG };

/* Find the first line of the input: its length, and that of its end, LF or CR LF. */
static enum line find_line(struct connection *connection, size_t *ret_length, size_t *ret_end)
{
	struct evbuffer *input = bufferevent_get_input(connection->stream);
	size_t size = evbuffer_get_length(input);
	struct evbuffer_ptr from, found;

	*ret_length = size;
	*ret_end = 0;
	evbuffer_ptr_set(input, &from, connection->scanned, EVBUFFER_PTR_SET);
	found = evbuffer_search_eol(input, &from, ret_end, EVBUFFER_EOL_CRLF);
	if (found.pos >= 0) {
		*ret_length = (size_t)found.pos;
		return *ret_length > CONNECTION_LINE_MAX ? LINE_TOO_LONG : LINE_WHOLE;
	}
	connection->scanned = size > 0 ? size - 1 : 0; /* the last byte may be the CR of CR LF */
	if (size > CONNECTION_LINE_MAX + 1)
		return LINE_TOO_LONG;
	return connection->ended && !connection->drained && size > 0 ? LINE_WHOLE : LINE_NONE;
}

/* Begin to answer the first line of the input; an empty one has no answer. Returns 0 or -ENOMEM. */
static int begin_line(struct connection *connection, size_t length, size_t line_end)
{
	struct evbuffer *input = bufferevent_get_input(connection->stream);
	const char *text;
	int error = 0;

	if (length > 0) {
		text = (const char *)evbuffer_pullup(input, (ev_ssize_t)length);
		error = text == NULL ? -ENOMEM
				     : rpc_begin(connection->api, text, length, &connection->call);
	}
	evbuffer_drain(input, length + line_end);
	connection->scanned = 0;
	return error;
}

/*
 * The rest of a line that is refused is still on its way. Closing at once would reset the
 * connection before the client has read why, so what comes in is thrown away for some seconds.
 */
static int refuse_line(struct connection *connection, struct reply *reply)
{
	connection->lingering = true;
	if (evtimer_add(connection->turn, &linger_timeout) != 0)
		return -ENOMEM;
	return rpc_write_error(bufferevent_get_output(connection->stream), reply);
}

static int refuse_long_line(struct connection *connection)
{
	struct reply reply = {0};

	reply_fail(&reply, REPLY_REQUEST, "a line must have at most %d bytes", CONNECTION_LINE_MAX);
	return refuse_line(connection, &reply);
}

static int refuse_slow_line(struct connection *connection)
{
	struct reply reply = {0};

	reply_fail(&reply, REPLY_REQUEST, "a line must end within %" PRIu32 " s",
		connection->api->config->socket_request_seconds);
	return refuse_line(connection, &reply);
}

/*
 * Allow so many seconds from a line's first byte to its end. The time runs while there is nothing
 * here to wait for but the rest of that line: not while lines before it are answered, nor once the
 * client's stream has ended.
 */
static int watch_line(struct connection *connection, enum line line)
{
	const struct timeval time = {connection->api->config->socket_request_seconds, 0};
	bool begun = evbuffer_get_length(bufferevent_get_input(connection->stream)) > 0;

	if (line != LINE_NONE || !begun || connection->ended)
		return event_del(connection->overdue);
	if (evtimer_pending(connection->overdue, NULL))
		return 0;
	return evtimer_add(connection->overdue, &time);
}

/* ---- steps ---- */

/* What a step leads to: the next one in the next turn of the loop, or when something happens. */
enum step { STEP_AGAIN, STEP_WAIT, STEP_END };

static bool output_is_empty(struct connection *connection)
{
	return evbuffer_get_length(bufferevent_get_output(connection->stream)) == 0;
}

static enum step linger(struct connection *connection)
{
	struct evbuffer *input = bufferevent_get_input(connection->stream);

	evbuffer_drain(input, evbuffer_get_length(input));
	if (!output_is_empty(connection))
		return STEP_WAIT;
	shutdown(bufferevent_getfd(connection->stream), SHUT_WR);
	return connection->ended ? STEP_END : STEP_WAIT;
}

static enum step begin_step(struct connection *connection)
{
	size_t length, line_end;
	enum line line = find_line(connection, &length, &line_end);

	if (watch_line(connection, line) != 0)
		return STEP_END;
	switch (line) {
	case LINE_WHOLE:
		return begin_line(connection, length, line_end) == 0 ? STEP_AGAIN : STEP_END;
	case LINE_TOO_LONG:
		return refuse_long_line(connection) == 0 ? STEP_WAIT : STEP_END;
	case LINE_NONE:
		break;
	}
	return connection->ended && output_is_empty(connection) ? STEP_END : STEP_WAIT;
}

static enum step answer_step(struct connection *connection)
{
	int more = rpc_step(connection->call, bufferevent_get_output(connection->stream));

	if (more < 0)
		return STEP_END;
	if (more == 0) {
		rpc_end(connection->call);
		connection->call = NULL;
	}
	return STEP_AGAIN;
}

static enum step step(struct connection *connection)
{
	struct bufferevent *stream = connection->stream;

	if (connection->lingering)
		return linger(connection);
	if (evbuffer_get_length(bufferevent_get_output(stream)) >= CONNECTION_OUTPUT_MAX) {
		bufferevent_disable(stream, EV_READ);
		return STEP_WAIT;
	}
	if (!connection->ended && (bufferevent_get_enabled(stream) & EV_READ) == 0)
		bufferevent_enable(stream, EV_READ);
	return connection->call != NULL ? answer_step(connection) : begin_step(connection);
}

static void end(struct connection *connection)
{
	connection->closed(connection, connection->context);
	connection_destroy(connection);
}

static void advance(struct connection *connection)
{
	enum step next = step(connection);

	if (next == STEP_AGAIN && evtimer_add(connection->turn, &at_once) != 0)
		next = STEP_END;
	if (next == STEP_END)
		end(connection);
}

/* ---- events ---- */

static void on_turn(evutil_socket_t fd, short events, void *context)
{
	struct connection *connection = context;

	(void)fd;
	(void)events;
	if (connection->lingering)
		end(connection);
	else
		advance(connection);
}

static void on_overdue(evutil_socket_t fd, short events, void *context)
{
	struct connection *connection = context;

	(void)fd;
	(void)events;
	peer_log(bufferevent_getfd(connection->stream), LOG_NOTICE,
		"client cut off, it did not end its request in time");
	if (refuse_slow_line(connection) != 0)
		end(connection);
}

/* Input, or room in the output. */
static void on_stream(struct bufferevent *stream, void *context)
{
	struct connection *connection = context;

	(void)stream;
	if (connection->lingering || !evtimer_pending(connection->turn, NULL))
		advance(connection);
}

static void on_end(struct bufferevent *stream, short what, void *context)
{
	struct connection *connection = context;

	if ((what & BEV_EVENT_EOF) == 0) {
		end(connection); /* an error, or no progress in writing */
		return;
	}
	connection->ended = true;
	on_stream(stream, connection);
}

/* ---- life-cycle ---- */

int connection_create(struct event_base *base, int fd, const struct flow_api *api,
	connection_closed_fn *closed, void *context, struct connection **ret_connection)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (connection == NULL) {
		close(fd);
		return -ENOMEM;
	}
	connection->api = api;
	connection->closed = closed;
	connection->context = context;
	connection->turn = evtimer_new(base, on_turn, connection);
	connection->overdue = evtimer_new(base, on_overdue, connection);
	connection->stream = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (connection->turn == NULL || connection->overdue == NULL || connection->stream == NULL)
		goto fail;
	bufferevent_setcb(connection->stream, on_stream, on_stream, on_end, connection);
	/* A line of the full length and its end. */
	bufferevent_setwatermark(connection->stream, EV_READ, 0, CONNECTION_LINE_MAX + 2);
	bufferevent_setwatermark(connection->stream, EV_WRITE, OUTPUT_LOW, 0);
	if (bufferevent_set_max_single_read(connection->stream, SINGLE_READ) != 0 ||
		bufferevent_set_max_single_write(connection->stream, SINGLE_WRITE) != 0 ||
		bufferevent_set_timeouts(connection->stream, NULL, &write_timeout) != 0 ||
		bufferevent_enable(connection->stream, EV_READ | EV_WRITE) != 0)
		goto fail;
	*ret_connection = connection;
	return 0;

fail:
	if (connection->stream != NULL)
		bufferevent_free(connection->stream);
	else
		close(fd);
	if (connection->turn != NULL)
		event_free(connection->turn);
	if (connection->overdue != NULL)
		event_free(connection->overdue);
	free(connection);
	return -ENOMEM;
}

void connection_destroy(struct connection *connection)
{
	if (connection == NULL)
		return;
	bufferevent_free(connection->stream);
	event_free(connection->turn);
	event_free(connection->overdue);
	rpc_end(connection->call);
	free(connection);
}

void connection_drain(struct connection *connection)
{
	connection->ended = true;
	connection->drained = true;
	bufferevent_disable(connection->stream, EV_READ);
	if (connection->lingering || !evtimer_pending(connection->turn, NULL))
		advance(connection);
}
