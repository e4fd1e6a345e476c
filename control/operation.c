/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/operation.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/chunk_list.h"
#include "control/operation_message.h"
#include "control/wall_clock.h"

const char *operation_status_name(enum operation_status status)
{
	static const char *const names[] = {
		[OPERATION_IN_PROGRESS] = "IN_PROGRESS",
		[OPERATION_COMPLETED] = "COMPLETED",
		[OPERATION_COMPLETED_WITH_ERRORS] = "COMPLETED_WITH_ERRORS",
		[OPERATION_FAILED] = "FAILED",
	};

	return names[status];
}

const char *operation_type_name(enum walk_kind kind)
{
	return kind == WALK_FLUSH ? "FLOW_FLUSH" : "FLOW_CAPTURE";
}

static const uint64_t millisecond = NANOSECONDS / 1000;

int operation_create(const struct operation_request *request, uint16_t worker_count,
	uint64_t expected, struct operation **ret_operation)
{
	struct operation *operation;
	uuid_t uuid;
	int error;

	operation = calloc(1, sizeof(*operation) + worker_count * sizeof(operation->workers[0]));
	if (operation == NULL)
		return -ENOMEM;
	/* The first ones of an order, or in a joint scope, are known when all have come in. */
	error = merge_create(worker_count,
		request->sort == SORT_NONE && !request->joint ? request->limit : UINT32_MAX - 1,
		expected, &operation->flows);
	if (error != 0) {
		free(operation);
		return error;
	}
	uuid_generate_random(uuid);
	uuid_unparse_lower(uuid, operation->id);
	operation->request = *request;
	operation->worker_count = worker_count;
	operation->references = 1;
	operation->same_run = true;
	operation->requested = wall_clock_milliseconds();
	operation->start = dataplane_now();
	operation->begin = operation->start;
	*ret_operation = operation;
	return 0;
}

static char *copy_or_null(const char *text)
{
	return text[0] != '\0' ? strdup(text) : NULL;
}

int operation_restore(const struct operation_request *request, const struct operation_past *past,
	struct operation **ret_operation)
{
	struct operation *operation = calloc(1, sizeof(*operation));

	if (operation == NULL)
		return -ENOMEM;
	operation->receipt = copy_or_null(past->receipt);
	if (operation->receipt == NULL && past->receipt[0] != '\0') {
		free(operation);
		return -ENOMEM;
	}
	operation->request = *request;
	operation->references = 1;
	operation->sequence = past->sequence;
	snprintf(operation->id, sizeof(operation->id), "%s", past->id);
	operation->status = past->status;
	operation->outcome =
		past->status == OPERATION_IN_PROGRESS ? OPERATION_FAILED : past->status;
	snprintf(operation->message, sizeof(operation->message), "%s", past->message);
	operation->requested = past->requested;
	operation->elapsed = past->elapsed;
	operation->flow_count = past->flow_count;
	operation->asymmetric = past->asymmetric;
	operation->size = past->size;
	*ret_operation = operation;
	return 0;
}

struct operation *operation_ref(struct operation *operation)
{
	operation->references++;
	return operation;
}

void operation_unref(struct operation *operation)
{
	if (operation == NULL || --operation->references != 0)
		return;
	merge_destroy(operation->flows);
	chunk_list_destroy(operation->chunks);
	for (uint32_t i = 0; i < operation->names_count; i++)
		rule_names_unref(operation->names[i]);
	free(operation->names);
	free(operation->request.text);
	free(operation->request.params);
	free(operation->receipt);
	free(operation);
}

void operation_drop_all(struct operation_list *operations)
{
	struct operation *operation;

	while ((operation = TAILQ_FIRST(operations)) != NULL) {
		TAILQ_REMOVE(operations, operation, link);
		operation_unref(operation);
	}
}

