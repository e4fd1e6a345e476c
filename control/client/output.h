/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * output: what the commands print, in the format that the user chose.
 *
 * An answer is either one document, shown in sections, or a list that comes in pages. json prints
 * whole answers, ndjson, csv and table the rows of the views, conntrack those of flows. A list of
 * any length takes constant memory, but as a table, which keeps all rows to align them.
 *
 * Functions return 0, or -errno when the stream cannot be written or memory is out.
 */
#ifndef TIDEGATE_CONTROL_CLIENT_OUTPUT_H
#define TIDEGATE_CONTROL_CLIENT_OUTPUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "control/client/view.h"

struct libscols_table;

struct output {
	const struct output_format *format;
	FILE *stream;
	bool color;
	struct libscols_table *table; /* of the list that is being printed; the table format's */
	size_t rows;		      /* of that list so far */
};

/* One part of a document: rows is an array of objects. */
struct section {
	const struct view *view;
	const json_t *rows;
};

struct output_format {
	const char *name;
	const struct view *view; /* the only one that it prints; NULL: any */
	int (*document)(struct output *output, const json_t *document,
		const struct section *sections, size_t section_count);
	int (*list_begin)(struct output *output, const struct view *view, const json_t *head);
	int (*list_rows)(struct output *output, const struct view *view, const json_t *rows);
	/* Rows as text, a row a line; NULL: the format needs them parsed. */
	int (*list_text)(
		struct output *output, const struct view *view, const char *text, size_t length);
	int (*list_end)(struct output *output, const struct view *view, const json_t *head);
};

extern const struct output_format output_table;
extern const struct output_format output_json;
extern const struct output_format output_ndjson;
extern const struct output_format output_csv;
extern const struct output_format output_conntrack;

/* The format of that name, or NULL. */
const struct output_format *output_format_find(const char *name);

/*
 * Begin to print to stream, which stays the caller's; with color, tables have the escape sequences
 * of a terminal.
 */
void output_init(
	struct output *output, const struct output_format *format, FILE *stream, bool color);
/* Free what a list that was not printed to its end has left. */
void output_fini(struct output *output);

int output_document(struct output *output, const json_t *document, const struct section *sections,
	size_t section_count);

/* A list: begin, any number of pages of rows (an array of objects), end. head holds what the
 * answer has beside its rows. */
int output_list_begin(struct output *output, const struct view *view, const json_t *head);
int output_list_rows(struct output *output, const struct view *view, const json_t *rows);
/* The same page as text (struct rows), for a format with list_text. */
int output_list_text(
	struct output *output, const struct view *view, const char *text, size_t length);
int output_list_end(struct output *output, const struct view *view, const json_t *head);

#endif
