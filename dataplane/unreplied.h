/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * unreplied: the flows of a table that one side alone has sent packets of, oldest first. They are
 * the first to go when the table fills, so that a flood of made-up tuples cannot push a
 * conversation out.
 *
 * Synchronisation: the table's worker alone.
 */
#ifndef TIDEGATE_DATAPLANE_UNREPLIED_H
#define TIDEGATE_DATAPLANE_UNREPLIED_H

#include <stdint.h>

/* The neighbours in the list, by position + 1; 0: none. */
struct unreplied_link {
	uint32_t older;
	uint32_t newer;
};

struct unreplied {
	struct unreplied_link *links; /* by position */
	uint32_t oldest;	      /* position + 1; 0: the list is empty */
	uint32_t newest;
	uint32_t count;
};

/* Put a position that is not in the list at its end. */
static inline void unreplied_add(struct unreplied *list, uint32_t position)
{
	struct unreplied_link *link = &list->links[position];

	link->older = list->newest;
	link->newer = 0;
	if (list->newest != 0)
		list->links[list->newest - 1].newer = position + 1;
	else
		list->oldest = position + 1;
	list->newest = position + 1;
	list->count++;
}

/* Take a position that is in the list out of it. */
static inline void unreplied_remove(struct unreplied *list, uint32_t position)
{
	const struct unreplied_link *link = &list->links[position];

	if (link->older != 0)
		list->links[link->older - 1].newer = link->newer;
	else
		list->oldest = link->newer;
	if (link->newer != 0)
		list->links[link->newer - 1].older = link->older;
	else
		list->newest = link->older;
	list->count--;
}

#endif
