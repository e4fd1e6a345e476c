/* SPDX-License-Identifier: BSD-3-Clause */
/* The rows of an answer, cut out of its text. */
#include "control/client/rows.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check.h"

#define ANSWER(result) "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":" result "}"

static const struct {
	const char *text;
	const char *rows; /* NULL: not found */
} answers[] = {
	{ANSWER("{\"Flows\":[]}"), ""},
	{ANSWER("{\"Flows\":[{\"a\":1}]}"), "{\"a\":1}"},
	{ANSWER("{\"Id\":\"x\",\"Flows\":[{\"a\":[1,2],\"b\":{\"c\":3,\"d\":4}},{}],\"NextToken\":\"t\"}"),
		"{\"a\":[1,2],\"b\":{\"c\":3,\"d\":4}}\n{}"},
	/* brackets, commas and quotes inside of strings */
	{ANSWER("{\"Flows\":[{\"a\":\"],[}{,\\\"],\"},{\"b\\\\\":\"\\\\\"}]}"),
		"{\"a\":\"],[}{,\\\"],\"}\n{\"b\\\\\":\"\\\\\"}"},
	/* the name as a value, in a name, and at another depth */
	{ANSWER("{\"x\":\"Flows\",\"y\\\"Flows\":[1],\"z\":{\"Flows\":[2,3]},\"Flows\":[4,5]}"),
		"4\n5"},
	{ANSWER("{\"z\":{\"Flows\":[2,3]}}"), NULL},
	{"{\"Flows\":[1,2]}", NULL},
	{ANSWER("{\"Flows\":{}}"), NULL},
	{ANSWER("{\"Flow\":[1],\"Flowss\":[2]}"), NULL},
	{"", NULL},
	/* an answer that breaks off, everywhere */
	{"{\"id\":1,\"result\":{\"Flows\":[", NULL},
	{"{\"id\":1,\"result\":{\"Flows\":[{\"a\":\"]", NULL},
	{"{\"id\":1,\"result\":{\"Flows\":[{\"a\":\"\\", NULL},
	{"{\"id\":1,\"result\":{\"Flows\":[{\"a\":1},", NULL},
	{"{\"id\":1,\"result\":{\"Flows\":[}]", NULL},
	{"{\"id\":1,\"result\":{\"Flo", NULL},
};

static void test_find(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		/* as long as its text alone, for the sanitizer to see what is read beyond it */
		size_t length = strlen(answers[i].text);
		char *text = malloc(length > 0 ? length : 1);
		struct rows rows = {NULL, 0};

		assert_non_null(text);
		memcpy(text, answers[i].text, length);
		if (rows_find(text, length, "Flows", &rows) != (answers[i].rows != NULL))
			fail_msg("%s", answers[i].text);
		if (answers[i].rows != NULL) {
			assert_int_equal(rows.length, strlen(answers[i].rows));
			assert_memory_equal(rows.text, answers[i].rows, rows.length);
		}
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_find)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
