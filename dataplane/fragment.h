/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fragment: the ports of fragmented datagrams, remembered from their first fragments.
 *
 * A bounded table, a few entries a hash bucket; the oldest of a bucket gives way. An entry is good
 * for 30 seconds, the reassembly time of RFC 791 section 3.2 as commonly set.
 */
#ifndef TIDEGATE_DATAPLANE_FRAGMENT_H
#define TIDEGATE_DATAPLANE_FRAGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/hash.h"

/* A datagram: its addresses (IPv4 in the first 4 bytes, the rest zero), identification and
 * protocol with VLANs. */
struct fragment_key {
	uint8_t source[16];
	uint8_t destination[16];
	uint32_t id;
	uint32_t domain; /* KEY_DOMAIN() */
	uint32_t version;
	uint32_t zero;
};

struct fragment_table;

/* buckets: a power of two. Returns NULL without memory. */
struct fragment_table *fragment_table_create(uint32_t buckets, const struct hash_secret *secret);
void fragment_table_destroy(struct fragment_table *table);

/* Memory of a table in bytes. */
uint64_t fragment_table_size(uint32_t buckets);

void fragment_remember(struct fragment_table *table, const struct fragment_key *key,
	const uint16_t ports[2], uint64_t now);

/* Whether the datagram's first fragment was seen; then ports are its source and destination. */
bool fragment_recall(const struct fragment_table *table, const struct fragment_key *key,
	uint64_t now, uint16_t ret_ports[2]);

#endif
