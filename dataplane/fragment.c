/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/fragment.h"

#include <assert.h>
#include <string.h>
#include <sys/queue.h>

#include <rte_common.h>
#include <rte_malloc.h>

enum {
	BUCKET_ENTRIES = 4,
	EXPIRE_SLICE = 16,    /* about 0.15 µs each, out of a cold cache */
	DATAGRAM_MAX = 65535, /* bytes: RFC 791 section 3.1, RFC 8200 section 4.5 */
	IPV6_HEADERS = 40 + 8 /* not counted in a payload length, or not there in the whole */
};

/* A datagram: its addresses (IPv4 in the first 4 bytes, the rest zero), identification and VLANs;
 * of IPv4 the protocol too, while later fragments of IPv6 may name another one (RFC 8200 section
 * 4.5). */
struct datagram_key {
	uint8_t source[16];
	uint8_t destination[16];
	uint32_t id;
	uint32_t domain; /* KEY_DOMAIN() */
	uint32_t version;
	uint32_t zero;
};

static_assert(sizeof(struct datagram_key) == 12 * sizeof(uint32_t), "hashed as 12 words");

/* Bytes of the datagram: [begin, end). */
struct piece {
	uint16_t begin;
	uint16_t end;
};

STAILQ_HEAD(waiting_list, waiting);

struct entry {
	struct datagram_key key;
	uint64_t expires; /* nanoseconds; 0: free */
	struct waiting_list waiting;
	uint32_t bytes;	 /* of all pieces */
	uint16_t length; /* of the datagram; 0: the last fragment was not seen */
	uint8_t piece_count;
	uint8_t bad;	/* enum drop_reason of all further fragments, or DROP_NONE */
	uint8_t denied; /* of its first fragment, or DROP_NONE */
	bool has_first; /* it was seen */
	struct first_fragment first;
	struct piece pieces[FRAGMENT_PIECES];
};

/* A fragment that waits, or has just stopped. */
struct waiting {
	TAILQ_ENTRY(waiting) by_age;
	STAILQ_ENTRY(waiting) next; /* of its datagram; of the ready or the free ones */
	struct entry *entry;
	struct rte_mbuf *mbuf;
	uint64_t since;
	struct packet packet;
	uint8_t reason; /* once ready */
};

struct fragment_table {
	struct hash_secret secret;
	uint32_t mask;
	uint32_t buffers; /* of all that wait */
	TAILQ_HEAD(, waiting) oldest;
	struct waiting_list ready;
	struct waiting_list unused;
	struct waiting slots[FRAGMENT_WAITING];
	struct entry entries[]; /* BUCKET_ENTRIES a bucket */
};

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
	TAILQ_INIT(&table->oldest);
	STAILQ_INIT(&table->ready);
	STAILQ_INIT(&table->unused);
	for (unsigned i = 0; i < FRAGMENT_WAITING; i++)
		STAILQ_INSERT_TAIL(&table->unused, &table->slots[i], next);
	for (size_t i = 0; i < (size_t)buckets * BUCKET_ENTRIES; i++)
		STAILQ_INIT(&table->entries[i].waiting);
	return table;
}

void fragment_table_destroy(struct fragment_table *table)
{
	struct waiting *waiting;

	if (table == NULL)
		return;
	TAILQ_FOREACH(waiting, &table->oldest, by_age)
		rte_pktmbuf_free(waiting->mbuf);
	rte_free(table);
}

static void key_of(const struct packet *packet, struct datagram_key *key)
{
	unsigned end = packet->end;

	memset(key, 0, sizeof(*key));
	key->id = packet->fragment_id;
	key->version = packet->version;
	if (packet->version == 4) {
		memcpy(key->source, &packet->key.v4.addresses[end], 4);
		memcpy(key->destination, &packet->key.v4.addresses[!end], 4);
		key->domain = packet->key.v4.domain;
	} else {
		memcpy(key->source, packet->key.v6.addresses[end], 16);
		memcpy(key->destination, packet->key.v6.addresses[!end], 16);
		key->domain = packet->key.v6.domain & KEY_DOMAIN(0, 0xfff, 0xfff);
	}
}

/* The keyed hash is linear in each word, so that identifications counted up, as they are, may fall
 * into few buckets, by the secret. The finalizer of MurmurHash3 breaks that. */
static uint32_t hash_key(const struct hash_secret *secret, const struct datagram_key *key)
{
	uint32_t hash = hash_words(secret, key, sizeof(*key) / sizeof(uint32_t));

	hash = (hash ^ hash >> 16) * 0x85ebca6b;
	hash = (hash ^ hash >> 13) * 0xc2b2ae35;
	return hash ^ hash >> 16;
}

