/* SPDX-License-Identifier: BSD-3-Clause */
#include "lpm/sweep.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lpm/memory.h"

/* Where a range begins or ends. The value is in two halves to keep the size at 24 bytes. */
struct sweep_edge {
	uint64_t high;
	uint64_t low;
	uint32_t list;
	bool negated;
	bool end;
};

/* Positions of one word of the bitset. */
struct sweep_member {
	uint64_t mask;
	uint32_t word;
};

struct sweep_list {
	size_t members; /* where its members begin */
	uint32_t member_count;
	uint32_t covering;  /* elements that cover the present value; 1 more if included */
	uint32_t excluding; /* negated elements that do */
};

void sweep_init(struct sweep *sweep, struct bitset_builder *bitsets)
{
	*sweep = (struct sweep){.bitsets = bitsets};
}

void sweep_fini(struct sweep *sweep)
{
	free(sweep->edges);
	free(sweep->lists);
	free(sweep->members);
	free(sweep->starts);
	free(sweep->classes);
	*sweep = (struct sweep){0};
}

void sweep_begin(struct sweep *sweep)
{
	bitset_clear(sweep->bitsets);
	sweep->edge_count = 0;
	sweep->list_count = 0;
	sweep->member_count = 0;
}

int sweep_open_list(struct sweep *sweep)
{
	struct sweep_list *lists = memory_reserve(
		sweep->lists, &sweep->list_capacity, sweep->list_count + 1, sizeof(*lists));

	if (lists == NULL)
		return -ENOMEM;
	sweep->lists = lists;
	lists[sweep->list_count++] = (struct sweep_list){.members = sweep->member_count};
	return 0;
}

int sweep_add(struct sweep *sweep, bool negated, uint128 first, uint128 end)
{
	struct sweep_edge *edges = memory_reserve(
		sweep->edges, &sweep->edge_capacity, sweep->edge_count + 2, sizeof(*edges));

	if (edges == NULL)
		return -ENOMEM;
	sweep->edges = edges;
	struct sweep_edge edge = {.high = (uint64_t)(first >> 64),
		.low = (uint64_t)first,
		.list = (uint32_t)sweep->list_count - 1,
		.negated = negated};
	edges[sweep->edge_count++] = edge;
	if (end != 0) {
		edge.high = (uint64_t)(end >> 64);
		edge.low = (uint64_t)end;
		edge.end = true;
		edges[sweep->edge_count++] = edge;
	}
	return 0;
}

void sweep_include(struct sweep *sweep)
{
	sweep->lists[sweep->list_count - 1].covering++;
}

int sweep_join(struct sweep *sweep, uint32_t position)
{
	struct sweep_list *list = &sweep->lists[sweep->list_count - 1];
	struct sweep_member member = {
		.mask = UINT64_C(1) << (position % 64), .word = position / 64};
	struct sweep_member *members = memory_reserve(
		sweep->members, &sweep->member_capacity, sweep->member_count + 1, sizeof(*members));

	if (members == NULL)
		return -ENOMEM;
	sweep->members = members;
	bitset_put(sweep->bitsets, member.word, member.mask, list->covering > 0);
	if (list->member_count > 0 && members[sweep->member_count - 1].word == member.word) {
		members[sweep->member_count - 1].mask |= member.mask;
		return 0;
	}
	members[sweep->member_count++] = member;
	list->member_count++;
	return 0;
}

int sweep_base(struct sweep *sweep, uint32_t *ret_class)
{
	return bitset_intern(sweep->bitsets, ret_class);
}

static int compare_edges(const void *left, const void *right)
{
	const struct sweep_edge *a = left, *b = right;

	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	return (a->low > b->low) - (a->low < b->low);
}

static uint128 edge_value(const struct sweep_edge *edge)
{
	return (uint128)edge->high << 64 | edge->low;
}

static bool list_accepts(const struct sweep_list *list)
{
	return list->covering > 0 && list->excluding == 0;
}

static void pass_edge(struct sweep *sweep, const struct sweep_edge *edge)
{
	struct sweep_list *list = &sweep->lists[edge->list];
	uint32_t *elements = edge->negated ? &list->excluding : &list->covering;
	bool accepted = list_accepts(list);

	if (edge->end)
		--*elements;
	else
		++*elements;
	if (list_accepts(list) == accepted)
		return;
	for (uint32_t i = 0; i < list->member_count; i++) {
		const struct sweep_member *member = &sweep->members[list->members + i];
		bitset_put(sweep->bitsets, member->word, member->mask, !accepted);
	}
}

/* There are no more intervals than edges and the one from 0 on. */
static int reserve_intervals(struct sweep *sweep)
{
	free(sweep->starts);
	free(sweep->classes);
	sweep->interval_count = 0;
	sweep->starts = calloc(sweep->edge_count + 1, sizeof(*sweep->starts));
	sweep->classes = calloc(sweep->edge_count + 1, sizeof(*sweep->classes));
	return sweep->starts == NULL || sweep->classes == NULL ? -ENOMEM : 0;
}

int sweep_run(struct sweep *sweep)
{
	uint128 value = 0;
	size_t passed = 0;

	if (reserve_intervals(sweep) != 0)
		return -ENOMEM;
	if (sweep->edge_count > 0)
		qsort(sweep->edges, sweep->edge_count, sizeof(*sweep->edges), compare_edges);
	for (;;) {
		size_t count = sweep->interval_count;
		uint32_t class;

		while (passed < sweep->edge_count && edge_value(&sweep->edges[passed]) == value)
			pass_edge(sweep, &sweep->edges[passed++]);
		if (bitset_intern(sweep->bitsets, &class) != 0)
			return -ENOMEM;
		if (count == 0 || sweep->classes[count - 1] != class) {
			sweep->starts[count] = value;
			sweep->classes[count] = class;
			sweep->interval_count++;
		}
		if (passed == sweep->edge_count)
			return 0;
		value = edge_value(&sweep->edges[passed]);
	}
}
