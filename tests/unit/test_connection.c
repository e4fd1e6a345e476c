/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One client's stream: lines and their ends, what is too long, and a client that does not read. The
 * client is the other end of a socket pair, driven in turns with the server's event loop.
 */
#include "control/connection.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/util.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/check.h"
#include "tests/unit/control_fixture.h"

#define REQUEST(id) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"ListFlowOperations\"}"
#define ANSWER(id) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"result\":{\"FlowOperations\":[]}}\n"
#define TOO_LONG                                                                                   \
	"{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,\"message\":"                 \
	"\"a line must have at most 1048576 bytes\"}}\n"

enum { ANSWERS_MAX = 1 << 22, ROUNDS_MAX = 1000000 };

struct client {
	struct event_base *base;
	struct connection *connection; /* NULL once it has ended */
	int fd;
};

static void on_closed(struct connection *connection, void *context)
{
	struct client *client = context;

	assert_ptr_equal(connection, client->connection);
	client->connection = NULL;
}

static void connect_client(const struct control_fixture *fixture, struct client *client)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	client->base = fixture->base;
	client->fd = fds[0];
	assert_int_equal(connection_create(client->base, fds[1], &fixture->api, on_closed, client,
				 &client->connection),
		0);
}

static void disconnect(struct client *client)
{
	connection_destroy(client->connection);
	close(client->fd);
}

/* As much as the socket takes now; returns how much. */
static size_t send_some(struct client *client, const char *data, size_t size)
{
	ssize_t sent = send(client->fd, data, size, MSG_NOSIGNAL);

	if (sent < 0) {
		assert_int_equal(errno, EAGAIN);
		return 0;
	}
	return (size_t)sent;
}

/* Append what has come in; false at the end of the stream. */
static bool receive_some(struct client *client, char *text, size_t *length)
{
	ssize_t got = recv(client->fd, text + *length, ANSWERS_MAX - 1 - *length, 0);

	if (got < 0)
		assert_int_equal(errno, EAGAIN);
	else
		*length += (size_t)got;
	text[*length] = '\0';
	return got != 0;
}

/*
 * Send everything, then with shut the end of the stream, and read until the server has ended it. In
 * rounds: neither side ever waits for the other.
 */
static char *talk(struct client *client, const char *data, size_t size, bool shut)
{
	char *text = malloc(ANSWERS_MAX);
	size_t sent = 0, length = 0;
	bool open = true;

	assert_non_null(text);
	for (int round = 0; open; round++) {
		assert_true(round < ROUNDS_MAX);
		if (sent < size)
			sent += send_some(client, data + sent, size - sent);
		if (sent == size && shut)
			shutdown(client->fd, SHUT_WR);
		event_base_loop(client->base, EVLOOP_NONBLOCK);
		open = receive_some(client, text, &length);
	}
	return text;
}

static void test_line_ends(void **state)
{
	static const struct {
		const char *sent;
		const char *answered;
	} cases[] = {
		{"", ""},
		{"\n", ""},
		{"\r\n\n\r\n", ""},
		{REQUEST("1") "\n", ANSWER("1")},
		{REQUEST("1") "\r\n", ANSWER("1")},
		{REQUEST("1"), ANSWER("1")},
		{REQUEST("1") "\r", ANSWER("1")},
		{REQUEST("1") "\n\n" REQUEST("2") "\r\n\r\n" REQUEST("3") "\n" REQUEST("4"),
			ANSWER("1") ANSWER("2") ANSWER("3") ANSWER("4")},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct client client;
		char *text;

		connect_client(*state, &client);
		text = talk(&client, cases[i].sent, strlen(cases[i].sent), true);
		assert_string_equal(text, cases[i].answered);
		assert_null(client.connection);
		free(text);
		disconnect(&client);
	}
}

/* Byte by byte, each in a turn of its own. */
static void test_pieces(void **state)
{
	static const char line[] = REQUEST("1") "\r\n";
	char *text = malloc(ANSWERS_MAX);
	struct client client;
	size_t length = 0;

	assert_non_null(text);
	connect_client(*state, &client);
	for (size_t i = 0; i < strlen(line); i++) {
		assert_int_equal(length, 0);
		assert_int_equal(send_some(&client, line + i, 1), 1);
		event_base_loop(client.base, EVLOOP_NONBLOCK);
		assert_true(receive_some(&client, text, &length));
	}
	for (int round = 0; length == 0; round++) {
		assert_true(round < ROUNDS_MAX);
		event_base_loop(client.base, EVLOOP_NONBLOCK);
		assert_true(receive_some(&client, text, &length));
	}
	assert_string_equal(text, ANSWER("1"));
	assert_non_null(client.connection);
	free(text);
	disconnect(&client);
}

