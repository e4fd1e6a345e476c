/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * candidates: the first match of an IPv4 tuple, by short lists of matches to compare with.
 *
 * Overview: each match belongs to the narrower one of its two addresses, or to neither where both
 * are ANY. For each class of source addresses, and of destination addresses, there is a list of the
 * matches that belong to such an address, in the order of precedence; it is divided into buckets by
 * the destination port. A tuple has one bucket by its source, one by its destination and one of
 * those that belong to neither. Nearly all buckets are one block, which is compared with the tuple
 * at once, so that a lookup has no branch that a processor cannot predict.
 *
 * This is quick, but needs that no address is in too many matches and that the other address of a
 * match is no long list. Where the lists would be larger than the rest of the classifier, there are
 * none, and the bitsets serve IPv4, too.
 */
#ifndef TIDEGATE_LPM_CANDIDATES_H
#define TIDEGATE_LPM_CANDIDATES_H

#include <assert.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_byteorder.h>
#include <rte_common.h>
#ifdef __SSE4_1__
#include <immintrin.h>
#endif

#include "lpm/address_class.h"
#include "lpm/candidate_tree.h"
#include "lpm/lpm.h"
#include "lpm/service_class.h"

/* Lanes of a block; the last one leads to the next block. */
enum { CANDIDATES_LANES = 8, CANDIDATES_BLOCK = CANDIDATES_LANES - 1 };

/* No match. So lists with candidates have one match less than CLASSIFIER_MATCH_MAX. */
enum { CANDIDATES_NONE = UINT16_MAX };

/*
 * Bits of service: CANDIDATES_NO_PORTS for a tuple without ports; or the range of its source port,
 * of up to 7; and from CANDIDATES_PROTOCOL on the class of its protocol and TCP flags, of up to 8.
 */
enum {
	CANDIDATES_NO_PORTS = 1 << 0,
	CANDIDATES_PORT_SHIFT = 1,
	CANDIDATES_PORTS_MAX = 7,
	CANDIDATES_PROTOCOL_SHIFT = 8,
	CANDIDATES_PROTOCOLS_MAX = 8,
};

/* Ranges of the other address and of the destination port that matches accept. Two cache lines. */
struct candidate_block {
	uint32_t low[CANDIDATES_LANES]; /* the last: number of the next block, or 0 */
	uint32_t high[CANDIDATES_LANES];
	uint16_t port_low[CANDIDATES_LANES];
	uint16_t port_high[CANDIDATES_LANES];
	uint16_t service[CANDIDATES_LANES]; /* bits that are accepted; the last: none */
	uint16_t index[CANDIDATES_LANES];   /* ascending; the last: the next block's first */
};

static_assert(sizeof(struct candidate_block) == 128, "no padding");

/*
 * A list: the number of its first bucket's block, and in the low bits by how much to shift the
 * 16-bit hash of a port for the number of its bucket.
 */
enum { CANDIDATES_LIST_SHIFT = 5, CANDIDATES_LIST_MASK = (1 << CANDIDATES_LIST_SHIFT) - 1 };

struct candidates {
	struct candidate_block *blocks; /* NULL: there are no lists */
	size_t block_count;
	/* From an address to its list, DIMENSION_SOURCE and DIMENSION_DESTINATION. */
	struct candidate_tree trees[2];
	uint32_t any_list; /* of the matches that belong to neither; 0: there is none */
	/* The last port of each range of source ports but the last one; then UINT16_MAX. */
	uint16_t port_last[8];
	uint16_t protocols[VALUE_PROTOCOLS]; /* bit of service, by value as in value_class.h */
};

/* A tuple as it is compared. */
struct candidate_key {
	uint32_t addresses[2]; /* host order */
	uint16_t port;	       /* destination port */
	uint16_t service;
};

/*
 * Make the lists of count matches in their layout, of at most so many bytes, if that is possible.
 * protocol: the classes. Returns 0, also without lists, or -ENOMEM.
 */
int candidates_init(struct candidates *candidates, const struct layout *layout,
	const struct value_class *protocol, size_t most);
void candidates_fini(struct candidates *candidates);
size_t candidates_memory(const struct candidates *candidates);

/* The 16 bits of which the highest tell the bucket. 40503 is 2^16 divided by the golden ratio. */
static __rte_always_inline uint32_t candidates_hash(uint16_t port)
{
	return (uint16_t)(port * 40503u);
}

/* The range of a source port, by number. */
static __rte_always_inline uint32_t candidates_port_range(
	const struct candidates *candidates, uint16_t port)
{
#ifdef __SSE4_1__
	__m128i last = _mm_loadu_si128((const __m128i *)candidates->port_last);
	__m128i before = _mm_subs_epu16(_mm_set1_epi16((short)port), last);
	int same = _mm_movemask_epi8(_mm_cmpeq_epi16(before, _mm_setzero_si128()));
	return (uint32_t)__builtin_ctz((uint32_t)same) / 2;
#else
	uint32_t range = 0;

	while (port > candidates->port_last[range])
		range++;
	return range;
#endif
}

