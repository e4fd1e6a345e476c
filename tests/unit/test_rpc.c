/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * JSON-RPC 2.0: a line in, a line out. The cases follow section 7 of the specification and the
 * rules of its sections 4 to 6, with this server's methods.
 */
#include "control/rpc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check.h"
#include "tests/unit/control_fixture.h"

#define LIST "{\"jsonrpc\":\"2.0\",\"method\":\"ListFlowOperations\""
#define EMPTY "\"result\":{\"FlowOperations\":[]}}"
#define ERROR(id, code, message)                                                                   \
	"{\"jsonrpc\":\"2.0\",\"id\":" id ",\"error\":{\"code\":" code ",\"message\":\"" message   \
	"\"}}"
#define PARAMETER(id, message)                                                                     \
	"{\"jsonrpc\":\"2.0\",\"id\":" id ",\"error\":{\"code\":-32602,\"message\":\"" message     \
	"\",\"data\":{\"__type\":\"InvalidRequestException\"}}}"
#define NO_OBJECT ERROR("null", "-32600", "a request must be an object")
#define NO_VERSION(id) ERROR(id, "-32600", "jsonrpc must be \\\"2.0\\\"")
#define NO_METHOD(id) ERROR(id, "-32600", "method must be a string")
#define NO_MEMBER(id, name) ERROR(id, "-32600", name " is not a member of a request")
#define BAD_ID ERROR("null", "-32600", "id must be a string, a number or null")
#define BAD_BATCH ERROR("null", "-32600", "a batch must have from 1 to 100 requests")

static const struct {
	const char *line;
	const char *answer;
} cases[] = {
	/* ids: given back as they came; absent: a notification, which has no answer */
	{LIST ",\"id\":1}", "{\"jsonrpc\":\"2.0\",\"id\":1," EMPTY},
	{LIST ",\"id\":-7}", "{\"jsonrpc\":\"2.0\",\"id\":-7," EMPTY},
	{LIST ",\"id\":1.5}", "{\"jsonrpc\":\"2.0\",\"id\":1.5," EMPTY},
	{LIST ",\"id\":0.1}", "{\"jsonrpc\":\"2.0\",\"id\":0.1," EMPTY},
	{LIST ",\"id\":3.141592653589793}", "{\"jsonrpc\":\"2.0\",\"id\":3.141592653589793," EMPTY},
	{LIST ",\"id\":9223372036854775807}",
		"{\"jsonrpc\":\"2.0\",\"id\":9223372036854775807," EMPTY},
	{LIST ",\"id\":\"\"}", "{\"jsonrpc\":\"2.0\",\"id\":\"\"," EMPTY},
	{LIST ",\"id\":\"a\\\"\\n\\u00e9\"}",
		"{\"jsonrpc\":\"2.0\",\"id\":\"a\\\"\\n\u00e9\"," EMPTY},
	{LIST ",\"id\":null}", "{\"jsonrpc\":\"2.0\",\"id\":null," EMPTY},
	{LIST "}", ""},
	{LIST ",\"id\":true}", BAD_ID},
	{LIST ",\"id\":[1]}", BAD_ID},
	{LIST ",\"id\":{}}", BAD_ID},
	/* the request object */
	{"{\"jsonrpc\":\"2.0\",\"method\":\"foobar\",\"id\":\"1\"}",
		ERROR("\"1\"", "-32601", "there is no method foobar")},
	{"{\"jsonrpc\":\"2.0\",\"method\":\"foobar\"}", ""},
	{"{\"jsonrpc\":\"2.0\",\"method\":\"getstatus\",\"id\":1}",
		ERROR("1", "-32601", "there is no method getstatus")},
	{"{\"jsonrpc\":\"2.0\",\"method\":1,\"params\":\"bar\"}", NO_METHOD("null")},
	{"{\"jsonrpc\":\"2.0\",\"id\":5}", NO_METHOD("5")},
	{"{\"jsonrpc\":\"1.0\",\"method\":\"GetStatus\",\"id\":5}", NO_VERSION("5")},
	{"{\"jsonrpc\":2.0,\"method\":\"GetStatus\",\"id\":5}", NO_VERSION("5")},
	{"{\"method\":\"GetStatus\",\"id\":\"x\"}", NO_VERSION("\"x\"")},
	{"{}", NO_VERSION("null")},
	/* no member but the four of section 4 */
	{LIST ",\"id\":1,\"params\":{},\"Params\":{}}", NO_MEMBER("1", "Params")},
	{LIST ",\"id\":1,\"MaxResults\":1}", NO_MEMBER("1", "MaxResults")},
	{LIST ",\"id\":\"a\",\"\":null}", NO_MEMBER("\"a\"", "")},
	{LIST ",\"extra\":1}", NO_MEMBER("null", "extra")},
	{"1", NO_OBJECT},
	{"\"GetStatus\"", NO_OBJECT},
	{"null", NO_OBJECT},
	/* params */
	{LIST ",\"id\":1,\"params\":{}}", "{\"jsonrpc\":\"2.0\",\"id\":1," EMPTY},
	{LIST ",\"id\":1,\"params\":[]}",
		PARAMETER("1", "params must be an object, parameter: [[]], context: params")},
	{LIST ",\"id\":1,\"params\":\"x\"}",
		PARAMETER("1", "params must be an object, parameter: [x], context: params")},
	{LIST ",\"id\":1,\"params\":null}",
		PARAMETER("1", "params must be an object, parameter: [null], context: params")},
	{LIST ",\"params\":[]}", ""},
	/* batches */
	{"[]", BAD_BATCH},
	{"[1]", "[" NO_OBJECT "]"},
	{"[1,2,3]", "[" NO_OBJECT "," NO_OBJECT "," NO_OBJECT "]"},
	{"[[]]", "[" NO_OBJECT "]"},
	{"[" LIST "}," LIST "}]", ""},
	{"[" LIST ",\"id\":\"1\"}," LIST "},{\"foo\":\"boo\"},"
	 "{\"jsonrpc\":\"2.0\",\"method\":\"foo.get\",\"id\":\"5\"}," LIST ",\"id\":9}]",
		"[{\"jsonrpc\":\"2.0\",\"id\":\"1\"," EMPTY
		"," NO_VERSION("null") "," ERROR("\"5\"", "-32601",
			"there is no method foo.get") ",{\"jsonrpc\":\"2.0\",\"id\":9," EMPTY "]"},
	/* white space is JSON's own */
	{" \t\r" LIST ",\"id\":1} \t", "{\"jsonrpc\":\"2.0\",\"id\":1," EMPTY},
};

