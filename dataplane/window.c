/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/window.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "dataplane/expire.h"
#include "dataplane/worker.h"

enum { PIECE = 16384 }; /* marks faulted in at once */

/* Zeroed memory. */
static void *map(uint64_t count, size_t size)
{
	void *memory = mmap(NULL, count * size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return memory != MAP_FAILED ? memory : NULL;
}

int window_create(uint64_t positions, struct window **ret_window)
{
	struct window *window = calloc(1, sizeof(*window));

	if (window == NULL)
		return -ENOMEM;
	window->positions = positions;
	window->marks = map(positions, sizeof(*window->marks));
	window->records = map(positions, sizeof(*window->records));
	if (window->marks == NULL || window->records == NULL) {
		window_destroy(window);
		return -ENOMEM;
	}
	/* To clear 2 MB at once would keep the worker from its packets. A kernel without huge pages
	 * refuses this. */
	madvise(window->records, positions * sizeof(*window->records), MADV_NOHUGEPAGE);
	*ret_window = window;
	return 0;
}

/* Touched in no order while packets go by, so they are to be there before. */
bool window_prepare(struct window *window)
{
	uint64_t count = RTE_MIN(window->positions - window->prepared, (uint64_t)PIECE);

	memset(&window->marks[window->prepared], 0, count * sizeof(*window->marks));
	window->prepared += count;
	return window->prepared < window->positions;
}

void window_destroy(struct window *window)
{
	if (window == NULL)
		return;
	if (window->records != NULL)
		munmap(window->records, window->positions * sizeof(*window->records));
	if (window->marks != NULL)
		munmap(window->marks, window->positions * sizeof(*window->marks));
	free(window);
}

static struct window_mark *mark_at(
	const struct worker *worker, const struct flow_table *table, uint32_t position)
{
	return &worker->window->marks[worker_place(worker, table, position)];
}

static uint64_t packets_of(const struct flow *flow)
{
	return flow->packets[0] + flow->packets[1];
}

static uint64_t bytes_of(const struct flow *flow)
{
	return flow->bytes[0] + flow->bytes[1];
}

void window_begin(struct worker *worker, uint64_t now)
{
	struct window *window = worker->walk.request.window;

	window->begin = now;
	window->end = worker->walk.request.window_end;
	worker->window = window;
}

void window_advance(struct worker *worker, uint64_t now)
{
	struct window *window = worker->window;

	if (window->over || now < window->end)
		return;
	/* If the walk that marks has not come to its end: the entries that it and the packets left
	 * alone have had no packet in the window. */
	window->over = true;
	walk_restart(&worker->walk);
}

/* Write an entry down that nothing has happened to since the window began. */
static void mark(
	const struct worker *worker, const struct flow *flow, struct window_mark *window_mark)
{
	if (expire_is_due(worker, flow, worker->window->begin))
		window_mark->kind = MARK_OUT;
	else
		window_mark->kind = flow->state == FLOW_CLOSED ? MARK_CLOSED : MARK_IN;
	window_mark->packets = packets_of(flow);
	window_mark->bytes = bytes_of(flow);
}

/* A TCP connection that is over may be opened again as the same flow: tcp.h. */
static bool was_open(const struct flow *flow, const struct window_mark *window_mark)
{
	return window_mark->kind == MARK_IN || window_mark->kind == MARK_SAVED ||
		(window_mark->kind == MARK_CLOSED && flow->state != FLOW_CLOSED);
}

static void make_record(const struct worker *worker, const struct flow_table *table,
	uint32_t position, uint64_t now, struct flow_record *record)
{
	const struct window *window = worker->window;
	const struct window_mark *before = mark_at(worker, table, position);
	const struct flow *flow = &table->flows[position];

	flow_to_record(table, position, window->over ? window->end : now, record);
	record->window_packets = packets_of(flow) - before->packets;
	record->window_bytes = bytes_of(flow) - before->bytes;
}

/* An entry is about to have a packet that the walk under way has not come to. */
static void touch(struct worker *worker, const struct flow_table *table, uint32_t position)
{
	struct window *window = worker->window;
	struct window_mark *window_mark = mark_at(worker, table, position);
	const struct flow *flow = &table->flows[position];
	uint64_t number = window->record_count;

	if (window_mark->kind == MARK_NONE)
		mark(worker, flow, window_mark);
	if (!window->over || window_mark->kind == MARK_SAVED)
		return;
	if (!was_open(flow, window_mark)) {
		window_mark->kind = MARK_OUT;
		return;
	}
	make_record(worker, table, position, window->end, &window->records[number]);
	window_mark->kind = MARK_SAVED;
	window_mark->record = number;
	window->record_count++;
}

void window_burst(struct worker *worker)
{
	const struct burst *burst = &worker->burst;
	const uint64_t *cursor = &worker->walk.cursor;
	struct window *window = worker->window;

	window_advance(worker, burst->now);
	if (*cursor == window->positions)
		return;
	for (unsigned turn = 0; turn < 2; turn++) {
		for (unsigned i = 0; i < burst->count; i++) {
			const struct flow_table *table =
				worker_table(worker, burst->packets[i].version);
			uint64_t place;

			if (burst->positions[i] < 0)
				continue;
			place = worker_place(worker, table, burst->positions[i]);
			if (place < *cursor)
				continue;
			if (turn == 0)
				rte_prefetch0(&window->marks[place]);
			else
				touch(worker, table, burst->positions[i]);
		}
	}
}

void window_add(struct worker *worker, const struct flow_table *table, uint32_t position)
{
	struct window *window = worker->window;
	struct window_mark *added = mark_at(worker, table, position);

	*added = (struct window_mark){.kind = MARK_IN};
	if (window->over)
		added->kind = MARK_OUT;
	else if (table->flows[position].state == FLOW_CLOSED)
		added->kind = MARK_CLOSED;
}

void window_mark(struct worker *worker, const struct flow_table *table, uint32_t position)
{
	struct window_mark *window_mark = mark_at(worker, table, position);

	if (table->flows[position].state != FLOW_FREE && window_mark->kind == MARK_NONE)
		mark(worker, &table->flows[position], window_mark);
}

bool window_has(struct worker *worker, const struct flow_table *table, uint32_t position)
{
	struct window *window = worker->window;
	uint64_t place = worker_place(worker, table, position);
	struct window_mark *window_mark = &window->marks[place];
	const struct flow *flow = &table->flows[position];

	/* What lies behind the walk that reports is reported, or not in scope. */
	if (flow->state == FLOW_FREE || (window->over && place < worker->walk.cursor))
		return false;
	if (window_mark->kind == MARK_NONE)
		mark(worker, flow, window_mark);
	return was_open(flow, window_mark);
}

void window_record(const struct worker *worker, const struct flow_table *table, uint32_t position,
	uint64_t now, struct flow_record *record)
{
	const struct window *window = worker->window;
	const struct window_mark *window_mark = mark_at(worker, table, position);

	if (window_mark->kind == MARK_SAVED)
		*record = window->records[window_mark->record];
	else
		make_record(worker, table, position, now, record);
}
