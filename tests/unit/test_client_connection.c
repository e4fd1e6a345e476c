/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Answers as JSON-RPC 2.0 defines them (sections 5 and 5.1), and what a connection makes of a
 * server that is not there, hangs up, or keeps silent. The sockets are real; what the other end
 * sends was put into the socket before the call, so that no second thread is needed.
 */
#include "control/client/connection.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/client/answer.h"
#include "tests/unit/check.h"

#define THROTTLED                                                                                  \
	"{\"code\":2,\"message\":\"flow operation 1 is running\","                                 \
	"\"data\":{\"__type\":\"ThrottlingException\"}}"

/* Answers to request 7: an error and its message, or 0 and the result. */
static const struct {
	const char *answer;
	int error;
	const char *text;
} answers[] = {
	{"{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"a\":1}}", 0, "{\"a\":1}"},
	{"{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":" THROTTLED "}", -EREMOTEIO,
		"ThrottlingException: flow operation 1 is running"},
	{"{\"jsonrpc\":\"2.0\",\"id\":7,"
	 "\"error\":{\"code\":-32601,\"message\":\"no such method\"}}",
		-EREMOTEIO, "error -32601: no such method"},
	/* the server could not read the request, so it does not know its id */
	{"{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,\"message\":\"not JSON\"}}",
		-EREMOTEIO, "error -32700: not JSON"},
	{"{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{\"code\":2,\"message\":\"a\\u001b[2J\\nb\"}}",
		-EREMOTEIO, "error 2: a?[2J?b"},
	{"{\"jsonrpc\":\"2.0\",\"id\":8,\"result\":{}}", -EPROTO,
		"the answer is to another request"},
	{"{\"jsonrpc\":\"2.0\",\"id\":\"7\",\"result\":{}}", -EPROTO,
		"the answer is to another request"},
	{"{\"jsonrpc\":\"2.0\",\"id\":null,\"result\":{}}", -EPROTO,
		"the answer is to another request"},
	{"{\"jsonrpc\":\"1.0\",\"id\":7,\"result\":{}}", -EPROTO, "the answer is not JSON-RPC 2.0"},
	{"{\"id\":7,\"result\":{}}", -EPROTO, "the answer is not JSON-RPC 2.0"},
	{"{\"jsonrpc\":\"2.0\",\"id\":7}", -EPROTO, "the answer is not JSON-RPC 2.0"},
	{"{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{},\"error\":" THROTTLED "}", -EPROTO,
		"the answer is not JSON-RPC 2.0"},
	{"{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{\"message\":\"x\"}}", -EPROTO,
		"the answer's error has no code or message"},
	{"{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":[]}", -EPROTO,
		"the answer's result is no object"},
	{"[]", -EPROTO, "the answer is not JSON-RPC 2.0"},
	{"HTTP/1.1 200 OK", -EPROTO,
		"the answer is not JSON: column 4: '[' or '{' expected near 'HTTP'"},
};

static void test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		json_t *result = NULL;
		char *text = NULL;
		int error = answer_parse(
			answers[i].answer, strlen(answers[i].answer), 7, &result, &text);

		assert_int_equal(error, answers[i].error);
		if (error == 0)
			text = json_dumps(result, JSON_COMPACT);
		assert_string_equal(text, answers[i].text);
		free(text);
		json_decref(result);
	}
}

struct server {
	char directory[32];
	char path[64];
	int listener;
	int accepted; /* the other end of the connection */
	struct connection *connection;
};

static struct sockaddr_un socket_address(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	strcpy(address.sun_path, path);
	return address;
}

/* A listening socket. */
static int setup(void **state)
{
	struct server *server = calloc(1, sizeof(*server));
	struct sockaddr_un address;

	assert_non_null(server);
	strcpy(server->directory, "/tmp/test_client.XXXXXX");
	assert_non_null(mkdtemp(server->directory));
	snprintf(server->path, sizeof(server->path), "%s/socket", server->directory);
	address = socket_address(server->path);
	server->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(server->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(server->listener, 0), 0);
	server->accepted = -1;
	*state = server;
	return 0;
}

static int teardown(void **state)
{
	struct server *server = *state;

	connection_close(server->connection);
	if (server->accepted >= 0)
		close(server->accepted);
	if (server->listener >= 0)
		close(server->listener);
	unlink(server->path);
	rmdir(server->directory);
	free(server);
	return 0;
}

