/* SPDX-License-Identifier: BSD-3-Clause */
#include "lpm/layout.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

/* One match on its way to a position. */
struct placement {
	const struct match *match;
	uint32_t index;	      /* in the list */
	uint32_t block_first; /* lowest index in its block */
	uint32_t word_first;  /* lowest index in its word */
	bool by_destination;  /* that says more about it than the source */
};

static_assert(CLASSIFIER_MATCH_MAX - 1 <= UINT16_MAX, "layout.order holds an index");
/* compare_addresses() compares bytes. */
static_assert(sizeof(struct match_address) == sizeof(struct prefix) + 1, "no padding");

static int compare_numbers(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

/* Any total order will do that puts equal lists together, and near addresses near. */
static int compare_addresses(const struct match_address *a, uint32_t a_count,
	const struct match_address *b, uint32_t b_count)
{
	uint32_t common = RTE_MIN(a_count, b_count);
	int order = a == b || common == 0 ? 0 : memcmp(a, b, common * sizeof(*a));

	return order != 0 ? order : compare_numbers(a_count, b_count);
}

/* Roughly how few addresses a list has: depth of a prefix, less the bits of their number. */
static int narrowness(const struct match_address *list, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (!list[i].negated)
			return list[i].prefix.depth - (int)rte_log2_u32(count);
	return INT_MIN;
}

bool layout_by_destination(const struct match *match)
{
	return narrowness(match->destinations, match->destination_count) >=
		narrowness(match->sources, match->source_count);
}

static int compare_sources(const struct match *a, const struct match *b)
{
	return compare_addresses(a->sources, a->source_count, b->sources, b->source_count);
}

static int compare_destinations(const struct match *a, const struct match *b)
{
	return compare_addresses(
		a->destinations, a->destination_count, b->destinations, b->destination_count);
}

static int compare_likeness(const void *left, const void *right)
{
	const struct placement *a = left, *b = right;
	int order = compare_numbers(a->by_destination, b->by_destination);

	if (order == 0)
		order = a->by_destination ? compare_destinations(a->match, b->match)
					  : compare_sources(a->match, b->match);
	if (order == 0)
		order = a->by_destination ? compare_sources(a->match, b->match)
					  : compare_destinations(a->match, b->match);
	return order != 0 ? order : compare_numbers(a->index, b->index);
}

static int compare_precedence(const void *left, const void *right)
{
	const struct placement *a = left, *b = right;
	int order = compare_numbers(a->block_first, b->block_first);

	if (order == 0)
		order = compare_numbers(a->word_first, b->word_first);
	return order != 0 ? order : compare_numbers(a->index, b->index);
}

static uint32_t lowest_index(const struct placement *placements, uint32_t count)
{
	uint32_t lowest = UINT32_MAX;

	for (uint32_t i = 0; i < count; i++)
		lowest = RTE_MIN(lowest, placements[i].index);
	return lowest;
}

/* Bring the matches together in words and blocks, and all of these in order. */
static void arrange(struct placement *placements, uint32_t count)
{
	uint32_t block_first = 0, word_first = 0;

	qsort(placements, count, sizeof(*placements), compare_likeness);
	for (uint32_t i = 0; i < count; i++) {
		if (i % BITSET_BLOCK_BITS == 0)
			block_first = lowest_index(
				&placements[i], RTE_MIN(count - i, (uint32_t)BITSET_BLOCK_BITS));
		if (i % 64 == 0)
			word_first = lowest_index(&placements[i], RTE_MIN(count - i, 64U));
		placements[i].block_first = block_first;
		placements[i].word_first = word_first;
	}
	qsort(placements, count, sizeof(*placements), compare_precedence);
}

int layout_init(struct layout *layout, const struct match *matches, uint32_t count)
{
	/* Lookups need a block, also where there is no match. */
	*layout = (struct layout){
		.block_count = RTE_MAX(1U, (count + BITSET_BLOCK_BITS - 1) / BITSET_BLOCK_BITS)};
	struct placement *placements = calloc(RTE_MAX(1U, count), sizeof(*placements));
	layout->order = calloc(layout_positions(layout), sizeof(*layout->order));
	layout->block_first = calloc(layout->block_count, sizeof(*layout->block_first));
	layout->matches = calloc(layout_positions(layout), sizeof(*layout->matches));
	if (placements == NULL || layout->order == NULL || layout->block_first == NULL ||
		layout->matches == NULL) {
		free(placements);
		layout_fini(layout);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < count; i++) {
		const struct match *match = &matches[i];

		placements[i] = (struct placement){
			.match = match, .index = i, .by_destination = layout_by_destination(match)};
		layout->flags |= match->flag_mask != 0;
	}
	arrange(placements, count);

	memset(layout->order, UINT8_MAX, layout_positions(layout) * sizeof(*layout->order));
	uint32_t position = 0;
	for (uint32_t i = 0; i < count; i++, position++) {
		if (i > 0 && placements[i].word_first != placements[i - 1].word_first)
			position = RTE_ALIGN_CEIL(position, 64);
		if (i > 0 && placements[i].block_first != placements[i - 1].block_first)
			position = RTE_ALIGN_CEIL(position, BITSET_BLOCK_BITS);
		layout->matches[position] = placements[i].match;
		layout->order[position] = (uint16_t)placements[i].index;
	}
	for (uint32_t block = 0; block < layout->block_count; block++)
		layout->block_first[block] = layout->order[block * BITSET_BLOCK_BITS];
	free(placements);
	return 0;
}

void layout_fini(struct layout *layout)
{
	free(layout->matches);
	free(layout->order);
	free(layout->block_first);
	*layout = (struct layout){0};
}

void layout_release_matches(struct layout *layout)
{
	free(layout->matches);
	layout->matches = NULL;
}

size_t layout_memory(const struct layout *layout)
{
	return layout_positions(layout) * sizeof(*layout->order) +
		layout->block_count * sizeof(*layout->block_first);
}
