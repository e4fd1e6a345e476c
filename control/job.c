/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/job.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/chunk_list.h"
#include "control/database.h"
#include "control/log.h"
#include "control/restore.h"

struct job *job_create(
	enum job_kind kind, struct operation *operation, job_done_fn *done, void *context)
{
	struct job *job = calloc(1, sizeof(*job));

	if (job == NULL)
		return NULL;
	job->kind = kind;
	job->operation = operation != NULL ? operation_ref(operation) : NULL;
	job->done = done;
	job->context = context;
	return job;
}

void job_free(struct job *job)
{
	if (job->listed)
		operation_drop_all(&job->earlier);
	operation_unref(job->operation);
	if (job->memory != NULL)
		job->destroy(job->memory);
	free(job);
}

void job_reason(int error, char text[JOB_REASON_SIZE])
{
	static const struct {
		int error;
		const char *text;
	} reasons[] = {
		{-ENOSPC, "no space left"},
		{-EDQUOT, "no space left"},
		{-EUCLEAN, "the file is damaged"},
		{-EBADMSG, "the file is damaged"},
		{-EBUSY, "another daemon has the directory"},
		{-EPROTO, "the file is of a newer version"},
	};
	const char *found = strerrordesc_np(-error);
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].error == error)
			found = reasons[i].text;
	snprintf(text, JOB_REASON_SIZE, "%s", found != NULL ? found : "unknown error");
	text[0] = (char)tolower((unsigned char)text[0]);
	for (i = 0; text[i] != '\0'; i++)
		if (!isalnum((unsigned char)text[i]) && text[i] != '-')
			text[i] = ' ';
}

void job_log_failure(const char *directory, int error)
{
	char reason[JOB_REASON_SIZE];

	job_reason(error, reason);
	log_write(LOG_ERR, "operations are not stored in %s: %s", directory, reason);
}

static void note_failure(struct job_place *place, int error)
{
	if (!place->failing)
		job_log_failure(place->directory, error);
	place->failing = true;
}

static int open_database(struct job_place *place, struct job *job)
{
	struct database *database;
	int error;

	if (place->database != NULL)
		return 0;
	error = database_open(place->directory, place->damaged, &database, &job->renewed);
	if (error != 0)
		return error;
	error = database_put_setting(database, "token_key", place->key.bytes, TOKEN_KEY_SIZE);
	if (error != 0) {
		database_close(database);
		return error;
	}
	place->database = database;
	place->damaged = false;
	return 0;
}

/* What was in a database that is open for the first time. */
static int list_earlier(struct job_place *place, struct job *job)
{
	int error;

	TAILQ_INIT(&job->earlier);
	error = restore_list(place->database, &job->earlier);
	job->listed = error == 0;
	place->unlisted = error != 0;
	return error;
}

/* A failed one is opened anew by the next job that needs it. */
static void close_database(struct job_place *place, int error)
{
	if (place->database != NULL)
		database_rollback(place->database);
	database_close(place->database);
	place->database = NULL;
	place->damaged = place->damaged || error == -EUCLEAN;
}

/* In memory. */
static int keep_result(struct job *job, const uint32_t *order)
{
	struct operation *operation = job->operation;
	int error;

	operation->chunks = chunk_list_create(job->flow_count);
	if (operation->chunks == NULL)
		return -ENOMEM;
	error = result_write(NULL, operation, order, job->flow_count, &job->size);
	if (error != 0) {
		chunk_list_destroy(operation->chunks);
		operation->chunks = NULL;
	}
	return error;
}

/* All of it in one transaction. */
static int store_result(struct job_place *place, struct job *job, const uint32_t *order)
{
	const struct operation *operation = job->operation;
	int error = database_begin(place->database, true);

	if (error == 0)
		error = result_write(
			place->database, operation, order, job->flow_count, &job->size);
	if (error == 0) {
		const struct database_outcome outcome = {
			.status = operation->outcome,
			.message = operation->outcome_message,
			.elapsed = operation->elapsed,
			.asymmetric = operation->asymmetric,
			.receipt = operation->receipt,
			.flow_count = job->flow_count,
			.size = job->size,
		};

		error = database_put_operation(place->database, operation, &outcome);
	}
	return error != 0 ? error : database_commit(place->database);
}

