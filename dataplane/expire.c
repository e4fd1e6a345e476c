/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/expire.h"

enum {
	SLICE_POSITIONS = 512, /* looked at in one slice */
	SLICE_REMOVALS = 32,   /* removed in one slice: a removal costs far more than a look */
};

/* How many positions are due so that the whole is swept once a second. */
static uint32_t positions_due(const struct worker *worker, uint32_t positions, uint64_t now)
{
	uint64_t elapsed = RTE_MIN(now - worker->expire_last, NANOSECONDS);

	return RTE_MIN(positions * elapsed / NANOSECONDS, (uint64_t)SLICE_POSITIONS);
}

bool expire_slice(struct worker *worker, uint64_t now)
{
	uint32_t ipv4_positions = worker->tables[0].positions;
	uint32_t positions = ipv4_positions + worker->tables[1].positions;
	uint32_t due = positions_due(worker, positions, now);
	unsigned removed = 0;

	if (due == 0)
		return false;
	worker->expire_last = now;
	for (; due > 0 && removed < SLICE_REMOVALS; due--) {
		bool ipv4 = worker->expire_cursor < ipv4_positions;
		struct flow_table *table = &worker->tables[ipv4 ? 0 : 1];
		uint32_t position = worker->expire_cursor - (ipv4 ? 0 : ipv4_positions);
		const struct flow *flow = &table->flows[position];

		if (flow->state != FLOW_FREE && expire_is_due(worker, flow, now)) {
			worker_end_flow(worker, table, position, now);
			removed++;
		}
		if (++worker->expire_cursor == positions)
			worker->expire_cursor = 0;
	}
	return removed > 0;
}
