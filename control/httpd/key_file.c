/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/httpd/key_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/config_reader.h"
#include "control/text_file.h"

enum { SECRET_MIN = 16, SECRET_MAX = 128 };

/* Not by a pattern: the message of one that does not match has the value in it. */
static int store_secret(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	size_t length = json_string_length(value);
	int ret = config_reader_string(reader, value);

	if (ret < 0)
		return ret;
	if (length < SECRET_MIN || length > SECRET_MAX)
		return config_reader_fail(
			reader, "must be %d to %d bytes long", SECRET_MIN, SECRET_MAX);
	return config_reader_store_string(reader, key, value, target);
}

static const char *const role_names[] = {"read", "operate", "admin", NULL};

static const struct config_key key_members[] = {
	{.name = "access_key_id",
		.type = CONFIG_STRING,
		.required = true,
		.low = 1,
		.high = 128,
		.pattern = "^[A-Za-z0-9_]+$",
		.words = "letters and digits",
		.help = "What the key is called.",
		.store = config_reader_store_string,
		.offset = offsetof(struct key, access_key)},
	{.name = "secret_access_key",
		.type = CONFIG_MIXED,
		.words = "a string",
		.required = true,
		.help = "The secret, 16 to 128 bytes.",
		.store = store_secret,
		.offset = offsetof(struct key, secret)},
	{.name = "role",
		.type = CONFIG_CHOICE,
		.required = true,
		.choices = role_names,
		.help = "What the key may do.",
		.store = config_reader_store_choice,
		.offset = offsetof(struct key, role)},
	{.name = NULL},
};

static int check_unique(struct config_reader *reader, const struct key_list *list)
{
	const char *added = list->keys[list->count - 1].access_key;

	for (size_t i = 0; i + 1 < list->count; i++) {
		if (strcmp(list->keys[i].access_key, added) != 0)
			continue;
		config_reader_enter_key(reader, "access_key_id");
		return config_reader_fail(reader, "%s is there already", added);
	}
	return 0;
}

static int store_keys(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct key_list *list = target;

	for (size_t i = 0; i < json_array_size(value); i++) {
		int ret;

		config_reader_enter_index(reader, i);
		ret = config_reader_object(
			reader, key->members, json_array_get(value, i), &list->keys[list->count++]);
		if (ret == 0)
			ret = check_unique(reader, list);
		if (ret < 0)
			return ret;
		config_reader_leave(reader);
	}
	return 0;
}

static const struct config_key file_members[] = {
	{.name = "keys",
		.type = CONFIG_ARRAY,
		.required = true,
		.low = 0,
		.high = KEY_FILE_KEYS_MAX,
		.members = key_members,
		.help = "The keys.",
		.store = store_keys},
	{.name = NULL},
};

int key_file_check(const char *path, char message[KEY_FILE_MESSAGE_SIZE])
{
	struct stat file;

	if (stat(path, &file) != 0) {
		int error = -errno;

		snprintf(message, KEY_FILE_MESSAGE_SIZE, "%s: %s", path, strerrordesc_np(-error));
		return error;
	}
	if (S_ISREG(file.st_mode) && (file.st_mode & 07177) == 0 &&
		(file.st_uid == geteuid() || file.st_uid == 0))
		return 0;
	snprintf(message, KEY_FILE_MESSAGE_SIZE,
		"%s: must be a file of mode 0600 or less that belongs to uid %u or root", path,
		geteuid());
	return -EPERM;
}

static int parse(struct config_reader *reader, struct key_list *list)
{
	json_error_t error;
	json_t *root = json_loadb(reader->text, reader->length, JSON_REJECT_DUPLICATES, &error);
	int ret;

	/* jansson's own words quote the file. */
	if (root == NULL) {
		snprintf(reader->message, reader->size, "%s:%d: not JSON, or a name twice",
			reader->file, error.line);
		return -EINVAL;
	}
	ret = config_reader_object(reader, file_members, root, list);
	json_decref(root);
	return ret;
}

int key_file_read(const char *path, struct key_list **ret_list, char message[KEY_FILE_MESSAGE_SIZE])
{
	struct config_reader reader = {
		.file = path, .message = message, .size = KEY_FILE_MESSAGE_SIZE};
	struct key_list *list = NULL;
	char *text = NULL;
	int ret = key_file_check(path, message);

	if (ret == 0)
		ret = text_file_read(&reader, &text);
	if (ret < 0)
		return ret;
	list = calloc(1, sizeof(*list));
	ret = list != NULL ? parse(&reader, list) : -ENOMEM;
	explicit_bzero(text, reader.length);
	free(text);
	if (ret == -ENOMEM)
		snprintf(message, KEY_FILE_MESSAGE_SIZE, "%s: no memory", path);
	if (ret == 0)
		*ret_list = list;
	else
		key_file_destroy(list);
	return ret;
}

void key_file_destroy(struct key_list *list)
{
	if (list == NULL)
		return;
	for (size_t i = 0; i < list->count; i++) {
		struct key *key = &list->keys[i];

		if (key->secret != NULL)
			explicit_bzero(key->secret, strlen(key->secret));
		free(key->secret);
		free(key->access_key);
	}
	free(list);
}