static void test_cases(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *answer =
			control_fixture_exchange(*state, cases[i].line, strlen(cases[i].line));

		if (strcmp(answer, cases[i].answer) != 0)
			fail_msg("%s\nanswered %s\nexpected %s", cases[i].line, answer,
				cases[i].answer);
		free(answer);
	}
}

/* Texts that are not JSON (RFC 8259), or that go past what is taken of it: error -32700 and id
 * null. */
static const struct {
	const char *text;
	size_t length; /* 0: up to the NUL */
} broken[] = {
	{"{\"jsonrpc\":\"2.0\",\"method\":\"foobar,\"params\":\"bar\",\"baz]", 0},
	{"[" LIST ",\"id\":1},{\"jsonrpc\":\"2.0\",\"method\"]", 0},
	{LIST ",\"id\":1}x", 0},
	{LIST ",\"id\":1}" LIST ",\"id\":2}", 0},
	{LIST ",\"id\":1,\"id\":2}", 0},
	{LIST ",\"id\":1,\"params\":{\"MaxResults\":1,\"MaxResults\":2}}", 0},
	{LIST ",\"id\":9223372036854775808}", 0},
	{LIST ",\"id\":-9223372036854775809}", 0},
	{LIST ",\"id\":1e999}", 0},
	{LIST ",\"id\":NaN}", 0},
	{LIST ",\"id\":01}", 0},
	{LIST ",\"id\":'1'}", 0},
	{LIST ",\"id\":\"\\u0000\"}", 0},
	{LIST ",\"id\":\"\\ud800\"}", 0},
	{LIST ",\"id\":\"\xff\"}", 0},
	{LIST ",\"id\":\"\xc0\xaf\"}", 0},
	{LIST ",\"id\":\"\xed\xa0\x80\"}", 0},
	{LIST ",\"id\":\"\xf4\x90\x80\x80\"}", 0},
	{LIST ",\"id\":\"\xc3\xa9\xc3\xa9\xc3", 0},
	{LIST ",\"id\":\"\t\"}", 0},
	{"\0", 1},
	{LIST ",\"id\":1}\0", sizeof(LIST ",\"id\":1}")},
	{"\xef\xbb\xbf{}", 0},
	{" ", 0},
};

