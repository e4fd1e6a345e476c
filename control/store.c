/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/store.h"

#include <errno.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "control/archive.h"
#include "control/database.h"
#include "control/restore.h"
#include "control/store_private.h"
#include "control/transient.h"
#include "control/wall_clock.h"

/* How long the start of an operation waits for being noted, milliseconds; it takes far less but
 * while something large is written. */
enum { NOTE_TIME = 5 };

static void drop(struct store *store, struct operation *operation)
{
	TAILQ_REMOVE(&store->operations, operation, link);
	store->count--;
	operation_unref(operation);
}

/* ---- jobs ---- */

void store_close_reader(struct store *store)
{
	database_close(store->reader);
	store->reader = NULL;
}

/* The database was moved aside: what it held cannot be read any more. but: what is in the new one.
 */
static void forget_stored(struct store *store, const struct operation *but)
{
	struct operation *operation = TAILQ_FIRST(&store->operations);

	store_close_reader(store);
	while (operation != NULL) {
		struct operation *next = TAILQ_NEXT(operation, link);

		if (operation != but && operation->status != OPERATION_IN_PROGRESS)
			drop(store, operation);
		operation = next;
	}
}

static void on_done(struct job *job, void *context)
{
	store_settle(context, job);
	job_free(job);
}

bool store_put(struct store *store, enum job_kind kind, struct operation *operation)
{
	struct job *job;

	if (operation != NULL && operation->request.transient)
		return true;
	job = job_create(kind, operation, on_done, store);
	if (job != NULL)
		archive_put(store->archive, job);
	return job != NULL;
}

/* What the process before this one did not bring to an end. */
static void fail_interrupted(struct store *store)
{
	struct operation *operation;

	TAILQ_FOREACH(operation, &store->operations, link) {
		if (operation->same_run || operation->status != OPERATION_IN_PROGRESS)
			continue;
		operation_fail(operation, "Flow operation error - the daemon was restarted");
		store_put(store, JOB_AMEND, operation);
	}
}

/* The database could not be opened at the start, and now it could. */
static void take_earlier(struct store *store, struct operation_list *earlier)
{
	store->unlisted = false;
	store->count += restore_merge(&store->operations, earlier);
	/* Never back: transient ones have numbers, too. */
	if (store->count > 0 && TAILQ_FIRST(&store->operations)->sequence > store->last_sequence)
		store->last_sequence = TAILQ_FIRST(&store->operations)->sequence;
	fail_interrupted(store);
}

void store_settle(struct store *store, struct job *job)
{
	if (job->renewed)
		forget_stored(store, job->operation);
	if (job->listed)
		take_earlier(store, &job->earlier);
}

void store_discard(struct store *store, void *memory, void (*destroy)(void *memory))
{
	struct job *job = job_create(JOB_FREE, NULL, on_done, store);

	if (job == NULL) {
		destroy(memory);
		return;
	}
	job->memory = memory;
	job->destroy = destroy;
	archive_put(store->archive, job);
}

/* ---- what is kept ---- */

void store_add(struct store *store, struct operation *operation)
{
	/* By the clock: also above those in a file that could not be read at the start. */
	uint64_t now = operation->requested > 0 ? (uint64_t)operation->requested : 0;

	store->last_sequence = now > store->last_sequence ? now : store->last_sequence + 1;
	operation->sequence = store->last_sequence;
	operation_ref(operation);
	if (operation->request.transient) {
		TAILQ_INSERT_HEAD(&store->transient, operation, link);
		return;
	}
	TAILQ_INSERT_HEAD(&store->operations, operation, link);
	store->count++;
	if (store_put(store, JOB_BEGIN, operation))
		archive_wait(store->archive, NOTE_TIME);
}

void store_forget(struct store *store, struct operation *operation)
{
	if (operation->request.transient && operation->status != OPERATION_IN_PROGRESS)
		transient_drop(&store->transient, operation);
}

static bool is_outdated(const struct store *store, const struct operation *operation, int64_t now)
{
	return now - operation->requested >= (int64_t)(operation->elapsed + store->limits.age);
}

