/* SPDX-License-Identifier: BSD-3-Clause */
/* What watching draws: text cut to a terminal's size, and the progress line. */
#include "control/client/screen.h"

#include <locale.h>
#include <stdlib.h>

#include "control/client/wait.h"
#include "tests/unit/check.h"

#define EL "\033[K"

static const struct {
	const char *text;
	unsigned int columns, rows;
	const char *drawn;
	unsigned int left; /* rows */
} cuts[] = {
	{"", 10, 3, "", 3},
	{"ab\ncd\n", 10, 3, "ab" EL "\r\ncd" EL "\r\n", 1},
	{"ab", 10, 3, "ab" EL "\r\n", 2},
	{"ab\n\ncd\n", 10, 4, "ab" EL "\r\n" EL "\r\ncd" EL "\r\n", 1},
	/* the last row does not scroll */
	{"ab\ncd\nef\n", 10, 2, "ab" EL "\r\ncd" EL, 0},
	{"ab\n", 10, 0, "", 0},
	{"abcdef\ngh\n", 3, 9, "abc" EL "\r\ngh" EL "\r\n", 7},
	/* colours take no columns, and end although the text is cut */
	{"\033[1mabcd\033[0m \033[31;1mef\033[0m\n", 3, 9,
		"\033[1mabc\033[0m\033[31;1m\033[0m" EL "\r\n", 8},
	/* what is no colour is text */
	{"\033[2J\n", 2, 9, "\033[" EL "\r\n", 8},
	/* characters of two bytes, of two columns, of none */
	{"\xc3\xa4\xc3\xb6\xc3\xbc\n", 2, 9, "\xc3\xa4\xc3\xb6" EL "\r\n", 8},
	{"a\xe6\xbc\xa2z\n", 2, 9, "a" EL "\r\n", 8},
	{"a\xe6\xbc\xa2z\n", 3, 9, "a\xe6\xbc\xa2" EL "\r\n", 8},
	{"e\xcc\x81xy\n", 2, 9, "e\xcc\x81x" EL "\r\n", 8},
	/* bytes that are no character */
	{"\xff\xfe\xfd\n", 2, 9, "\xff\xfe" EL "\r\n", 8},
};

static void test_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		unsigned int rows = cuts[i].rows;
		char *text = NULL;
		size_t size = 0;
		FILE *stream = open_memstream(&text, &size);

		assert_non_null(stream);
		screen_cut(stream, cuts[i].text, cuts[i].columns, &rows);
		fclose(stream);
		assert_string_equal(text, cuts[i].drawn);
		assert_int_equal(rows, cuts[i].left);
		free(text);
	}
}

static const struct {
	const char *answer;
	const char *line;
} lines[] = {
	{"{\"FlowOperationType\":\"FLOW_CAPTURE\",\"FlowCount\":120,\"ElapsedMilliseconds\":3999,"
	 "\"Progress\":[{\"Worker\":0,\"Matched\":20,\"Walked\":64,\"Positions\":64},"
	 "{\"Worker\":1,\"Matched\":100,\"Walked\":0,\"Positions\":0}]}",
		"capture: 3 s, 120 flows, 1 of 2 workers done"},
	{"{\"FlowOperationType\":\"FLOW_FLUSH\",\"FlowCount\":0,\"ElapsedMilliseconds\":500,"
	 "\"Progress\":[{\"Worker\":0,\"Matched\":0}]}",
		"flush: 0 s, 0 flows, 0 of 1 workers done"},
};

static void test_progress(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		json_t *answer = json_loads(lines[i].answer, 0, NULL);
		char text[80];

		assert_non_null(answer);
		wait_progress(answer, text, sizeof(text));
		assert_string_equal(text, lines[i].line);
		json_decref(answer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_progress),
	};

	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
