/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/client/rows.h"

#include <string.h>

/* The list is in the object that is the answer's result. */
enum { LIST_DEPTH = 2 };

/* Behind the quote that ends a string, where text is behind the one that begins it; or end. */
static char *skip_string(char *text, const char *end)
{
	for (; text < end && *text != '"'; text++)
		if (*text == '\\' && text + 1 < end)
			text++;
	return text < end ? text + 1 : text;
}

/* From behind the "[" of the list to its "]", or NULL. */
static char *cut_rows(char *text, const char *end)
{
	size_t depth = 0;

	while (text < end) {
		switch (*text++) {
		case '"':
			text = skip_string(text, end);
			break;
		case '{':
		case '[':
			depth++;
			break;
		case ']':
			if (depth == 0)
				return text - 1;
			depth--;
			break;
		case '}':
			if (depth == 0)
				return NULL;
			depth--;
			break;
		case ',':
			if (depth == 0)
				text[-1] = '\n';
			break;
		default:
			break;
		}
	}
	return NULL;
}

/* Behind the "[" of the list, or NULL. */
static char *find_list(char *text, const char *end, const char *list)
{
	static const char begin[] = "\":[";
	const size_t length = strlen(list), rest = strlen(begin);
	size_t depth = 0;

	while (text < end) {
		switch (*text++) {
		case '"':
			if (depth == LIST_DEPTH && (size_t)(end - text) > length + rest &&
				memcmp(text, list, length) == 0 &&
				memcmp(text + length, begin, rest) == 0)
				return text + length + rest;
			text = skip_string(text, end);
			break;
		case '{':
		case '[':
			depth++;
			break;
		case '}':
		case ']':
			depth--;
			break;
		default:
			break;
		}
	}
	return NULL;
}

bool rows_find(char *text, size_t length, const char *list, struct rows *ret_rows)
{
	const char *end = text + length;
	char *first = find_list(text, end, list);
	char *last = first != NULL ? cut_rows(first, end) : NULL;

	if (last == NULL)
		return false;
	*ret_rows = (struct rows){first, (size_t)(last - first)};
	return true;
}
