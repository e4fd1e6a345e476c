/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lookup: what the lookups of a classifier have in common: from a tuple to the records of its
 * classes, from these to blocks, from blocks to the bits of a word.
 */
#ifndef TIDEGATE_LPM_LOOKUP_H
#define TIDEGATE_LPM_LOOKUP_H

#include <assert.h>

#include <rte_common.h>

#include "lpm/classifier.h"

/* No match: behind every index, and a bit that no index has. */
enum { INDEX_NONE_SHIFT = 16, INDEX_NONE = 1 << INDEX_NONE_SHIFT };

static_assert(CLASSIFIER_MATCH_MAX <= INDEX_NONE, "indexes are below");

/* Dimensions of a lookup: two addresses, and the groups of service_class. */
enum { RECORDS_MAX = CLASSIFIER_ADDRESSES + SERVICE_GROUPS_MAX };

/* The records of a tuple's classes. */
struct records {
	const uint32_t *of[RECORDS_MAX];
};

static __rte_always_inline uint32_t class_of_address(
	const struct address_class *versions, const uint8_t *address, uint8_t version)
{
	return version == 4 ? address_class_find_ipv4(&versions[0], address)
			    : address_class_find_ipv6(&versions[1], address);
}

/* count: of the dimensions, known to the compiler, as in all that follows. */
static __rte_always_inline void find_records(const struct classifier *classifier,
	const struct tuple *tuple, uint32_t count, struct records *records)
{
	const struct address_class(*addresses)[CLASSIFIER_VERSIONS] = classifier->addresses;
	uint32_t classes[RECORDS_MAX] = {0};

	classes[DIMENSION_SOURCE] =
		class_of_address(addresses[DIMENSION_SOURCE], tuple->source, tuple->version);
	classes[DIMENSION_DESTINATION] = class_of_address(
		addresses[DIMENSION_DESTINATION], tuple->destination, tuple->version);
	service_class_find(&classifier->service, tuple, count - CLASSIFIER_ADDRESSES,
		&classes[CLASSIFIER_ADDRESSES]);
#pragma GCC unroll 5
	for (uint32_t d = 0; d < count; d++)
		records->of[d] = classifier->bitsets.records + classes[d];
}

/* The blocks of summary word i in which every dimension has something. */
static __rte_always_inline uint64_t live_blocks(
	const struct records *records, uint32_t count, uint32_t i)
{
	uint64_t live = UINT64_MAX;

#pragma GCC unroll 5
	for (uint32_t d = 0; d < count; d++)
		live &= bitset_summary(records->of[d], i);
	return live;
}

/*
 * Get the references to block i × 64 + bit, and 0 for each where mask is 0 instead of all ones.
 * Returns which words of the block have something in every dimension.
 */
static __rte_always_inline uint32_t refer(const struct classifier *classifier,
	const struct records *records, uint32_t count, uint32_t i, uint32_t bit, uint32_t mask,
	uint32_t references[RECORDS_MAX])
{
	uint32_t nonzero = UINT8_MAX;

#pragma GCC unroll 5
	for (uint32_t d = 0; d < count; d++) {
		references[d] = mask &
			bitset_reference(records->of[d], classifier->bitsets.summary_words, i, bit);
		nonzero &= references[d] >> BITSET_WORDS_SHIFT;
	}
	return nonzero;
}

/* The positions in a word of the block that all dimensions have. */
static __rte_always_inline uint64_t word_bits(const struct classifier *classifier,
	const uint32_t references[RECORDS_MAX], uint32_t count, uint32_t word)
{
	uint64_t bits = UINT64_MAX;

#pragma GCC unroll 5
	for (uint32_t d = 0; d < count; d++)
		bits &= classifier->bitsets.blocks[references[d] & BITSET_BLOCK_MAX][word];
	return bits;
}

/* The number of dimensions of a lookup. */
static inline uint32_t record_count(const struct classifier *classifier)
{
	return CLASSIFIER_ADDRESSES + classifier->service.group_count;
}

#endif
