/* SPDX-License-Identifier: BSD-3-Clause */
#include "lpm/bitset.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lpm/memory.h"

/* What the hash tables hold: a block's number or a record's offset; 0, the empty one, is free. */
struct bitset_slot {
	uint32_t hash;
	uint32_t value;
};

enum { FIRST_SLOTS = 64 };

/* Spread the bits of a word; the constant is 2^64 divided by the golden ratio. */
static uint64_t mix(uint64_t value)
{
	value *= UINT64_C(0x9e3779b97f4a7c15);
	value ^= value >> 32;
	value *= UINT64_C(0x9e3779b97f4a7c15);
	return value ^ value >> 29;
}

/* A block's part in the hash of a set. The parts are added up, so that a change of one block
 * changes the hash in constant time. */
static uint64_t reference_hash(uint32_t block, uint32_t reference)
{
	return reference == 0 ? 0 : mix((uint64_t)block << 32 | reference);
}

/* Room for one more value: at most half of the slots are taken. */
static int index_reserve(struct bitset_index *index)
{
	size_t count = index->slots == NULL ? 0 : index->mask + 1;

	if ((index->used + 1) * 2 <= count)
		return 0;
	size_t grown = count == 0 ? FIRST_SLOTS : 2 * count;
	struct bitset_slot *slots = calloc(grown, sizeof(*slots));
	if (slots == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (index->slots[i].value == 0)
			continue;
		size_t at = index->slots[i].hash & (grown - 1);
		while (slots[at].value != 0)
			at = (at + 1) & (grown - 1);
		slots[at] = index->slots[i];
	}
	free(index->slots);
	index->slots = slots;
	index->mask = grown - 1;
	return 0;
}

static int append_block(struct bitset_builder *builder, const uint64_t *words, uint32_t *ret_number)
{
	struct bitset_pool *pool = &builder->pool;

	if (pool->block_count > BITSET_BLOCK_MAX)
		return -ENOMEM;
	void *blocks = memory_reserve(pool->blocks, &builder->block_capacity, pool->block_count + 1,
		sizeof(*pool->blocks));
	if (blocks == NULL)
		return -ENOMEM;
	pool->blocks = blocks;
	memcpy(pool->blocks[pool->block_count], words, sizeof(*pool->blocks));
	*ret_number = (uint32_t)pool->block_count++;
	return 0;
}

/* The reference to a block with these words: one kept already, or a new one. */
static int intern_block(
	struct bitset_builder *builder, const uint64_t *words, uint32_t *ret_reference)
{
	struct bitset_index *index = &builder->block_index;
	uint64_t hash = 0;
	uint32_t nonzero = 0;

	for (uint32_t i = 0; i < BITSET_BLOCK_WORDS; i++) {
		hash = mix(hash ^ words[i]);
		nonzero |= (uint32_t)(words[i] != 0) << i;
	}
	if (nonzero == 0) {
		*ret_reference = 0;
		return 0;
	}
	if (index_reserve(index) != 0)
		return -ENOMEM;
	size_t at = hash & index->mask;
	for (; index->slots[at].value != 0; at = (at + 1) & index->mask) {
		const uint64_t *kept = builder->pool.blocks[index->slots[at].value];
		if (index->slots[at].hash == (uint32_t)hash &&
			memcmp(kept, words, sizeof(*builder->pool.blocks)) == 0)
			break;
	}
	if (index->slots[at].value == 0) {
		if (append_block(builder, words, &index->slots[at].value) != 0)
			return -ENOMEM;
		index->slots[at].hash = (uint32_t)hash;
		index->used++;
	}
	*ret_reference = nonzero << BITSET_WORDS_SHIFT | index->slots[at].value;
	return 0;
}

