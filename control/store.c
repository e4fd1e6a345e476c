/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/store.h"

#include <errno.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct store {
	struct store_limits limits;
	TAILQ_HEAD(operation_list, operation) operations; /* the newest first */
	size_t count;
	uint64_t last_sequence;
	struct event *timer;
};

static void drop(struct store *store, struct operation *operation)
{
	TAILQ_REMOVE(&store->operations, operation, link);
	store->count--;
	operation_unref(operation);
}

void store_destroy(struct store *store)
{
	if (store == NULL)
		return;
	while (!TAILQ_EMPTY(&store->operations))
		drop(store, TAILQ_FIRST(&store->operations));
	if (store->timer != NULL)
		event_free(store->timer);
	free(store);
}

void store_add(struct store *store, struct operation *operation)
{
	operation->sequence = ++store->last_sequence;
	operation_ref(operation);
	TAILQ_INSERT_HEAD(&store->operations, operation, link);
	store->count++;
}

static uint64_t memory_of(const struct store *store)
{
	const struct operation *operation;
	uint64_t memory = 0;

	TAILQ_FOREACH(operation, &store->operations, link)
		memory += operation_memory(operation);
	return memory;
}

static bool is_outdated(const struct store *store, const struct operation *operation, uint64_t now)
{
	return now >= operation->end && now - operation->end >= store->limits.age;
}

void store_expire(struct store *store, uint64_t now)
{
	uint64_t memory = memory_of(store);
	struct operation *oldest;

	while ((oldest = TAILQ_LAST(&store->operations, operation_list)) != NULL) {
		size_t size = operation_memory(oldest);
		bool past_bounds = store->count > store->limits.count ||
			(memory > store->limits.memory && store->count > 1);

		if (oldest->status == OPERATION_IN_PROGRESS ||
			!(past_bounds || is_outdated(store, oldest, now)))
			break;
		memory -= size;
		drop(store, oldest);
	}
}

static void on_timer(evutil_socket_t fd, short events, void *context)
{
	(void)fd;
	(void)events;
	store_expire(context, dataplane_now());
}

int store_create(
	struct event_base *base, const struct store_limits *limits, struct store **ret_store)
{
	static const struct timeval every_minute = {60, 0};
	struct store *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return -ENOMEM;
	store->limits = *limits;
	TAILQ_INIT(&store->operations);
	store->timer = event_new(base, -1, EV_PERSIST, on_timer, store);
	if (store->timer == NULL || event_add(store->timer, &every_minute) != 0) {
		store_destroy(store);
		return -ENOMEM;
	}
	*ret_store = store;
	return 0;
}

struct operation *store_find(const struct store *store, const char *id)
{
	struct operation *operation;

	TAILQ_FOREACH(operation, &store->operations, link)
		if (strcmp(operation->id, id) == 0)
			return operation;
	return NULL;
}

struct operation *store_before(const struct store *store, uint64_t sequence)
{
	struct operation *operation;

	TAILQ_FOREACH(operation, &store->operations, link)
		if (operation->sequence < sequence)
			return operation;
	return NULL;
}

struct operation *store_older(const struct operation *operation)
{
	return TAILQ_NEXT(operation, link);
}
