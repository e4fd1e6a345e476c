/* SPDX-License-Identifier: BSD-3-Clause */
/* store_private: what store.c and store_result.c share. */
#ifndef TIDEGATE_CONTROL_STORE_PRIVATE_H
#define TIDEGATE_CONTROL_STORE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control/job.h"
#include "control/operation.h"
#include "control/store.h"
#include "control/tally.h"
#include "control/token.h"

struct archive;
struct database;
struct event;

struct store {
	struct store_limits limits;
	struct operation_list operations; /* the newest first */
	struct operation_list transient;  /* likewise; in none of the limits */
	size_t count;
	uint64_t last_sequence;
	struct token_key key;
	char *directory;
	struct archive *archive;
	bool unlisted; /* the database has not been opened yet: what is in it is not known */
	struct database *reader; /* NULL: to be opened */
	struct event *timer;
	struct tally tally;
};

/* Have a job done whose outcome nobody waits for; operation may be NULL, and a transient one has
 * nothing in the database. Returns false without memory for it, and then it is left. */
bool store_put(struct store *store, enum job_kind kind, struct operation *operation);

/* Take in what a job that is done has found out about the database. */
void store_settle(struct store *store, struct job *job);

/* The next read opens it anew. */
void store_close_reader(struct store *store);

#endif
