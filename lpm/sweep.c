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

/* Values are sorted by digits of a byte; the lower 64 bits are digits 0 to 7. */
enum { DIGIT_BITS = 8, DIGIT_VALUES = 1 << DIGIT_BITS, EDGE_DIGITS = 128 / DIGIT_BITS };

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

static uint32_t edge_digit(const struct sweep_edge *edge, uint32_t digit)
{
	uint64_t half = digit < EDGE_DIGITS / 2 ? edge->low : edge->high;

	return half >> digit % (EDGE_DIGITS / 2) * DIGIT_BITS & (DIGIT_VALUES - 1);
}

/* Copy the edges to where they are in the order of one digit, and else in that they have. */
static void sort_digit(
	const struct sweep_edge *edges, size_t count, uint32_t digit, struct sweep_edge *sorted)
{
	size_t places[DIGIT_VALUES] = {0}, place = 0;

	for (size_t i = 0; i < count; i++)
		places[edge_digit(&edges[i], digit)]++;
	for (uint32_t value = 0; value < DIGIT_VALUES; value++) {
		size_t next = place + places[value];

		places[value] = place;
		place = next;
	}
	for (size_t i = 0; i < count; i++)
		sorted[places[edge_digit(&edges[i], digit)]++] = edges[i];
}

/*
 * Sort the edges by value, digit by digit from the lowest on. With a million prefixes qsort()
 * takes as long as all else together. Digits in which no two edges differ are left out: these are
 * most of them but for IPv6.
 */
static int sort_edges(struct sweep *sweep)
{
	size_t count = sweep->edge_count;
	struct sweep_edge differences = {0};

	if (count < 2)
		return 0;
	/* It may take the place of the other one, and has the same capacity. */
	struct sweep_edge *other = malloc(sweep->edge_capacity * sizeof(*other));
	if (other == NULL)
		return -ENOMEM;
	for (size_t i = 1; i < count; i++) {
		differences.high |= sweep->edges[i].high ^ sweep->edges[0].high;
		differences.low |= sweep->edges[i].low ^ sweep->edges[0].low;
	}
	for (uint32_t digit = 0; digit < EDGE_DIGITS; digit++) {
		struct sweep_edge *edges = sweep->edges;

		if (edge_digit(&differences, digit) == 0)
			continue;
		sort_digit(edges, count, digit, other);
		sweep->edges = other;
		other = edges;
	}
	free(other);
	return 0;
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

	if (reserve_intervals(sweep) != 0 || sort_edges(sweep) != 0)
		return -ENOMEM;
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
