/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Overview: of each flow a small entry is made, its rank and index. With a limit below their number
 * the entries go through a heap of that many, whose top is the last in order, so that the whole is
 * never sorted; then what is there is sorted.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "control/merge.h"

/* Entries are ordered by descending rank, then ascending index. */
struct entry {
	uint64_t rank;
	uint32_t index;
};

static uint64_t rank_of(const struct flow_record *flow, enum operation_sort sort)
{
	switch (sort) {
	case SORT_BYTES:
		return flow->bytes[0] + flow->bytes[1];
	case SORT_PACKETS:
		return flow->packets[0] + flow->packets[1];
	case SORT_AGE:
		return flow->captured - flow->first_seen;
	case SORT_WINDOW_BYTES:
		return flow->window_bytes;
	case SORT_WINDOW_PACKETS:
		return flow->window_packets;
	case SORT_NONE:
		break;
	}
	return 0;
}

static bool is_before(const struct entry *a, const struct entry *b)
{
	return a->rank > b->rank || (a->rank == b->rank && a->index < b->index);
}

static int compare(const void *a, const void *b)
{
	return is_before(a, b) ? -1 : 1; /* no two are equal */
}

/* Let the entry at the top sink to where no entry below it is behind it in order. */
static void sink(struct entry *heap, uint32_t count, uint32_t at)
{
	for (;;) {
		uint64_t child = 2 * (uint64_t)at + 1;
		struct entry entry = heap[at];

		if (child >= count)
			return;
		if (child + 1 < count && is_before(&heap[child], &heap[child + 1]))
			child++;
		if (!is_before(&entry, &heap[child]))
			return;
		heap[at] = heap[child];
		heap[child] = entry;
		at = (uint32_t)child;
	}
}

/* Keep the count entries that come first in order. */
static void choose(
	const struct merge *merge, enum operation_sort sort, struct entry *heap, uint32_t count)
{
	for (uint32_t i = count / 2; i > 0; i--)
		sink(heap, count, i - 1);
	for (uint32_t i = count; i < merge_count(merge); i++) {
		struct entry entry = {rank_of(merge_flow(merge, i), sort), i};

		if (is_before(&entry, &heap[0])) {
			heap[0] = entry;
			sink(heap, count, 0);
		}
	}
}

int merge_sort(const struct merge *merge, enum operation_sort sort, uint32_t limit,
	uint32_t **ret_order, uint32_t *ret_count)
{
	uint32_t total = merge_count(merge), count = total < limit ? total : limit;
	struct entry *entries;
	uint32_t *order;

	*ret_order = NULL;
	*ret_count = count;
	if (count == 0 || sort == SORT_NONE)
		return 0;
	entries = malloc(count * sizeof(*entries));
	order = malloc(count * sizeof(*order));
	if (entries == NULL || order == NULL) {
		free(entries);
		free(order);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < count; i++)
		entries[i] = (struct entry){rank_of(merge_flow(merge, i), sort), i};
	if (count < total)
		choose(merge, sort, entries, count);
	qsort(entries, count, sizeof(*entries), compare);
	for (uint32_t i = 0; i < count; i++)
		order[i] = entries[i].index;
	free(entries);
	*ret_order = order;
	return 0;
}