/* Where a generation's names are, or would have to be put. */
static uint32_t find_names(const struct operation *operation, uint32_t generation)
{
	uint32_t low = 0, high = operation->names_count;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (operation->names[middle]->generation < generation)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool has_names(const struct operation *operation, uint32_t at, uint32_t generation)
{
	return at < operation->names_count && operation->names[at]->generation == generation;
}

/* Hold a reference to the names. Returns 0 or -ENOMEM. */
static int hold_names(struct operation *operation, struct rule_names *names)
{
	uint32_t at = find_names(operation, names->generation);
	struct rule_names **larger;

	if (has_names(operation, at, names->generation))
		return 0;
	larger = reallocarray(
		operation->names, operation->names_count + 1, sizeof(struct rule_names *));
	if (larger == NULL)
		return -ENOMEM;
	operation->names = larger;
	memmove(&larger[at + 1], &larger[at],
		(operation->names_count - at) * sizeof(struct rule_names *));
	larger[at] = rule_names_ref(names);
	operation->names_count++;
	return 0;
}

const struct rule_name *operation_rule(
	const struct operation *operation, const struct flow_record *flow)
{
	uint32_t at = find_names(operation, flow->generation);

	if (!has_names(operation, at, flow->generation))
		return NULL;
	return rule_names_find(operation->names[at], flow->rule_kind, flow->rule);
}

void operation_take(struct operation *operation, uint16_t worker, const struct flow_record *record,
	struct rule_names *names)
{
	int error = names != NULL ? hold_names(operation, names) : 0;

	if (error == 0)
		error = merge_add(operation->flows, worker, record);
	operation->workers[worker].received++;
	if (error == -ENOSPC)
		operation->past_limit++;
	else if (error != 0)
		operation->without_memory++;
}

void operation_refuse(struct operation *operation, uint16_t worker)
{
	operation->workers[worker].state = WORKER_REFUSED;
}

void operation_close_worker(
	struct operation *operation, uint16_t worker, const struct walk_close *close)
{
	operation->workers[worker].state = WORKER_CLOSED;
	operation->workers[worker].close = *close;
}

uint64_t operation_deadline(const struct operation *operation)
{
	const struct operation_request *request = &operation->request;

	return operation->begin + request->window * NANOSECONDS + request->time_box * millisecond;
}

void operation_begin_again(struct operation *operation)
{
	merge_clear(operation->flows);
	operation->past_limit = 0;
	operation->without_memory = 0;
	for (uint16_t i = 0; i < operation->worker_count; i++)
		operation->workers[i] = (struct operation_worker){.state = WORKER_WALKING};
}

bool operation_is_whole(const struct operation *operation)
{
	bool whole = operation->past_limit == 0 && operation->without_memory == 0;

	for (uint16_t i = 0; whole && i < operation->worker_count; i++) {
		const struct operation_worker *worker = &operation->workers[i];

		whole = worker->state == WORKER_CLOSED &&
			worker->close.walked == worker->close.positions;
	}
	return whole;
}

static bool all_refused(const struct operation *operation)
{
	for (uint16_t i = 0; i < operation->worker_count; i++)
		if (operation->workers[i].state != WORKER_REFUSED)
			return false;
	return true;
}

static void decide(struct operation *operation, enum operation_status outcome, const char *message)
{
	operation->outcome = outcome;
	operation_message_append(operation->outcome_message, "%s", message);
}

/* Nothing more comes in. */
static void close_records(struct operation *operation)
{
	operation->receipt = operation_receipt(operation);
	operation->elapsed = operation_elapsed(operation);
	operation->asymmetric = merge_asymmetric(operation->flows);
}

void operation_give_up(struct operation *operation, const char *format, ...)
{
	char *message = operation->outcome_message;
	va_list arguments;
	size_t length;

	merge_clear(operation->flows);
	close_records(operation);
	operation_message_append(
		message, "%s - ", operation_message_write(operation) ? "" : "Flow operation error");
	length = strlen(message);
	va_start(arguments, format);
	vsnprintf(message + length, OPERATION_MESSAGE_SIZE - length, format, arguments);
	va_end(arguments);
	operation->outcome = OPERATION_FAILED;
}

void operation_arrange(struct operation *operation)
{
	const struct operation_request *request = &operation->request;
	char *message = operation->outcome_message;
	uint32_t count;

	merge_close(operation->flows);
	/* A flush has removed what it lists. */
	if (!request->joint || (request->kind == WALK_FLUSH && !request->dry_run))
		return;
	merge_keep(operation->flows, &request->scope, operation->start);
	count = merge_count(operation->flows);
	if (request->sort != SORT_NONE || count <= request->limit)
		return;
	operation_message_append(message, "%s - %" PRIu32 " flows past the limit",
		message[0] == '\0' ? "Flow operation error" : "", count - request->limit);
	operation->outcome = OPERATION_COMPLETED_WITH_ERRORS;
}

void operation_finish(struct operation *operation, bool canceled)
{
	close_records(operation);
	if (canceled)
		decide(operation, OPERATION_COMPLETED_WITH_ERRORS,
			"Flow operation error - canceled by a client");
	else if (all_refused(operation))
		decide(operation, OPERATION_FAILED,
			"Flow operation error - no worker took the request");
	else
		operation->outcome = operation_message_write(operation)
			? OPERATION_COMPLETED_WITH_ERRORS
			: OPERATION_COMPLETED;
}

static struct merge *take_flows(struct operation *operation)
{
	struct merge *flows = operation->flows;

	operation->flows = NULL;
	return flows;
}

struct merge *operation_publish(struct operation *operation, uint32_t flow_count, uint64_t size)
{
	operation->flow_count = flow_count;
	operation->size = size;
	memcpy(operation->message, operation->outcome_message, OPERATION_MESSAGE_SIZE);
	operation->status = operation->outcome;
	return take_flows(operation);
}

struct merge *operation_fail(struct operation *operation, const char *message)
{
	operation->flow_count = 0;
	operation->size = 0;
	snprintf(operation->message, OPERATION_MESSAGE_SIZE, "%s", message);
	operation->status = OPERATION_FAILED;
	return take_flows(operation);
}

uint32_t operation_found(const struct operation *operation)
{
	return operation->status == OPERATION_IN_PROGRESS ? merge_count(operation->flows)
							  : operation->flow_count;
}

uint64_t operation_elapsed(const struct operation *operation)
{
	if (operation->outcome != OPERATION_IN_PROGRESS)
		return operation->elapsed;
	return (dataplane_now() - operation->start) / millisecond;
}

double operation_asymmetry(const struct operation *operation)
{
	/* What a scope or a limit left out of the result was counted too. */
	if (operation->asymmetric >= operation->flow_count)
		return operation->asymmetric > 0 ? 100 : 0;
	return 100.0 * operation->asymmetric / operation->flow_count;
}

uint32_t operation_flow_count(const struct operation *operation)
{
	return operation->status == OPERATION_IN_PROGRESS ? 0 : operation->flow_count;
}

static size_t text_memory(const char *text)
{
	return text != NULL ? strlen(text) + 1 : 0;
}

size_t operation_memory(const struct operation *operation)
{
	return sizeof(*operation) + operation->worker_count * sizeof(operation->workers[0]) +
		text_memory(operation->request.text) + text_memory(operation->request.params) +
		text_memory(operation->receipt);
}
