/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/httpd/keys.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "control/client/clock.h"
#include "control/httpd/key_file.h"
#include "control/log.h"

static const struct timeval look_interval = {1, 0};

struct keys {
	char *path; /* NULL: no file */
	uint32_t requests_per_second;
	struct event *look;
	struct stat seen;      /* the file when it was read last; zeros: it was not there */
	struct key_list *list; /* NULL without a file */
	struct key anyone;
};

bool keys_take(struct key *key)
{
	return rate_limit_take(&key->limit, clock_nanoseconds());
}

static int read_file(struct keys *keys)
{
	char message[KEY_FILE_MESSAGE_SIZE];
	struct key_list *list;
	int error = key_file_read(keys->path, &list, message);

	if (error != 0) {
		log_write(LOG_ERR, "%s", message);
		return error;
	}
	for (size_t i = 0; i < list->count; i++)
		rate_limit_init(
			&list->keys[i].limit, keys->requests_per_second, clock_nanoseconds());
	key_file_destroy(keys->list);
	keys->list = list;
	log_write(LOG_NOTICE, "%s: %zu access keys", keys->path, list->count);
	return 0;
}

static bool is_same(const struct stat *one, const struct stat *other)
{
	return one->st_dev == other->st_dev && one->st_ino == other->st_ino &&
		one->st_size == other->st_size && one->st_mode == other->st_mode &&
		one->st_uid == other->st_uid && one->st_mtim.tv_sec == other->st_mtim.tv_sec &&
		one->st_mtim.tv_nsec == other->st_mtim.tv_nsec;
}

/* Look at the file before it is read: a change in between is found the next time. */
static bool has_changed(struct keys *keys)
{
	struct stat file;
	bool changed;

	if (stat(keys->path, &file) != 0)
		memset(&file, 0, sizeof(file));
	changed = !is_same(&file, &keys->seen);
	keys->seen = file;
	return changed;
}

static void on_look(evutil_socket_t fd, short events, void *context)
{
	struct keys *keys = context;

	(void)fd;
	(void)events;
	if (has_changed(keys))
		read_file(keys);
}

void keys_reload(struct keys *keys)
{
	if (keys->path == NULL)
		return;
	has_changed(keys);
	read_file(keys);
}

int keys_create(struct event_base *base, const char *path, uint32_t requests_per_second,
	struct keys **ret_keys)
{
	struct keys *keys = calloc(1, sizeof(*keys));
	int error = -ENOMEM;

	if (keys == NULL)
		return log_failure(-ENOMEM, "access keys");
	keys->requests_per_second = requests_per_second;
	keys->anyone.role = ROLE_ADMIN;
	rate_limit_init(&keys->anyone.limit, requests_per_second, clock_nanoseconds());
	if (path != NULL) {
		keys->path = strdup(path);
		keys->look = event_new(base, -1, EV_PERSIST, on_look, keys);
		if (keys->path == NULL || keys->look == NULL ||
			event_add(keys->look, &look_interval) != 0) {
			log_failure(error, "access keys");
			goto fail;
		}
		has_changed(keys);
		error = read_file(keys);
		if (error != 0)
			goto fail;
	}
	*ret_keys = keys;
	return 0;

fail:
	keys_destroy(keys);
	return error;
}

void keys_destroy(struct keys *keys)
{
	if (keys == NULL)
		return;
	if (keys->look != NULL)
		event_free(keys->look);
	key_file_destroy(keys->list);
	free(keys->path);
	free(keys);
}

struct key *keys_find(struct keys *keys, const char *access_key)
{
	for (size_t i = 0; keys->list != NULL && i < keys->list->count; i++)
		if (strcmp(keys->list->keys[i].access_key, access_key) == 0)
			return &keys->list->keys[i];
	return NULL;
}

struct key *keys_anyone(struct keys *keys)
{
	return keys->path == NULL ? &keys->anyone : NULL;
}
