/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * classifier_first: the first match that accepts a tuple.
 *
 * Overview: this is the packet path: no allocation, no lock, no call out of the file. What class
 * a packet has is nothing that a processor can predict, and a branch that it predicts wrong costs
 * as much as looking at two dimensions. So what most tuples need, the search of one block at most,
 * is straight code, run whether there is such a block or not.
 */
#include "lpm/lookup.h"

#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <rte_prefetch.h>

/* Tuples whose records are fetched at the same time. */
enum { BULK = 32 };

/* Makes __builtin_ctzll() defined for 0. */
#define HIGHEST_BIT (UINT64_C(1) << 63)

/* The index of the first match in a word of the block, or INDEX_NONE or more. */
static __rte_always_inline uint32_t first_in_word(const struct classifier *classifier,
	const uint32_t references[DIMENSION_COUNT], const uint16_t *order, uint32_t word)
{
	uint64_t bits = word_bits(classifier, references, word);
	uint32_t index = order[word * 64 + (uint32_t)__builtin_ctzll(bits | HIGHEST_BIT)];
	return index | (uint32_t)(bits == 0) << INDEX_NONE_SHIFT;
}

/* The first match in the blocks of summary word i that are in live, if before best; else best. */
static __rte_noinline uint32_t search_blocks(const struct classifier *classifier,
	const struct records *records, uint32_t i, uint64_t live, uint32_t best)
{
	for (; live != 0; live &= live - 1) {
		uint32_t bit = (uint32_t)__builtin_ctzll(live);
		const uint16_t *order =
			&classifier->layout.order[(i * 64 + bit) * BITSET_BLOCK_BITS];
		uint32_t references[DIMENSION_COUNT];

		/* Later blocks, and later words of a block, begin later still. */
		if (order[0] >= best)
			break;
		uint32_t nonzero = refer(classifier, records, i, bit, UINT32_MAX, references);
		for (; nonzero != 0; nonzero &= nonzero - 1) {
			uint32_t word = (uint32_t)__builtin_ctz(nonzero);
			if (order[word * 64] >= best)
				break;
			uint32_t index = first_in_word(classifier, references, order, word);
			if (index < INDEX_NONE) {
				best = RTE_MIN(best, index);
				break;
			}
		}
	}
	return best;
}

/* The same for all blocks of summary word i. */
static __rte_always_inline uint32_t search_summary(const struct classifier *classifier,
	const struct records *records, uint32_t i, uint32_t best)
{
	uint32_t references[DIMENSION_COUNT];
	uint64_t live = UINT64_MAX;

#pragma GCC unroll 6
	for (uint32_t d = 0; d < DIMENSION_COUNT; d++)
		live &= bitset_summary(records->of[d], i);
	uint32_t mask = -(uint32_t)(live != 0);
	uint32_t bit = (uint32_t)__builtin_ctzll(live | HIGHEST_BIT) & mask;
	const uint16_t *order = &classifier->layout.order[(i * 64 + bit) * BITSET_BLOCK_BITS];
	uint32_t nonzero = refer(classifier, records, i, bit, mask, references);
	uint32_t word = (uint32_t)__builtin_ctz(nonzero | 1 << (BITSET_BLOCK_WORDS - 1));
	uint32_t index = first_in_word(classifier, references, order, word);
	/* The block is to be searched again when its first word has no match and it has others. */
	bool again = index >= INDEX_NONE && (nonzero & (nonzero - 1)) != 0;
	uint64_t rest = (live & (live - 1)) | (live & -(uint64_t)again);

	best = RTE_MIN(best, index);
	if (likely(rest == 0))
		return best;
	return search_blocks(classifier, records, i, rest, best);
}

static __rte_always_inline int32_t first_match(
	const struct classifier *classifier, const struct records *records)
{
	uint32_t best = search_summary(classifier, records, 0, INDEX_NONE);

	for (uint32_t i = 1; i < classifier->bitsets.summary_words; i++)
		best = search_summary(classifier, records, i, best);
	return best == INDEX_NONE ? -1 : (int32_t)best;
}

int32_t classifier_first(const struct classifier *classifier, const struct tuple *tuple)
{
	struct records records;

	find_records(classifier, tuple, &records);
	return first_match(classifier, &records);
}

void classifier_first_bulk(const struct classifier *classifier, const struct tuple *tuples,
	uint32_t count, int32_t *results)
{
	struct records records[BULK];

	for (uint32_t done = 0; done < count; done += BULK) {
		uint32_t chunk = RTE_MIN(count - done, (uint32_t)BULK);

		for (uint32_t i = 0; i < chunk; i++) {
			find_records(classifier, &tuples[done + i], &records[i]);
			for (uint32_t d = 0; d < DIMENSION_COUNT; d++)
				rte_prefetch0(records[i].of[d]);
		}
		for (uint32_t i = 0; i < chunk; i++)
			results[done + i] = first_match(classifier, &records[i]);
	}
}
