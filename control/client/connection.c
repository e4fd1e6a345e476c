/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/client/connection.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/client/answer.h"
#include "control/client/clock.h"
#include "control/client/message.h"

enum {
	READ_SIZE = 64 << 10,
	/* Far above the largest page, 65,536 flows. */
	ANSWER_LIMIT = 256 << 20,
};

struct connection {
	int fd;
	unsigned int timeout; /* milliseconds a call */
	json_int_t id;	      /* of the last request */
	char *buffer;	      /* the answer so far */
	size_t used;
	size_t size;
};

/* Wait until the socket is ready for events. Returns 0, -ETIMEDOUT or -errno. */
static int wait_ready(const struct connection *connection, short events, int64_t deadline)
{
	struct pollfd ready = {.fd = connection->fd, .events = events};

	for (;;) {
		int64_t left = deadline - clock_milliseconds();
		int count = poll(&ready, 1, left > 0 ? (int)left : 0);

		if (count > 0)
			return 0;
		if (count == 0)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
}

/*
 * A Unix socket's connect() waits while the server's backlog is full, as long as its send timeout
 * says and then fails with EAGAIN. A non-blocking one fails at once, with nothing to poll for.
 */
static int connect_socket(int fd, const struct sockaddr_un *address, unsigned int timeout)
{
	struct timeval limit = {.tv_sec = timeout / 1000, .tv_usec = timeout % 1000 * 1000};

	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	return 0;
}

int connection_open(const char *path, unsigned int timeout, struct connection **ret_connection,
	char **ret_message)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct connection *connection;
	int error;

	if (strlen(path) >= sizeof(address.sun_path))
		return message_set(ret_message, -ENAMETOOLONG, "cannot connect to %s: %s", path,
			strerror(ENAMETOOLONG));
	strcpy(address.sun_path, path);
	connection = calloc(1, sizeof(*connection));
	if (connection == NULL)
		return -ENOMEM;
	connection->timeout = timeout;
	connection->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	error = connection->fd < 0 ? -errno : connect_socket(connection->fd, &address, timeout);
	if (error != 0) {
		connection_close(connection);
		return message_set(
			ret_message, error, "cannot connect to %s: %s", path, strerror(-error));
	}
	*ret_connection = connection;
	return 0;
}

void connection_close(struct connection *connection)
{
	if (connection == NULL)
		return;
	if (connection->fd >= 0)
		close(connection->fd);
	free(connection->buffer);
	free(connection);
}

static int send_all(
	const struct connection *connection, const char *text, size_t length, int64_t deadline)
{
	while (length > 0) {
		ssize_t count = send(connection->fd, text, length, MSG_NOSIGNAL | MSG_DONTWAIT);
		int error;

		if (count >= 0) {
			text += count;
			length -= (size_t)count;
			continue;
		}
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
		error = wait_ready(connection, POLLOUT, deadline);
		if (error != 0)
			return error;
	}
	return 0;
}

static int send_request(
	struct connection *connection, const char *method, const json_t *params, int64_t deadline)
{
	json_t *request = json_pack("{sssIsssO}", "jsonrpc", "2.0", "id", ++connection->id,
		"method", method, "params", params);
	char *text = json_dumps(request, JSON_COMPACT);
	int error = -ENOMEM;

	json_decref(request);
	if (text != NULL) {
		size_t length = strlen(text);

		/* The line's end takes the place of the string's. */
		text[length] = '\n';
		error = send_all(connection, text, length + 1, deadline);
	}
	free(text);
	return error;
}

static int grow_buffer(struct connection *connection)
{
	size_t size = connection->size == 0 ? READ_SIZE : connection->size * 2;
	char *buffer;

	if (connection->used < connection->size)
		return 0;
	if (size > ANSWER_LIMIT)
		return -EMSGSIZE;
	buffer = realloc(connection->buffer, size);
	if (buffer == NULL)
		return -ENOMEM;
	connection->buffer = buffer;
	connection->size = size;
	return 0;
}

/* Read up to the end of a line; *ret_length is without it. */
static int receive_line(struct connection *connection, int64_t deadline, size_t *ret_length)
{
	connection->used = 0;
	for (;;) {
		char *end;
		ssize_t count;
		int error = grow_buffer(connection);

		if (error == 0)
			error = wait_ready(connection, POLLIN, deadline);
		if (error != 0)
			return error;
		count = recv(connection->fd, connection->buffer + connection->used,
			connection->size - connection->used, MSG_DONTWAIT);
		if (count == 0)
			return -ECONNRESET;
		if (count < 0) {
			if (errno != EAGAIN && errno != EINTR)
				return -errno;
			continue;
		}
		end = memchr(connection->buffer + connection->used, '\n', (size_t)count);
		connection->used += (size_t)count;
		if (end == NULL)
			continue;
		*ret_length = (size_t)(end - connection->buffer);
		/* One request, one line: anything behind it is not ours. */
		return *ret_length + 1 == connection->used ? 0 : -EPROTO;
	}
}

/* Send the request and receive the answer's line. */
static int exchange(struct connection *connection, const char *method, const json_t *params,
	size_t *ret_length, char **ret_message)
{
	int64_t deadline = clock_milliseconds() + connection->timeout;
	int error = send_request(connection, method, params, deadline);

	/* Of a server that hung up, the answer that it may have sent before says why. */
	if (error == 0 || error == -EPIPE)
		error = receive_line(connection, deadline, ret_length);
	if (error == -ETIMEDOUT)
		return message_set(ret_message, error, "no answer from the server within %u ms",
			connection->timeout);
	if (error == -ECONNRESET)
		return message_set(ret_message, error, "the server closed the connection");
	if (error != 0 && error != -ENOMEM)
		return message_set(
			ret_message, error, "no answer from the server: %s", strerror(-error));
	return error;
}

int connection_call(struct connection *connection, const char *method, const json_t *params,
	json_t **ret_result, char **ret_message)
{
	size_t length = 0;
	int error = exchange(connection, method, params, &length, ret_message);

	if (error != 0)
		return error;
	return answer_parse(connection->buffer, length, connection->id, ret_result, ret_message);
}

/* Parse what an answer has around its rows. */
static int parse_around(const struct connection *connection, size_t length, const struct rows *rows,
	json_t **ret_result, char **ret_message)
{
	size_t before = (size_t)(rows->text - connection->buffer);
	size_t after = length - before - rows->length;
	char *text = malloc(before + after);
	int error;

	if (text == NULL)
		return -ENOMEM;
	memcpy(text, connection->buffer, before);
	memcpy(text + before, rows->text + rows->length, after);
	error = answer_parse(text, before + after, connection->id, ret_result, ret_message);
	free(text);
	return error;
}

int connection_call_list(struct connection *connection, const char *method, const json_t *params,
	const char *list, struct rows *rows, json_t **ret_result, char **ret_message)
{
	size_t length = 0;
	int error = exchange(connection, method, params, &length, ret_message);

	*rows = (struct rows){NULL, 0};
	if (error != 0)
		return error;
	if (rows_find(connection->buffer, length, list, rows))
		return parse_around(connection, length, rows, ret_result, ret_message);
	return answer_parse(connection->buffer, length, connection->id, ret_result, ret_message);
}
