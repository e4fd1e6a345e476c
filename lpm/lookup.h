/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lookup: what the lookups of a classifier have in common: from a tuple to the records of its
 * classes, from these to blocks, from blocks to the bits of a word.
 */
#ifndef TIDEGATE_LPM_LOOKUP_H
#define TIDEGATE_LPM_LOOKUP_H

#include <assert.h>
#include <netinet/in.h>

#include <rte_common.h>

#include "lpm/classifier.h"

/* No match: behind every index, and a bit that no index has. */
enum { INDEX_NONE_SHIFT = 16, INDEX_NONE = 1 << INDEX_NONE_SHIFT };

static_assert(CLASSIFIER_MATCH_MAX <= INDEX_NONE, "indexes are below");

/* The records of a tuple's classes. */
struct records {
	const uint32_t *of[DIMENSION_COUNT];
};

static __rte_always_inline uint32_t class_of_address(const struct classifier *classifier,
	enum dimension dimension, const uint8_t *address, uint8_t version)
{
	const struct address_class *versions = classifier->addresses[dimension];

	if ((classifier->layout.looks & 1 << dimension) == 0)
		return classifier->everything;
	return version == 4 ? address_class_find_ipv4(&versions[0], address)
			    : address_class_find_ipv6(&versions[1], address);
}

static __rte_always_inline uint32_t class_of_value(
	const struct classifier *classifier, enum dimension dimension, bool present, uint32_t value)
{
	if ((classifier->layout.looks & 1 << dimension) == 0)
		return classifier->everything;
	return value_class_find(
		&classifier->values[dimension - CLASSIFIER_ADDRESSES], present, value);
}

static __rte_always_inline void find_records(
	const struct classifier *classifier, const struct tuple *tuple, struct records *records)
{
	bool tcp = tuple->protocol == IPPROTO_TCP;
	const uint32_t classes[DIMENSION_COUNT] = {
		[DIMENSION_SOURCE] = class_of_address(
			classifier, DIMENSION_SOURCE, tuple->source, tuple->version),
		[DIMENSION_DESTINATION] = class_of_address(
			classifier, DIMENSION_DESTINATION, tuple->destination, tuple->version),
		[DIMENSION_SOURCE_PORT] = class_of_value(
			classifier, DIMENSION_SOURCE_PORT, tuple->has_ports, tuple->source_port),
		[DIMENSION_DESTINATION_PORT] = class_of_value(classifier,
			DIMENSION_DESTINATION_PORT, tuple->has_ports, tuple->destination_port),
		[DIMENSION_PROTOCOL] =
			class_of_value(classifier, DIMENSION_PROTOCOL, true, tuple->protocol),
		[DIMENSION_FLAGS] =
			class_of_value(classifier, DIMENSION_FLAGS, tcp, tuple->tcp_flags),
	};

#pragma GCC unroll 6
	for (uint32_t d = 0; d < DIMENSION_COUNT; d++)
		records->of[d] = classifier->bitsets.records + classes[d];
}

/*
 * Get the references to block i × 64 + bit, and 0 for each where mask is 0 instead of all ones.
 * Returns which words of the block have something in every dimension.
 */
static __rte_always_inline uint32_t refer(const struct classifier *classifier,
	const struct records *records, uint32_t i, uint32_t bit, uint32_t mask,
	uint32_t references[DIMENSION_COUNT])
{
	uint32_t nonzero = UINT8_MAX;

#pragma GCC unroll 6
	for (uint32_t d = 0; d < DIMENSION_COUNT; d++) {
		references[d] = mask &
			bitset_reference(records->of[d], classifier->bitsets.summary_words, i, bit);
		nonzero &= references[d] >> BITSET_WORDS_SHIFT;
	}
	return nonzero;
}

/* The positions in a word of the block that all dimensions have. */
static __rte_always_inline uint64_t word_bits(const struct classifier *classifier,
	const uint32_t references[DIMENSION_COUNT], uint32_t word)
{
	uint64_t bits = UINT64_MAX;

#pragma GCC unroll 6
	for (uint32_t d = 0; d < DIMENSION_COUNT; d++)
		bits &= classifier->bitsets.blocks[references[d] & BITSET_BLOCK_MAX][word];
	return bits;
}

#endif
