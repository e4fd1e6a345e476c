/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/store.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct store {
	struct store_limits limits;
	TAILQ_HEAD(operation_list, operation) operations; /* the newest first */
	size_t count;
	uint64_t last_sequence;
	struct event *timer;
	struct event *finished; /* active while there is a result to store */
	struct operation *finishing;
	store_done_fn *done;
	void *done_context;
};

static int64_t wall_milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

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
	if (store->finished != NULL)
		event_free(store->finished);
	operation_unref(store->finishing);
	free(store);
}

void store_add(struct store *store, struct operation *operation)
{
	operation->sequence = ++store->last_sequence;
	operation_ref(operation);
	TAILQ_INSERT_HEAD(&store->operations, operation, link);
	store->count++;
}

void store_finish(
	struct store *store, struct operation *operation, store_done_fn *done, void *context)
{
	assert(store->finishing == NULL);
	store->finishing = operation_ref(operation);
	store->done = done;
	store->done_context = context;
	event_active(store->finished, EV_TIMEOUT, 0);
}

static void on_finished(evutil_socket_t fd, short events, void *context)
{
	struct store *store = context;
	struct operation *operation = store->finishing;

	(void)fd;
	(void)events;
	store->finishing = NULL;
	operation_publish(operation);
	store_expire(store, wall_milliseconds());
	store->done(operation, store->done_context);
	operation_unref(operation);
}

static uint64_t memory_of(const struct store *store)
{
	const struct operation *operation;
	uint64_t memory = 0;

	TAILQ_FOREACH(operation, &store->operations, link)
		memory += operation_memory(operation);
	return memory;
}

static bool is_outdated(const struct store *store, const struct operation *operation, int64_t now)
{
	return now - operation->requested >= (int64_t)(operation->elapsed + store->limits.age);
}

void store_expire(struct store *store, int64_t now)
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
	store_expire(context, wall_milliseconds());
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
	store->finished = event_new(base, -1, 0, on_finished, store);
	if (store->finished == NULL || store->timer == NULL ||
		event_add(store->timer, &every_minute) != 0) {
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
