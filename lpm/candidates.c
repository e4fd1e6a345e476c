/* SPDX-License-Identifier: BSD-3-Clause */
#include "lpm/candidates.h"

#include <errno.h>
#include <stdlib.h>

#include "lpm/candidate_entry.h"
#include "lpm/memory.h"

/* The most buckets of a list, as a power of two; the most ports with which an entry is only in
 * their buckets, and not in all. */
enum { BUCKET_BITS_MAX = 10, PORTS_APART = 4, HASH_BITS = 16 };

/* So many bytes are nothing to be limited. */
enum { LEAST_MEMORY = 1 << 16 };

struct builder {
	struct candidates *candidates;
	const struct layout *layout;
	size_t block_capacity;
	size_t most; /* bytes of all */
	/* The entries of all matches; those of a position from firsts[position] on. */
	struct candidate_entry *entries;
	size_t entry_count, entry_capacity;
	uint32_t *firsts;
	/* The list that is being made: its matches, as index × 2^16 + position, and entries. */
	uint32_t *matches;
	uint32_t match_count;
	struct candidate_entry *list;
	size_t list_count, list_capacity;
};

static int append_blocks(struct builder *builder, size_t count, uint32_t *ret_number)
{
	struct candidates *candidates = builder->candidates;
	size_t first = candidates->block_count;

	if ((first + count) * sizeof(struct candidate_block) > builder->most)
		return -E2BIG;
	struct candidate_block *blocks = memory_reserve(
		candidates->blocks, &builder->block_capacity, first + count, sizeof(*blocks));
	if (blocks == NULL)
		return -ENOMEM;
	candidates->blocks = blocks;
	candidates->block_count += count;
	memset(&blocks[first], 0, count * sizeof(*blocks));
	for (size_t i = first; i < first + count; i++)
		memset(blocks[i].index, UINT8_MAX, sizeof(blocks[i].index));
	*ret_number = (uint32_t)first;
	return 0;
}

/* Whether a tuple of the bucket may be accepted. */
static bool in_bucket(const struct candidate_entry *entry, uint32_t bucket, uint32_t shift)
{
	uint32_t ports = entry->port_high - entry->port_low + 1U;

	if (ports > PORTS_APART)
		return true;
	for (uint32_t i = 0; i < ports; i++)
		if (candidates_hash((uint16_t)(entry->port_low + i)) >> shift == bucket)
			return true;
	return false;
}

/* The length of the longest bucket. */
static uint32_t longest_bucket(const struct builder *builder, uint32_t shift)
{
	uint32_t lengths[1 << BUCKET_BITS_MAX] = {0}, everywhere = 0, longest = 0;

	for (size_t i = 0; i < builder->list_count; i++) {
		const struct candidate_entry *entry = &builder->list[i];
		uint32_t ports = entry->port_high - entry->port_low + 1U;

		everywhere += ports > PORTS_APART;
		/* An entry of two ports in one bucket is counted twice, which does no harm. */
		for (uint32_t port = 0; port < ports && ports <= PORTS_APART; port++)
			lengths[candidates_hash((uint16_t)(entry->port_low + port)) >> shift]++;
	}
	for (uint32_t bucket = 0; bucket < 1U << (HASH_BITS - shift); bucket++)
		longest = RTE_MAX(longest, lengths[bucket]);
	return everywhere + longest;
}

/* As few buckets as bring all down to a block each; or to the fewest blocks. */
static uint32_t choose_shift(const struct builder *builder)
{
	uint32_t best = HASH_BITS, fewest = UINT32_MAX;

	for (uint32_t bits = 0; bits <= BUCKET_BITS_MAX; bits++) {
		uint32_t length = longest_bucket(builder, HASH_BITS - bits);
		uint32_t blocks = (length + CANDIDATES_BLOCK - 1) / CANDIDATES_BLOCK;

		if (blocks < fewest) {
			fewest = blocks;
			best = HASH_BITS - bits;
		}
		if (fewest <= 1 || 1U << bits >= builder->list_count)
			break;
	}
	return best;
}

static void put_entry(
	struct candidate_block *block, uint32_t lane, const struct candidate_entry *entry)
{
	block->low[lane] = entry->low;
	block->high[lane] = entry->high;
	block->port_low[lane] = entry->port_low;
	block->port_high[lane] = entry->port_high;
	block->service[lane] = entry->service;
	block->index[lane] = entry->index;
}

