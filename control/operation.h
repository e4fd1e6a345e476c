/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * operation: one capture or flush, from the request to the result.
 *
 * Life-cycle: operation_create() → operation_take(), operation_refuse() and
 * operation_close_worker() as the workers report → operation_finish(), which decides the outcome;
 * for readers it goes on running until store_finish() has stored the result and called
 * operation_publish() or operation_fail(); from then on it is immutable. It is freed when the last
 * reference is dropped: a page of its result may be under way to a slow client after retention has
 * let go of it.
 */
#ifndef TIDEGATE_CONTROL_OPERATION_H
#define TIDEGATE_CONTROL_OPERATION_H

#include <stdbool.h>
#include <sys/queue.h>
#include <uuid/uuid.h>

#include "control/merge.h"
#include "control/rule_names.h"
#include "dataplane/dataplane.h"

struct chunk_list;

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

/* Room for a ClientToken, with its final NUL. */
enum { OPERATION_TOKEN_SIZE = 65 };

/* What an operation is to do. */
struct operation_request {
	enum walk_kind kind;
	enum operation_sort sort;
	struct walk_scope scope;
	uint32_t time_box;  /* milliseconds */
	uint32_t window;    /* seconds; 0: none */
	uint32_t limit;	    /* flows */
	uint32_t max_flows; /* a flush of more is refused; 0: there is no such guard */
	bool denied;	    /* see struct walk_request */
	/* The scope is about what several workers have of a conversation together, so that it is
	 * looked at when all has come in. */
	bool joint;
	bool transient;				 /* its result is kept in memory, for a while */
	bool dry_run;				 /* a flush that removes nothing */
	bool reset;				 /* a flush that sends a RST to both ends */
	char of_operation[UUID_STR_LEN];	 /* the capture whose flows are meant; "": none */
	char client_token[OPERATION_TOKEN_SIZE]; /* "": none */
	char *text;   /* FlowOperation as Describe returns it, compact JSON; malloc()ed */
	char *params; /* the whole request, canonical JSON, or NULL; malloc()ed */
};

/* Readers outside of operation.c and store.c do not write any member. */
struct operation {
	char id[UUID_STR_LEN];
	uint64_t sequence; /* store.c: later ones have higher numbers */
	struct operation_request request;
	enum operation_status status;	      /* for readers: IN_PROGRESS until it is stored */
	char message[OPERATION_MESSAGE_SIZE]; /* "": none, as long as it is IN_PROGRESS */
	int64_t requested;		      /* milliseconds since the epoch */
	uint64_t start;			      /* dataplane_now() */
	uint64_t begin;	  /* likewise, when all was prepared: window and time box count from here */
	uint64_t elapsed; /* milliseconds until it finished; while it runs 0 */
	bool same_run;	  /* begun by this process: its flows' times are of dataplane_now() */
	uint32_t flow_count; /* in the result, once it is stored */
	uint64_t size;	     /* bytes that the result takes where it is stored */
	uint32_t asymmetric; /* conversations that two workers have seen, once it is stored */
	char *receipt;	     /* Progress once it has finished, JSON text */
	/* What operation_finish() decided. */
	enum operation_status outcome;
	char outcome_message[OPERATION_MESSAGE_SIZE];
	struct merge *flows;	   /* NULL once the result is stored, or is not */
	struct rule_names **names; /* of the generations that judged flows, ascending; references */
	uint32_t names_count;
	struct chunk_list *chunks; /* the result of a transient one, once it is stored */
	uint64_t past_limit;	   /* records left out */
	uint64_t without_memory;   /* records left out */
	uint32_t references;
	uint16_t worker_count;
	TAILQ_ENTRY(operation) link; /* store.c */
	struct operation_worker workers[];
};

TAILQ_HEAD(operation_list, operation);

/*
 * Begin one now; it has one reference, the caller's. expected: see merge_create(). Takes over
 * request->text and request->params, on success alone. Returns 0 or -errno.
 */
int operation_create(const struct operation_request *request, uint16_t worker_count,
	uint64_t expected, struct operation **ret_operation);

/* What is known of one that has ended before this process began. */
struct operation_past {
	uint64_t sequence;
	const char *id;
	enum operation_status status;
	const char *message; /* "": none */
	int64_t requested;
	uint64_t elapsed;
	uint32_t flow_count;
	uint32_t asymmetric;
	uint64_t size;
	const char *receipt; /* "": none */
};

/* Make it anew; like operation_create() else. past is copied. -ENOMEM */
int operation_restore(const struct operation_request *request, const struct operation_past *past,
	struct operation **ret_operation);

struct operation *operation_ref(struct operation *operation);
void operation_unref(struct operation *operation);

/* Take all out of a list, with the reference that it holds. */
void operation_drop_all(struct operation_list *operations);

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

/* When its time box closes; a window comes before it. */
uint64_t operation_deadline(const struct operation *operation);

/* Begin again, with another pass over the tables: what came in is left out. */
void operation_begin_again(struct operation *operation);

/* Whether every worker has walked its whole table, and nothing was left out. */
bool operation_is_whole(const struct operation *operation);

/* Decide the outcome, with what came in. canceled: at a client's wish. */
void operation_finish(struct operation *operation, bool canceled);

/* End it FAILED, without flows, for what is missing and this reason, of the letters of
 * StatusMessage and at most 90 of them. */
void operation_give_up(struct operation *operation, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* What takes longer than a turn of the event loop, before the result of one that has finished is
 * stored: give back what only merging needs, leave out what is not in a joint scope. Any thread,
 * while nobody else has the operation. */
void operation_arrange(struct operation *operation);

/*
 * The result is stored, so many flows that take up size bytes: readers see the outcome. Returns
 * what held the flows, for the caller to destroy.
 */
struct merge *operation_publish(struct operation *operation, uint32_t flow_count, uint64_t size);

/* It is not: readers see FAILED, with this message of the letters of StatusMessage, and no flows.
 * The same is returned. */
struct merge *operation_fail(struct operation *operation, const char *message);

/* Flows that came in so far, or are in the result. */
uint32_t operation_found(const struct operation *operation);

/* Milliseconds that it took, or has been running. */
uint64_t operation_elapsed(const struct operation *operation);

/* How much of the worker's table was looked at, in whole percent, rounded down. */
unsigned int operation_coverage(const struct operation_worker *worker);

/* Progress, an object a worker, so far or at the end: JSON text, malloc()ed. NULL without memory.
 */
char *operation_receipt(const struct operation *operation);

/* The name of the rule that decided a flow of the result; NULL where none did or it is not known.
 */
const struct rule_name *operation_rule(
	const struct operation *operation, const struct flow_record *flow);

/* Share of the conversations of a stored result that two workers have seen, in percent. */
double operation_asymmetry(const struct operation *operation);

/* How many flows a reader gets: none before the end. */
uint32_t operation_flow_count(const struct operation *operation);

/* Bytes of memory held, less those of flows and rule names, which go when it is stored. */
size_t operation_memory(const struct operation *operation);

#endif
