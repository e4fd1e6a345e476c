/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * csv: a header and a line a row (RFC 4180: fields quoted where need be, lines that end in
 * CR LF). Values are as the server gave them; where a row has no such member, the field is empty. The sections of a document are
 * separated by an empty line.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/client/output.h"

static void print_field(FILE *stream, const char *text)
{
	if (strpbrk(text, ",\"\r\n") == NULL) {
		fputs(text, stream);
		return;
	}
	fputc('"', stream);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			fputc('"', stream);
		fputc(*text, stream);
	}
	fputc('"', stream);
}

static void print_header(FILE *stream, const struct view *view)
{
	for (size_t i = 0; i < view->column_count; i++)
		fprintf(stream, "%s%s", i > 0 ? "," : "", view->columns[i].name);
	fputs("\r\n", stream);
}

static int print_row(FILE *stream, const struct view *view, const json_t *row)
{
	for (size_t i = 0; i < view->column_count; i++) {
		char *text = view_field_text(&view->columns[i], row);

		if (text == NULL)
			return -ENOMEM;
		if (i > 0)
			fputc(',', stream);
		print_field(stream, text);
		free(text);
	}
	fputs("\r\n", stream);
	return 0;
}

static int csv_list_begin(struct output *output, const struct view *view, const json_t *head)
{
	(void)head;
	print_header(output->stream, view);
	return 0;
}

static int csv_list_rows(struct output *output, const struct view *view, const json_t *rows)
{
	const json_t *row;
	size_t i;
	int error = 0;

	json_array_foreach(rows, i, row) {
		if (error == 0)
			error = print_row(output->stream, view, row);
	}
	return error;
}

static int csv_list_end(struct output *output, const struct view *view, const json_t *head)
{
	(void)output;
	(void)view;
	(void)head;
	return 0;
}

static int csv_document(struct output *output, const json_t *document,
	const struct section *sections, size_t section_count)
{
	int error = 0;

	(void)document;
	for (size_t i = 0; i < section_count && error == 0; i++) {
		if (i > 0)
			fputs("\r\n", output->stream);
		print_header(output->stream, sections[i].view);
		error = csv_list_rows(output, sections[i].view, sections[i].rows);
	}
	return error;
}

const struct output_format output_csv = {
	.name = "csv",
	.document = csv_document,
	.list_begin = csv_list_begin,
	.list_rows = csv_list_rows,
	.list_end = csv_list_end,
};