/* Bring the references, the summary and the hash of the working set up to date. */
static int intern_changed(struct bitset_builder *builder)
{
	for (uint32_t i = 0; i < builder->pool.summary_words; i++) {
		for (; builder->changed[i] != 0; builder->changed[i] &= builder->changed[i] - 1) {
			uint32_t bit = (uint32_t)__builtin_ctzll(builder->changed[i]);
			uint32_t block = i * 64 + bit;
			uint32_t reference;

			if (intern_block(builder, builder->words[block], &reference) != 0)
				return -ENOMEM;
			builder->hash -= reference_hash(block, builder->references[block]);
			builder->hash += reference_hash(block, reference);
			builder->references[block] = reference;
			builder->summary[i] &= ~(UINT64_C(1) << bit);
			builder->summary[i] |= (uint64_t)(reference != 0) << bit;
		}
	}
	return 0;
}

/* Write the working set as a record; returns its units. */
static size_t write_record(const struct bitset_builder *builder, uint32_t *record)
{
	uint32_t summary_words = builder->pool.summary_words;
	uint32_t *reference = record + 2 * summary_words;

	memcpy(record, builder->summary, summary_words * sizeof(*builder->summary));
	for (uint32_t i = 0; i < summary_words; i++)
		for (uint64_t rest = builder->summary[i]; rest != 0; rest &= rest - 1)
			*reference++ =
				builder->references[i * 64 + (uint32_t)__builtin_ctzll(rest)];
	return (size_t)(reference - record);
}

int bitset_init(struct bitset_builder *builder, uint32_t block_count)
{
	uint32_t summary_words = (block_count + 63) / 64;

	*builder = (struct bitset_builder){.set_blocks = block_count};
	builder->pool.summary_words = summary_words;
	builder->words = calloc(block_count, sizeof(*builder->words));
	builder->references = calloc(block_count, sizeof(*builder->references));
	builder->summary = calloc(summary_words, sizeof(*builder->summary));
	builder->changed = calloc(summary_words, sizeof(*builder->changed));
	builder->pool.records = memory_reserve(
		NULL, &builder->record_capacity, 2 * summary_words, sizeof(uint32_t));
	if (builder->words == NULL || builder->references == NULL || builder->summary == NULL ||
		builder->changed == NULL || builder->pool.records == NULL)
		goto fail;
	/* Block 0 and the class at offset 0 are the empty ones. */
	uint32_t zero;
	if (append_block(builder, builder->words[0], &zero) != 0)
		goto fail;
	builder->pool.record_units = write_record(builder, builder->pool.records);
	return 0;
fail:
	bitset_fini(builder);
	return -ENOMEM;
}

void bitset_fini(struct bitset_builder *builder)
{
	free(builder->words);
	free(builder->references);
	free(builder->summary);
	free(builder->changed);
	free(builder->block_index.slots);
	free(builder->record_index.slots);
	bitset_pool_fini(&builder->pool);
	*builder = (struct bitset_builder){0};
}

void bitset_put(struct bitset_builder *builder, uint32_t word, uint64_t mask, bool in)
{
	uint32_t block = word / BITSET_BLOCK_WORDS;
	uint64_t *bits = &builder->words[block][word % BITSET_BLOCK_WORDS];
	uint64_t wanted = in ? *bits | mask : *bits & ~mask;

	if (*bits == wanted)
		return;
	*bits = wanted;
	builder->changed[block / 64] |= UINT64_C(1) << (block % 64);
}

void bitset_clear(struct bitset_builder *builder)
{
	uint32_t summary_words = builder->pool.summary_words;

	memset(builder->words, 0, builder->set_blocks * sizeof(*builder->words));
	memset(builder->references, 0, builder->set_blocks * sizeof(*builder->references));
	memset(builder->summary, 0, summary_words * sizeof(*builder->summary));
	memset(builder->changed, 0, summary_words * sizeof(*builder->changed));
	builder->hash = 0;
}

