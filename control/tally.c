/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/tally.h"

void tally_add(struct tally *tally, const struct operation *operation)
{
	struct tally_count *count = &tally->counts[operation->request.kind][operation->status];

	count->operations++;
	count->elapsed += operation->elapsed;
}

json_t *tally_report(const struct tally *tally)
{
	json_t *list = json_array();

	for (enum walk_kind kind = WALK_CAPTURE; kind <= WALK_FLUSH; kind++)
		for (enum operation_status status = OPERATION_COMPLETED; status <= OPERATION_FAILED;
			status++) {
			const struct tally_count *count = &tally->counts[kind][status];

			if (json_array_append_new(list,
				    json_pack("{s:s, s:s, s:I, s:f}", "FlowOperationType",
					    operation_type_name(kind), "FlowOperationStatus",
					    operation_status_name(status), "Count",
					    (json_int_t)count->operations, "DurationSeconds",
					    (double)count->elapsed / 1000)) == 0)
				continue;
			json_decref(list);
			return NULL;
		}
	return list;
}
