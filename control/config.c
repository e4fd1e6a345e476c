/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/config_reader.h"
#include "control/config_rules.h"
#include "control/config_schema.h"

/* Largest file, in bytes: 65,536 rules of a thousand bytes each. */
enum { FILE_MAX = 64 * 1024 * 1024 - 1, FILE_CHUNK = 64 * 1024 };

static int read_file(const char *path, char **ret_text, size_t *ret_length)
{
	FILE *file = fopen(path, "re");
	size_t capacity = FILE_CHUNK;
	char *text = NULL;
	size_t length = 0;
	int ret = 0;

	if (!file)
		return -errno;
	while (ret == 0 && length <= FILE_MAX) {
		char *larger = realloc(text, capacity);

		if (!larger) {
			ret = -ENOMEM;
			break;
		}
		text = larger;
		length += fread(text + length, 1, capacity - length, file);
		if (ferror(file))
			ret = -errno;
		if (length < capacity)
			break;
		capacity *= 2;
	}
	fclose(file);
	if (ret == 0 && length > FILE_MAX)
		ret = -EFBIG;
	if (ret < 0) {
		free(text);
		return ret;
	}
	*ret_text = text;
	*ret_length = length;
	return 0;
}

static int read_text(struct config_reader *reader, struct config *config)
{
	const char *nul = memchr(reader->text, '\0', reader->length);
	json_error_t error;
	json_t *root;
	int ret;

	if (nul) {
		size_t line = 1;

		for (const char *at = reader->text; at < nul; at++)
			line += *at == '\n';
		snprintf(reader->message, reader->size, "%s:%zu: a NUL byte", reader->file, line);
		return -EINVAL;
	}
	if (reader->length == 0)
		return config_reader_fail(reader, "the file is empty");
	root = json_loadb(
		reader->text, reader->length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	/* Out of memory is the one failure that jansson may have no line for. */
	if (!root && (error.line < 1 || json_error_code(&error) == json_error_out_of_memory))
		return -ENOMEM;
	if (!root) {
		snprintf(reader->message, reader->size, "%s:%d: %s", reader->file, error.line,
			error.text);
		return -EINVAL;
	}
	ret = config_reader_object(reader, config_schema_keys, root, config);
	json_decref(root);
	return ret;
}

int config_load(const char *path, const cpu_set_t *cpus, struct config **ret_config, char *message,
	size_t size)
{
	struct config_reader reader = {
		.file = path, .cpus = cpus, .message = message, .size = size};
	struct config *config = NULL;
	char *text = NULL;
	int ret = read_file(path, &text, &reader.length);

	message[0] = '\0';
	if (ret < 0)
		goto describe;
	reader.text = text;
	config = calloc(1, sizeof(*config));
	ret = config ? read_text(&reader, config) : -ENOMEM;
	free(text);
	if (ret == 0) {
		*ret_config = config;
		return 0;
	}
	config_destroy(config);
describe:
	if (message[0] == '\0')
		snprintf(message, size, "%s: %s", path, strerrordesc_np(-ret));
	/* One line, whatever the file holds. */
	for (char *at = message; *at != '\0'; at++) {
		if (iscntrl((unsigned char)*at))
			*at = '?';
	}
	return ret;
}

void config_destroy(struct config *config)
{
	if (!config)
		return;
	config_rules_destroy(config);
	free(config->firewall_arn);
	free(config->availability_zone);
	free(config->vpc_endpoint_id);
	free(config->vpc_endpoint_association_arn);
	free(config->socket_path);
	free(config->socket_group);
	free(config);
}
