/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * classifier_next: the matches that accept a tuple, one after the other.
 *
 * Overview: packet path, as classifier_first.c, but for the few tuples of which more than the
 * first match counts. The words of the blocks overlap in the indexes they hold, so each that the
 * tuple's classes have in common is looked at, up to where they begin behind the best match so far.
 */
#include "lpm/lookup.h"

/* The bits of a word whose indexes are above after; they ascend in the word. */
static uint64_t bits_behind(const uint16_t *order, int32_t after)
{
	uint32_t bit = 0;

	for (uint32_t step = 32; step > 0; step /= 2)
		bit += order[bit + step - 1] <= after ? step : 0;
	return order[bit] <= after ? 0 : UINT64_MAX << bit;
}

/* The first match above after in block i × 64 + bit, if before best; else best. */
static uint32_t next_in_block(const struct classifier *classifier, const struct records *records,
	uint32_t count, uint32_t i, uint32_t bit, int32_t after, uint32_t best)
{
	const uint16_t *order = &classifier->layout.order[(i * 64 + bit) * BITSET_BLOCK_BITS];
	uint32_t references[RECORDS_MAX] = {0};

	uint32_t nonzero = refer(classifier, records, count, i, bit, UINT32_MAX, references);
	for (; nonzero != 0; nonzero &= nonzero - 1) {
		uint32_t word = (uint32_t)__builtin_ctz(nonzero);
		uint64_t bits = word_bits(classifier, references, count, word);

		if (order[word * 64] >= best)
			break;
		if (bits != 0)
			bits &= bits_behind(&order[word * 64], after);
		if (bits == 0)
			continue;
		uint32_t index = order[word * 64 + (uint32_t)__builtin_ctzll(bits)];
		best = RTE_MIN(best, index);
	}
	return best;
}

int32_t classifier_next(
	const struct classifier *classifier, const struct tuple *tuple, int32_t after)
{
	uint32_t count = record_count(classifier), best = INDEX_NONE;
	struct records records = {0};

	find_records(classifier, tuple, count, &records);
	for (uint32_t i = 0; i < classifier->bitsets.summary_words; i++) {
		uint64_t live = live_blocks(&records, count, i);

		for (; live != 0; live &= live - 1) {
			uint32_t bit = (uint32_t)__builtin_ctzll(live);
			/* Later blocks begin later still. */
			if (classifier->layout.block_first[i * 64 + bit] >= best)
				return (int32_t)best;
			best = next_in_block(classifier, &records, count, i, bit, after, best);
		}
	}
	return best == INDEX_NONE ? -1 : (int32_t)best;
}
