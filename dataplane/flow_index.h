/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * flow_index: which position of a flow table a hash may be at.
 *
 * Overview: open addressing by buckets of half a cache line. A bucket has a byte of the hash and the
 * position of each of its entries, the bytes side by side in one word, so that they are compared at
 * once. An entry that finds its bucket full goes to the next one that is not, and each bucket counts
 * those that went past it: a search ends where none did. Nothing is ever moved. The keys are with the
 * table, which is to compare them. Whoever cannot choose hashes cannot make a long search:
 * hash.h.
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

enum { FLOW_BUCKET_SLOTS = 6 };

struct flow_bucket {
	uint64_t tags; /* a byte a slot, the first one lowest, 0: free; and 16 bits: gone past */
	uint32_t positions[FLOW_BUCKET_SLOTS];
};

static_assert(sizeof(struct flow_bucket) == 32, "two in a cache line");

struct flow_index {
	struct flow_bucket *buckets;
	uint32_t count; /* of buckets */
};

#define FLOW_INDEX_BYTES UINT64_C(0x0000010101010101)
#define FLOW_INDEX_TOPS UINT64_C(0x0000808080808080)
#define FLOW_INDEX_PAST (UINT64_C(1) << 48)

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
	return 0x80 | hash;
}

/* The top bit of each slot's byte whose tag it is; now and then of one above such a slot, too. */
static inline uint64_t flow_index_match(const struct flow_bucket *bucket, uint8_t tag)
{
	uint64_t differences = bucket->tags ^ tag * FLOW_INDEX_BYTES;

	return (differences - FLOW_INDEX_BYTES) & ~differences & FLOW_INDEX_TOPS;
}

static inline uint32_t flow_index_position(const struct flow_bucket *bucket, uint64_t match)
{
	return bucket->positions[(unsigned)__builtin_ctzll(match) >> 3];
}

/* A position that the hash, whose search begins in bucket, is likely at: nearly always right, never
 * to be relied on. Without a match it is what the last slot has, or had, or 0. */
static inline uint32_t flow_index_guess(const struct flow_bucket *bucket, uint32_t hash)
{
	const uint64_t last = UINT64_C(0x80) << 8 * (FLOW_BUCKET_SLOTS - 1);

	return flow_index_position(bucket, flow_index_match(bucket, flow_index_tag(hash)) | last);
}

#endif
