/* SPDX-License-Identifier: BSD-3-Clause */
#include "lpm/search_ipv4.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lpm/memory.h"

/*
 * Find the interval in which each range of high bits begins, and so many levels as all need to
 * reach the next one. The key of the top level to begin at has to fit into starts, too.
 */
static int find_starts(struct search_ipv4 *search, const struct sweep *sweep)
{
	uint32_t slots = 1U << (32 - search->shift), interval = 0, reach;
	uint32_t *intervals = calloc(slots + 1, sizeof(*intervals));

	if (intervals == NULL)
		return -ENOMEM;
	for (uint32_t slot = 0; slot < slots; slot++) {
		while (sweep_last_ipv4(sweep, interval) < slot << search->shift)
			interval++;
		intervals[slot] = interval;
	}
	intervals[slots] = search->class_count - 1;
	do {
		uint32_t bits = SEARCH_IPV4_BITS * search->levels++;

		reach = 0;
		for (uint32_t slot = 0; slot < slots; slot++) {
			uint32_t first = intervals[slot] >> bits;
			uint32_t last = intervals[slot + 1] >> bits;
			search->starts[slot] = (uint16_t)first;
			reach = RTE_MAX(reach, last - first);
		}
		reach = intervals[slots] >> bits > UINT16_MAX ? UINT32_MAX : reach;
	} while (reach > SEARCH_IPV4_KEYS);
	free(intervals);
	return 0;
}

/* Keys of a level: whole nodes, and one more that nothing is above, for searches of the top level
 * that begin in the last one. */
static uint32_t level_keys(const struct search_ipv4 *search, uint32_t level)
{
	uint32_t nodes = ((search->class_count - 1) >> (SEARCH_IPV4_BITS * (level + 1))) + 1;

	return (nodes + 1) * SEARCH_IPV4_KEYS;
}

int search_ipv4_init(struct search_ipv4 *search, const struct sweep *sweep)
{
	uint32_t count = (uint32_t)sweep->interval_count;
	uint32_t bits = RTE_MIN(16U, rte_log2_u32(count) + 2);

	*search = (struct search_ipv4){.class_count = count, .shift = 32 - bits};
	/* The keys of all levels are to be numbered, too. */
	if (sweep->interval_count > INT32_MAX)
		return -ENOMEM;
	search->starts = memory_table(sizeof(*search->starts) << bits);
	search->classes = memory_table(count * sizeof(*search->classes));
	if (search->starts == NULL || search->classes == NULL)
		goto fail;
	memcpy(search->classes, sweep->classes, count * sizeof(*search->classes));
	if (find_starts(search, sweep) != 0)
		goto fail;
	for (uint32_t level = 0; level < search->levels; level++) {
		search->first[level] = search->key_count;
		search->key_count += level_keys(search, level);
	}
	search->keys = memory_table(search->key_count * sizeof(*search->keys));
	if (search->keys == NULL)
		goto fail;
	for (uint32_t level = 0; level < search->levels; level++)
		for (uint32_t i = 0; i < level_keys(search, level); i++)
			search->keys[search->first[level] + i] = address_key(sweep_last_ipv4(
				sweep, ((size_t)(i + 1) << (SEARCH_IPV4_BITS * level)) - 1));
	return 0;
fail:
	search_ipv4_fini(search);
	return -ENOMEM;
}

void search_ipv4_fini(struct search_ipv4 *search)
{
	free(search->keys);
	free(search->classes);
	free(search->starts);
	*search = (struct search_ipv4){0};
}

size_t search_ipv4_memory(const struct search_ipv4 *search)
{
	return search->key_count * sizeof(*search->keys) +
		search->class_count * sizeof(*search->classes) +
		(search->starts == NULL ? 0 : sizeof(*search->starts) << (32 - search->shift));
}
