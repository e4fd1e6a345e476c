/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/check.h"

#include <string.h>

#include "control/json_locate.h"

/* Each value stands on the line that it holds. */
static const char lines[] = "\n"
			    "{ \"a\": 2, \"b\"\n"
			    ":\n"
			    "4,\n"
			    "\"list\": [5,\n"
			    "\n"
			    "  [], {\"x\": 7, \"y\": [\n"
			    "8, [9, \"]}\\\"\", 9,\n"
			    "true], null, 9\n"
			    "],\r\n"
			    "\"z\": -1.1e1}, \"12\"],\n"
			    "\"q\\\"uote\": 12, \"\\u0061b\": 12,\n"
			    "\"\": {\"\": {\"deep\": 13}},\n"
			    "\"last\": {\"list\": []}, \"b2\": 14 }\n";

#define KEY(name)                                                                                  \
	{                                                                                          \
		.key = (name)                                                                      \
	}
#define INDEX(number)                                                                              \
	{                                                                                          \
		.index = (number)                                                                  \
	}

static const struct {
	const char *name;
	size_t line;
	size_t depth;
	struct json_step path[4];
} cases[] = {
	{"the whole", 2, 0, {KEY(NULL)}},
	{"first member", 2, 1, {KEY("a")}},
	{"value lines behind its key", 4, 1, {KEY("b")}},
	{"an array", 5, 1, {KEY("list")}},
	{"first element", 5, 2, {KEY("list"), INDEX(0)}},
	{"empty array as element", 7, 2, {KEY("list"), INDEX(1)}},
	{"object as element", 7, 3, {KEY("list"), INDEX(2), KEY("x")}},
	{"array in an object in an array", 8, 4, {KEY("list"), INDEX(2), KEY("y"), INDEX(0)}},
	{"behind strings with brackets and quotes", 9, 4,
		{KEY("list"), INDEX(2), KEY("y"), INDEX(2)}},
	{"last of an inner array", 9, 4, {KEY("list"), INDEX(2), KEY("y"), INDEX(3)}},
	{"behind an inner array, CR LF", 11, 3, {KEY("list"), INDEX(2), KEY("z")}},
	{"behind a number with exponent", 11, 2, {KEY("list"), INDEX(3)}},
	{"key with a quote", 12, 1, {KEY("q\"uote")}},
	{"key with an escape", 12, 1, {KEY("ab")}},
	{"empty keys", 13, 3, {KEY(""), KEY(""), KEY("deep")}},
	{"key that begins like another", 14, 1, {KEY("b2")}},
	{"no such key", 2, 1, {KEY("nothing")}},
	{"no such key inside", 14, 2, {KEY("last"), KEY("a")}},
	{"element of an empty array", 7, 3, {KEY("list"), INDEX(1), INDEX(0)}},
	{"element behind the last", 5, 2, {KEY("list"), INDEX(4)}},
	{"key of an array", 5, 2, {KEY("list"), KEY("a")}},
	{"element of an object", 14, 2, {KEY("last"), INDEX(0)}},
	{"key of a number", 4, 2, {KEY("b"), KEY("a")}},
};

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t line = json_locate(lines, strlen(lines), cases[i].path, cases[i].depth);

		if (line != cases[i].line)
			fail_msg("%s: line %zu, not %zu", cases[i].name, line, cases[i].line);
	}
}

static void test_other_values(void **state)
{
	const struct json_step first[] = {INDEX(0)};

	(void)state;
	assert_int_equal(json_locate("\n\n5", 3, first, 1), 3);
	assert_int_equal(json_locate("[\n\"a\"]", 6, first, 1), 2);
	assert_int_equal(json_locate("", 0, first, 1), 1);
	assert_int_equal(json_locate(" \n ", 3, first, 0), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_other_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
