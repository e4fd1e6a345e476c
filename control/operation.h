/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * operation: one capture or flush, from the request to the result.
 *
 * Life-cycle: operation_create() → operation_take(), operation_refuse() and
 * operation_close_worker() as the workers report → operation_finish(); from then on it is
 * immutable. It is freed when the last reference is dropped: a page of its result may be under way
 * to a slow client after retention has let go of it.
 */
#ifndef TIDEGATE_CONTROL_OPERATION_H
#define TIDEGATE_CONTROL_OPERATION_H

#include <stdbool.h>
#include <sys/queue.h>
#include <uuid/uuid.h>

#include "control/merge.h"
#include "control/rule_names.h"
#include "dataplane/dataplane.h"

/* StatusMessage of the API model: at most 256 characters. */
enum { OPERATION_MESSAGE_SIZE = 257 };

enum operation_status {
	OPERATION_IN_PROGRESS,
	OPERATION_COMPLETED,
	OPERATION_COMPLETED_WITH_ERRORS,
	OPERATION_FAILED,
};

/* The names of the API model. */
const char *operation_status_name(enum operation_status status);
const char *operation_type_name(enum walk_kind kind);

enum operation_worker_state { WORKER_WALKING, WORKER_CLOSED, WORKER_REFUSED };

/* How far one worker came. */
struct operation_worker {
	enum operation_worker_state state;
	uint64_t received;	 /* records that came in */
	struct walk_close close; /* once it has closed, else zero */
};

/* What an operation is to do. */
struct operation_request {
	enum walk_kind kind;
	uint32_t minimum_age; /* seconds */
	uint32_t time_box;    /* milliseconds */
	uint32_t limit;	      /* flows */
	bool denied;	      /* see struct walk_request */
	char *filters;	      /* FlowFilters as given, JSON text; malloc()ed */
};

/* Readers outside of operation.c and store.c do not write any member. */
struct operation {
	char id[UUID_STR_LEN];
	uint64_t sequence; /* store.c: later ones have higher numbers */
	struct operation_request request;
	enum operation_status status;
	char message[OPERATION_MESSAGE_SIZE]; /* "": none */
	int64_t requested;		      /* milliseconds since the epoch */
	uint64_t start;			      /* dataplane_now() */
	uint64_t end;			      /* likewise; while it runs 0 */
	struct merge *flows;
	struct rule_names **names; /* of the generations that judged flows, ascending; references */
	uint32_t names_count;
	uint64_t past_limit;	 /* records left out */
	uint64_t without_memory; /* records left out */
	uint32_t references;
	uint16_t worker_count;
	TAILQ_ENTRY(operation) link; /* store.c */
	struct operation_worker workers[];
};

/*
 * Begin one now; it has one reference, the caller's. expected: see merge_create(). Takes over
 * request->filters, on success alone. Returns 0 or -errno.
 */
int operation_create(const struct operation_request *request, uint16_t worker_count,
	uint64_t expected, struct operation **ret_operation);
struct operation *operation_ref(struct operation *operation);
void operation_unref(struct operation *operation);

/*
 * A worker's record; one that finds no room is counted. names are those of the policy that judged
 * the flow, or NULL when they are gone, or no rule did.
 */
void operation_take(struct operation *operation, uint16_t worker, const struct flow_record *record,
	struct rule_names *names);

/* The worker's request ring was full. */
void operation_refuse(struct operation *operation, uint16_t worker);

void operation_close_worker(
	struct operation *operation, uint16_t worker, const struct walk_close *close);

/* End it with what came in. canceled: at a client's wish. */
void operation_finish(struct operation *operation, bool canceled);

/* The name of the rule that decided a flow of the result; NULL where none did or it is not known.
 */
const struct rule_name *operation_rule(
	const struct operation *operation, const struct flow_record *flow);

/* How many flows a reader gets: none before the end. */
uint32_t operation_flow_count(const struct operation *operation);

/* Bytes held, with a share of the rule names that others hold, too. */
size_t operation_memory(const struct operation *operation);

#endif
