/* SPDX-License-Identifier: BSD-3-Clause */
/* The results of operations: how they get into the store, and are read. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "control/archive.h"
#include "control/database.h"
#include "control/log.h"
#include "control/store_private.h"
#include "control/wall_clock.h"

static void destroy_flows(void *memory)
{
	merge_destroy(memory);
}

/* ---- the end of an operation ---- */

struct finish {
	struct job job; /* first: it is freed by it */
	struct store *store;
	store_done_fn *done;
	void *context;
};

static void fail(struct store *store, struct operation *operation, int error)
{
	char message[OPERATION_MESSAGE_SIZE], reason[JOB_REASON_SIZE];

	job_reason(error, reason);
	snprintf(message, sizeof(message), "Flow operation error - results were not stored - %s",
		reason);
	store_discard(store, operation_fail(operation, message), destroy_flows);
	store_put(store, JOB_AMEND, operation);
}

static void on_finished(struct job *job, void *context)
{
	struct finish *finish = context;
	struct store *store = finish->store;
	struct operation *operation = operation_ref(job->operation);

	store_settle(store, job);
	if (job->error == 0)
		store_discard(store, operation_publish(operation, job->flow_count, job->size),
			destroy_flows);
	else
		fail(store, operation, job->error);
	tally_add(&store->tally, operation);
	finish->done(operation, finish->context);
	job_free(job);
	operation_unref(operation);
	store_expire(store, wall_clock_milliseconds());
}

void store_finish(
	struct store *store, struct operation *operation, store_done_fn *done, void *context)
{
	struct finish *finish = calloc(1, sizeof(*finish));

	if (finish == NULL) {
		fail(store, operation, -ENOMEM);
		tally_add(&store->tally, operation);
		done(operation, context);
		return;
	}
	*finish = (struct finish){.store = store, .done = done, .context = context};
	finish->job.kind = JOB_FINISH;
	finish->job.operation = operation_ref(operation);
	finish->job.done = on_finished;
	finish->job.context = finish;
	archive_put(store->archive, &finish->job);
}

/* ---- reading ---- */

int store_read(struct store *store, struct operation *operation, uint32_t number,
	struct chunk_reader **ret_reader)
{
	int error = 0;

	if (operation->chunks == NULL && store->reader == NULL)
		error = database_open_reader(store->directory, &store->reader);
	if (error == 0)
		error = result_read(store->reader, operation, number, ret_reader);
	if (error == 0 || error == -ENOMEM)
		return error;
	store_close_reader(store);
	log_failure(error, "the result of operation %s cannot be read", operation->id);
	if (error == -EUCLEAN || error == -EBADMSG) {
		operation_fail(operation, "Flow operation error - results are damaged");
		store_put(store, JOB_AMEND, operation);
		store_put(store, JOB_CHECK, NULL);
	}
	return error;
}

struct visit {
	struct job job; /* first: it is freed by it */
	store_visited_fn *done;
	void *context;
};

static void on_visited(struct job *job, void *context)
{
	struct visit *visit = context;

	visit->done(job->error, visit->context);
	job_free(job);
}

int store_visit(struct store *store, struct operation *operation, result_visit_fn *visit_flow,
	store_visited_fn *done, void *context)
{
	struct visit *visit = calloc(1, sizeof(*visit));

	if (visit == NULL)
		return -ENOMEM;
	*visit = (struct visit){.done = done, .context = context};
	visit->job.kind = JOB_VISIT;
	visit->job.operation = operation_ref(operation);
	visit->job.flow_count = operation->flow_count;
	visit->job.visit = visit_flow;
	visit->job.visit_context = context;
	visit->job.done = on_visited;
	visit->job.context = visit;
	archive_put(store->archive, &visit->job);
	return 0;
}
