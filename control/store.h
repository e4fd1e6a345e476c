/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * store: the operations that are kept, within bounds of age and size; the oldest go first.
 *
 * Overview: what there is to say of each operation is in memory; the flows of results are in a
 * database (control/database.h), which a thread writes (control/archive.h). Pages are read from it
 * by the event loop, a chunk at a time. Without a database that can be written operations FAIL, and
 * nothing else. What is transient (control/transient.h) is in memory alone, and outside of the bounds.
 */
#ifndef TIDEGATE_CONTROL_STORE_H
#define TIDEGATE_CONTROL_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "control/operation.h"
#include "control/result.h"
#include "control/token.h"

struct chunk_reader;
struct event_base;
struct tally;

struct store_limits {
	uint64_t age;	 /* milliseconds after its end that an operation is kept */
	size_t count;	 /* operations */
	uint64_t memory; /* bytes, of what is in memory */
	uint64_t size;	 /* bytes, of the flows; the newest operation is kept whatever it takes */
};

#define STORE_COUNT 10000
#define STORE_MEMORY (UINT64_C(64) << 20)

struct store;

/* Called out of the event loop when an operation's status is final. */
typedef void store_done_fn(struct operation *operation, void *context);

/*
 * List what is in the database in this directory; operations that were under way are FAILED. A
 * timer of the event loop lets go of old operations. Returns 0 or -errno; a database that cannot be
 * opened is no error, but logged.
 */
int store_create(struct event_base *base, const char *directory, const struct store_limits *limits,
	struct store **ret_store);

/* Finishes what is being written. */
void store_destroy(struct store *store);

/* The operations that store_finish() has brought to their end. */
const struct tally *store_tally(const struct store *store);

/* The key of the page tokens: it is kept, so that they are good after a restart. */
const struct token_key *store_token_key(const struct store *store);

/*
 * Keep a reference to an operation, the newest, and give it its sequence number. That it runs is in
 * the database within milliseconds, if at all; a transient one is not.
 */
void store_add(struct store *store, struct operation *operation);

/*
 * Store the result of an operation that is in the store and has finished. It is readers' as soon as
 * it is stored, or FAILED when it cannot be; then done is called, unless the store is destroyed
 * before.
 */
void store_finish(
	struct store *store, struct operation *operation, store_done_fn *done, void *context);

/*
 * A chunk of an ended operation's flows: CHUNK_RECORDS of them from this number times as many on.
 * Returns 0 or -errno; when it is damaged the operation is FAILED from then on.
 */
int store_read(struct store *store, struct operation *operation, uint32_t number,
	struct chunk_reader **ret_reader);

/* Called out of the event loop. error: 0 or -errno. */
typedef void store_visited_fn(int error, void *context);

/*
 * Hand all flows of an ended operation to visit, in their order, in another thread; then call done,
 * unless the store is destroyed before. Flows' rules are numbers without meaning. Returns 0 or
 * -ENOMEM, and then nothing is called.
 */
int store_visit(struct store *store, struct operation *operation, result_visit_fn *visit,
	store_visited_fn *done, void *context);

/* Have something destroyed in another thread, which is to have the only pointer to it: with
 * millions of flows that takes its time. */
void store_discard(struct store *store, void *memory, void (*destroy)(void *memory));

/* Wait until what is being written or visited is, however long that takes. */
void store_wait(struct store *store);

/* Let go of a transient operation that has ended; nothing of another one. */
void store_forget(struct store *store, struct operation *operation);

/*
 * Try again to open a database that could not be opened at the start, soon; what is in it is
 * listed then, or when an operation is stored. A timer does it, too.
 */
void store_open(struct store *store);

/*
 * Let go of what is past the limits at this time, milliseconds since the epoch; what runs or is
 * being read is kept.
 */
void store_expire(struct store *store, int64_t now);

/* By FlowOperationId, or NULL. */
struct operation *store_find(const struct store *store, const char *id);

/* The newest operation that was started with this ClientToken, or NULL. */
struct operation *store_find_token(const struct store *store, const char *token);

/* The newest operation with a sequence number below this one, or NULL. */
struct operation *store_before(const struct store *store, uint64_t sequence);

/* The next older operation, or NULL. */
struct operation *store_older(const struct operation *operation);

#endif
