/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/policy/shadow_index.h"

#include <errno.h>
#include <stdlib.h>

#include "control/policy/arena.h"

/* With more parts than this a box is wide: a /12, or a list of a few hundred prefixes. */
enum { PARTS_MAX = 256 };

int shadow_index_init(struct shadow_index *index, const struct shadow_boxes *boxes)
{
	index->boxes = boxes;
	index->lists = calloc(BOX_SETS, sizeof(*index->lists));
	return index->lists ? 0 : -ENOMEM;
}

void shadow_index_fini(struct shadow_index *index)
{
	for (int i = 0; index->lists && i < BOX_SETS; i++) {
		for (int j = 0; j < INDEX_LISTS; j++)
			free(index->lists[i][j].boxes);
	}
	free(index->lists);
}

/* The part of a value: its /20 (IPv4), its /52 (IPv6), or the port itself. */
static uint64_t part_of(unsigned __int128 value, uint8_t space)
{
	static const uint8_t shifts[] = {[0] = 0, [4] = 12, [6] = 76};

	return (uint64_t)(value >> shifts[space]);
}

/* Several parts may have one list. */
static uint32_t list_of(uint64_t part)
{
	return (uint32_t)(part * UINT64_C(0x9e3779b97f4a7c15) >> 52);
}

static bool is_wide(const struct range_set *set)
{
	uint64_t parts = 0;

	for (uint32_t i = 0; i < set->count && parts <= PARTS_MAX; i++) {
		const struct range *range = &set->ranges[i];

		parts += part_of(range->high, range->space) - part_of(range->low, range->space) + 1;
	}
	return parts > PARTS_MAX;
}

static int append(struct shadow_index_list *list, uint32_t box)
{
	uint32_t *boxes;

	if (list->count > 0 && list->boxes[list->count - 1] == box)
		return 0;
	boxes = arena_grow(list->boxes, list->count, sizeof(*boxes));
	if (!boxes)
		return -ENOMEM;
	list->boxes = boxes;
	boxes[list->count++] = box;
	return 0;
}

static int add_set(struct shadow_index_list *lists, const struct range_set *set, uint32_t box)
{
	int ret = 0;

	if (is_wide(set))
		return append(&lists[INDEX_WIDE], box);
	for (uint32_t i = 0; i < set->count; i++) {
		const struct range *range = &set->ranges[i];
		uint64_t last = part_of(range->high, range->space);

		for (uint64_t part = part_of(range->low, range->space); ret == 0 && part <= last;
			part++)
			ret = append(&lists[list_of(part)], box);
	}
	return ret;
}

int shadow_index_add(struct shadow_index *index, uint32_t box)
{
	const struct shadow_box *added = &index->boxes->boxes[box];
	int ret = 0;

	/* With both directions either end is where the other one is, its neighbour in the enum. */
	for (unsigned int i = 0; ret == 0 && i < BOX_SETS; i++) {
		ret = add_set(index->lists[i], added->sets[i], box);
		if (ret == 0 && added->both)
			ret = add_set(index->lists[i], added->sets[i ^ 1], box);
	}
	return ret;
}

/* The first box of a list that covers and is before the limit, or the limit. */
static uint32_t find_in(const struct shadow_index *index, const struct shadow_index_list *list,
	uint32_t box, uint32_t limit)
{
	const struct shadow_box *boxes = index->boxes->boxes;

	for (uint32_t i = 0; i < list->count && list->boxes[i] < limit; i++) {
		if (shadow_box_covers(&boxes[list->boxes[i]], &boxes[box]))
			return list->boxes[i];
	}
	return limit;
}

uint32_t shadow_index_find(const struct shadow_index *index, uint32_t box)
{
	const struct shadow_box *covered = &index->boxes->boxes[box];
	const struct shadow_index_list *list = NULL, *wide = NULL;

	for (unsigned int i = 0; i < BOX_SETS; i++) {
		const struct shadow_index_list *lists = index->lists[i];
		const struct range_set *set = covered->sets[i];
		uint32_t part;

		/* A box that accepts nothing is not looked for. */
		if (set->count == 0)
			return SHADOW_INDEX_NONE;
		part = list_of(part_of(set->ranges[0].low, set->ranges[0].space));
		if (!list ||
			lists[part].count + lists[INDEX_WIDE].count < list->count + wide->count) {
			list = &lists[part];
			wide = &lists[INDEX_WIDE];
		}
	}
	return find_in(index, wide, box, find_in(index, list, box, SHADOW_INDEX_NONE));
}
