/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * window: what a capture with a window knows of each flow entry: the counters that it began with,
 * and what it was when the window ended.
 *
 * Overview: a walk that marks, right after the window began, writes down each entry's counters; one
 * that reports, after it ended, makes the records. While such a walk is under way a packet may be
 * ahead of it, so window_burst() does for the entries of a burst what the walk has not done yet,
 * before the burst's packets are counted. The result is as if both walks had taken no time.
 *
 * A mark belongs to the entry that is at its position: a flow that begins in the window has its own
 * from the first packet on. What was at the window's end and had packets since is kept as a record,
 * in the order in which these came, so that memory that is touched for the first time is touched in
 * order: a page fault costs more than a packet.
 *
 * Synchronisation: made and destroyed by control, while no worker has it; else one worker's.
 */
#ifndef TIDEGATE_DATAPLANE_WINDOW_H
#define TIDEGATE_DATAPLANE_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/dataplane.h"

struct worker;
struct flow_table;

enum window_mark_kind {
	MARK_NONE,   /* as it was when the window began */
	MARK_IN,     /* open in the window; what it had counted before is written down */
	MARK_CLOSED, /* likewise, but not open when the window began: in once it is open again */
	MARK_OUT,    /* over before the window began, or began after its end */
	MARK_SAVED,  /* in, and its record as of the window's end is kept */
};

struct window_mark {
	uint64_t kind : 3;
	uint64_t packets : 61; /* both directions, before the window */
	union {
		uint64_t bytes;
		uint64_t record; /* MARK_SAVED: its number */
	};
};

struct window {
	struct window_mark *marks; /* by position, IPv4 first, as the walk counts */
	struct flow_record *records;
	uint64_t record_count;
	uint64_t prepared; /* marks that are in memory */
	uint64_t positions;
	uint64_t begin; /* nanoseconds */
	uint64_t end;	/* of the window, not in it */
	bool over;	/* the end has come: the walk under way is the one that reports */
};

/* For tables of so many positions together. Returns 0 or -errno. */
int window_create(uint64_t positions, struct window **ret_window);

/* The window of the worker's request begins; the marking walk is to follow. */
void window_begin(struct worker *worker, uint64_t now);

/* Begin the walk that reports, if it is time. */
void window_advance(struct worker *worker, uint64_t now);

/* The burst was looked up and is to be counted: write down what the walk has not come to yet. */
void window_burst(struct worker *worker);

/* A new entry is at a position, and has its state; its first packet is not counted yet. */
void window_add(struct worker *worker, const struct flow_table *table, uint32_t position);

/* Visit of an entry by the walk that marks. */
void window_mark(struct worker *worker, const struct flow_table *table, uint32_t position);

/* Whether an entry's flow was open in the window, and is still to be reported. */
bool window_has(struct worker *worker, const struct flow_table *table, uint32_t position);

/* The record of such a flow, now or at the window's end. */
void window_record(const struct worker *worker, const struct flow_table *table, uint32_t position,
	uint64_t now, struct flow_record *record);

#endif
