/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/text_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Largest file, in bytes. */
enum { FILE_MAX = 64 * 1024 * 1024, FILE_CHUNK = 64 * 1024 };

/* Read up to FILE_MAX bytes; a longer file is -EFBIG. */
static int read_all(FILE *file, char **text, size_t *length)
{
	for (size_t capacity = FILE_CHUNK;; capacity *= 2) {
		char *larger = realloc(*text, capacity + 1);

		if (!larger)
			return -ENOMEM;
		*text = larger;
		*length += fread(larger + *length, 1, capacity - *length, file);
		if (ferror(file))
			return errno > 0 ? -errno : -EIO;
		larger[*length] = '\0';
		if (*length < capacity)
			return 0;
		if (capacity >= FILE_MAX)
			return -EFBIG;
	}
}

int text_file_read(struct config_reader *reader, char **ret_text)
{
	FILE *file = fopen(reader->file, "re");
	char *text = NULL;
	const char *nul;
	size_t line = 1;
	int ret = file ? read_all(file, &text, &reader->length) : -errno;

	if (file)
		fclose(file);
	if (ret < 0) {
		snprintf(reader->message, reader->size, "%s: %s", reader->file,
			strerrordesc_np(-ret));
		goto free_text;
	}
	nul = memchr(text, '\0', reader->length);
	if (nul) {
		for (const char *at = text; at < nul; at++)
			line += *at == '\n';
		snprintf(reader->message, reader->size, "%s:%zu: a NUL byte", reader->file, line);
		ret = -EINVAL;
		goto free_text;
	}
	reader->text = *ret_text = text;
	return 0;
free_text:
	free(text);
	return ret;
}

int text_file_json(struct config_reader *reader, json_t **ret_root)
{
	json_error_t error;

	if (reader->length == 0)
		return config_reader_fail(reader, "the file is empty");
	*ret_root = json_loadb(
		reader->text, reader->length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (*ret_root)
		return 0;
	/* Out of memory is the one failure that jansson may have no line for. */
	if (error.line < 1 || json_error_code(&error) == json_error_out_of_memory)
		return -ENOMEM;
	snprintf(reader->message, reader->size, "%s:%d: %s", reader->file, error.line, error.text);
	return -EINVAL;
}
