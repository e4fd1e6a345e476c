/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/flow.h"

#include <errno.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_debug.h>
#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_prefetch.h>

/* A quarter more positions than flows may live: the hash never gets nearly full. */
static uint32_t position_count(uint32_t capacity)
{
	return RTE_MAX(capacity + capacity / 4, UINT32_C(64));
}

static uint32_t key_size(uint8_t version)
{
	return version == 4 ? sizeof(struct flow_key4) : sizeof(struct flow_key6);
}

/* rte_hash takes a hash function without a context, so it cannot be given the table's secret: every
 * call brings the keyed hash with it, and this one is never reached. */
static uint32_t hash_missing(const void *key, uint32_t length, uint32_t initial)
{
	RTE_SET_USED(key);
	RTE_SET_USED(length);
	RTE_SET_USED(initial);
	rte_panic("flow table: a hash call without its precomputed hash\n");
}

int flow_table_init(struct flow_table *table, const char *name, uint8_t version, uint32_t capacity,
	const struct hash_secret *secret, int socket)
{
	struct rte_hash_parameters parameters = {
		.name = name,
		.entries = position_count(capacity),
		.key_len = key_size(version),
		.hash_func = hash_missing,
		.socket_id = socket,
		/* Extendable buckets: an insertion fails for want of positions alone. */
		.extra_flag = RTE_HASH_EXTRA_FLAGS_EXT_TABLE,
	};

	memset(table, 0, sizeof(*table));
	table->version = version;
	table->capacity = capacity;
	table->key_size = parameters.key_len;
	table->secret = *secret;
	table->hash = rte_hash_create(&parameters);
	if (table->hash == NULL)
		return -rte_errno;
	table->positions = rte_hash_max_key_id(table->hash) + 1;
	table->flows = rte_zmalloc_socket(name, (size_t)table->positions * sizeof(*table->flows),
		RTE_CACHE_LINE_SIZE, socket);
	table->keys = rte_zmalloc_socket(
		name, (size_t)table->positions * table->key_size, RTE_CACHE_LINE_SIZE, socket);
	table->connections =
		rte_zmalloc_socket(name, (size_t)table->positions * sizeof(*table->connections),
			RTE_CACHE_LINE_SIZE, socket);
	table->paths = rte_zmalloc_socket(name, (size_t)table->positions * sizeof(*table->paths),
		RTE_CACHE_LINE_SIZE, socket);
	table->unreplied.links =
		rte_zmalloc_socket(name, (size_t)table->positions * sizeof(*table->unreplied.links),
			RTE_CACHE_LINE_SIZE, socket);
	if (table->flows == NULL || table->keys == NULL || table->connections == NULL ||
		table->paths == NULL || table->unreplied.links == NULL) {
		flow_table_fini(table);
		return -ENOMEM;
	}
	return 0;
}

void flow_table_fini(struct flow_table *table)
{
	rte_free(table->unreplied.links);
	rte_free(table->paths);
	rte_free(table->connections);
	rte_free(table->keys);
	rte_free(table->flows);
	rte_hash_free(table->hash);
	memset(table, 0, sizeof(*table));
}

uint64_t flow_table_size(uint8_t version, uint32_t capacity)
{
	uint64_t positions = position_count(capacity) + 1;
	uint64_t buckets = rte_align64pow2(positions) / 8;
	/* rte_hash: a key slot has a pointer before the key, a multiple of 16 bytes; buckets and as
	 * many extendable ones of 64 bytes; rings of free slots and free buckets. */
	uint64_t slot = RTE_ALIGN_CEIL(sizeof(void *) + key_size(version), 16);
	uint64_t ring = rte_align64pow2(positions + 1) * sizeof(uint32_t);

	return positions *
		(sizeof(struct flow) + sizeof(union connection) + sizeof(struct link_path) +
			sizeof(struct unreplied_link) + key_size(version) + slot) +
		buckets * 2 * 64 + ring * 2 + (1 << 20);
}

