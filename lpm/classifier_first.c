/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * classifier_first: the first match that accepts a tuple.
 *
 * Overview: this is the packet path: no allocation, no lock, no call out of the file. What class
 * a packet has is nothing that a processor can predict, and a branch that it predicts wrong costs
 * as much as looking at two dimensions. So what most tuples need, the search of one block at most,
 * is straight code, run whether there is such a block or not. For each number of dimensions there
 * is a copy of it, which the compiler makes without loops over them.
 */
#include "lpm/lookup.h"
#include "lpm/processor.h"

#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <rte_prefetch.h>

/* Tuples that are worked on at the same time. */
enum { BULK = 32 };

/* Makes __builtin_ctzll() defined for 0. */
#define HIGHEST_BIT (UINT64_C(1) << 63)

/* The index of the first match in a word of the block, or INDEX_NONE or more. */
static __rte_always_inline uint32_t first_in_word(const struct classifier *classifier,
	const uint32_t references[RECORDS_MAX], uint32_t count, const uint16_t *order,
	uint32_t word)
{
	uint64_t bits = word_bits(classifier, references, count, word);
	uint32_t index = order[word * 64 + (uint32_t)__builtin_ctzll(bits | HIGHEST_BIT)];
	return index | (uint32_t)(bits == 0) << INDEX_NONE_SHIFT;
}

/* The first match in the blocks of summary word i that are in live, if before best; else best. */
static __rte_always_inline uint32_t search_blocks(const struct classifier *classifier,
	const struct records *records, uint32_t count, uint32_t i, uint64_t live, uint32_t best)
{
	for (; live != 0; live &= live - 1) {
		uint32_t bit = (uint32_t)__builtin_ctzll(live);
		const uint16_t *order =
			&classifier->layout.order[(i * 64 + bit) * BITSET_BLOCK_BITS];
		uint32_t references[RECORDS_MAX];

		/* Later blocks, and later words of a block, begin later still. */
		if (classifier->layout.block_first[i * 64 + bit] >= best)
			break;
		uint32_t nonzero =
			refer(classifier, records, count, i, bit, UINT32_MAX, references);
		for (; nonzero != 0; nonzero &= nonzero - 1) {
			uint32_t word = (uint32_t)__builtin_ctz(nonzero);
			if (order[word * 64] >= best)
				break;
			uint32_t index = first_in_word(classifier, references, count, order, word);
			best = RTE_MIN(best, index);
		}
	}
	return best;
}

/* The same for all blocks of summary word i. */
static __rte_always_inline uint32_t search_summary(const struct classifier *classifier,
	const struct records *records, uint32_t count, uint32_t i, uint32_t best)
{
	uint32_t references[RECORDS_MAX];
	uint64_t live = live_blocks(records, count, i);
	uint32_t mask = -(uint32_t)(live != 0);
	uint32_t bit = (uint32_t)__builtin_ctzll(live | HIGHEST_BIT) & mask;
	const uint16_t *order = &classifier->layout.order[(i * 64 + bit) * BITSET_BLOCK_BITS];
	uint32_t nonzero = refer(classifier, records, count, i, bit, mask, references);
	uint32_t word = (uint32_t)__builtin_ctz(nonzero | 1 << (BITSET_BLOCK_WORDS - 1));
	uint32_t index = first_in_word(classifier, references, count, order, word);
	/* The block is to be searched again when it has more words than the first. */
	bool again = (nonzero & (nonzero - 1)) != 0;
	uint64_t rest = (live & (live - 1)) | (live & -(uint64_t)again);

	best = RTE_MIN(best, index);
	if (likely(rest == 0))
		return best;
	return search_blocks(classifier, records, count, i, rest, best);
}

static __rte_always_inline int32_t first_match(
	const struct classifier *classifier, const struct tuple *tuple, uint32_t count)
{
	struct records records;

	find_records(classifier, tuple, count, &records);
	uint32_t best = search_summary(classifier, &records, count, 0, INDEX_NONE);
	for (uint32_t i = 1; i < classifier->bitsets.summary_words; i++)
		best = search_summary(classifier, &records, count, i, best);
	return best == INDEX_NONE ? -1 : (int32_t)best;
}

