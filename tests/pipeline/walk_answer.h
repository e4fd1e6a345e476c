/* SPDX-License-Identifier: BSD-3-Clause */
/* walk_answer: requests to the worker of a rig, and what came back. */
#ifndef TIDEGATE_TESTS_PIPELINE_WALK_ANSWER_H
#define TIDEGATE_TESTS_PIPELINE_WALK_ANSWER_H

#include "tests/pipeline/rig.h"

struct walk_answer {
	uint32_t id; /* that all records are to have */
	struct flow_record *flows;
	uint32_t count;
	uint32_t capacity;
	uint32_t closes;
	struct walk_close close;
};

/* A request for all flows, without end. */
struct walk_request walk_everything(uint32_t id, uint64_t start);

/* Put a request into the worker's ring; asserts that it has room. */
void walk_ask(struct rig *rig, const struct walk_request *request);

/* Take all records out of the worker's ring. */
void walk_answer_drain(struct rig *rig, struct walk_answer *answer);

/* Slices, all at the same time, until the closing record came. */
void walk_answer_finish(struct rig *rig, struct walk_answer *answer, uint64_t now);

/* Ask, and finish. The answer must have been zeroed or used before. */
void walk_answer_get(struct rig *rig, const struct walk_request *request, uint64_t now,
	struct walk_answer *answer);

/* Forget what came. */
void walk_answer_clear(struct walk_answer *answer, uint32_t id);
void walk_answer_fini(struct walk_answer *answer);

#endif
