/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pass: one walk of all workers over their tables, and what they use of it.
 *
 * An operation takes one pass or two, and may end before a worker has closed its own (the worker
 * stalls, a client cancels). So a pass lives until the last worker has closed it: what that still
 * sends is thrown away, and what it uses is freed then.
 */
#ifndef TIDEGATE_CONTROL_PASS_H
#define TIDEGATE_CONTROL_PASS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "control/operation.h"
#include "control/publisher.h"
#include "control/store.h"
#include "dataplane/dataplane.h"

struct pass {
	uint32_t id;
	uint16_t open;		     /* workers that have not closed it */
	struct operation *operation; /* a reference; NULL: it goes on without this pass */
	struct classifier *filter;   /* or NULL */
	struct flow_set *set;	     /* the only flows that it is for, or NULL */
	uint32_t looked_at;	     /* by pass_choose(), of the operation's flows */
	uint32_t chosen;	     /* of these in the set */
	uint16_t window_count;
	uint16_t prepared;	 /* windows whose memory is in */
	struct window **windows; /* by worker; NULL: none */
	LIST_ENTRY(pass) link;
};

LIST_HEAD(pass_list, pass);

/* With the workers' windows where the operation has one. -ENOMEM */
int pass_create(struct dataplane *dataplane, struct operation *operation, struct pass **ret_pass);

/* Bring in a piece of the windows' memory. Whether there is more; all of it is to be in before
 * pass_ask(). */
bool pass_prepare(struct pass *pass);

/* Put a batch of what its operation has listed, and is in scope, into the set, which has room for
 * all of it. Whether there is more. */
bool pass_choose(struct pass *pass);

/* Frees filter, set and windows too, in the store's thread: only when no worker has it open, and no
 * operation waits for it. */
void pass_discard(struct pass *pass, struct store *store);

/* Have the workers end it wherever they are. Each still closes it. */
void pass_cancel(const struct pass *pass, struct dataplane *dataplane);

/* The operation goes on, or ends, without it. */
void pass_leave(struct pass *pass);

/*
 * Ask every worker; kind is what this pass is to do, scope what the workers can tell by themselves.
 * generation: that of the policy in force.
 */
void pass_ask(struct pass *pass, struct dataplane *dataplane, enum walk_kind kind,
	const struct walk_scope *scope, uint32_t generation);

/*
 * Take in a batch of records of every worker: those of passes that an operation waits for go to it.
 * publisher tells the names of rules. Returns whether there was any record.
 */
bool pass_drain(
	struct pass_list *passes, struct dataplane *dataplane, const struct publisher *publisher);

/* Discard those that all workers have closed, but this one, which may be NULL. */
void pass_discard_closed(struct pass_list *passes, const struct pass *but, struct store *store);

/* Only when no worker runs any more. */
void pass_free_all(struct pass_list *passes);

#endif
