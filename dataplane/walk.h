/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * walk: a capture or flush, carried out by a worker over its own tables, a slice at a time.
 *
 * Overview: the walk goes over the entries of both tables in a row (worker_at()). A slice is an
 * amount of work that is adapted so that it costs at most 5 µs. A full record ring stops the walk,
 * never the packets. A flow that is open throughout is at one position throughout, so it is
 * reported once. A capture with a window walks twice, see window.h, and reports in between the
 * flows that end.
 */
#ifndef TIDEGATE_DATAPLANE_WALK_H
#define TIDEGATE_DATAPLANE_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/dataplane.h"

struct worker;
struct flow_table;

struct walk {
	struct walk_request request; /* id 0: none under way */
	struct walk_close close;
	uint64_t cursor; /* next place */
	bool everything; /* the request is about every flow */
	uint32_t slice;	 /* work of the next slice, see walk.c */
};

/* Go to the first place. */
void walk_restart(struct walk *walk);

/* In a window: a flow is about to leave the table. */
void walk_flow_ends(
	struct worker *worker, const struct flow_table *table, uint32_t position, uint64_t now);

/* Take the next request, or do one slice of the one under way. Whether anything was done. */
bool walk_slice(struct worker *worker, uint64_t now);

#endif
