/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/client/paramfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/client/message.h"

#define PREFIX "file://"

/* No request is longer (the server takes 1 MiB), so no file of parameters needs to be. */
#define SIZE_LIMIT (1 << 20)

/* Returns 0 or -errno. The file may be a pipe, so its size is not known before. */
static int read_all(FILE *file, char **ret_text)
{
	char *text = malloc(SIZE_LIMIT + 1);
	size_t length;

	if (text == NULL)
		return -ENOMEM;
	errno = 0;
	length = fread(text, 1, SIZE_LIMIT + 1, file);
	if (ferror(file)) {
		free(text);
		return errno != 0 ? -errno : -EIO;
	}
	if (length > SIZE_LIMIT || memchr(text, '\0', length) != NULL) {
		free(text);
		return length > SIZE_LIMIT ? -EFBIG : -EILSEQ;
	}
	text[length] = '\0';
	*ret_text = text;
	return 0;
}

int paramfile_load(const char *value, char **ret_text, char **ret_message)
{
	const char *path = value + strlen(PREFIX);
	FILE *file;
	int error;

	if (strncmp(value, PREFIX, strlen(PREFIX)) != 0) {
		*ret_text = strdup(value);
		return *ret_text != NULL ? 0 : message_set(ret_message, -ENOMEM, "out of memory");
	}
	file = fopen(path, "re");
	if (file == NULL)
		return message_set(ret_message, -errno, "%s: %s", path, strerror(errno));
	error = read_all(file, ret_text);
	fclose(file);
	if (error != 0)
		return message_set(ret_message, error, "%s: %s", path, strerror(-error));
	return 0;
}
