/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/json_locate.h"

#include <stdbool.h>
#include <string.h>

#include <jansson.h>

struct scan {
	const char *at;
	const char *end;
};

static bool at_one_of(const struct scan *scan, const char *characters)
{
	return scan->at < scan->end && *scan->at != '\0' && strchr(characters, *scan->at);
}

static void skip_blanks(struct scan *scan)
{
	while (at_one_of(scan, " \t\r\n"))
		scan->at++;
}

/* Take one character and the blanks behind it, if it is the next one. */
static bool take(struct scan *scan, char character)
{
	if (scan->at >= scan->end || *scan->at != character)
		return false;
	scan->at++;
	skip_blanks(scan);
	return true;
}

static void skip_string(struct scan *scan)
{
	scan->at++;
	while (scan->at < scan->end && *scan->at != '"')
		scan->at += *scan->at == '\\' ? 2 : 1;
	scan->at++;
}

/* Pass over a value and the blanks behind it. */
static void skip_value(struct scan *scan)
{
	size_t nesting = 0;

	while (scan->at < scan->end) {
		if (*scan->at == '"') {
			skip_string(scan);
		} else if (at_one_of(scan, "{[")) {
			nesting++;
			scan->at++;
		} else if (at_one_of(scan, "}]")) {
			nesting--;
			scan->at++;
		} else {
			while (scan->at < scan->end && !at_one_of(scan, "{[]}\","))
				scan->at++;
		}
		if (nesting == 0)
			break;
		if (at_one_of(scan, ","))
			scan->at++;
	}
	skip_blanks(scan);
}

/* Whether a string as it is in the text, quotes and escapes included, is this key. */
static bool string_equals(const char *string, size_t length, const char *key)
{
	json_t *decoded = json_loadb(string, length, JSON_DECODE_ANY, NULL);
	bool equal = decoded && strcmp(json_string_value(decoded), key) == 0;

	json_decref(decoded);
	return equal;
}

static bool enter_member(struct scan *scan, const char *key)
{
	if (!take(scan, '{'))
		return false;
	while (scan->at < scan->end && *scan->at == '"') {
		const char *name = scan->at;
		bool found;

		skip_string(scan);
		found = string_equals(name, (size_t)(scan->at - name), key);
		skip_blanks(scan);
		take(scan, ':');
		if (found)
			return true;
		skip_value(scan);
		take(scan, ',');
	}
	return false;
}

static bool enter_element(struct scan *scan, size_t index)
{
	if (!take(scan, '['))
		return false;
	for (size_t i = 0; i < index; i++) {
		skip_value(scan);
		if (!take(scan, ','))
			return false;
	}
	return !at_one_of(scan, "]");
}

size_t json_locate(const char *text, size_t length, const struct json_step *path, size_t depth)
{
	struct scan scan = {text, text + length};
	const char *value;
	size_t line = 1;

	skip_blanks(&scan);
	value = scan.at;
	for (size_t i = 0; i < depth; i++) {
		if (path[i].key ? !enter_member(&scan, path[i].key)
				: !enter_element(&scan, path[i].index))
			break;
		value = scan.at;
	}
	for (const char *at = text; at < value; at++)
		line += *at == '\n';
	return line;
}