/* A request with so many bytes before the line's end. */
static char *padded(size_t size, const char *line_end)
{
	char *text = malloc(size + strlen(line_end) + 1);

	assert_non_null(text);
	memset(text, ' ', size);
	memcpy(text, REQUEST("1"), strlen(REQUEST("1")));
	strcpy(text + size, line_end);
	return text;
}

static void test_longest_line(void **state)
{
	static const struct {
		size_t size;
		const char *line_end;
		const char *answered;
	} cases[] = {
		{1048576, "\n", ANSWER("1")},
		{1048576, "\r\n", ANSWER("1")},
		{1048576, "", ANSWER("1")},
		{1048577, "\n", TOO_LONG},
		{1048577, "\r\n", TOO_LONG},
		{1048578, "", TOO_LONG},
		{4 * 1048576, "\n" REQUEST("2") "\n", TOO_LONG},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *line = padded(cases[i].size, cases[i].line_end), *text;
		struct client client;

		connect_client(*state, &client);
		text = talk(&client, line, strlen(line), true);
		assert_string_equal(text, cases[i].answered);
		free(text);
		free(line);
		disconnect(&client);
	}
}

/* The error after a line that is too long is followed by the end, though the client has not
 * ended. */
static void test_end_after_long_line(void **state)
{
	char *line = padded(2 * 1048576, "\n"), *text;
	struct client client;

	connect_client(*state, &client);
	text = talk(&client, line, strlen(line), false);
	assert_string_equal(text, TOO_LONG);
	free(text);
	free(line);
	disconnect(&client);
}

/*
 * A client that sends and does not read is not read from any more once its answers wait, so that
 * neither side's memory grows; when it reads at last, it gets every answer in order.
 */
static void test_client_that_does_not_read(void **state)
{
	enum { IDLE_ROUNDS = 1000 };
	char *expected = malloc(ANSWERS_MAX), *text = malloc(ANSWERS_MAX);
	size_t length = 0, expected_length = 0;
	struct client client;
	int idle = 0, sent;

	assert_non_null(expected);
	assert_non_null(text);
	connect_client(*state, &client);
	for (sent = 0; idle < IDLE_ROUNDS; event_base_loop(client.base, EVLOOP_NONBLOCK)) {
		char line[128];

		snprintf(line, sizeof(line), REQUEST("%d") "\n", sent);
		if (expected_length > 3 * ANSWERS_MAX / 4)
			break;
		if (send_some(&client, line, strlen(line)) == 0) {
			idle++;
			continue;
		}
		expected_length += (size_t)sprintf(expected + expected_length, ANSWER("%d"), sent);
		sent++;
		idle = 0;
	}
	assert_int_equal(idle, IDLE_ROUNDS); /* it was held off */
	for (int round = 0; length < expected_length; round++) {
		assert_true(round < ROUNDS_MAX);
		event_base_loop(client.base, EVLOOP_NONBLOCK);
		assert_true(receive_some(&client, text, &length));
	}
	assert_string_equal(text, expected);
	free(expected);
	free(text);
	disconnect(&client);
}

/* What has come in is answered, half a line is not. */
static void test_drain(void **state)
{
	static const char lines[] = REQUEST("1") "\n" REQUEST("2") "\n" REQUEST("3");
	struct client client;
	char *text;

	connect_client(*state, &client);
	assert_int_equal(send_some(&client, lines, strlen(lines)), strlen(lines));
	event_base_loop(client.base, EVLOOP_ONCE); /* read, but not answered */
	connection_drain(client.connection);
	text = talk(&client, "", 0, false);
	assert_string_equal(text, ANSWER("1") ANSWER("2"));
	assert_null(client.connection);
	free(text);
	disconnect(&client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line_ends),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_longest_line),
		cmocka_unit_test(test_end_after_long_line),
		cmocka_unit_test(test_client_that_does_not_read),
		cmocka_unit_test(test_drain),
	};

	return cmocka_run_group_tests(tests, control_fixture_setup, control_fixture_teardown);
}