/* The class of the working set, whose references are up to date. */
static int intern_record(struct bitset_builder *builder, uint32_t *ret_class)
{
	struct bitset_pool *pool = &builder->pool;
	struct bitset_index *index = &builder->record_index;

	if (index_reserve(index) != 0)
		return -ENOMEM;
	/* The record is written behind the others, and stays there when it is a new one. */
	size_t most = 2 * pool->summary_words + builder->set_blocks;
	void *records = memory_reserve(pool->records, &builder->record_capacity,
		pool->record_units + most, sizeof(*pool->records));
	if (records == NULL)
		return -ENOMEM;
	pool->records = records;
	uint32_t *record = &pool->records[pool->record_units];
	size_t units = write_record(builder, record);
	if (units == 2 * pool->summary_words) {
		*ret_class = 0;
		return 0;
	}
	size_t at = builder->hash & index->mask;
	for (; index->slots[at].value != 0; at = (at + 1) & index->mask) {
		const uint32_t *kept = &pool->records[index->slots[at].value];
		if (index->slots[at].hash == (uint32_t)builder->hash &&
			memcmp(kept, record, units * sizeof(*record)) == 0)
			break;
	}
	if (index->slots[at].value == 0) {
		if (pool->record_units > UINT32_MAX)
			return -ENOMEM;
		index->slots[at] = (struct bitset_slot){
			.hash = (uint32_t)builder->hash, .value = (uint32_t)pool->record_units};
		index->used++;
		pool->record_units += units;
	}
	*ret_class = index->slots[at].value;
	return 0;
}

int bitset_intern(struct bitset_builder *builder, uint32_t *ret_class)
{
	if (intern_changed(builder) != 0)
		return -ENOMEM;
	return intern_record(builder, ret_class);
}

/* The reference to what two blocks have in common. */
static int meet_blocks(
	struct bitset_builder *builder, uint32_t a, uint32_t b, uint32_t *ret_reference)
{
	const uint64_t *a_words = builder->pool.blocks[a & BITSET_BLOCK_MAX];
	const uint64_t *b_words = builder->pool.blocks[b & BITSET_BLOCK_MAX];
	uint64_t words[BITSET_BLOCK_WORDS];

	if (a == b) {
		*ret_reference = a;
		return 0;
	}
	for (uint32_t i = 0; i < BITSET_BLOCK_WORDS; i++)
		words[i] = a_words[i] & b_words[i];
	return intern_block(builder, words, ret_reference);
}

int bitset_meet(struct bitset_builder *builder, uint32_t a, uint32_t b, uint32_t *ret_class)
{
	uint32_t summary_words = builder->pool.summary_words;

	if (a == b) {
		*ret_class = a;
		return 0;
	}
	bitset_clear(builder);
	for (uint32_t i = 0; i < summary_words; i++) {
		const uint32_t *records = builder->pool.records;
		uint64_t both = bitset_summary(records + a, i) & bitset_summary(records + b, i);

		for (; both != 0; both &= both - 1) {
			uint32_t bit = (uint32_t)__builtin_ctzll(both), block = i * 64 + bit;
			uint32_t *reference = &builder->references[block];
			int result = meet_blocks(builder,
				bitset_reference(records + a, summary_words, i, bit),
				bitset_reference(records + b, summary_words, i, bit), reference);
			if (result != 0)
				return result;
			builder->hash += reference_hash(block, *reference);
			builder->summary[i] |= (uint64_t)(*reference != 0) << bit;
		}
	}
	return intern_record(builder, ret_class);
}

int bitset_finish(struct bitset_builder *builder, struct bitset_pool *ret_pool)
{
	struct bitset_pool pool = builder->pool;

	/* bitset_reference() may read one unit past the last record. */
	pool.record_units++;
	pool.blocks = memory_table(pool.block_count * sizeof(*pool.blocks));
	pool.records = memory_table(pool.record_units * sizeof(*pool.records));
	if (pool.blocks == NULL || pool.records == NULL) {
		bitset_pool_fini(&pool);
		return -ENOMEM;
	}
	memcpy(pool.blocks, builder->pool.blocks, pool.block_count * sizeof(*pool.blocks));
	memcpy(pool.records, builder->pool.records,
		builder->pool.record_units * sizeof(*pool.records));
	*ret_pool = pool;
	return 0;
}

void bitset_pool_fini(struct bitset_pool *pool)
{
	free(pool->blocks);
	free(pool->records);
}

size_t bitset_pool_memory(const struct bitset_pool *pool)
{
	return pool->block_count * sizeof(*pool->blocks) +
		pool->record_units * sizeof(*pool->records);
}