uint32_t fragment_hash(const struct hash_secret *secret, const struct packet *packet)
{
	struct datagram_key key;

	key_of(packet, &key);
	return hash_key(secret, &key);
}

static const struct entry *bucket_of(
	const struct fragment_table *table, const struct datagram_key *key)
{
	return &table->entries[(size_t)(hash_key(&table->secret, key) & table->mask) *
		BUCKET_ENTRIES];
}

static const struct entry *find(
	const struct entry *bucket, const struct datagram_key *key, uint64_t now)
{
	for (unsigned i = 0; i < BUCKET_ENTRIES; i++)
		if (now <= bucket[i].expires && memcmp(&bucket[i].key, key, sizeof(*key)) == 0)
			return &bucket[i];
	return NULL;
}

/* All that wait for the datagram's first fragment stop: dropped for a reason, or DROP_NONE and
 * with what that one told. */
static void release(struct fragment_table *table, struct entry *entry, enum drop_reason reason)
{
	struct waiting *waiting;

	while ((waiting = STAILQ_FIRST(&entry->waiting)) != NULL) {
		STAILQ_REMOVE_HEAD(&entry->waiting, next);
		TAILQ_REMOVE(&table->oldest, waiting, by_age);
		waiting->reason = reason;
		if (reason == DROP_NONE)
			packet_follow(&waiting->packet, &entry->first);
		STAILQ_INSERT_TAIL(&table->ready, waiting, next);
	}
}

static bool is_due(const struct waiting *waiting, uint64_t now)
{
	return waiting != NULL && now > waiting->since + FRAGMENT_WAIT;
}

bool fragment_due(const struct fragment_table *table, uint64_t now)
{
	return is_due(TAILQ_FIRST(&table->oldest), now);
}

/* One that waited too long, the oldest of its datagram, is dropped. With the last one the datagram
 * is forgotten: its first fragment was not there, so that nothing of it went on. */
static void expire(struct fragment_table *table, struct waiting *waiting)
{
	struct entry *entry = waiting->entry;

	TAILQ_REMOVE(&table->oldest, waiting, by_age);
	STAILQ_REMOVE_HEAD(&entry->waiting, next);
	waiting->reason = DROP_FRAGMENT_ORPHAN;
	STAILQ_INSERT_TAIL(&table->ready, waiting, next);
	if (STAILQ_EMPTY(&entry->waiting))
		entry->expires = 0;
}

/* Those of one datagram that waited too long, before anything else becomes of it. */
static void expire_entry(struct fragment_table *table, struct entry *entry, uint64_t now)
{
	while (is_due(STAILQ_FIRST(&entry->waiting), now))
		expire(table, STAILQ_FIRST(&entry->waiting));
}

/* The datagram's entry, made if there is none. */
static struct entry *find_or_make(
	struct fragment_table *table, const struct packet *packet, uint64_t now)
{
	struct datagram_key key;
	struct entry *bucket, *entry;

	key_of(packet, &key);
	bucket = (struct entry *)bucket_of(table, &key);
	entry = (struct entry *)find(bucket, &key, now);
	if (entry != NULL) {
		expire_entry(table, entry, now);
		if (entry->expires != 0)
			return entry;
	}
	entry = &bucket[0];
	for (unsigned i = 1; i < BUCKET_ENTRIES; i++)
		if (bucket[i].expires < entry->expires)
			entry = &bucket[i];
	expire_entry(table, entry, now);
	release(table, entry, DROP_FRAGMENT_LIMIT);
	memset(entry, 0, offsetof(struct entry, pieces));
	STAILQ_INIT(&entry->waiting);
	entry->key = key;
	entry->expires = now + FRAGMENT_LIFETIME;
	entry->bad = DROP_NONE;
	entry->denied = DROP_NONE;
	return entry;
}

bool fragment_ready(const struct fragment_table *table)
{
	return !STAILQ_EMPTY(&table->ready);
}

struct rte_mbuf *fragment_next(
	struct fragment_table *table, struct packet *ret_packet, enum drop_reason *ret_reason)
{
	struct waiting *waiting = STAILQ_FIRST(&table->ready);

	if (waiting == NULL)
		return NULL;
	STAILQ_REMOVE_HEAD(&table->ready, next);
	STAILQ_INSERT_HEAD(&table->unused, waiting, next);
	table->buffers -= waiting->mbuf->nb_segs;
	*ret_packet = waiting->packet;
	*ret_reason = waiting->reason;
	return waiting->mbuf;
}