int32_t flow_insert(struct flow_table *table, const void *key, uint32_t hash)
{
	int32_t position;

	if (table->count >= table->capacity)
		return -ENOSPC;
	position = rte_hash_add_key_with_hash(table->hash, key, hash);
	if (position < 0)
		return -ENOSPC;
	assert((uint32_t)position < table->positions && table->flows[position].state == FLOW_FREE);
	memcpy((char *)table->keys + (size_t)position * table->key_size, key, table->key_size);
	memset(&table->flows[position], 0, sizeof(table->flows[position]));
	table->count++;
	return position;
}

void flow_remove(struct flow_table *table, uint32_t position)
{
	const void *key = flow_key(table, position);
	uint8_t before;

	assert(table->flows[position].state != FLOW_FREE);
	rte_hash_del_key_with_hash(table->hash, key, flow_hash(table, key));
	before = table->flows[position].state;
	table->flows[position].state = FLOW_FREE;
	flow_note_state(table, position, before);
	table->count--;
	table->ended++;
}

void flow_warm_unreplied(struct flow_table *table)
{
	const void *keys[FLOW_WARM];
	hash_sig_t hashes[FLOW_WARM];
	int32_t positions[FLOW_WARM];
	uint32_t next = table->unreplied.oldest, count = 0;

	for (; next != 0 && count < FLOW_WARM; count++) {
		keys[count] = flow_key(table, next - 1);
		rte_prefetch0(keys[count]);
		rte_prefetch0(&table->flows[next - 1]);
		next = table->unreplied.links[next - 1].newer;
	}
	for (uint32_t i = 0; i < count; i++)
		hashes[i] = flow_hash(table, keys[i]);
	if (count > 0)
		rte_hash_lookup_with_hash_bulk(table->hash, keys, hashes, count, positions);
}

/* The rule that decided: a stateless one where these did not forward the source's packets. */
static void record_rule(const struct flow *flow, struct flow_record *record)
{
	unsigned action = flow->stateless_actions & 3;

	if (action == STATELESS_PASS + 1 || action == STATELESS_DROP + 1) {
		record->rule_kind = RULE_STATELESS;
		record->rule = flow->stateless[0] > 0 ? flow->stateless[0] - 1u : RULE_NONE;
	} else {
		record->rule_kind = RULE_STATEFUL;
		record->rule = flow->rule > 0 ? flow->rule - 1 : RULE_NONE;
	}
}

void flow_to_record(
	const struct flow_table *table, uint32_t position, uint64_t now, struct flow_record *record)
{
	const struct flow *flow = &table->flows[position];
	const void *key = flow_key(table, position);
	unsigned source = flow->source_end;
	const uint16_t *ports;
	uint32_t domain;

	memset(record, 0, sizeof(*record));
	if (table->version == 4) {
		const struct flow_key4 *v4 = key;

		memcpy(record->source, &v4->addresses[source], 4);
		memcpy(record->destination, &v4->addresses[!source], 4);
		ports = v4->ports;
		domain = v4->domain;
	} else {
		const struct flow_key6 *v6 = key;

		memcpy(record->source, v6->addresses[source], 16);
		memcpy(record->destination, v6->addresses[!source], 16);
		ports = v6->ports;
		domain = v6->domain;
	}
	record->protocol = KEY_PROTOCOL(domain);
	if (packet_protocol_has_ports(record->protocol)) {
		record->source_port = rte_be_to_cpu_16(ports[source]);
		record->destination_port = rte_be_to_cpu_16(ports[!source]);
	} else if (ports[0] == ports[1]) {
		record->identifier = rte_be_to_cpu_16(ports[0]);
	}
	record->vlan_outer = KEY_VLAN_OUTER(domain);
	record->vlan_inner = KEY_VLAN_INNER(domain);
	record->version = table->version;
	for (unsigned direction = 0; direction < 2; direction++) {
		record->packets[direction] = flow->packets[direction];
		record->bytes[direction] = flow->bytes[direction];
	}
	record->first_seen = flow->first_seen;
	record->last_seen = flow->last_seen;
	record->captured = now;
	record->generation = flow->generation;
	record->state = flow->state;
	record->midstream = flow->midstream;
	record->action = flow->dropped ? ACTION_DROP : ACTION_ALLOW;
	record_rule(flow, record);
}