static void open_connection(struct server *server, unsigned int timeout)
{
	char *message = NULL;

	assert_int_equal(connection_open(server->path, timeout, &server->connection, &message), 0);
	server->accepted = accept(server->listener, NULL, NULL);
	assert_true(server->accepted >= 0);
}

static void check_open(const char *path, unsigned int timeout, int error, const char *reason)
{
	struct connection *connection = NULL;
	char *message = NULL;
	char expected[256];

	snprintf(expected, sizeof(expected), "cannot connect to %s: %s", path, reason);
	assert_int_equal(connection_open(path, timeout, &connection, &message), error);
	assert_null(connection);
	assert_string_equal(message, expected);
	free(message);
}

static void check_call(struct server *server, int error, const char *expected)
{
	json_t *params = json_object();
	json_t *result = NULL;
	char *text = NULL;

	assert_int_equal(
		connection_call(server->connection, "GetStatus", params, &result, &text), error);
	if (error == 0)
		text = json_dumps(result, JSON_COMPACT);
	assert_string_equal(text, expected);
	free(text);
	json_decref(result);
	json_decref(params);
}

static void server_send(const struct server *server, const char *text)
{
	assert_int_equal(write(server->accepted, text, strlen(text)), (ssize_t)strlen(text));
}

static void test_call(void **state)
{
	struct server *server = *state;
	static const char request[] =
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"GetStatus\",\"params\":{}}\n";
	char sent[sizeof(request)] = "";

	open_connection(server, 10000);
	server_send(server, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"n\":1}}\n");
	check_call(server, 0, "{\"n\":1}");
	server_send(server, "{\"jsonrpc\":\"2.0\",\"id\":2,\"error\":" THROTTLED "}\n");
	check_call(server, -EREMOTEIO, "ThrottlingException: flow operation 1 is running");
	/* an error of the server leaves the connection as it was */
	server_send(server, "{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{}}\n");
	check_call(server, 0, "{}");
	assert_int_equal(recv(server->accepted, sent, strlen(request), MSG_WAITALL),
		(ssize_t)strlen(request));
	assert_string_equal(sent, request);
}

static void test_no_server(void **state)
{
	struct server *server = *state;
	char path[200];

	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	check_open(path, 100, -ENAMETOOLONG, "File name too long");
	close(server->listener);
	server->listener = -1;
	/* a daemon that was killed leaves its socket */
	check_open(server->path, 100, -ECONNREFUSED, "Connection refused");
	unlink(server->path);
	check_open(server->path, 100, -ENOENT, "No such file or directory");
}

/* A server that accepts no one: the backlog is full. */
static void test_full_backlog(void **state)
{
	struct server *server = *state;
	char *message = NULL;

	assert_int_equal(connection_open(server->path, 100, &server->connection, &message), 0);
	check_open(server->path, 50, -ETIMEDOUT, "Connection timed out");
}

static void test_silence(void **state)
{
	struct server *server = *state;

	open_connection(server, 50);
	server_send(server, "{\"jsonrpc\":\"2.0\",");
	check_call(server, -ETIMEDOUT, "no answer from the server within 50 ms");
}

static void test_hang_up(void **state)
{
	struct server *server = *state;

	open_connection(server, 10000);
	server_send(server, "{\"jsonrpc\":\"2.0\",");
	close(server->accepted);
	server->accepted = -1;
	check_call(server, -ECONNRESET, "the server closed the connection");
}

/* A server that refuses a client says why before it hangs up. */
static void test_refused(void **state)
{
	struct server *server = *state;

	open_connection(server, 10000);
	server_send(server, "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":" THROTTLED "}\n");
	close(server->accepted);
	server->accepted = -1;
	check_call(server, -EREMOTEIO, "ThrottlingException: flow operation 1 is running");
}

static void test_two_lines(void **state)
{
	struct server *server = *state;

	open_connection(server, 10000);
	server_send(server, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n{");
	check_call(server, -EPROTO, "no answer from the server: Protocol error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test_setup_teardown(test_call, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_server, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full_backlog, setup, teardown),
		cmocka_unit_test_setup_teardown(test_silence, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hang_up, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_two_lines, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
