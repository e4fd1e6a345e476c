/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * table: aligned columns for people, by libsmartcols. Text of the server is printed without control
 * characters (view_cell_text()).
 */
#include <errno.h>
#include <libsmartcols/libsmartcols.h>
#include <stdlib.h>
#include <string.h>

#include "control/client/message.h"
#include "control/client/output.h"

/* The codes of SGR for the names of columns: bold. */
#define HEADING_CODES "1"

/* A table that is never cut to the width of the terminal. */
static struct libscols_table *new_table(const struct output *output)
{
	struct libscols_table *table = scols_new_table();

	if (table != NULL) {
		scols_table_set_stream(table, output->stream);
		scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
		scols_table_enable_colors(table, output->color);
	}
	return table;
}

/* Colour a cell; without codes it stays as it is. */
static int color_cell(struct libscols_cell *cell, const char *codes)
{
	char sequence[16];

	if (codes == NULL)
		return 0;
	snprintf(sequence, sizeof(sequence), "\033[%sm", codes);
	return scols_cell_set_color(cell, sequence);
}

static int add_line(struct libscols_table *table, struct libscols_line **ret_line)
{
	*ret_line = scols_table_new_line(table, NULL);
	return *ret_line != NULL ? 0 : -ENOMEM;
}

/* One row as a line a column, "HEADING  value", without those that it does not have. */
static int print_record(const struct output *output, const struct view *view, const json_t *row)
{
	struct libscols_table *table = new_table(output);
	int error = 0;

	if (table == NULL || scols_table_new_column(table, "NAME", 0, 0) == NULL ||
		scols_table_new_column(table, "VALUE", 0, 0) == NULL)
		error = -ENOMEM;
	if (error == 0)
		scols_table_enable_noheadings(table, 1);
	for (size_t i = 0; i < view->column_count && error == 0; i++) {
		const struct column *column = &view->columns[i];
		struct libscols_line *line;
		char *text;

		if (view_value(column, row) == NULL)
			continue;
		text = view_cell_text(column, row);
		error = text != NULL ? add_line(table, &line) : -ENOMEM;
		if (error == 0)
			error = scols_line_set_data(line, 0, column->heading);
		if (error == 0)
			error = scols_line_set_data(line, 1, text);
		if (error == 0)
			error = color_cell(
				scols_line_get_cell(line, 1), view_cell_color(view, column, text));
		free(text);
	}
	if (error == 0)
		error = scols_print_table(table);
	scols_unref_table(table);
	return error;
}

/* The columns of the table are those of the view that have a heading, in that order. */
static int table_list_begin(struct output *output, const struct view *view, const json_t *head)
{
	(void)head;
	output->table = new_table(output);
	if (output->table == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < view->column_count; i++) {
		const struct column *column = &view->columns[i];
		int flags = (column->flags & COLUMN_RIGHT ? SCOLS_FL_RIGHT : 0) |
			(column->flags & COLUMN_OPTIONAL ? SCOLS_FL_HIDDEN : 0);
		struct libscols_column *drawn;

		if (column->heading == NULL)
			continue;
		drawn = scols_table_new_column(output->table, column->heading, 0, flags);
		if (drawn == NULL || color_cell(scols_column_get_header(drawn), HEADING_CODES) != 0)
			return -ENOMEM;
	}
	return 0;
}

static int fill_line(struct output *output, struct libscols_line *line, const struct view *view,
	const json_t *row)
{
	size_t cell = 0;

	for (size_t i = 0; i < view->column_count; i++) {
		const struct column *column = &view->columns[i];
		struct libscols_column *drawn;
		char *text;

		if (column->heading == NULL)
			continue;
		text = view_cell_text(column, row);
		if (text == NULL)
			return -ENOMEM;
		/* An optional column shows as soon as one row has it. */
		drawn = scols_table_get_column(output->table, cell);
		if (*text != '\0')
			scols_column_set_flags(
				drawn, scols_column_get_flags(drawn) & ~SCOLS_FL_HIDDEN);
		/* The cell owns text from here on. */
		if (scols_line_refer_data(line, cell, text) != 0) {
			free(text);
			return -ENOMEM;
		}
		if (color_cell(scols_line_get_cell(line, cell++),
			    view_cell_color(view, column, text)) != 0)
			return -ENOMEM;
	}
	return 0;
}

static int table_list_rows(struct output *output, const struct view *view, const json_t *rows)
{
	const json_t *row;
	size_t i;
	int error = 0;

	json_array_foreach(rows, i, row) {
		struct libscols_line *line;

		if (error == 0)
			error = add_line(output->table, &line);
		if (error == 0)
			error = fill_line(output, line, view, row);
	}
	return error;
}

/* A page that was asked for by hand ends with the token of the next one. */
static int print_next_token(FILE *stream, const json_t *head)
{
	const char *token = json_string_value(json_object_get(head, "NextToken"));
	char *text = token != NULL ? strdup(token) : NULL;

	if (text != NULL)
		fprintf(stream, "NextToken: %s\n", message_clean(text));
	free(text);
	return token == NULL || text != NULL ? 0 : -ENOMEM;
}

static int print_list(struct output *output, const struct view *view)
{
	int error = 0;

	if (scols_table_is_empty(output->table))
		fprintf(output->stream, "%s\n", view->empty);
	else
		error = scols_print_table(output->table);
	scols_unref_table(output->table);
	output->table = NULL;
	return error;
}

/* The further lists that the answer has, each after an empty line. */
static int print_also(struct output *output, const struct view *view, const json_t *head)
{
	int error = 0;

	for (size_t i = 0; view->also != NULL && view->also[i] != NULL && error == 0; i++) {
		const json_t *rows = json_object_get(head, view->also[i]->list);

		if (json_array_size(rows) == 0)
			continue;
		fputc('\n', output->stream);
		error = table_list_begin(output, view->also[i], NULL);
		if (error == 0)
			error = table_list_rows(output, view->also[i], rows);
		if (error == 0)
			error = print_list(output, view->also[i]);
	}
	return error;
}

static int table_list_end(struct output *output, const struct view *view, const json_t *head)
{
	int error = print_list(output, view);

	if (error == 0)
		error = print_also(output, view, head);
	return error == 0 ? print_next_token(output->stream, head) : error;
}

static int table_document(struct output *output, const json_t *document,
	const struct section *sections, size_t section_count)
{
	int error = 0;

	(void)document;
	for (size_t i = 0; i < section_count && error == 0; i++) {
		const struct section *section = &sections[i];

		if (i > 0)
			fputc('\n', output->stream);
		if (section->view->record) {
			const json_t *row = json_array_get(section->rows, 0);

			error = print_record(output, section->view, row);
			if (error == 0)
				error = print_also(output, section->view, row);
			continue;
		}
		error = table_list_begin(output, section->view, NULL);
		if (error == 0)
			error = table_list_rows(output, section->view, section->rows);
		if (error == 0)
			error = table_list_end(output, section->view, NULL);
	}
	return error;
}

const struct output_format output_table = {
	.name = "table",
	.document = table_document,
	.list_begin = table_list_begin,
	.list_rows = table_list_rows,
	.list_end = table_list_end,
};
