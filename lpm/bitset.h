/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bitset: sets of positions, each distinct set kept once as a class.
 *
 * Overview: positions come in blocks of 512, eight words of 64. A class is a record of 32-bit
 * units: first its summary, one bit for each block in which it has any position; then a reference
 * for each such block: which of the block's words are non-zero, and the number of the block. Equal
 * blocks are kept once, and so are equal records. What all classes have, like the matches with
 * ANY, costs each of them 4 bytes for 512 positions, and what it has for itself one reference
 * more; plain bitsets would take 3,750 bytes a class at 30,000 matches. A class is named by the
 * offset of its record; 0 is the empty set.
 *
 * Limits: 2^24 blocks and 2^32 units of records; what needs more is refused as -ENOMEM.
 *
 * Life-cycle: bitset_init(), then bitset_put() and bitset_intern() as often as wanted, then
 * bitset_finish() hands out what lookups need; bitset_fini() in any case.
 */
#ifndef TIDEGATE_LPM_BITSET_H
#define TIDEGATE_LPM_BITSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <rte_common.h>

enum { BITSET_BLOCK_WORDS = 8, BITSET_BLOCK_BITS = 512 };

/* A reference: non-zero words of the block in the high 8 bits, and its number below. */
enum { BITSET_WORDS_SHIFT = 24, BITSET_BLOCK_MAX = (1 << 24) - 1 };

/* The classes, as lookups read them. */
struct bitset_pool {
	uint64_t (*blocks)[BITSET_BLOCK_WORDS];
	uint32_t *records;
	size_t block_count;
	size_t record_units;
	uint32_t summary_words; /* of every record, 64 bits each */
};

struct bitset_slot;

/* Hash table of what is kept already. */
struct bitset_index {
	struct bitset_slot *slots;
	size_t mask; /* number of slots less 1 */
	size_t used;
};

struct bitset_builder {
	struct bitset_pool pool;
	size_t block_capacity;
	size_t record_capacity;
	struct bitset_index block_index;
	struct bitset_index record_index;
	uint32_t set_blocks; /* blocks in a set */
	/* The set that is being worked on. */
	uint64_t (*words)[BITSET_BLOCK_WORDS];
	uint32_t *references; /* by block; 0: the block is empty */
	uint64_t *summary;
	uint64_t *changed; /* blocks whose reference is out of date */
	uint64_t hash;	   /* over the references */
};

/* Sets of block_count × 512 positions. Returns 0 or -ENOMEM. */
int bitset_init(struct bitset_builder *builder, uint32_t block_count);
void bitset_fini(struct bitset_builder *builder);

/* Put the positions of mask in a word, word × 64 and on, into the working set or take them out. */
void bitset_put(struct bitset_builder *builder, uint32_t word, uint64_t mask, bool in);

/* Empty the working set. */
void bitset_clear(struct bitset_builder *builder);

/* The class of the working set. Returns 0 or -ENOMEM. */
int bitset_intern(struct bitset_builder *builder, uint32_t *ret_class);

/*
 * The class of what two classes have in common. The working set is lost; bitset_clear() before
 * bitset_put(). Returns 0 or -ENOMEM.
 */
int bitset_meet(struct bitset_builder *builder, uint32_t a, uint32_t b, uint32_t *ret_class);

/* Hand the classes over, in tables of their exact size. Returns 0 or -ENOMEM. */
int bitset_finish(struct bitset_builder *builder, struct bitset_pool *ret_pool);
void bitset_pool_fini(struct bitset_pool *pool);
size_t bitset_pool_memory(const struct bitset_pool *pool);

/* Word i of the record's summary. */
static __rte_always_inline uint64_t bitset_summary(const uint32_t *record, uint32_t i)
{
	uint64_t word;

	memcpy(&word, record + 2 * i, sizeof(word));
	return word;
}

/*
 * The record's reference to block i × 64 + bit, if the summary has that block. If not, something
 * without a meaning that is safe to read.
 */
static __rte_always_inline uint32_t bitset_reference(
	const uint32_t *record, uint32_t summary_words, uint32_t i, uint32_t bit)
{
	uint64_t before = bitset_summary(record, i) & ((UINT64_C(1) << bit) - 1);
	uint32_t rank = (uint32_t)__builtin_popcountll(before);

	for (uint32_t j = 0; j < i; j++)
		rank += (uint32_t)__builtin_popcountll(bitset_summary(record, j));
	return record[2 * summary_words + rank];
}

#endif