/* The lowest index in a block that accepts the key, or CANDIDATES_NONE. */
static __rte_always_inline uint32_t candidates_compare(
	const struct candidate_block *block, const struct candidate_key *key, uint32_t address)
{
#ifdef __SSE4_1__
	const __m128i *low = (const __m128i *)block->low, *high = (const __m128i *)block->high;
	__m128i value = _mm_set1_epi32((int)address);
	__m128i port = _mm_set1_epi16((short)key->port);
	__m128i service = _mm_set1_epi16((short)key->service);
	/* Between low and high: what is cut to them stays as it is. */
	__m128i cut = _mm_min_epu32(_mm_max_epu32(value, low[0]), high[0]);
	__m128i cut_more = _mm_min_epu32(_mm_max_epu32(value, low[1]), high[1]);
	__m128i in = _mm_packs_epi32(_mm_cmpeq_epi32(cut, value), _mm_cmpeq_epi32(cut_more, value));
	__m128i port_cut = _mm_min_epu16(_mm_max_epu16(port, *(const __m128i *)block->port_low),
		*(const __m128i *)block->port_high);
	__m128i bits = _mm_and_si128(service, *(const __m128i *)block->service);

	in = _mm_and_si128(in, _mm_cmpeq_epi16(port_cut, port));
	in = _mm_and_si128(in, _mm_cmpeq_epi16(bits, service));
	__m128i none = _mm_andnot_si128(in, _mm_set1_epi16(-1));
	__m128i index = _mm_or_si128(none, *(const __m128i *)block->index);
	return (uint32_t)_mm_extract_epi16(_mm_minpos_epu16(index), 0);
#else
	for (uint32_t i = 0; i < CANDIDATES_BLOCK; i++)
		if (block->low[i] <= address && address <= block->high[i] &&
			block->port_low[i] <= key->port && key->port <= block->port_high[i] &&
			(block->service[i] & key->service) == key->service)
			return block->index[i];
	return CANDIDATES_NONE;
#endif
}

/* A tuple's block in a list. */
static __rte_always_inline const struct candidate_block *candidates_bucket(
	const struct candidates *candidates, uint32_t list, uint16_t port)
{
	return &candidates->blocks[(list >> CANDIDATES_LIST_SHIFT) +
		(candidates_hash(port) >> (list & CANDIDATES_LIST_MASK))];
}

static __rte_always_inline void candidates_prefetch(const struct candidate_block *block)
{
	__builtin_prefetch(block);
	__builtin_prefetch(block->port_low);
}

static __rte_always_inline uint32_t candidates_address(const uint8_t *address)
{
	uint32_t value;

	memcpy(&value, address, sizeof(value));
	return rte_be_to_cpu_32(value);
}

static __rte_always_inline void candidates_set_key(
	const struct candidates *candidates, const struct tuple *tuple, struct candidate_key *key)
{
	/* By multiplication: compilers make a branch of a choice, and nothing can predict it. */
	uint32_t tcp = tuple->protocol == IPPROTO_TCP, with_ports = tuple->has_ports;
	uint32_t value = tuple->protocol + tcp * (VALUE_TCP - IPPROTO_TCP + tuple->tcp_flags);
	uint32_t range = candidates_port_range(candidates, tuple->source_port);
	uint32_t ports = 1u << with_ports * (CANDIDATES_PORT_SHIFT + range);

	key->addresses[DIMENSION_SOURCE] = candidates_address(tuple->source);
	key->addresses[DIMENSION_DESTINATION] = candidates_address(tuple->destination);
	key->port = tuple->destination_port;
	key->service = (uint16_t)(candidates->protocols[value] | ports);
}

/* The lowest index in a bucket that accepts the key, if below best; else best. */
static __rte_always_inline uint32_t candidates_search(const struct candidates *candidates,
	const struct candidate_block *block, const struct candidate_key *key, uint32_t address,
	uint32_t best)
{
	uint32_t found = candidates_compare(block, key, address);

	best = RTE_MIN(best, found);
	while (unlikely(block->index[CANDIDATES_BLOCK] < best)) {
		block = &candidates->blocks[block->low[CANDIDATES_BLOCK]];
		found = candidates_compare(block, key, address);
		best = RTE_MIN(best, found);
	}
	return best;
}

/* The first match in both addresses' buckets, and in that of the matches of neither. */
static __rte_always_inline int32_t candidates_decide(const struct candidates *candidates,
	const struct candidate_key *key, const struct candidate_block *by_source,
	const struct candidate_block *by_destination)
{
	uint32_t best = candidates_search(
		candidates, by_destination, key, key->addresses[DIMENSION_SOURCE], CANDIDATES_NONE);

	best = candidates_search(
		candidates, by_source, key, key->addresses[DIMENSION_DESTINATION], best);
	if (candidates->any_list != 0)
		best = candidates_search(candidates,
			candidates_bucket(candidates, candidates->any_list, key->port), key, 0,
			best);
	return best == CANDIDATES_NONE ? -1 : (int32_t)best;
}

/* A tuple's block in the list of one of its addresses. */
static __rte_always_inline const struct candidate_block *candidates_find(
	const struct candidates *candidates, const struct candidate_key *key,
	enum dimension dimension)
{
	uint32_t list =
		candidate_tree_find(&candidates->trees[dimension], key->addresses[dimension]);

	return candidates_bucket(candidates, list, key->port);
}

#endif