static __rte_always_inline int32_t first_candidate(
	const struct candidates *candidates, const struct tuple *tuple)
{
	struct candidate_key key;

	candidates_set_key(candidates, tuple, &key);
	return candidates_decide(candidates, &key,
		candidates_find(candidates, &key, DIMENSION_SOURCE),
		candidates_find(candidates, &key, DIMENSION_DESTINATION));
}

static __rte_always_inline int32_t first(
	const struct classifier *classifier, const struct tuple *tuple)
{
	if (likely(tuple->version == 4 && classifier->candidates.blocks != NULL))
		return first_candidate(&classifier->candidates, tuple);
	switch (record_count(classifier)) {
	case 3:
		return first_match(classifier, tuple, 3);
	case 4:
		return first_match(classifier, tuple, 4);
	default:
		return first_match(classifier, tuple, 5);
	}
}

PROCESSOR_NEWER static int32_t first_newer(
	const struct classifier *classifier, const struct tuple *tuple)
{
	return first(classifier, tuple);
}

int32_t classifier_first(const struct classifier *classifier, const struct tuple *tuple)
{
	return processor_newer() ? first_newer(classifier, tuple) : first(classifier, tuple);
}

/* The search for one of many tuples. */
struct search {
	struct records records;
	uint64_t live; /* blocks of the summary word that are to be searched yet */
	uint32_t best;
	/* The block that is searched now. */
	uint32_t bit;
	uint32_t nonzero;
	uint32_t references[RECORDS_MAX];
};

/* Returns whether there is a live block that begins before the best match. */
static __rte_always_inline bool goes_on(
	const struct classifier *classifier, const struct search *search, uint32_t i)
{
	uint32_t mask = -(uint32_t)(search->live != 0);
	uint32_t bit = (uint32_t)__builtin_ctzll(search->live | HIGHEST_BIT) & mask;

	return (mask != 0) & (classifier->layout.block_first[i * 64 + bit] < search->best);
}

/* Take the first live block. */
static __rte_always_inline void refer_block(
	const struct classifier *classifier, struct search *search, uint32_t count, uint32_t i)
{
	search->bit = (uint32_t)__builtin_ctzll(search->live);
	search->live &= search->live - 1;
	search->nonzero = refer(classifier, &search->records, count, i, search->bit, UINT32_MAX,
		search->references);
}

/* Search the block that was taken. Without a word in common it reads the last. */
static __rte_always_inline void search_block(
	const struct classifier *classifier, struct search *search, uint32_t count, uint32_t i)
{
	const uint16_t *order =
		&classifier->layout.order[(i * 64 + search->bit) * BITSET_BLOCK_BITS];
	uint32_t rest = search->nonzero;
	uint32_t word = (uint32_t)__builtin_ctz(rest | 1 << (BITSET_BLOCK_WORDS - 1));

	do {
		uint32_t index = first_in_word(classifier, search->references, count, order, word);
		search->best = RTE_MIN(search->best, index);
		rest &= rest - 1;
		if (likely(rest == 0))
			break;
		word = (uint32_t)__builtin_ctz(rest);
	} while (order[word * 64] < search->best);
}

/*
 * Search all blocks of summary word i, one of each tuple at a time. Taking blocks is for itself,
 * as it is without branches that may be predicted wrong: so many tuples are worked on at once.
 */
static __rte_always_inline void search_bulk(const struct classifier *classifier,
	struct search *searches, uint32_t tuples, uint32_t count, uint32_t i)
{
	struct search *active[BULK];
	uint32_t active_count = 0;

