/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/job.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/chunk.h"
#include "control/database.h"
#include "control/log.h"

void job_free(struct job *job)
{
	operation_unref(job->operation);
	merge_destroy(job->flows);
	free(job);
}

void job_reason(int error, char *text, size_t size)
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
	snprintf(text, size, "%s", found != NULL ? found : "unknown error");
	text[0] = (char)tolower((unsigned char)text[0]);
	for (i = 0; text[i] != '\0'; i++)
		if (!isalnum((unsigned char)text[i]) && text[i] != '-')
			text[i] = ' ';
}

static void note_failure(struct job_place *place, int error)
{
	char reason[96];

	job_reason(error, reason, sizeof(reason));
	if (!place->failing)
		log_write(LOG_ERR, "operations are not stored in %s: %s", place->directory, reason);
	place->failing = true;
}

static int open_database(struct job_place *place, struct job *job)
{
	int error = 0;

	if (place->database == NULL) {
		error = database_open(
			place->directory, place->damaged, &place->database, &job->renewed);
		if (error == 0)
			error = database_put_setting(
				place->database, "token_key", place->key.bytes, TOKEN_KEY_SIZE);
	}
	if (error == 0)
		place->damaged = false;
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

static char *name_rule(const struct flow_record *flow, const void *context)
{
	const struct rule_name *name = operation_rule(context, flow);

	return name != NULL ? rule_names_json(name, flow->rule_kind) : NULL;
}

static int store_chunk(struct job_place *place, const struct operation *operation,
	const uint32_t *order, uint32_t first, uint32_t end, uint64_t *size)
{
	const uint8_t *data;
	int64_t length;

	for (uint32_t i = first; i < end; i++) {
		uint32_t index = order != NULL ? order[i] : i;
		int error = chunk_writer_add(
			place->writer, merge_flow(operation->flows, index), name_rule, operation);

		if (error != 0)
			return error;
	}
	length = chunk_writer_finish(place->writer, &data);
	if (length < 0)
		return (int)length;
	*size += (uint64_t)length;
	return database_put_chunk(
		place->database, operation->sequence, first / CHUNK_RECORDS, data, (size_t)length);
}

static int store_flows(struct job_place *place, struct job *job, const uint32_t *order)
{
	uint32_t count = job->flow_count;
	int error = 0;

	for (uint32_t first = 0; error == 0 && first < count; first += CHUNK_RECORDS) {
		uint32_t left = count - first;

		error = store_chunk(place, job->operation, order, first,
			first + (left < CHUNK_RECORDS ? left : CHUNK_RECORDS), &job->size);
	}
	return error;
}

/* All of it in one transaction. */
static int store_result(struct job_place *place, struct job *job, const uint32_t *order)
{
	const struct operation *operation = job->operation;
	int error = database_begin(place->database, true);

	if (error == 0)
		error = store_flows(place, job, order);
	if (error == 0) {
		const struct database_outcome outcome = {
			operation->outcome, operation->outcome_message, job->flow_count, job->size};

		error = database_put_operation(place->database, operation, &outcome);
	}
	return error != 0 ? error : database_commit(place->database);
}

/* As readers see it. */
static int put_as_it_is(struct job_place *place, const struct operation *operation)
{
	const struct database_outcome outcome = {
		operation->status, operation->message, operation->flow_count, operation->size};
	int error = database_begin(place->database, false);

	if (error == 0)
		error = database_put_operation(place->database, operation, &outcome);
	return error != 0 ? error : database_commit(place->database);
}

static int finish(struct job_place *place, struct job *job)
{
	struct operation *operation = job->operation;
	uint32_t *order = NULL;
	int error = 0;

	/* The writer has what a failed one has left. */
	chunk_writer_destroy(place->writer);
	place->writer = NULL;
	if (operation->outcome != OPERATION_FAILED) {
		operation_arrange(operation);
		error = merge_sort(operation->flows, operation->request.sort,
			operation->request.limit, &order, &job->flow_count);
	}
	if (error == 0)
		error = chunk_writer_create(&place->writer);
	if (error == 0)
		error = store_result(place, job, order);
	free(order);
	return error;
}

static int visit_chunk(const struct job *job, struct chunk_reader *reader)
{
	struct flow_record flow;
	const char *rule;
	int result;

	while ((result = chunk_reader_next(reader, &flow, &rule)) == 1) {
		result = job->visit(&flow, job->visit_context);
		if (result != 0)
			break;
	}
	return result;
}

static int visit(struct job_place *place, struct job *job)
{
	const struct operation *operation = job->operation;
	uint32_t count = 0;

	for (uint32_t number = 0; count < operation->flow_count; number++) {
		struct chunk_reader *reader = NULL;
		const uint8_t *data;
		size_t size;
		int error = database_get_chunk(
			place->database, operation->sequence, number, &data, &size);

		if (error == 0)
			error = chunk_reader_create(data, size, &reader);
		database_end_get(place->database);
		if (error == 0) {
			count += chunk_reader_count(reader);
			error = chunk_reader_count(reader) > 0 ? visit_chunk(job, reader)
							       : -EBADMSG;
		}
		chunk_reader_destroy(reader);
		if (error != 0)
			return error;
	}
	return 0;
}

static int forget(struct job_place *place, const struct operation *operation)
{
	int error = database_begin(place->database, false);

	if (error == 0)
		error = database_delete(place->database, operation->sequence);
	return error != 0 ? error : database_commit(place->database);
}

static int attempt(struct job_place *place, struct job *job)
{
	int error;

	if (job->kind == JOB_CHECK)
		close_database(place, -EUCLEAN);
	error = open_database(place, job);
	if (error != 0)
		return error;
	place->untidy = true;
	switch (job->kind) {
	case JOB_BEGIN:
	case JOB_AMEND:
		return put_as_it_is(place, job->operation);
	case JOB_FINISH:
		return finish(place, job);
	case JOB_DELETE:
		return forget(place, job->operation);
	case JOB_VISIT:
		return visit(place, job);
	case JOB_CHECK:
	case JOB_FREE:
		break;
	}
	return 0;
}

void job_carry_out(struct job *job, struct job_place *place)
{
	if (job->kind == JOB_FREE) {
		merge_destroy(job->flows);
		job->flows = NULL;
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

void job_place_fini(struct job_place *place)
{
	chunk_writer_destroy(place->writer);
	database_close(place->database);
}
