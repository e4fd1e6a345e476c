/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/expire.h"

#define SWEEP_TIME (NANOSECONDS / 10 * 9) /* of the whole: so a second is kept to */

enum {
	SLICE_WORK = 1024, /* of one slice: positions looked at, and for each flow removed */
	REMOVAL_WORK = 64, /* more: it reads lines all over the table */
};

/* An empty table is not swept: others have its share of the time. */
static uint32_t positions_to_sweep(const struct worker *worker)
{
	uint32_t positions = 0;

	for (unsigned i = 0; i < 2; i++)
		if (worker->tables[i].count > 0)
			positions += worker->tables[i].positions;
	return positions;
}

/* Look at the place of the cursor, and go on. Returns the work that it was. */
static unsigned sweep_position(struct worker *worker, uint64_t now)
{
	uint32_t position;
	struct flow_table *table = worker_at(worker, worker->expire_cursor, &position);
	const struct flow *flow = &table->flows[position];
	unsigned work = 1;

	if (table->count == 0) {
		worker->expire_cursor += table->positions - 1 - position;
	} else if (flow->state != FLOW_FREE && expire_is_due(worker, flow, now)) {
		worker_end_flow(worker, table, position, now);
		work += REMOVAL_WORK;
	}
	if (++worker->expire_cursor == worker_places(worker))
		worker->expire_cursor = 0;
	return work;
}

bool expire_slice(struct worker *worker, uint64_t now)
{
	uint32_t positions = positions_to_sweep(worker);
	uint64_t due, swept = 0;
	unsigned work = 0;

	if (positions == 0 || now - worker->expire_last > SWEEP_TIME)
		worker->expire_last = now - (positions == 0 ? 0 : SWEEP_TIME);
	due = positions * (now - worker->expire_last) / SWEEP_TIME;
	for (; swept < due && work < SLICE_WORK; swept++)
		work += sweep_position(worker, now);
	if (swept > 0)
		worker->expire_last += swept * SWEEP_TIME / positions;
	return swept < due || work > swept;
}
