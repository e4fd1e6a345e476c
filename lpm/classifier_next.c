/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * classifier_next: the matches that accept a tuple, one after the other.
 *
 * Overview: packet path, as classifier_first.c, but for the few tuples of which more than the
 * first match counts. Blocks overlap in the indexes they hold, so each that the tuple's classes
 * have in common is looked at, up to the first that begins behind the best match so far.
 */
#include "lpm/lookup.h"

/* The first position of a block whose index is above after, or BITSET_BLOCK_BITS. */
static uint32_t first_behind(const uint16_t *order, int32_t after)
{
	uint32_t position = 0;

	for (uint32_t step = BITSET_BLOCK_BITS / 2; step > 0; step /= 2)
		position += order[position + step - 1] <= after ? step : 0;
	return position + (order[position] <= after);
}

/* The first match above after in block i × 64 + bit, if before best; else best. */
static uint32_t next_in_block(const struct classifier *classifier, const struct records *records,
	uint32_t i, uint32_t bit, int32_t after, uint32_t best)
{
	const uint16_t *order = &classifier->layout.order[(i * 64 + bit) * BITSET_BLOCK_BITS];
	uint32_t begin = first_behind(order, after);
	uint32_t references[DIMENSION_COUNT];

	if (begin == BITSET_BLOCK_BITS || order[begin] >= best)
		return best;
	uint32_t nonzero = refer(classifier, records, i, bit, UINT32_MAX, references) &
		UINT32_MAX << begin / 64;
	for (; nonzero != 0; nonzero &= nonzero - 1) {
		uint32_t word = (uint32_t)__builtin_ctz(nonzero);
		uint64_t bits = word_bits(classifier, references, word);

		if (word == begin / 64)
			bits &= UINT64_MAX << begin % 64;
		if (bits == 0)
			continue;
		uint32_t index = order[word * 64 + (uint32_t)__builtin_ctzll(bits)];
		return RTE_MIN(best, index);
	}
	return best;
}

int32_t classifier_next(
	const struct classifier *classifier, const struct tuple *tuple, int32_t after)
{
	uint32_t best = INDEX_NONE;
	struct records records;

	find_records(classifier, tuple, &records);
	for (uint32_t i = 0; i < classifier->bitsets.summary_words; i++) {
		uint64_t live = UINT64_MAX;

		for (uint32_t d = 0; d < DIMENSION_COUNT; d++)
			live &= bitset_summary(records.of[d], i);
		for (; live != 0; live &= live - 1) {
			uint32_t bit = (uint32_t)__builtin_ctzll(live);
			/* Later blocks begin later still. */
			if (classifier->layout.order[(i * 64 + bit) * BITSET_BLOCK_BITS] >= best)
				return (int32_t)best;
			best = next_in_block(classifier, &records, i, bit, after, best);
		}
	}
	return best == INDEX_NONE ? -1 : (int32_t)best;
}
