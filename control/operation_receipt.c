/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include <jansson.h>

#include "control/operation.h"

unsigned int operation_coverage(const struct operation_worker *worker)
{
	const struct walk_close *close = &worker->close;

	if (worker->state != WORKER_CLOSED)
		return 0;
	if (close->walked >= close->positions)
		return 100;
	return (unsigned int)((unsigned __int128)close->walked * 100 / close->positions);
}

static json_t *worker_receipt(const struct operation_worker *worker, uint16_t index)
{
	const struct walk_close *close = &worker->close;

	return json_pack("{s:i, s:I, s:I, s:I, s:I, s:I, s:f, s:I, s:I}", "Worker", (int)index,
		"Walked", (json_int_t)close->walked, "Positions", (json_int_t)close->positions,
		"CoveragePercent", (json_int_t)operation_coverage(worker), "Matched",
		(json_int_t)worker->received, "Slices", (json_int_t)close->slices,
		"LongestSliceMicroseconds", (double)close->longest_slice / 1000, "Resets",
		(json_int_t)close->resets, "FlowsWithoutReset", (json_int_t)close->untold);
}

char *operation_receipt(const struct operation *operation)
{
	json_t *list;
	char *text = NULL;
	int error = 0;

	if (operation->receipt != NULL)
		return strdup(operation->receipt);
	list = json_array();
	for (uint16_t i = 0; error == 0 && i < operation->worker_count; i++)
		error = json_array_append_new(list, worker_receipt(&operation->workers[i], i));
	if (error == 0)
		text = json_dumps(list, JSON_COMPACT);
	json_decref(list);
	return text;
}
