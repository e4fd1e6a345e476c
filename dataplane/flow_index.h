/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * flow_index: which position of a flow table a hash may be at.
 *
 * Overview: open addressing by buckets of a cache line. A bucket has a byte of the hash and the
 * position of each of its entries, the bytes side by side, so that they are compared at once. An
 * entry that finds its bucket full goes to the next one that is not, and each bucket counts those
 * that went past it, apart by two more bits of the hash: a search ends where none that is like its
 * own did. Nothing is ever moved. The keys are with the table, which is to compare them. Whoever
 * cannot choose hashes cannot make a long search: hash.h.
 *
 * Where entries come and go all the time, a bucket has been full once for nearly everyone, and
 * nearly every count of one bucket alone would not be 0: at three quarters full, a search for what is
 * not there would go through three buckets, and six of half the size, in place of 1.7.
 *
 * Why not rte_hash: the same search takes it 137 instructions a key, and 47 to 67 bytes a flow more.
 *
 * Synchronisation: the owning worker alone.
 */
#ifndef TIDEGATE_DATAPLANE_FLOW_INDEX_H
#define TIDEGATE_DATAPLANE_FLOW_INDEX_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

/* A test defines PORTABLE: what other processors do. */
#if defined(__SSE2__) && !defined(PORTABLE)
#include <emmintrin.h>
#define FLOW_INDEX_SSE2
#endif

enum { FLOW_BUCKET_SLOTS = 12, FLOW_BUCKET_PASTS = 4 };

struct flow_bucket {
	uint8_t tags[FLOW_BUCKET_SLOTS]; /* 0: free */
	uint8_t past[FLOW_BUCKET_PASTS]; /* entries that went past, by flow_index_past() */
	uint32_t positions[FLOW_BUCKET_SLOTS];
};

static_assert(sizeof(struct flow_bucket) == 64, "a cache line");

struct flow_index {
	struct flow_bucket *buckets;
	uint32_t count; /* of buckets */
};

/* For so many positions, on a NUMA node. Returns 0 or -ENOMEM. */
int flow_index_init(struct flow_index *index, const char *name, uint32_t positions, int socket);
void flow_index_fini(struct flow_index *index);

/* Buckets for so many positions: a quarter of the slots stays free. */
uint32_t flow_index_buckets(uint32_t positions);

/* Enter a position, one that is free; there are never more than the index is for. */
void flow_index_add(struct flow_index *index, uint32_t hash, uint32_t position);

/* Take out a position that was entered with this hash. */
void flow_index_remove(struct flow_index *index, uint32_t hash, uint32_t position);

/* Where a search begins: a number below count, from the hash's upper bits. */
static inline uint32_t flow_index_home(const struct flow_index *index, uint32_t hash)
{
	return (uint64_t)hash * index->count >> 32;
}

/* Never 0. */
static inline uint8_t flow_index_tag(uint32_t hash)
{
	uint8_t tag = (uint8_t)hash;

	return tag + (tag == 0);
}

/* Which of a bucket's counts is the hash's. */
static inline unsigned flow_index_past(uint32_t hash)
{
	return hash >> 8 & (FLOW_BUCKET_PASTS - 1);
}

/* A bit for each slot that has the tag. */
static inline unsigned flow_index_match(const struct flow_bucket *bucket, uint8_t tag)
{
#ifdef FLOW_INDEX_SSE2
	__m128i tags = _mm_load_si128((const __m128i *)bucket->tags);

	return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(tags, _mm_set1_epi8((char)tag))) &
		((1 << FLOW_BUCKET_SLOTS) - 1);
#else
	unsigned match = 0;

	for (unsigned slot = 0; slot < FLOW_BUCKET_SLOTS; slot++)
		match |= (unsigned)(bucket->tags[slot] == tag) << slot;
	return match;
#endif
}

/* The position in the first slot of a match that is not 0. */
static inline uint32_t flow_index_position(const struct flow_bucket *bucket, unsigned match)
{
	return bucket->positions[__builtin_ctz(match)];
}

/* A position that the hash, whose search begins in bucket, is likely at: nearly always right, never
 * to be relied on. Without a match it is 0, one line for all who are not there. */
static inline uint32_t flow_index_guess(const struct flow_bucket *bucket, uint32_t hash)
{
	unsigned match = flow_index_match(bucket, flow_index_tag(hash));

	return match != 0 ? flow_index_position(bucket, match) : 0;
}

#endif