	for (uint32_t t = 0; t < tuples; t++) {
		searches[t].live = live_blocks(&searches[t].records, count, i);
		active[active_count] = &searches[t];
		active_count += goes_on(classifier, &searches[t], i);
	}
	while (active_count > 0) {
		uint32_t kept = 0;

		for (uint32_t a = 0; a < active_count; a++)
			refer_block(classifier, active[a], count, i);
		for (uint32_t a = 0; a < active_count; a++) {
			struct search *search = active[a];

			search_block(classifier, search, count, i);
			active[kept] = search;
			kept += goes_on(classifier, search, i);
		}
		active_count = kept;
	}
}

static __rte_always_inline void first_matches(const struct classifier *classifier,
	const struct tuple *tuples, uint32_t tuple_count, uint32_t count, int32_t *results)
{
	struct search searches[BULK];

	for (uint32_t t = 0; t < tuple_count; t++) {
		struct search *search = &searches[t];

		find_records(classifier, &tuples[t], count, &search->records);
		for (uint32_t d = 0; d < count; d++)
			rte_prefetch0(search->records.of[d]);
		search->best = INDEX_NONE;
	}
	search_bulk(classifier, searches, tuple_count, count, 0);
	for (uint32_t i = 1; i < classifier->bitsets.summary_words; i++)
		search_bulk(classifier, searches, tuple_count, count, i);
	for (uint32_t t = 0; t < tuple_count; t++) {
		uint32_t best = searches[t].best;
		results[t] = best == INDEX_NONE ? -1 : (int32_t)best;
	}
}

/* Up to BULK tuples of IPv4: first the blocks of all, which come from memory meanwhile. */
static __rte_always_inline void first_candidates(const struct candidates *candidates,
	const struct tuple *tuples, uint32_t count, int32_t *results)
{
	const struct candidate_block *by_source[BULK], *by_destination[BULK];
	struct candidate_key keys[BULK];

	for (uint32_t t = 0; t < count; t++) {
		candidates_set_key(candidates, &tuples[t], &keys[t]);
		by_source[t] = candidates_find(candidates, &keys[t], DIMENSION_SOURCE);
		by_destination[t] = candidates_find(candidates, &keys[t], DIMENSION_DESTINATION);
		candidates_prefetch(by_source[t]);
		candidates_prefetch(by_destination[t]);
	}
	for (uint32_t t = 0; t < count; t++)
		results[t] =
			candidates_decide(candidates, &keys[t], by_source[t], by_destination[t]);
}

/* Whether the candidates serve all of the tuples. */
static __rte_always_inline bool have_candidates(
	const struct classifier *classifier, const struct tuple *tuples, uint32_t count)
{
	uint32_t others = classifier->candidates.blocks == NULL;

	for (uint32_t t = 0; t < count; t++)
		others |= tuples[t].version ^ 4u;
	return others == 0;
}

static __rte_always_inline void first_bulk(const struct classifier *classifier,
	const struct tuple *tuples, uint32_t count, int32_t *results)
{
	for (uint32_t done = 0; done < count; done += BULK) {
		uint32_t chunk = RTE_MIN(count - done, (uint32_t)BULK);

		if (have_candidates(classifier, tuples + done, chunk)) {
			first_candidates(
				&classifier->candidates, tuples + done, chunk, results + done);
			continue;
		}
		switch (record_count(classifier)) {
		case 3:
			first_matches(classifier, tuples + done, chunk, 3, results + done);
			break;
		case 4:
			first_matches(classifier, tuples + done, chunk, 4, results + done);
			break;
		default:
			first_matches(classifier, tuples + done, chunk, 5, results + done);
		}
	}
}

PROCESSOR_NEWER static void first_bulk_newer(const struct classifier *classifier,
	const struct tuple *tuples, uint32_t count, int32_t *results)
{
	first_bulk(classifier, tuples, count, results);
}

void classifier_first_bulk(const struct classifier *classifier, const struct tuple *tuples,
	uint32_t count, int32_t *results)
{
	if (processor_newer())
		first_bulk_newer(classifier, tuples, count, results);
	else
		first_bulk(classifier, tuples, count, results);
}