/* Whether there was room for it to wait. */
static bool wait_for_first(struct fragment_table *table, struct entry *entry, struct rte_mbuf *mbuf,
	const struct packet *packet, uint64_t now)
{
	struct waiting *waiting;

	if (table->buffers + mbuf->nb_segs > FRAGMENT_WAITING)
		return false;
	table->buffers += mbuf->nb_segs;
	/* A slot has one buffer at least. */
	waiting = STAILQ_FIRST(&table->unused);
	STAILQ_REMOVE_HEAD(&table->unused, next);
	waiting->entry = entry;
	waiting->mbuf = mbuf;
	waiting->since = now;
	waiting->packet = *packet;
	TAILQ_INSERT_TAIL(&table->oldest, waiting, by_age);
	STAILQ_INSERT_TAIL(&entry->waiting, waiting, next);
	return true;
}

/* What is wrong with a fragment in itself. */
static enum drop_reason check(const struct packet *packet)
{
	uint32_t whole = packet->fragment_offset + packet->length -
		(packet->version == 4 ? 0 : IPV6_HEADERS);

	if (packet->fragment_length == 0 ||
		(!packet->last_fragment && packet->fragment_length % 8 != 0))
		return DROP_FRAGMENT_LENGTH;
	return whole > DATAGRAM_MAX ? DROP_FRAGMENT_TOO_LONG : DROP_NONE;
}

/* Add a fragment's bytes to those seen, unless that is wrong. */
static enum drop_reason add_piece(struct entry *entry, const struct packet *packet)
{
	uint16_t begin = packet->fragment_offset;
	uint16_t end = begin + packet->fragment_length;

	if (entry->length != 0 &&
		(packet->last_fragment ? end != entry->length : end >= entry->length))
		return DROP_FRAGMENT_OVERLAP;
	for (unsigned i = 0; i < entry->piece_count; i++) {
		const struct piece *piece = &entry->pieces[i];

		if (piece->begin == begin && piece->end == end &&
			packet->last_fragment == (end == entry->length))
			return DROP_FRAGMENT_DUPLICATE;
		if ((begin < piece->end && piece->begin < end) ||
			(packet->last_fragment && piece->end > begin))
			return DROP_FRAGMENT_OVERLAP;
	}
	if (entry->piece_count == FRAGMENT_PIECES)
		return DROP_FRAGMENT_LIMIT;
	entry->pieces[entry->piece_count++] = (struct piece){begin, end};
	entry->bytes += packet->fragment_length;
	if (packet->last_fragment)
		entry->length = end;
	return DROP_NONE;
}

bool fragment_note(struct fragment_table *table, struct rte_mbuf *mbuf, struct packet *packet,
	uint64_t now, enum drop_reason *reason)
{
	struct entry *entry;

	if (*reason == DROP_NONE)
		*reason = check(packet);
	if (*reason == DROP_FRAGMENT_LENGTH)
		return false;
	entry = find_or_make(table, packet, now);
	if (entry->bad != DROP_NONE)
		*reason = entry->bad;
	else if (*reason == DROP_NONE)
		*reason = add_piece(entry, packet);
	if (*reason == DROP_FRAGMENT_DUPLICATE)
		return false;
	if (*reason != DROP_NONE) {
		entry->bad = *reason;
		release(table, entry, *reason);
		return false;
	}
	if (!packet->later_fragment) {
		entry->first = packet_first(packet);
		entry->has_first = true;
		release(table, entry, DROP_NONE);
	} else if (entry->has_first) {
		packet_follow(packet, &entry->first);
	} else if (wait_for_first(table, entry, mbuf, packet, now)) {
		return true;
	} else {
		*reason = entry->bad = DROP_FRAGMENT_LIMIT;
		release(table, entry, DROP_FRAGMENT_LIMIT);
		return false;
	}
	if (entry->bytes == entry->length)
		entry->expires = RTE_MIN(entry->expires, now + FRAGMENT_WAIT);
	return false;
}

void fragment_expire(struct fragment_table *table, uint64_t now)
{
	for (unsigned i = 0; i < EXPIRE_SLICE && fragment_due(table, now); i++)
		expire(table, TAILQ_FIRST(&table->oldest));
}

void fragment_deny(struct fragment_table *table, const struct packet *packet, uint64_t now,
	enum drop_reason reason)
{
	find_or_make(table, packet, now)->denied = reason;
}

enum drop_reason fragment_denied(
	const struct fragment_table *table, const struct packet *packet, uint64_t now)
{
	const struct entry *entry;
	struct datagram_key key;

	key_of(packet, &key);
	entry = find(bucket_of(table, &key), &key, now);
	return entry != NULL ? entry->denied : DROP_NONE;
}