void store_expire(struct store *store, int64_t now)
{
	struct operation *operation, *newer;
	uint64_t memory = 0, size = 0;

	transient_expire(&store->transient, now);
	TAILQ_FOREACH(operation, &store->operations, link) {
		memory += operation_memory(operation);
		size += operation->size;
	}
	for (operation = TAILQ_LAST(&store->operations, operation_list); operation != NULL;
		operation = newer) {
		bool past_bounds = store->count > store->limits.count ||
			((memory > store->limits.memory || size > store->limits.size) &&
				store->count > 1);

		newer = TAILQ_PREV(operation, operation_list, link);
		if (operation->status == OPERATION_IN_PROGRESS ||
			!(past_bounds || is_outdated(store, operation, now)))
			break;
		if (operation->references > 1 || !store_put(store, JOB_DELETE, operation))
			continue;
		memory -= operation_memory(operation);
		size -= operation->size;
		drop(store, operation);
	}
}

void store_open(struct store *store)
{
	if (store->unlisted)
		store_put(store, JOB_OPEN, NULL);
}

static void on_timer(evutil_socket_t fd, short events, void *context)
{
	(void)fd;
	(void)events;
	store_open(context);
	store_expire(context, wall_clock_milliseconds());
}

struct operation *store_find(const struct store *store, const char *id)
{
	struct operation *operation;

	TAILQ_FOREACH(operation, &store->operations, link)
		if (strcmp(operation->id, id) == 0)
			return operation;
	TAILQ_FOREACH(operation, &store->transient, link)
		if (strcmp(operation->id, id) == 0)
			return operation;
	return NULL;
}

struct operation *store_find_token(const struct store *store, const char *token)
{
	struct operation *operation;

	TAILQ_FOREACH(operation, &store->operations, link)
		if (strcmp(operation->request.client_token, token) == 0)
			return operation;
	TAILQ_FOREACH(operation, &store->transient, link)
		if (strcmp(operation->request.client_token, token) == 0)
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

const struct tally *store_tally(const struct store *store)
{
	return &store->tally;
}

const struct token_key *store_token_key(const struct store *store)
{
	return &store->key;
}

/* ---- start and stop ---- */

static void count_stored(struct store *store)
{
	const struct operation *operation;

	TAILQ_FOREACH(operation, &store->operations, link)
		store->count++;
	if (store->count > 0)
		store->last_sequence = TAILQ_FIRST(&store->operations)->sequence;
}

static int start(struct store *store, struct event_base *base, const char *directory)
{
	static const struct timeval every_minute = {60, 0};
	struct database *database;
	int error;

	store->directory = strdup(directory);
	store->timer = event_new(base, -1, EV_PERSIST, on_timer, store);
	if (store->directory == NULL || store->timer == NULL ||
		event_add(store->timer, &every_minute) != 0)
		return -ENOMEM;
	error = token_key_init(&store->key);
	if (error != 0)
		return error;
	database = restore_open(directory, &store->key, &store->operations);
	store->unlisted = database == NULL;
	count_stored(store);
	error = archive_create(base, directory, &store->key, database, &store->archive);
	if (error != 0) {
		database_close(database);
		return error;
	}
	fail_interrupted(store);
	store_expire(store, wall_clock_milliseconds());
	return 0;
}

int store_create(struct event_base *base, const char *directory, const struct store_limits *limits,
	struct store **ret_store)
{
	struct store *store = calloc(1, sizeof(*store));
	int error;

	if (store == NULL)
		return -ENOMEM;
	store->limits = *limits;
	TAILQ_INIT(&store->operations);
	TAILQ_INIT(&store->transient);
	error = start(store, base, directory);
	if (error != 0) {
		store_destroy(store);
		return error;
	}
	*ret_store = store;
	return 0;
}

void store_wait(struct store *store)
{
	archive_wait(store->archive, UINT32_MAX);
}

void store_destroy(struct store *store)
{
	if (store == NULL)
		return;
	archive_destroy(store->archive);
	store_close_reader(store);
	operation_drop_all(&store->operations);
	operation_drop_all(&store->transient);
	if (store->timer != NULL)
		event_free(store->timer);
	free(store->directory);
	free(store);
}
