/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/walk.h"

#include <rte_cycles.h>
#include <rte_ring_elem.h>

#include "dataplane/clock.h"
#include "dataplane/expire.h"
#include "dataplane/verdict.h"
#include "dataplane/worker.h"

enum {
	SLICE_MIN = 16,
	SLICE_MAX = 4096,
	SLICE_START = 128,
	SLICE_COST = 5000, /* nanoseconds */
};

static uint64_t all_positions(const struct worker *worker)
{
	return (uint64_t)worker->tables[0].positions + worker->tables[1].positions;
}

static void walk_begin(struct worker *worker)
{
	struct walk *walk = &worker->walk;

	memset(&walk->close, 0, sizeof(walk->close));
	walk->close.positions = all_positions(worker);
	walk->cursor = 0;
	walk->slice = SLICE_START;
}

/* Whether the entry is open and in the operation's scope. */
static bool in_scope(const struct worker *worker, const struct flow_table *table, uint32_t position,
	const struct walk_request *request, uint64_t now)
{
	const struct flow *flow = &table->flows[position];
	struct tuple tuple;

	if (flow->state == FLOW_FREE || flow->state == FLOW_CLOSED ||
		expire_is_due(worker, flow, now))
		return false;
	/* Unsigned on purpose: a flow that began after the start is younger than any minimum but 0.
	 */
	if (request->minimum_age != 0 &&
		(flow->first_seen > request->start ||
			request->start - flow->first_seen < request->minimum_age))
		return false;
	verdict_tuple(table, position, &tuple);
	if (classifier_first(request->filter, &tuple) < 0)
		return false;
	return !request->denied || verdict_denied(worker->policy, table, position);
}

/* Report the entry at a position when it is in scope. False when the record ring is full. */
static bool visit(struct worker *worker, struct flow_table *table, uint32_t position, uint64_t now)
{
	struct walk *walk = &worker->walk;
	struct record record = {
		.id = walk->request.id, .worker = worker->index, .type = RECORD_FLOW};

	if (!in_scope(worker, table, position, &walk->request, now))
		return true;
	flow_to_record(table, position, now, &record.flow);
	if (rte_ring_sp_enqueue_elem(worker->records, &record, sizeof(record)) != 0)
		return false;
	if (walk->request.kind == WALK_FLUSH)
		worker_end_flow(worker, table, position, now);
	walk->close.matched++;
	return true;
}

static void visit_slice(struct worker *worker, uint64_t now)
{
	struct walk *walk = &worker->walk;
	uint32_t ipv4_positions = worker->tables[0].positions;
	uint64_t end = RTE_MIN(walk->cursor + walk->slice, walk->close.positions);

	for (; walk->cursor < end; walk->cursor++) {
		bool ipv4 = walk->cursor < ipv4_positions;
		struct flow_table *table = &worker->tables[ipv4 ? 0 : 1];
		uint32_t position = walk->cursor - (ipv4 ? 0 : ipv4_positions);

		if (!visit(worker, table, position, now))
			break;
	}
}

/* Keep the cost of a slice near its bound: the number of matches in it varies. */
static void adapt(struct walk *walk, uint64_t cost)
{
	walk->close.slices++;
	walk->close.longest_slice = RTE_MAX(walk->close.longest_slice, cost);
	if (cost > SLICE_COST)
		walk->slice = RTE_MAX(walk->slice / 2, (uint32_t)SLICE_MIN);
	else if (cost < SLICE_COST / 2)
		walk->slice = RTE_MIN(walk->slice * 2, (uint32_t)SLICE_MAX);
}

/* Send the closing record. While the ring is full it is tried again in the next slice. */
static void try_close(struct worker *worker)
{
	struct walk *walk = &worker->walk;
	struct record record = {
		.id = walk->request.id, .worker = worker->index, .type = RECORD_CLOSE};

	walk->close.walked = walk->cursor;
	record.close = walk->close;
	if (rte_ring_sp_enqueue_elem(worker->records, &record, sizeof(record)) == 0)
		walk->request.id = 0;
}

bool walk_slice(struct worker *worker, uint64_t now)
{
	struct walk *walk = &worker->walk;
	uint64_t begin;

	if (walk->request.id == 0) {
		if (rte_ring_sc_dequeue_elem(
			    worker->requests, &walk->request, sizeof(walk->request)) != 0)
			return false;
		walk_begin(worker);
		return true;
	}
	/* A generation before 2^31 others is an earlier one. */
	if ((int32_t)(worker->policy->generation - walk->request.generation) < 0 &&
		now < walk->request.deadline)
		return true;
	if (walk->cursor < walk->close.positions && now < walk->request.deadline) {
		begin = rte_rdtsc();
		visit_slice(worker, now);
		adapt(walk, clock_nanoseconds(rte_rdtsc() - begin));
	}
	if (walk->cursor >= walk->close.positions || now >= walk->request.deadline)
		try_close(worker);
	return true;
}
