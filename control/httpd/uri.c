/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/httpd/uri.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { PARAMETER_MAX = 64 };

/* ---- percent-encoding ---- */

static bool is_unreserved(unsigned char byte)
{
	return byte < 0x80 && (isalnum(byte) || memchr("-._~", byte, 4) != NULL);
}

static void write_encoded(FILE *out, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (is_unreserved(byte))
			putc(byte, out);
		else
			fprintf(out, "%%%02X", byte);
	}
}

static int digit_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

/* Decode in place; the text has no NUL. Returns the length, or -EINVAL. */
static int decode(char *text, size_t length)
{
	int used = 0;

	for (size_t i = 0; i < length; i++, used++) {
		int high, low;

		text[used] = text[i];
		if (text[i] != '%')
			continue;
		if (length - i < 3)
			return -EINVAL;
		high = digit_value(text[i + 1]);
		low = digit_value(text[i + 2]);
		if (high < 0 || low < 0)
			return -EINVAL;
		text[used] = (char)(high << 4 | low);
		i += 2;
	}
	return used;
}

/* ---- the path ---- */

struct segment {
	const char *text;
	size_t length;
};

/* Push a segment, or pop one for ".."; segments has room. Returns whether one was pushed. */
static bool take_segment(struct segment *segments, size_t *count, const char *text, size_t length)
{
	if (length == 0 || (length == 1 && text[0] == '.'))
		return false;
	if (length == 2 && memcmp(text, "..", 2) == 0) {
		*count -= *count > 0;
		return false;
	}
	segments[(*count)++] = (struct segment){text, length};
	return true;
}

int uri_write_path(FILE *out, const char *path, size_t length)
{
	/* Every second byte may be a slash. */
	struct segment *segments = calloc(length / 2 + 1, sizeof(*segments));
	size_t count = 0, next;
	bool pushed = false; /* the last segment: the path does not end in a slash */

	if (segments == NULL)
		return -ENOMEM;
	for (size_t at = 0; at < length; at = next + 1) {
		const char *slash = memchr(path + at, '/', length - at);

		next = slash != NULL ? (size_t)(slash - path) : length;
		pushed = take_segment(segments, &count, path + at, next - at);
		if (slash != NULL)
			pushed = false;
	}
	for (size_t i = 0; i < count; i++) {
		putc('/', out);
		write_encoded(out, segments[i].text, segments[i].length);
	}
	if (!pushed || count == 0)
		putc('/', out);
	free(segments);
	return 0;
}

/* ---- the query ---- */

struct parameter {
	char *name; /* encoded, on the heap */
	char *value;
};

/* A part decoded and encoded anew, on the heap. Returns 0 or -errno. */
static int encode_part(const char *text, size_t length, char **ret_text)
{
	char *copy = strndup(text, length);
	size_t size;
	FILE *out = NULL;
	int decoded;

	if (copy == NULL)
		return -ENOMEM;
	decoded = decode(copy, length);
	if (decoded >= 0) {
		out = open_memstream(ret_text, &size);
		if (out == NULL)
			decoded = -ENOMEM;
	}
	if (decoded >= 0) {
		write_encoded(out, copy, (size_t)decoded);
		decoded = fclose(out) == 0 ? 0 : -ENOMEM;
	}
	free(copy);
	return decoded;
}

static int read_parameter(const char *text, size_t length, struct parameter *parameter)
{
	const char *equals = memchr(text, '=', length);
	size_t name_length = equals != NULL ? (size_t)(equals - text) : length;
	size_t value_at = equals != NULL ? name_length + 1 : length;
	int error = encode_part(text, name_length, &parameter->name);

	if (error == 0)
		error = encode_part(text + value_at, length - value_at, &parameter->value);
	return error;
}

static int compare(const void *left, const void *right)
{
	const struct parameter *a = left, *b = right;
	int order = strcmp(a->name, b->name);

	return order != 0 ? order : strcmp(a->value, b->value);
}

int uri_write_query(FILE *out, const char *query)
{
	struct parameter parameters[PARAMETER_MAX] = {{NULL, NULL}};
	size_t count = 0;
	int error = 0;

	while (*query != '\0' && error == 0) {
		size_t length = strcspn(query, "&");

		if (length > 0 && count == PARAMETER_MAX)
			error = -EINVAL;
		else if (length > 0)
			error = read_parameter(query, length, &parameters[count++]);
		query += length + (query[length] == '&');
	}
	if (error == 0)
		qsort(parameters, count, sizeof(parameters[0]), compare);
	for (size_t i = 0; i < count; i++) {
		if (error == 0)
			fprintf(out, "%s%s=%s", i > 0 ? "&" : "", parameters[i].name,
				parameters[i].value);
		free(parameters[i].name);
		free(parameters[i].value);
	}
	return error;
}