static int fill_bucket(struct builder *builder, uint32_t number, uint32_t bucket, uint32_t shift)
{
	struct candidates *candidates = builder->candidates;
	uint32_t lane = 0;

	for (size_t i = 0; i < builder->list_count; i++) {
		const struct candidate_entry *entry = &builder->list[i];

		if (!in_bucket(entry, bucket, shift))
			continue;
		if (lane == CANDIDATES_BLOCK) {
			uint32_t next;
			int result = append_blocks(builder, 1, &next);
			if (result != 0)
				return result;
			candidates->blocks[number].low[CANDIDATES_BLOCK] = next;
			candidates->blocks[number].index[CANDIDATES_BLOCK] = entry->index;
			number = next;
			lane = 0;
		}
		put_entry(&candidates->blocks[number], lane++, entry);
	}
	return 0;
}

/* Make the list of the builder's matches. */
static int make_list(struct builder *builder, uint32_t *ret_list)
{
	candidate_sort(builder->matches, builder->match_count);
	builder->list_count = 0;
	for (uint32_t i = 0; i < builder->match_count; i++) {
		uint32_t position = builder->matches[i] & UINT16_MAX;
		uint32_t first = builder->firsts[position];
		uint32_t count = builder->firsts[position + 1] - first;
		struct candidate_entry *list = memory_reserve(builder->list,
			&builder->list_capacity, builder->list_count + count + 1, sizeof(*list));

		if (list == NULL)
			return -ENOMEM;
		builder->list = list;
		memcpy(&list[builder->list_count], &builder->entries[first], count * sizeof(*list));
		builder->list_count += count;
	}
	uint32_t shift = choose_shift(builder), number;
	int result = append_blocks(builder, (size_t)1 << (HASH_BITS - shift), &number);
	for (uint32_t bucket = 0; bucket < 1U << (HASH_BITS - shift) && result == 0; bucket++)
		result = fill_bucket(builder, number + bucket, bucket, shift);
	*ret_list = number << CANDIDATES_LIST_SHIFT | shift;
	return result;
}

static void add_match(struct builder *builder, uint32_t position)
{
	builder->matches[builder->match_count++] =
		(uint32_t)builder->layout->order[position] << 16 | position;
}

/* Make the list of a class of addresses. */
static int make_class_list(
	struct builder *builder, const struct bitset_pool *pool, uint32_t class, uint32_t *ret_list)
{
	const uint32_t *record = &pool->records[class];

	builder->match_count = 0;
	for (uint32_t block = 0; block < builder->layout->block_count; block++) {
		uint32_t i = block / 64, bit = block % 64;
		if ((bitset_summary(record, i) >> bit & 1) == 0)
			continue;
		uint32_t reference = bitset_reference(record, pool->summary_words, i, bit);
		const uint64_t *words = pool->blocks[reference & BITSET_BLOCK_MAX];
		for (uint32_t word = 0; word < BITSET_BLOCK_WORDS; word++)
			for (uint64_t rest = words[word]; rest != 0; rest &= rest - 1)
				add_match(builder,
					block * BITSET_BLOCK_BITS + word * 64 +
						(uint32_t)__builtin_ctzll(rest));
	}
	return make_list(builder, ret_list);
}

/* Make the lists of all classes, and the tree that leads to them. */
static int make_class_lists(struct builder *builder, const struct sweep *sweep,
	const struct bitset_pool *pool, struct candidate_tree *tree)
{
	uint32_t *lists = calloc(pool->record_units + sweep->interval_count, sizeof(*lists));
	uint32_t *of_intervals = lists + pool->record_units;
	int result = 0;

	if (lists == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < sweep->interval_count && result == 0; i++) {
		uint32_t *list = &lists[sweep->classes[i]];

		if (*list == 0)
			result = make_class_list(builder, pool, sweep->classes[i], list);
		of_intervals[i] = *list;
	}
	if (result == 0)
		result = candidate_tree_init(tree, sweep, of_intervals, builder->most);
	free(lists);
	return result;
}

/* Sweep the addresses of the matches that belong to them, and make the lists. */
static int make_side(struct builder *builder, enum dimension dimension)
{
	struct layout own = *builder->layout;
	struct bitset_builder bitsets;
	struct sweep sweep;

	own.matches = calloc(layout_positions(&own), sizeof(*own.matches));
	if (own.matches == NULL)
		return -ENOMEM;
	for (uint32_t position = 0; position < layout_positions(&own); position++) {
		const struct match *match = builder->layout->matches[position];
		if (match != NULL && candidate_side_of(match) == (enum candidate_side)dimension)
			own.matches[position] = match;
	}
	int result = bitset_init(&bitsets, own.block_count);
	if (result == 0) {
		sweep_init(&sweep, &bitsets);
		result = address_class_sweep(&sweep, &own, dimension, 4);
		if (result == 0)
			result = make_class_lists(builder, &sweep, &bitsets.pool,
				&builder->candidates->trees[dimension]);
		sweep_fini(&sweep);
		bitset_fini(&bitsets);
	}
	free(own.matches);
	return result;
}

