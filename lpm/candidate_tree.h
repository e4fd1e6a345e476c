/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * candidate_tree: from an IPv4 address to its list of candidates.
 *
 * Overview: the high bits of the address tell a range, which is divided into slots of equal width;
 * a slot has a node, and a node 8 intervals of addresses with their lists, in one cache line. So
 * every search reads three lines, whatever the address, and has no branch. Slots of few intervals
 * share a node with those behind them, also across ranges, as few nodes stay in the caches.
 * search_ipv4 is slower, but small for all lists of prefixes; here a range of many prefixes that
 * are close together takes many slots, and what would take more than a limit is refused.
 */
#ifndef TIDEGATE_LPM_CANDIDATE_TREE_H
#define TIDEGATE_LPM_CANDIDATE_TREE_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_common.h>
#ifdef __SSE4_1__
#include <immintrin.h>
#endif

#include "lpm/address_key.h"
#include "lpm/sweep.h"

enum { CANDIDATE_NODE_LISTS = 8 };

/* keys[i]: the last address of interval i, less 2^31, as processors compare signed numbers; the
 * last one is INT32_MAX, as nothing is behind it. */
struct candidate_node {
	int32_t keys[CANDIDATE_NODE_LISTS];
	uint32_t lists[CANDIDATE_NODE_LISTS];
};

static_assert(sizeof(struct candidate_node) == RTE_CACHE_LINE_SIZE, "a cache line");

/* A range: the number of its first slot, and how many bits of an address one slot has. */
enum { CANDIDATE_WIDTH_BITS = 5, CANDIDATE_WIDTH_MASK = (1 << CANDIDATE_WIDTH_BITS) - 1 };

struct candidate_tree {
	uint32_t *ranges;
	uint16_t *slots; /* numbers of nodes */
	struct candidate_node *nodes;
	uint32_t shift; /* bits of an address that are not the high ones */
	size_t slot_count;
	size_t node_count;
};

/*
 * The sweep's intervals, whose addresses are in the highest 32 bits, with a list for each.
 * Returns 0; -E2BIG when it takes more than so many bytes; -ENOMEM.
 */
int candidate_tree_init(
	struct candidate_tree *tree, const struct sweep *sweep, const uint32_t *lists, size_t most);
void candidate_tree_fini(struct candidate_tree *tree);
size_t candidate_tree_memory(const struct candidate_tree *tree);

/* The list of an address, in host order. */
static __rte_always_inline uint32_t candidate_tree_find(
	const struct candidate_tree *tree, uint32_t address)
{
	uint32_t range = tree->ranges[address >> tree->shift];
	uint32_t low = address & ((1U << tree->shift) - 1);
	uint32_t slot = (range >> CANDIDATE_WIDTH_BITS) + (low >> (range & CANDIDATE_WIDTH_MASK));
	const struct candidate_node *node = &tree->nodes[tree->slots[slot]];
#ifdef __SSE4_1__
	const __m128i *keys = (const __m128i *)node->keys;
	__m128i value = _mm_set1_epi32(address_key(address));
	__m128i above =
		_mm_packs_epi32(_mm_cmpgt_epi32(value, keys[0]), _mm_cmpgt_epi32(value, keys[1]));
	uint32_t bits = (uint32_t)_mm_movemask_epi8(above);
	return node->lists[__builtin_popcount(bits) / 2];
#else
	uint32_t at = 0;

	while (address_key(address) > node->keys[at])
		at++;
	return node->lists[at];
#endif
}

#endif
