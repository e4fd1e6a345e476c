/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/client/output.h"

#include <errno.h>
#include <libsmartcols/libsmartcols.h>
#include <string.h>

const struct output_format *output_format_find(const char *name)
{
	static const struct output_format *const formats[] = {
		&output_table, &output_json, &output_ndjson, &output_csv, &output_conntrack};

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	return NULL;
}

void output_init(
	struct output *output, const struct output_format *format, FILE *stream, bool color)
{
	*output = (struct output){.format = format, .stream = stream, .color = color};
}

void output_fini(struct output *output)
{
	scols_unref_table(output->table);
	output->table = NULL;
}

/*
 * What was printed is written at once: a reader of a long list is not to wait for a full buffer,
 * and a full disk is noticed at the page that did not fit.
 */
static int written(struct output *output, int error)
{
	if (error != 0)
		return error;
	if (fflush(output->stream) != 0 || ferror(output->stream))
		return errno != 0 ? -errno : -EIO;
	return 0;
}

int output_document(struct output *output, const json_t *document, const struct section *sections,
	size_t section_count)
{
	return written(output, output->format->document(output, document, sections, section_count));
}

int output_list_begin(struct output *output, const struct view *view, const json_t *head)
{
	output->rows = 0;
	return written(output, output->format->list_begin(output, view, head));
}

int output_list_rows(struct output *output, const struct view *view, const json_t *rows)
{
	int error = output->format->list_rows(output, view, rows);

	output->rows += json_array_size(rows);
	return written(output, error);
}

int output_list_text(
	struct output *output, const struct view *view, const char *text, size_t length)
{
	return written(output, output->format->list_text(output, view, text, length));
}

int output_list_end(struct output *output, const struct view *view, const json_t *head)
{
	return written(output, output->format->list_end(output, view, head));
}