static void check_parse_error(
	const struct control_fixture *fixture, const char *text, size_t length)
{
	char *answer = control_fixture_exchange(fixture, text, length);
	json_t *json = json_loads(answer, 0, NULL);
	json_t *error = json_object_get(json, "error");

	if (json_integer_value(json_object_get(error, "code")) != -32700 ||
		!json_is_null(json_object_get(json, "id")) ||
		json_string_length(json_object_get(error, "message")) == 0)
		fail_msg("%s answered %s", text, answer);
	json_decref(json);
	free(answer);
}

static void test_broken(void **state)
{
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		check_parse_error(*state, broken[i].text,
			broken[i].length != 0 ? broken[i].length : strlen(broken[i].text));
}

/* Nesting deeper than any request: an error, whatever the depth. */
static void test_nesting(void **state)
{
	static const size_t depths[] = {2049, 100000, 500000};

	for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i++) {
		size_t length = depths[i] * 2;
		char *text = malloc(length + 1);

		assert_non_null(text);
		memset(text, '[', depths[i]);
		memset(text + depths[i], ']', depths[i]);
		text[length] = '\0';
		check_parse_error(*state, text, length);
		check_parse_error(*state, text, depths[i]);
		free(text);
	}
}

/* The most values of a line, 20,000, are parsed; one more is not. The list in params is the
 * sixth. */
static void test_value_limit(void **state)
{
	static const char head[] = LIST ",\"id\":1,\"params\":{\"FlowOperationType\":[0";

	for (int values = 20000; values <= 20001; values++) {
		char *text = malloc(64 * 1024), *end;

		assert_non_null(text);
		end = stpcpy(text, head);
		for (int i = 7; i < values; i++)
			end = stpcpy(end, ",0");
		end = stpcpy(end, "]}}");
		if (values == 20000) {
			char *answer = control_fixture_exchange(*state, text, strlen(text));

			assert_non_null(strstr(answer, "FlowOperationType must be a string"));
			free(answer);
		} else {
			check_parse_error(*state, text, strlen(text));
		}
		free(text);
	}
}

/* A name in a message is cut where a character ends, however long it is. */
static void test_long_names(void **state)
{
	for (size_t length = 1; length < 400; length++) {
		char *text, *answer, name[2 * 400 + 1] = "";
		json_t *json;

		for (size_t i = 0; i < length; i++)
			strcat(name, i == 0 ? "x" : "\u00e9");
		assert_true(asprintf(&text, LIST ",\"id\":1,\"params\":{\"%s\":\"%s\"}}", name,
				    name) > 0);
		answer = control_fixture_exchange(*state, text, strlen(text));
		json = json_loads(answer, 0, NULL);
		assert_int_equal(
			json_integer_value(json_object_get(json_object_get(json, "error"), "code")),
			-32602);
		json_decref(json);
		free(answer);
		free(text);
	}
}

/* n requests in one batch; the most is 100. */
static char *batch(int count)
{
	char *text = calloc(1, (size_t)count * 80 + 3);

	assert_non_null(text);
	for (int i = 0; i < count; i++)
		sprintf(text + strlen(text), "%s" LIST ",\"id\":%d}", i == 0 ? "[" : ",", i);
	return strcat(text, "]");
}

static void test_batch_limit(void **state)
{
	char *text = batch(100), *answer = control_fixture_exchange(*state, text, strlen(text));
	json_t *json = json_loads(answer, 0, NULL);

	assert_int_equal(json_array_size(json), 100);
	for (int i = 0; i < 100; i++)
		assert_int_equal(
			json_integer_value(json_object_get(json_array_get(json, i), "id")), i);
	json_decref(json);
	free(answer);
	free(text);

	text = batch(101);
	answer = control_fixture_exchange(*state, text, strlen(text));
	assert_string_equal(answer, BAD_BATCH);
	free(answer);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_nesting),
		cmocka_unit_test(test_value_limit),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_batch_limit),
	};

	return cmocka_run_group_tests(tests, control_fixture_setup, control_fixture_teardown);
}
