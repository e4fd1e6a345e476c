/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/transient.h"

static bool is_past_limits(const struct operation_list *operations,
	const struct operation *operation, uint64_t size, int64_t now)
{
	if (now - operation->requested >= (int64_t)operation->elapsed + TRANSIENT_AGE)
		return true;
	return size > TRANSIENT_SIZE && operation != TAILQ_FIRST(operations);
}

void transient_expire(struct operation_list *operations, int64_t now)
{
	struct operation *operation, *newer;
	uint64_t size = 0;

	TAILQ_FOREACH(operation, operations, link)
		size += operation->size;
	for (operation = TAILQ_LAST(operations, operation_list); operation != NULL;
		operation = newer) {
		newer = TAILQ_PREV(operation, operation_list, link);
		if (operation->status == OPERATION_IN_PROGRESS || operation->references > 1 ||
			!is_past_limits(operations, operation, size, now))
			continue;
		size -= operation->size;
		transient_drop(operations, operation);
	}
}

void transient_drop(struct operation_list *operations, struct operation *operation)
{
	TAILQ_REMOVE(operations, operation, link);
	operation_unref(operation);
}
