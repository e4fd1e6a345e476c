/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sweep: lists of value ranges, turned into intervals of values with one class each.
 *
 * Overview: addresses and ports are numbers, and a prefix is a range of them. The edges of all
 * ranges of a dimension are sorted and walked from 0 upwards, with the set of matches that accept
 * the present value; where that changes, an interval begins. So nested prefixes need no special
 * care: an inner one's class holds what the outer ones accept too, less what negated ones take
 * out. A list that several matches share is swept once for all of them.
 *
 * Life-cycle: sweep_init() once a classifier. For each dimension sweep_begin(); for each list
 * sweep_open_list(), then sweep_add() or sweep_include(), then sweep_join(); sweep_base();
 * sweep_run(). At the end sweep_fini().
 */
#ifndef TIDEGATE_LPM_SWEEP_H
#define TIDEGATE_LPM_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lpm/bitset.h"

__extension__ typedef unsigned __int128 uint128;

struct sweep_edge;
struct sweep_list;
struct sweep_member;

struct sweep {
	struct bitset_builder *bitsets;
	struct sweep_edge *edges;
	struct sweep_list *lists;
	struct sweep_member *members; /* positions of the matches, list by list */
	size_t edge_count, edge_capacity;
	size_t list_count, list_capacity;
	size_t member_count, member_capacity;
	/* The result: interval i goes from starts[i] to before the next one's start. */
	uint128 *starts;
	uint32_t *classes;
	size_t interval_count;
};

/* Those that return int: 0 or -ENOMEM. */

void sweep_init(struct sweep *sweep, struct bitset_builder *bitsets);
void sweep_fini(struct sweep *sweep);

/* Start a dimension: no lists, nothing accepted. */
void sweep_begin(struct sweep *sweep);

/* Start a list; the three functions that follow are about the list that was opened last. */
int sweep_open_list(struct sweep *sweep);

/* It accepts (negated: does not accept) first to before end; end 0: all from first on. */
int sweep_add(struct sweep *sweep, bool negated, uint128 first, uint128 end);

/* It accepts everything that no negated range has, also what is no value at all. */
void sweep_include(struct sweep *sweep);

/* It is the list of the match at this position, too. Best called in ascending order. */
int sweep_join(struct sweep *sweep, uint32_t position);

/* The class of what is no value at all. */
int sweep_base(struct sweep *sweep, uint32_t *ret_class);

/* Make the intervals: at least one, the first from 0 on, each with another class than the last. */
int sweep_run(struct sweep *sweep);

/* The last address of an interval of IPv4 addresses, which are in the highest 32 bits; of the last
 * interval and what is past it, of all addresses. */
static inline uint32_t sweep_last_ipv4(const struct sweep *sweep, size_t interval)
{
	if (interval + 1 >= sweep->interval_count)
		return UINT32_MAX;
	return (uint32_t)(sweep->starts[interval + 1] >> 96) - 1;
}

#endif
