/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/fragment.h"

#include <assert.h>
#include <string.h>

#include <rte_common.h>
#include <rte_malloc.h>

#include "dataplane/dataplane.h"

enum { BUCKET_ENTRIES = 4 };

#define FRAGMENT_LIFETIME (30 * NANOSECONDS)

struct entry {
	struct fragment_key key;
	uint64_t seen; /* 0: free */
	uint16_t ports[2];
};

struct fragment_table {
	struct hash_secret secret;
	uint32_t mask;
	struct entry entries[]; /* BUCKET_ENTRIES a bucket */
};

static_assert(sizeof(struct fragment_key) == 12 * sizeof(uint32_t), "hashed as 12 words");

uint64_t fragment_table_size(uint32_t buckets)
{
	return sizeof(struct fragment_table) +
		(uint64_t)buckets * BUCKET_ENTRIES * sizeof(struct entry);
}

struct fragment_table *fragment_table_create(uint32_t buckets, const struct hash_secret *secret)
{
	struct fragment_table *table;

	assert(rte_is_power_of_2(buckets));
	table = rte_zmalloc("fragments", fragment_table_size(buckets), RTE_CACHE_LINE_SIZE);
	if (table == NULL)
		return NULL;
	table->secret = *secret;
	table->mask = buckets - 1;
	return table;
}

void fragment_table_destroy(struct fragment_table *table)
{
	rte_free(table);
}

static const struct entry *bucket_of(
	const struct fragment_table *table, const struct fragment_key *key)
{
	uint32_t hash = hash_words(&table->secret, key, sizeof(*key) / sizeof(uint32_t));

	return &table->entries[(size_t)(hash & table->mask) * BUCKET_ENTRIES];
}

static bool entry_is(const struct entry *entry, const struct fragment_key *key)
{
	return entry->seen != 0 && memcmp(&entry->key, key, sizeof(*key)) == 0;
}

void fragment_remember(struct fragment_table *table, const struct fragment_key *key,
	const uint16_t ports[2], uint64_t now)
{
	struct entry *bucket = (struct entry *)bucket_of(table, key);
	struct entry *chosen = &bucket[0];

	for (unsigned i = 0; i < BUCKET_ENTRIES; i++) {
		if (entry_is(&bucket[i], key)) {
			chosen = &bucket[i];
			break;
		}
		if (bucket[i].seen < chosen->seen)
			chosen = &bucket[i];
	}
	chosen->key = *key;
	chosen->ports[0] = ports[0];
	chosen->ports[1] = ports[1];
	chosen->seen = now + 1; /* a clock at 0 is not free */
}

bool fragment_recall(const struct fragment_table *table, const struct fragment_key *key,
	uint64_t now, uint16_t ret_ports[2])
{
	const struct entry *bucket = bucket_of(table, key);

	for (unsigned i = 0; i < BUCKET_ENTRIES; i++) {
		if (!entry_is(&bucket[i], key) || now > bucket[i].seen + FRAGMENT_LIFETIME)
			continue;
		ret_ports[0] = bucket[i].ports[0];
		ret_ports[1] = bucket[i].ports[1];
		return true;
	}
	return false;
}
