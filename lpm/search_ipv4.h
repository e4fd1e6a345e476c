/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * search_ipv4: which of many intervals of IPv4 addresses has an address.
 *
 * Overview: a B-tree without pointers, of nodes of one cache line, 16 keys each. A key of the
 * lowest level is the last address of an interval, one of another level the last address of a
 * node below; key i has below it the keys from 16 × i on. A search counts the keys below the
 * address in 16 keys of each level. The high bits of the address tell where to begin in the top
 * level, so that this is no root, but a level that may have many nodes: there are as few levels
 * as the densest range of addresses needs. All searches go through the same number, and have no
 * branch that depends on the address.
 */
#ifndef TIDEGATE_LPM_SEARCH_IPV4_H
#define TIDEGATE_LPM_SEARCH_IPV4_H

#include <stddef.h>
#include <stdint.h>

#include <rte_common.h>

#include "lpm/address_key.h"
#include "lpm/sweep.h"

/* Keys of a node, 2^SEARCH_IPV4_BITS. */
enum { SEARCH_IPV4_BITS = 4, SEARCH_IPV4_KEYS = 1 << SEARCH_IPV4_BITS };

/* The most levels: 32-bit numbers of intervals have no more. */
enum { SEARCH_IPV4_LEVELS = 8 };

/* Keys four at a time, less 2^31, as processors compare signed numbers. Those of the top level
 * begin anywhere. */
typedef int32_t search_keys __attribute__((vector_size(16), aligned(4), may_alias));

struct search_ipv4 {
	int32_t *keys;	   /* level by level */
	uint32_t *classes; /* by interval */
	uint16_t *starts;  /* by the high bits of an address: where to begin in the top level */
	uint32_t shift;	   /* number of its other bits */
	uint32_t levels;
	uint32_t first[SEARCH_IPV4_LEVELS]; /* key of each level, the lowest level first */
	uint32_t key_count;
	uint32_t class_count;
};

/* The sweep's intervals; their addresses are in the highest 32 bits. Returns 0 or -ENOMEM. */
int search_ipv4_init(struct search_ipv4 *search, const struct sweep *sweep);
void search_ipv4_fini(struct search_ipv4 *search);
size_t search_ipv4_memory(const struct search_ipv4 *search);

/* The class of an address, in host order. */
static __rte_always_inline uint32_t search_ipv4_find(
	const struct search_ipv4 *search, uint32_t address)
{
	int32_t key = address_key(address);
	search_keys value = {key, key, key, key};
	uint32_t at = search->starts[address >> search->shift];

	for (uint32_t level = search->levels; level-- > 0;) {
		const search_keys *keys =
			(const search_keys *)&search->keys[search->first[level] + at];

		if (level == 0)
			__builtin_prefetch(&search->classes[at]);
		/* A comparison that holds is -1. */
		search_keys below = ((value > keys[0]) + (value > keys[1])) +
			((value > keys[2]) + (value > keys[3]));
		below += __builtin_shuffle(below, (search_keys){2, 3, 0, 1});
		below += __builtin_shuffle(below, (search_keys){1, 0, 3, 2});
		at = (at - (uint32_t)below[0]) << (level > 0 ? SEARCH_IPV4_BITS : 0);
	}
	return search->classes[at];
}

#endif
