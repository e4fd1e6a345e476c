/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * flow: a worker's flow table of one IP version.
 *
 * Overview: flows[position] and keys[position] hold a flow's entry and its key, and flow_index finds
 * the positions that a key's hash may be at. Walks and expiry go by position alone. The position of
 * an entry is stable while it lives.
 *
 * Synchronisation: the owning worker alone touches a table.
 */
#ifndef TIDEGATE_DATAPLANE_FLOW_H
#define TIDEGATE_DATAPLANE_FLOW_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <rte_memory.h>
#include <rte_prefetch.h>

#include "dataplane/dataplane.h"
#include "dataplane/flow_index.h"
#include "dataplane/hash.h"
#include "dataplane/packet.h"
#include "dataplane/sctp.h"
#include "dataplane/tcp.h"
#include "dataplane/unreplied.h"

/* What a rule decided for a whole flow. */
enum decision { DECISION_NONE, DECISION_PASS, DECISION_DROP, DECISION_REJECT };

/*
 * All that the packet path needs of an established flow, in one cache line. Rules are named by the
 * place of their counters, see policy.h.
 */
struct flow {
	uint64_t packets[2]; /* forward, reverse */
	uint64_t bytes[2];
	uint64_t first_seen; /* nanoseconds */
	uint64_t last_seen;
	uint32_t rule;		/* place of the stateful rule that decided, or of the default */
	uint32_t generation;	/* of the policy that judged it */
	uint16_t stateless[2];	/* by direction: place of the stateless rule */
	uint8_t state;		/* enum flow_state; FLOW_FREE: no entry at this position */
	uint8_t timeout : 4;	/* enum timeout, by protocol and state */
	uint8_t source_end : 1; /* which end of the key sent the first packet */
	uint8_t midstream : 1;	/* picked up without its SYN or INIT */
	uint8_t dropped : 1;	/* the last judgement was to drop */
	uint8_t asked_back : 1; /* ICMP: the other end has sent a request, too */
	uint8_t passes : 4;	/* bit of each situation whose packets pass, see verdict.h */
	uint8_t judged : 4;	/* bit of each situation that the stateful rules have judged */
	uint8_t decision : 2;	/* enum decision */
	uint8_t related : 1;	/* made by ICMP that the stateful rules do not judge: related.h */
	uint8_t passed : 1;	/* a packet of it has passed, now or long ago */
	uint8_t stateless_actions : 4; /* 2 bits a direction: enum stateless_action + 1; 0: ask */
} __rte_cache_aligned;

static_assert(TIMEOUT_COUNT <= 16, "4 bits");
static_assert(sizeof(struct flow) == RTE_CACHE_LINE_SIZE, "one cache line of a flow entry");

/* What was made of a flow, all behind its times, for a packet: the packet's direction is in place of
 * the end that the flow began from. Packets with the same words are judged alike. */
struct flow_words {
	uint64_t rule;	/* and generation */
	uint64_t state; /* and all behind it */
};

static_assert(offsetof(struct flow, rule) + sizeof(struct flow_words) == sizeof(struct flow),
	"the words of an entry");

/* end: of the key, that sent the packet. */
static inline struct flow_words flow_words(const struct flow *flow, unsigned end)
{
	static const struct flow source_end = {.source_end = 1};
	struct flow_words words, one;

	memcpy(&words, &flow->rule, sizeof(words));
	memcpy(&one, &source_end.rule, sizeof(one));
	words.state ^= end * one.state;
	return words;
}

/* What flows of these protocols need beside. */
union connection {
	struct tcp tcp;
	struct sctp sctp;
};

static_assert(sizeof(union connection) == RTE_CACHE_LINE_SIZE, "another cache line");

static inline bool flow_has_connection(uint8_t protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_SCTP;
}

/*
 * Where the first packet of a connection came from, for a packet to either end that no packet asks
 * for. VLAN identifiers are in the key.
 */
struct link_path {
	uint8_t source[6]; /* Ethernet addresses of that packet */
	uint8_t destination[6];
	uint8_t port; /* that it came in by */
	uint8_t tag_count;
	uint8_t tag_types[2]; /* high bytes of the ethertypes, the outermost first */
};

static_assert(sizeof(struct link_path) == 16, "four in a cache line");

