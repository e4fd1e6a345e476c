/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * store: the operations of the last 12 hours, in memory, within bounds; the oldest go first.
 */
#ifndef TIDEGATE_CONTROL_STORE_H
#define TIDEGATE_CONTROL_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "control/operation.h"

struct event_base;

struct store_limits {
	uint64_t age;	 /* milliseconds after its end that an operation is kept */
	size_t count;	 /* operations */
	uint64_t memory; /* bytes; the newest operation is kept whatever it takes */
};

#define STORE_AGE (12 * 3600 * UINT64_C(1000))
#define STORE_COUNT 10000
#define STORE_MEMORY (UINT64_C(512) << 20)

struct store;

/* Called out of the event loop when an operation's status is final. */
typedef void store_done_fn(struct operation *operation, void *context);

/* A timer of the event loop lets go of old operations. Returns 0 or -ENOMEM. */
int store_create(
	struct event_base *base, const struct store_limits *limits, struct store **ret_store);
void store_destroy(struct store *store);

/* Keep a reference to an operation, the newest, and give it its sequence number. */
void store_add(struct store *store, struct operation *operation);

/*
 * Store the result of an operation that is in the store and has finished. It is readers' as soon as
 * it is stored, or FAILED when it cannot be; then done is called, unless the store is destroyed
 * before.
 */
void store_finish(
	struct store *store, struct operation *operation, store_done_fn *done, void *context);

/* Let go of what is past the limits at this time, milliseconds since the epoch; what runs is kept.
 */
void store_expire(struct store *store, int64_t now);

/* By FlowOperationId, or NULL. */
struct operation *store_find(const struct store *store, const char *id);

/* The newest operation with a sequence number below this one, or NULL. */
struct operation *store_before(const struct store *store, uint64_t sequence);

/* The next older operation, or NULL. */
struct operation *store_older(const struct operation *operation);

#endif
