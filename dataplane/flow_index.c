/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/flow_index.h"

#include <errno.h>

#include <rte_common.h>
#include <rte_malloc.h>

uint32_t flow_index_buckets(uint32_t positions)
{
	return ((uint64_t)positions + positions / 3) / FLOW_BUCKET_SLOTS + 1;
}

int flow_index_init(struct flow_index *index, const char *name, uint32_t positions, int socket)
{
	index->count = flow_index_buckets(positions);
	index->buckets = rte_zmalloc_socket(
		name, (size_t)index->count * sizeof(*index->buckets), RTE_CACHE_LINE_SIZE, socket);
	return index->buckets != NULL ? 0 : -ENOMEM;
}

void flow_index_fini(struct flow_index *index)
{
	rte_free(index->buckets);
	index->buckets = NULL;
}

static struct flow_bucket *next_bucket(struct flow_index *index, struct flow_bucket *bucket)
{
	return bucket + 1 < index->buckets + index->count ? bucket + 1 : index->buckets;
}

/* A count that is at its most stays there: searches go on for nothing, and find all the same. */
static void count_past(struct flow_bucket *bucket, uint32_t hash, int step)
{
	uint8_t *past = &bucket->past[flow_index_past(hash)];

	if (*past != UINT8_MAX)
		*past += step;
}

void flow_index_add(struct flow_index *index, uint32_t hash, uint32_t position)
{
	struct flow_bucket *bucket = &index->buckets[flow_index_home(index, hash)];
	unsigned unused, slot;

	while ((unused = flow_index_match(bucket, 0)) == 0) {
		count_past(bucket, hash, 1);
		bucket = next_bucket(index, bucket);
	}
	slot = (unsigned)__builtin_ctz(unused);
	bucket->tags[slot] = flow_index_tag(hash);
	bucket->positions[slot] = position;
}

void flow_index_remove(struct flow_index *index, uint32_t hash, uint32_t position)
{
	struct flow_bucket *bucket = &index->buckets[flow_index_home(index, hash)];

	for (;; bucket = next_bucket(index, bucket)) {
		unsigned match = flow_index_match(bucket, flow_index_tag(hash));

		while (match != 0 && flow_index_position(bucket, match) != position)
			match &= match - 1;
		if (match != 0) {
			bucket->tags[__builtin_ctz(match)] = 0;
			return;
		}
		count_past(bucket, hash, -1);
	}
}