struct flow_table {
	struct flow_index index;
	struct flow *flows;	       /* by position */
	union connection *connections; /* likewise */
	struct link_path *paths;       /* likewise, of TCP */
	void *keys;		       /* struct flow_key4 or flow_key6, by position */
	uint32_t positions;
	uint32_t count;
	uint32_t capacity;
	uint32_t key_size;
	uint32_t begun;		    /* positions from here on never had an entry */
	uint32_t free;		    /* position + 1 of one that had; its newer link: the next */
	struct unreplied unreplied; /* the flows that are FLOW_NEW */
	struct hash_secret secret;
	uint8_t version; /* 4 or 6 */
};

/* A table for capacity flows; name is unique in the process. Returns 0 or -errno. */
int flow_table_init(struct flow_table *table, const char *name, uint8_t version, uint32_t capacity,
	const struct hash_secret *secret, int socket);
void flow_table_fini(struct flow_table *table);

/* Memory that a table of this capacity takes, in bytes, rounded up. */
uint64_t flow_table_size(uint8_t version, uint32_t capacity);

static inline uint32_t flow_hash4(const struct hash_secret *secret, const struct flow_key4 *key)
{
	uint32_t ports;

	/* As the words of which the key was made: compilers need not read them again. */
	memcpy(&ports, key->ports, sizeof(ports));
	return hash_four(secret, key->addresses[0], key->addresses[1], ports, key->domain);
}

static inline uint32_t flow_hash6(const struct hash_secret *secret, const struct flow_key6 *key)
{
	/* The padding is zero in every key. */
	return hash_words(secret, key, offsetof(struct flow_key6, zero) / sizeof(uint32_t));
}

static inline uint32_t flow_hash(const struct flow_table *table, const void *key)
{
	return table->version == 4 ? flow_hash4(&table->secret, key)
				   : flow_hash6(&table->secret, key);
}

static inline const void *flow_key(const struct flow_table *table, uint32_t position)
{
	return (const char *)table->keys + (size_t)position * table->key_size;
}

/* What a lookup of this hash reads first. */
static inline const struct flow_bucket *flow_bucket(const struct flow_table *table, uint32_t hash)
{
	return &table->index.buckets[flow_index_home(&table->index, hash)];
}

/* Whether two keys of a table are the same. */
static inline bool flow_key4_is(const struct flow_key4 *a, const struct flow_key4 *b)
{
	uint64_t x[2], y[2];

	memcpy(x, a, sizeof(x));
	memcpy(y, b, sizeof(y));
	return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
}

/* Whether the entry at a position, which may have ended, is that of a key. */
static inline bool flow_is(const struct flow_table *table, uint32_t position, const void *key)
{
	return table->version == 4
		? flow_key4_is((const struct flow_key4 *)table->keys + position, key)
		: memcmp(flow_key(table, position), key, sizeof(struct flow_key6)) == 0;
}

/* Position of the key, or negative. */
int32_t flow_lookup(const struct flow_table *table, const void *key, uint32_t hash);

/* Add a key that is not in the table. Returns its position, the entry all zero; or -ENOSPC when
 * the table holds its capacity. */
int32_t flow_insert(struct flow_table *table, const void *key, uint32_t hash);

/* The most unreplied flows: of the capacity an eighth is for conversations alone. */
static inline uint32_t flow_unreplied_max(const struct flow_table *table)
{
	return table->capacity - table->capacity / 8;
}

/* Keep the list of unreplied flows: the entry's state was before, and may be another now. */
static inline void flow_note_state(struct flow_table *table, uint32_t position, uint8_t before)
{
	uint8_t now = table->flows[position].state;

	if (likely(before == now))
		return;
	if (now == FLOW_NEW)
		unreplied_add(&table->unreplied, position);
	else if (before == FLOW_NEW)
		unreplied_remove(&table->unreplied, position);
}

/* Remove the entry at a position. */
void flow_remove(struct flow_table *table, uint32_t position);

/* Have what the removal of the FLOW_WARM oldest unreplied flows reads in the caches: their lines are
 * read side by side, which one removal after the other would wait for. */
enum { FLOW_WARM = 16 };
void flow_warm_unreplied(struct flow_table *table);

/* Copy an entry with its key to a record; now is what ages count to. */
void flow_to_record(const struct flow_table *table, uint32_t position, uint64_t now,
	struct flow_record *record);

#endif
