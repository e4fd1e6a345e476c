/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rig: one worker with its tables, no ports and no thread, for packets from memory.
 *
 * Port 0 and port 1 are a pair. A time is given with every burst, in nanoseconds.
 */
#ifndef TIDEGATE_TESTS_PIPELINE_RIG_H
#define TIDEGATE_TESTS_PIPELINE_RIG_H

#include <stdint.h>

#include "dataplane/worker.h"
#include "tests/pipeline/frame.h"

#define SECOND UINT64_C(1000000000)

struct rig {
	struct worker *worker;
	struct policy *policy;
	struct rte_mempool *pool;
	uint64_t timeouts[TIMEOUT_COUNT];
	uint8_t peers[2];
};

/* A policy of at most 16 rules that judge who opens a flow; asserts that it is made. */
struct policy *rig_policy(const struct match *matches, const enum action *actions, uint32_t count,
	enum action default_action, uint16_t worker_count);

/* A worker with capacity flows of each version and the default timeouts; asserts that it works. */
void rig_init(struct rig *rig, uint32_t capacity, const struct match *matches,
	const enum action *actions, uint32_t count, enum action default_action);
void rig_fini(struct rig *rig);

/* A buffer with these bytes, received by port; segment > 0: in a chain of pieces of so many bytes.
 */
struct rte_mbuf *rig_mbuf(
	struct rig *rig, const uint8_t *bytes, uint16_t length, uint16_t port, uint16_t segment);

/* One packet through the pipeline at a time; returns its reason, DROP_NONE when it is sent on. */
enum drop_reason rig_packet(struct rig *rig, const uint8_t *bytes, uint16_t length, uint64_t now);

/* Likewise, a frame by what it is made of. */
enum drop_reason rig_send(struct rig *rig, const struct frame_spec *spec, uint64_t now);

#endif