static int note(struct job_place *place, const struct operation *operation,
	const struct database_outcome *outcome)
{
	int error = database_begin(place->database, false);

	if (error == 0)
		error = database_put_operation(place->database, operation, outcome);
	return error != 0 ? error : database_commit(place->database);
}

/* The event loop goes on with the operation meanwhile. */
static int note_begin(struct job_place *place, const struct operation *operation)
{
	const struct database_outcome none = {.status = OPERATION_IN_PROGRESS, .message = ""};

	return note(place, operation, &none);
}

static int note_status(struct job_place *place, const struct operation *operation)
{
	const struct database_outcome outcome = {
		.status = operation->status,
		.message = operation->message,
		.elapsed = operation->elapsed,
		.asymmetric = operation->asymmetric,
		.receipt = operation->receipt,
		.flow_count = operation->flow_count,
		.size = operation->size,
	};

	return note(place, operation, &outcome);
}

static int finish(struct job_place *place, struct job *job)
{
	struct operation *operation = job->operation;
	uint32_t *order = NULL;
	int error = 0;

	if (operation->outcome != OPERATION_FAILED) {
		operation_arrange(operation);
		error = merge_sort(operation->flows, operation->request.sort,
			operation->request.limit, &order, &job->flow_count);
	}
	if (error == 0)
		error = operation->request.transient ? keep_result(job, order)
						     : store_result(place, job, order);
	free(order);
	return error;
}

static int forget(struct job_place *place, const struct operation *operation)
{
	int error = database_begin(place->database, false);

	if (error == 0)
		error = database_delete(place->database, operation->sequence);
	return error != 0 ? error : database_commit(place->database);
}

static int visit(struct job_place *place, struct job *job)
{
	return result_visit(
		place->database, job->operation, job->flow_count, job->visit, job->visit_context);
}

static int attempt(struct job_place *place, struct job *job)
{
	int error;

	if (job->kind == JOB_CHECK)
		close_database(place, -EUCLEAN);
	error = open_database(place, job);
	/* Who visits an operation has found it, and takes no list. */
	if (error == 0 && place->unlisted && job->kind != JOB_VISIT)
		error = list_earlier(place, job);
	if (error != 0)
		return error;
	place->untidy = true;
	switch (job->kind) {
	case JOB_BEGIN:
		return note_begin(place, job->operation);
	case JOB_AMEND:
		return note_status(place, job->operation);
	case JOB_FINISH:
		return finish(place, job);
	case JOB_DELETE:
		return forget(place, job->operation);
	case JOB_VISIT:
		return visit(place, job);
	case JOB_OPEN:
	case JOB_CHECK:
	case JOB_FREE:
		break;
	}
	return 0;
}

void job_carry_out(struct job *job, struct job_place *place)
{
	if (job->kind == JOB_FREE) {
		job->destroy(job->memory);
		job->memory = NULL;
		return;
	}
	/* The database has no part in it. */
	if (job->operation != NULL && job->operation->request.transient) {
		job->error = job->kind == JOB_FINISH ? finish(place, job) : visit(place, job);
		return;
	}
	job->error = attempt(place, job);
	if (job->kind == JOB_VISIT)
		return; /* what it finds is told to whoever asked */
	if (job->error != 0) {
		note_failure(place, job->error);
		close_database(place, job->error);
	} else if (place->failing) {
		log_write(LOG_NOTICE, "operations are stored in %s again", place->directory);
		place->failing = false;
	}
}

bool job_tidy(struct job_place *place)
{
	bool more;

	if (!place->untidy || place->database == NULL)
		return false;
	more = database_shrink(place->database);
	database_checkpoint(place->database);
	place->untidy = more;
	return more;
}
