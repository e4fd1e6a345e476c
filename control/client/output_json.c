/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * json prints an answer as the server gave it, indented by four as the aws command does; a list is
 * printed page by page into one object. ndjson prints a line an answer, or of a list a line a row.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "control/client/output.h"

enum { INDENT = 4 };

#define REALS JSON_REAL_PRECISION(15)

/* Where a value goes, and how far each of its lines after the first is indented. */
struct place {
	FILE *stream;
	int indent;
};

/* A json_dump_callback_t. A line's end inside a string comes as \n, so each one here is layout. */
static int write_indented(const char *text, size_t length, void *context)
{
	const struct place *place = context;

	while (length > 0) {
		const char *end = memchr(text, '\n', length);
		size_t part = end != NULL ? (size_t)(end - text) + 1 : length;

		fwrite(text, 1, part, place->stream);
		if (end != NULL)
			fprintf(place->stream, "%*s", place->indent, "");
		text += part;
		length -= part;
	}
	return ferror(place->stream) ? -1 : 0;
}

/* Returns 0; a failed write shows in the stream, so what fails otherwise is memory. */
static int dump_indented(FILE *stream, const json_t *value, int indent)
{
	struct place place = {.stream = stream, .indent = indent};
	int error = json_dump_callback(
		value, write_indented, &place, JSON_ENCODE_ANY | JSON_INDENT(INDENT) | REALS);

	return error == 0 || ferror(stream) ? 0 : -ENOMEM;
}

/* "KEY": of a member of the outermost object. */
static int print_key(FILE *stream, const char *key)
{
	json_t *string = json_string(key);
	int error;

	fprintf(stream, "%*s", INDENT, "");
	error = dump_indented(stream, string, 0);
	fputs(": ", stream);
	json_decref(string);
	return error;
}

static int dump_line(FILE *stream, const json_t *value)
{
	if (json_dumpf(value, stream, JSON_COMPACT | REALS) != 0 && !ferror(stream))
		return -ENOMEM;
	fputc('\n', stream);
	return 0;
}

static int json_document(struct output *output, const json_t *document,
	const struct section *sections, size_t section_count)
{
	(void)sections;
	(void)section_count;
	if (dump_indented(output->stream, document, 0) != 0)
		return -ENOMEM;
	fputc('\n', output->stream);
	return 0;
}

static int json_list_begin(struct output *output, const struct view *view, const json_t *head)
{
	const char *key;
	json_t *value;

	fputs("{\n", output->stream);
	json_object_foreach((json_t *)head, key, value) {
		if (print_key(output->stream, key) != 0 ||
			dump_indented(output->stream, value, INDENT) != 0)
			return -ENOMEM;
		fputs(",\n", output->stream);
	}
	if (print_key(output->stream, view->list) != 0)
		return -ENOMEM;
	fputc('[', output->stream);
	return 0;
}

static int json_list_rows(struct output *output, const struct view *view, const json_t *rows)
{
	const json_t *row;
	size_t i;

	(void)view;
	json_array_foreach(rows, i, row) {
		fprintf(output->stream, "%s\n%*s", output->rows + i > 0 ? "," : "", 2 * INDENT, "");
		if (dump_indented(output->stream, row, 2 * INDENT) != 0)
			return -ENOMEM;
	}
	return 0;
}

static int json_list_end(struct output *output, const struct view *view, const json_t *head)
{
	(void)view;
	(void)head;
	if (output->rows > 0)
		fprintf(output->stream, "\n%*s", INDENT, "");
	fputs("]\n}\n", output->stream);
	return 0;
}

const struct output_format output_json = {
	.name = "json",
	.document = json_document,
	.list_begin = json_list_begin,
	.list_rows = json_list_rows,
	.list_end = json_list_end,
};

static int ndjson_document(struct output *output, const json_t *document,
	const struct section *sections, size_t section_count)
{
	(void)sections;
	(void)section_count;
	return dump_line(output->stream, document);
}

/* A stream of rows has neither a head nor an end. */
static int ndjson_nothing(struct output *output, const struct view *view, const json_t *head)
{
	(void)output;
	(void)view;
	(void)head;
	return 0;
}

static int ndjson_list_rows(struct output *output, const struct view *view, const json_t *rows)
{
	const json_t *row;
	size_t i;
	int error = 0;

	(void)view;
	json_array_foreach(rows, i, row) {
		if (error == 0)
			error = dump_line(output->stream, row);
	}
	return error;
}

/* A failed write shows in the stream. */
static int ndjson_list_text(
	struct output *output, const struct view *view, const char *text, size_t length)
{
	(void)view;
	if (length > 0) {
		fwrite(text, 1, length, output->stream);
		fputc('\n', output->stream);
	}
	return 0;
}

const struct output_format output_ndjson = {
	.name = "ndjson",
	.document = ndjson_document,
	.list_begin = ndjson_nothing,
	.list_rows = ndjson_list_rows,
	.list_text = ndjson_list_text,
	.list_end = ndjson_nothing,
};