static int make_any(struct builder *builder)
{
	const struct layout *layout = builder->layout;

	builder->match_count = 0;
	for (uint32_t position = 0; position < layout_positions(layout); position++)
		if (layout->matches[position] != NULL &&
			candidate_side_of(layout->matches[position]) == CANDIDATE_ANY)
			add_match(builder, position);
	return builder->match_count == 0 ? 0 : make_list(builder, &builder->candidates->any_list);
}

/* Make the entries of all matches. */
static int make_entries(struct builder *builder, const struct candidate_service *service)
{
	const struct layout *layout = builder->layout;
	uint32_t position = 0;

	for (; position < layout_positions(layout); position++) {
		const struct match *match = layout->matches[position];

		builder->firsts[position] = (uint32_t)builder->entry_count;
		if (match == NULL)
			continue;
		if (layout->order[position] == CANDIDATES_NONE)
			return -E2BIG;
		struct candidate_entry *entries =
			memory_reserve(builder->entries, &builder->entry_capacity,
				builder->entry_count + CANDIDATE_ENTRIES_MAX, sizeof(*entries));
		if (entries == NULL)
			return -ENOMEM;
		builder->entries = entries;
		entries += builder->entry_count;
		int count = candidate_entries(match, service, entries);
		if (count < 0)
			return count;
		for (int i = 0; i < count; i++)
			entries[i].index = layout->order[position];
		builder->entry_count += (uint32_t)count;
		if (builder->entry_count * sizeof(*entries) > builder->most)
			return -E2BIG;
	}
	builder->firsts[position] = (uint32_t)builder->entry_count;
	return 0;
}

static int make_candidates(struct builder *builder, const struct value_class *protocol)
{
	struct candidates *candidates = builder->candidates;
	struct candidate_service service;
	uint32_t none;

	int result =
		candidate_service_init(&service, builder->layout, protocol, candidates->protocols);
	if (result == 0)
		result = make_entries(builder, &service);
	if (result != 0)
		return result;
	memset(candidates->port_last, UINT8_MAX, sizeof(candidates->port_last));
	memcpy(candidates->port_last, service.port_last,
		service.port_count * sizeof(*service.port_last));
	/* No list has number 0. */
	result = append_blocks(builder, 1, &none);
	if (result == 0)
		result = make_side(builder, DIMENSION_SOURCE);
	if (result == 0)
		result = make_side(builder, DIMENSION_DESTINATION);
	if (result == 0)
		result = make_any(builder);
	if (result == 0 && candidates_memory(candidates) > builder->most)
		result = -E2BIG;
	return result;
}

/* Move the blocks to a table of their exact size. */
static int settle_blocks(struct candidates *candidates)
{
	struct candidate_block *blocks =
		memory_settle(candidates->blocks, candidates->block_count * sizeof(*blocks));

	if (blocks == NULL)
		return -ENOMEM;
	candidates->blocks = blocks;
	return 0;
}

int candidates_init(struct candidates *candidates, const struct layout *layout,
	const struct value_class *protocol, size_t most)
{
	struct builder builder = {.candidates = candidates,
		.layout = layout,
		.most = RTE_MAX(most, (size_t)LEAST_MEMORY)};
	uint32_t positions = layout_positions(layout);

	*candidates = (struct candidates){0};
	builder.firsts = calloc(positions + 1, sizeof(*builder.firsts));
	builder.matches = calloc(positions, sizeof(*builder.matches));
	int result = builder.firsts == NULL || builder.matches == NULL ? -ENOMEM : 0;
	if (result == 0)
		result = make_candidates(&builder, protocol);
	if (result == 0)
		result = settle_blocks(candidates);
	free(builder.firsts);
	free(builder.matches);
	free(builder.entries);
	free(builder.list);
	if (result != 0)
		candidates_fini(candidates);
	return result == -E2BIG ? 0 : result;
}

void candidates_fini(struct candidates *candidates)
{
	free(candidates->blocks);
	for (uint32_t i = 0; i < RTE_DIM(candidates->trees); i++)
		candidate_tree_fini(&candidates->trees[i]);
	*candidates = (struct candidates){0};
}

size_t candidates_memory(const struct candidates *candidates)
{
	return candidates->block_count * sizeof(*candidates->blocks) +
		candidate_tree_memory(&candidates->trees[0]) +
		candidate_tree_memory(&candidates->trees[1]);
}
