/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/walk.h"

#include <rte_cycles.h>
#include <rte_ring_elem.h>
#include <rte_ring_peek_zc.h>

#include "dataplane/clock.h"
#include "dataplane/expire.h"
#include "dataplane/flow_set.h"
#include "dataplane/reset.h"
#include "dataplane/verdict.h"
#include "dataplane/worker.h"

enum {
	/* A slice is so much work. It is counted by what is done, so that a run of matching flows
	 * behind one of free positions does not make a slice long. */
	WORK_FREE = 1,	   /* a position without an open flow */
	WORK_MARK = 6,	   /* one that is marked in a window, more */
	WORK_OPEN = 12,	   /* one that the filter is asked about, more */
	WORK_RECORD = 32,  /* and one that is reported, more */
	WORK_REMOVAL = 64, /* and removed, more */
	SLICE_MIN = 256,
	SLICE_MAX = 4096,
	SLICE_START = 1024,
	SLICE_COST = 5000, /* nanoseconds */
	SLICE_RECORDS = SLICE_MAX / (WORK_FREE + WORK_OPEN + WORK_RECORD) + 1,
	PREFETCH_AHEAD = 8, /* positions */
};

/* Room in the record ring that a slice writes to, and what it has used of it. */
struct room {
	struct rte_ring_zc_data data;
	unsigned size;
	unsigned used;
};

void walk_restart(struct walk *walk)
{
	walk->cursor = 0;
	walk->slice = SLICE_START;
}

static void walk_begin(struct worker *worker)
{
	struct walk *walk = &worker->walk;
	const struct walk_request *request = &walk->request;

	walk->everything = (request->filter == NULL || classifier_takes_all(request->filter)) &&
		walk_scope_takes_all(&request->scope) && request->set == NULL && !request->denied;
	memset(&walk->close, 0, sizeof(walk->close));
	walk->close.positions = worker_places(worker);
	walk_restart(walk);
}

static inline bool is_open(
	struct worker *worker, const struct flow_table *table, uint32_t position, uint64_t now)
{
	const struct flow *flow = &table->flows[position];

	if (unlikely(worker->window != NULL))
		return window_has(worker, table, position);
	return flow->state != FLOW_FREE && flow->state != FLOW_CLOSED &&
		!expire_is_due(worker, flow, now);
}

/* Whether the worker watches: what there is to report has to wait for the window's end. */
static bool watches(const struct worker *worker)
{
	return worker->window != NULL && !worker->window->over;
}

static bool filter_takes(
	const struct worker *worker, const struct flow_table *table, uint32_t position)
{
	const struct classifier *filter = worker->walk.request.filter;
	struct tuple tuple;

	if (filter == NULL || classifier_takes_all(filter))
		return true;
	verdict_tuple(table, position, &tuple);
	return classifier_first(filter, &tuple) >= 0;
}

/* Make the record of an entry. Whether the operation is about it. */
static inline bool make_record(const struct worker *worker, const struct flow_table *table,
	uint32_t position, uint64_t now, struct record *record)
{
	const struct walk_request *request = &worker->walk.request;
	struct flow_record *flow = &record->flow;

	if (!worker->walk.everything && !filter_takes(worker, table, position))
		return false;
	record->id = request->id;
	record->worker = worker->index;
	record->type = RECORD_FLOW;
	if (unlikely(worker->window != NULL))
		window_record(worker, table, position, now, flow);
	else
		flow_to_record(table, position, now, flow);
	if (worker->walk.everything)
		return true;
	return walk_scope_accepts(&request->scope, flow, request->start) &&
		(request->set == NULL || flow_set_has(request->set, flow)) &&
		(!request->denied || verdict_denied(worker->policy, table, position));
}

/* The next free record of the ring; it counts once room->used does. */
static struct record *next_record(const struct room *room)
{
	unsigned i = room->used;

	return i < room->data.n1 ? (struct record *)room->data.ptr1 + i
				 : (struct record *)room->data.ptr2 + (i - room->data.n1);
}

/* Make RSTs for both ends of a connection that is about to be removed. */
static void reset(struct worker *worker, const struct flow_table *table, uint32_t position)
{
	struct rte_mbuf **resets = &worker->resets[worker->reset_count];
	unsigned count = reset_ends(table, position, worker->peers, worker->pool, resets);

	for (unsigned i = 0; i < count; i++)
		worker->port_stats[resets[i]->port].tx_answers++;
	worker->reset_count += count;
	worker->walk.close.resets += count;
	worker->walk.close.untold += count == 0;
}

/* Report the entry at a position when it is in scope. Returns the work that it was, 0 when there is
 * no room for a record, or for RSTs. */
