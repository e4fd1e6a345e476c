/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/pipeline/walk_answer.h"

#include <stdlib.h>

#include <rte_ring_elem.h>

#include "tests/unit/check.h"

struct walk_request walk_everything(uint32_t id, uint64_t start)
{
	struct walk_request request = {.id = id, .start = start, .deadline = UINT64_MAX};

	walk_scope_init(&request.scope);
	return request;
}

void walk_ask(struct rig *rig, const struct walk_request *request)
{
	struct walk_request copy = *request;

	assert_int_equal(rte_ring_sp_enqueue_elem(rig->worker->requests, &copy, sizeof(copy)), 0);
}

static void keep(struct walk_answer *answer, const struct flow_record *flow)
{
	if (answer->count == answer->capacity) {
		answer->capacity = answer->capacity * 2 + 1024;
		answer->flows =
			reallocarray(answer->flows, answer->capacity, sizeof(*answer->flows));
		assert_non_null(answer->flows);
	}
	answer->flows[answer->count++] = *flow;
}

void walk_answer_drain(struct rig *rig, struct walk_answer *answer)
{
	struct record record;

	while (rte_ring_sc_dequeue_elem(rig->worker->records, &record, sizeof(record)) == 0) {
		assert_int_equal(record.id, answer->id);
		/* Nothing comes behind the closing record. */
		assert_int_equal(answer->closes, 0);
		if (record.type == RECORD_CLOSE) {
			answer->close = record.close;
			answer->closes++;
		} else {
			assert_int_equal(record.type, RECORD_FLOW);
			keep(answer, &record.flow);
		}
	}
}

void walk_answer_finish(struct rig *rig, struct walk_answer *answer, uint64_t now)
{
	walk_answer_drain(rig, answer);
	while (answer->closes == 0) {
		walk_slice(rig->worker, now);
		walk_answer_drain(rig, answer);
	}
	assert_int_equal(answer->close.matched, answer->count);
}

void walk_answer_get(struct rig *rig, const struct walk_request *request, uint64_t now,
	struct walk_answer *answer)
{
	walk_answer_clear(answer, request->id);
	walk_ask(rig, request);
	walk_answer_finish(rig, answer, now);
}

void walk_answer_clear(struct walk_answer *answer, uint32_t id)
{
	answer->id = id;
	answer->count = 0;
	answer->closes = 0;
}

void walk_answer_fini(struct walk_answer *answer)
{
	free(answer->flows);
}
