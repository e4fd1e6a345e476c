/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/flow.h"

#include <errno.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_malloc.h>
#include <rte_prefetch.h>

static uint32_t key_size(uint8_t version)
{
	return version == 4 ? sizeof(struct flow_key4) : sizeof(struct flow_key6);
}

int flow_table_init(struct flow_table *table, const char *name, uint8_t version, uint32_t capacity,
	const struct hash_secret *secret, int socket)
{
	memset(table, 0, sizeof(*table));
	table->version = version;
	table->capacity = capacity;
	table->positions = capacity;
	table->key_size = key_size(version);
	table->secret = *secret;
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
	if (flow_index_init(&table->index, name, table->positions, socket) < 0 ||
		table->flows == NULL || table->keys == NULL || table->connections == NULL ||
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
	flow_index_fini(&table->index);
	memset(table, 0, sizeof(*table));
}

uint64_t flow_table_size(uint8_t version, uint32_t capacity)
{
	const uint64_t flow = sizeof(struct flow) + sizeof(union connection) +
		sizeof(struct link_path) + sizeof(struct unreplied_link) + key_size(version);

	return capacity * flow + flow_index_buckets(capacity) * sizeof(struct flow_bucket) +
		(1 << 20);
}

int32_t flow_lookup(const struct flow_table *table, const void *key, uint32_t hash)
{
	const struct flow_index *index = &table->index;
	uint32_t home = flow_index_home(index, hash);

	for (uint32_t i = 0; i < index->count; i++) {
		const struct flow_bucket *bucket = &index->buckets[home];
		unsigned match = flow_index_match(bucket, flow_index_tag(hash));

		for (; match != 0; match &= match - 1) {
			uint32_t position = flow_index_position(bucket, match);

			if (flow_is(table, position, key))
				return (int32_t)position;
		}
		if (bucket->past[flow_index_past(hash)] == 0)
			return -ENOENT;
		home = home + 1 < index->count ? home + 1 : 0;
	}
	return -ENOENT;
}

/* A position without an entry: the one that was left last, whose lines are likely in the caches. */
static uint32_t take_position(struct flow_table *table)
{
	uint32_t position;

	if (table->free == 0)
		return table->begun++;
	position = table->free - 1;
	table->free = table->unreplied.links[position].newer;
	return position;
}

int32_t flow_insert(struct flow_table *table, const void *key, uint32_t hash)
{
	uint32_t position;

	if (table->count >= table->capacity)
		return -ENOSPC;
	position = take_position(table);
	assert(position < table->positions && table->flows[position].state == FLOW_FREE);
	flow_index_add(&table->index, hash, position);
	memcpy((char *)table->keys + (size_t)position * table->key_size, key, table->key_size);
	memset(&table->flows[position], 0, sizeof(table->flows[position]));
	table->count++;
	return (int32_t)position;
}

void flow_remove(struct flow_table *table, uint32_t position)
{
	uint8_t before = table->flows[position].state;

	assert(before != FLOW_FREE);
	flow_index_remove(&table->index, flow_hash(table, flow_key(table, position)), position);
	table->flows[position].state = FLOW_FREE;
	flow_note_state(table, position, before);
	table->unreplied.links[position].newer = table->free;
	table->free = position + 1;
	table->count--;
}

void flow_warm_unreplied(struct flow_table *table)
{
	uint32_t first = table->unreplied.oldest;

	for (unsigned turn = 0; turn < 2; turn++) {
		uint32_t next = first;

		for (unsigned i = 0; next != 0 && i < FLOW_WARM; i++) {
			const void *key = flow_key(table, next - 1);

			if (turn == 0) {
				rte_prefetch0(key);
				rte_prefetch0(&table->flows[next - 1]);
			} else {
				rte_prefetch0(flow_bucket(table, flow_hash(table, key)));
			}
			next = table->unreplied.links[next - 1].newer;
		}
	}
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
