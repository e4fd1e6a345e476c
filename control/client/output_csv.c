/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * csv: a header and a line a row (RFC 4180: fields quoted where need be, lines that end in CR LF).
 * Values are as the server gave them, but for control characters; where a row has no such member,
 * the field is empty. The sections of a document are separated by an empty line.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "control/client/output.h"
#include "control/client/row_text.h"

/* Columns of a view whose rows may come as text. */
enum { COLUMNS_MAX = 32 };

/* A text without line ends, as view_field_text() gives it. */
static void print_field(FILE *stream, const char *text)
{
	if (strpbrk(text, ",\"") == NULL) {
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

static bool has_comma(const struct row_member *member)
{
	return member != NULL && memchr(member->value.text, ',', member->value.length) != NULL;
}

/* A value of a row's text: it has neither quotes nor ends of lines. */
static void print_member(FILE *stream, const struct row_member *member)
{
	bool quoted = has_comma(member);

	if (quoted)
		putc_unlocked('"', stream);
	fwrite_unlocked(member->value.text, 1, member->value.length, stream);
	if (quoted)
		putc_unlocked('"', stream);
}

static void print_rule(FILE *stream, struct row_text *row)
{
	const struct row_member *member;
	bool quoted = false;

	for (const struct view_part *part = view_rule_parts; part->member != NULL; part++) {
		member = row_text_find(row, part->member);
		quoted = quoted || has_comma(member);
	}
	if (quoted)
		putc_unlocked('"', stream);
	for (const struct view_part *part = view_rule_parts; part->member != NULL; part++) {
		member = row_text_find(row, part->member);
		if (member == NULL)
			continue;
		fputs_unlocked(part->before, stream);
		fwrite_unlocked(member->value.text, 1, member->value.length, stream);
	}
	if (quoted)
		putc_unlocked('"', stream);
}

static bool is_object(const struct row_member *member)
{
	return member != NULL && member->value.text == NULL;
}

/* Find the member of each column, NULL where the row has none, or where the column is the rule.
 * Returns whether none that is shown is an object. */
static bool find_members(
	const struct view *view, struct row_text *row, const struct row_member *found[COLUMNS_MAX])
{
	for (size_t i = 0; i < view->column_count; i++) {
		const struct column *column = &view->columns[i];

		found[i] = column->path != NULL ? row_text_find(row, column->path) : NULL;
		if (is_object(found[i]))
			return false;
	}
	for (const struct view_part *part = view_rule_parts; part->member != NULL; part++)
		if (is_object(row_text_find(row, part->member)))
			return false;
	return true;
}

/* Print a row that is simple enough from its text. Returns whether it was. */
static bool print_text(FILE *stream, const struct view *view, const char *text, size_t length)
{
	const struct row_member *found[COLUMNS_MAX];
	struct row_text row;

	if (view->column_count > COLUMNS_MAX || !row_text_read(&row, text, length) ||
		!find_members(view, &row, found))
		return false;
	for (size_t i = 0; i < view->column_count; i++) {
		if (i > 0)
			putc_unlocked(',', stream);
		if (view->columns[i].path == NULL)
			print_rule(stream, &row);
		else if (found[i] != NULL)
			print_member(stream, found[i]);
	}
	fputs_unlocked("\r\n", stream);
	return true;
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

/* A row that is not as simple as those of flows mostly are is parsed. */
static int print_line(FILE *stream, const struct view *view, const char *text, size_t length)
{
	json_t *row;
	int error;

	if (print_text(stream, view, text, length))
		return 0;
	row = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
	if (row == NULL)
		return -EBADMSG;
	error = print_row(stream, view, row);
	json_decref(row);
	return error;
}

static int csv_list_text(
	struct output *output, const struct view *view, const char *text, size_t length)
{
	const char *end = text + length;
	int error = 0;

	while (text < end && error == 0) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));

		if (stop == NULL)
			stop = end;
		error = print_line(output->stream, view, text, (size_t)(stop - text));
		text = stop + 1;
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
	.list_text = csv_list_text,
	.list_end = csv_list_end,
};