static unsigned visit(struct worker *worker, struct flow_table *table, uint32_t position,
	uint64_t now, struct room *room)
{
	struct walk *walk = &worker->walk;
	struct record *record;

	if (unlikely(watches(worker))) {
		window_mark(worker, table, position);
		return WORK_FREE + WORK_MARK;
	}
	if (!is_open(worker, table, position, now))
		return WORK_FREE;
	if (room->used == room->size || worker->reset_count > RESETS_SIZE - RESET_MAX)
		return 0;
	record = next_record(room);
	if (!make_record(worker, table, position, now, record))
		return WORK_FREE + WORK_OPEN;
	room->used++;
	walk->close.matched++;
	if (walk->request.kind != WALK_FLUSH)
		return WORK_FREE + WORK_OPEN + WORK_RECORD;
	if (walk->request.reset)
		reset(worker, table, position);
	worker_end_flow(worker, table, position, now);
	return WORK_FREE + WORK_OPEN + WORK_RECORD + WORK_REMOVAL;
}

void walk_flow_ends(
	struct worker *worker, const struct flow_table *table, uint32_t position, uint64_t now)
{
	struct walk_close *close = &worker->walk.close;
	struct record record;

	window_advance(worker, now);
	if (!is_open(worker, table, position, now) ||
		!make_record(worker, table, position, now, &record))
		return;
	if (rte_ring_sp_enqueue_elem(worker->records, &record, sizeof(record)) == 0)
		close->matched++;
	else
		close->window_lost++;
}

/* Visit the positions of a table from the one that the cursor is at, up to the slice's work. False:
 * there is no room. */
static bool visit_table(struct worker *worker, struct flow_table *table, uint32_t position,
	uint64_t now, struct room *room, uint32_t *work)
{
	struct walk *walk = &worker->walk;
	unsigned done = 1;

	for (; *work < walk->slice && position < table->positions; position++) {
		rte_prefetch0(&table->flows[position + PREFETCH_AHEAD]);
		rte_prefetch0(flow_key(table, position + PREFETCH_AHEAD));
		done = visit(worker, table, position, now, room);
		if (done == 0)
			break;
		*work += done;
		/* What is behind it is reported, see window.h. */
		walk->cursor++;
	}
	return done > 0;
}

/* Whether it went on: it does not while there is no room. */
static bool visit_slice(struct worker *worker, uint64_t now)
{
	struct walk *walk = &worker->walk;
	uint64_t begin = walk->cursor;
	struct room room = {.size = 0};
	uint32_t work = 0;

	room.size = rte_ring_enqueue_zc_burst_elem_start(
		worker->records, sizeof(struct record), SLICE_RECORDS, &room.data, NULL);
	while (work < walk->slice && walk->cursor < walk->close.positions) {
		uint32_t position;
		struct flow_table *table = worker_at(worker, walk->cursor, &position);

		if (table->count == 0)
			walk->cursor += table->positions - position;
		else if (!visit_table(worker, table, position, now, &room, &work))
			break;
	}
	rte_ring_enqueue_zc_elem_finish(worker->records, room.used);
	return walk->cursor != begin;
}

/* Keep the cost of a slice near its bound; interruptions of the worker are in it too. */
static void adapt(struct walk *walk, uint64_t cost)
{
	walk->close.slices++;
	walk->close.longest_slice = RTE_MAX(walk->close.longest_slice, cost);
	if (cost > SLICE_COST)
		walk->slice = RTE_MAX(walk->slice - walk->slice / 4, (uint32_t)SLICE_MIN);
	else if (cost < SLICE_COST / 5 * 4)
		walk->slice = RTE_MIN(walk->slice + walk->slice / 8, (uint32_t)SLICE_MAX);
}

/* Send the closing record; false: the ring is full, so it is to be tried again. */
static bool try_close(struct worker *worker)
{
	struct walk *walk = &worker->walk;
	struct record record = {
		.id = walk->request.id, .worker = worker->index, .type = RECORD_CLOSE};

	walk->close.walked = watches(worker) ? 0 : walk->cursor;
	record.close = walk->close;
	if (rte_ring_sp_enqueue_elem(worker->records, &record, sizeof(record)) != 0)
		return false;
	walk->request.id = 0;
	worker->window = NULL;
	return true;
}

/* Whether the walk is to end wherever it is. */
static bool is_over(const struct worker *worker, uint64_t now)
{
	const struct walk_request *request = &worker->walk.request;
	uint32_t canceled = atomic_load_explicit(&worker->canceled, memory_order_relaxed);

	return now >= request->deadline || (int32_t)(canceled - request->id) >= 0;
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
	if (is_over(worker, now))
		return try_close(worker);
	/* A generation before 2^31 others is an earlier one. */
	if ((int32_t)(worker->policy->generation - walk->request.generation) < 0)
		return true;
	if (walk->request.window != NULL) {
		if (worker->window == NULL)
			window_begin(worker, now);
		window_advance(worker, now);
	}
	if (walk->cursor == walk->close.positions)
		return !watches(worker) && try_close(worker);
	begin = rte_rdtsc();
	if (!visit_slice(worker, now))
		return false;
	adapt(walk, clock_nanoseconds(rte_rdtsc() - begin));
	if (walk->cursor == walk->close.positions && !watches(worker))
		try_close(worker);
	return true;
}
