/* SPDX-License-Identifier: BSD-3-Clause */
/* The flow table against the plainest one: an array that is searched from its start. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

#include "dataplane/flow.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

enum { CAPACITY = 300, KEYS = 600, ROUNDS = 50000 };

struct expected {
	bool in;
	int32_t position;
	uint64_t mark; /* kept in the entry's first_seen */
};

static void make_key(uint8_t version, unsigned number, void *key)
{
	memset(key, 0, sizeof(struct flow_key6));
	if (version == 4) {
		struct flow_key4 *v4 = key;

		v4->addresses[0] = htonl(0x0a000000 | number / 7);
		v4->addresses[1] = htonl(0x0a800000 | number % 7);
		v4->domain = KEY_DOMAIN(6, 0, 0);
	} else {
		struct flow_key6 *v6 = key;

		v6->addresses[0][15] = number / 256;
		v6->addresses[1][15] = number % 256;
		v6->domain = KEY_DOMAIN(6, 0, 0);
	}
}

static void check_all(
	const struct flow_table *table, const struct expected *expected, uint32_t count)
{
	uint8_t key[sizeof(struct flow_key6)] __rte_aligned(16);

	assert_int_equal(table->count, count);
	for (unsigned i = 0; i < KEYS; i++) {
		int32_t position;

		make_key(table->version, i, key);
		position = flow_lookup(table, key, flow_hash(table, key));
		if (!expected[i].in) {
			assert_true(position < 0);
			continue;
		}
		/* It is where it was put, whatever came and went since. */
		assert_int_equal(position, expected[i].position);
		assert_int_equal(table->flows[position].first_seen, expected[i].mark);
		assert_memory_equal(flow_key(table, position), key, table->key_size);
	}
}

static void run_random(uint8_t version, unsigned seed)
{
	struct expected expected[KEYS] = {{0}};
	uint8_t key[sizeof(struct flow_key6)] __rte_aligned(16);
	struct hash_secret secret;
	struct flow_table table;
	uint32_t count = 0;

	assert_int_equal(hash_secret_draw(&secret), 0);
	assert_int_equal(
		flow_table_init(&table, "test", version, CAPACITY, &secret, SOCKET_ID_ANY), 0);
	srandom(seed);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct expected *one = &expected[random() % KEYS];

		make_key(version, one - expected, key);
		if (one->in) {
			flow_remove(&table, one->position);
			one->in = false;
			count--;
		} else {
			int32_t position = flow_insert(&table, key, flow_hash(&table, key));

			if (count == CAPACITY) {
				assert_int_equal(position, -ENOSPC);
			} else {
				assert_true(position >= 0);
				assert_int_equal(table.flows[position].first_seen, 0);
				table.flows[position].state = FLOW_NEW;
				table.flows[position].first_seen = round + 1;
				*one = (struct expected){true, position, round + 1};
				count++;
			}
		}
		if (round % 1000 == 0)
			check_all(&table, expected, count);
	}
	check_all(&table, expected, count);
	flow_table_fini(&table);
}

static void test_random(void **state)
{
	const char *text = getenv("TIDEGATE_TEST_SEED");
	unsigned seed = text != NULL ? (unsigned)atoi(text) : 20261123;

	(void)state;
	print_message("seed %u\n", seed);
	run_random(4, seed);
	run_random(6, seed);
}

/* The record of an entry: source is the end that sent the first packet, whichever it is in the key.
 */
static void test_record(void **state)
{
	struct flow_key4 key = {.addresses = {htonl(0x0a000001), htonl(0x0a000002)},
		.ports = {htons(1000), htons(80)},
		.domain = KEY_DOMAIN(6, 100, 200)};
	struct flow_record record;
	struct hash_secret secret;
	struct flow_table table;
	struct flow *flow;
	int32_t position;

	(void)state;
	assert_int_equal(hash_secret_draw(&secret), 0);
	assert_int_equal(flow_table_init(&table, "test", 4, CAPACITY, &secret, SOCKET_ID_ANY), 0);
	position = flow_insert(&table, &key, flow_hash(&table, &key));
	assert_true(position >= 0);
	flow = &table.flows[position];
	flow->state = FLOW_ESTABLISHED;
	flow->source_end = 1;
	flow->packets[0] = 3;
	flow->packets[1] = 4;
	flow->bytes[0] = 30;
	flow->bytes[1] = 40;
	flow->first_seen = 5;
	flow->last_seen = 6;
	flow->rule = 10; /* the place of rule 9 */
	flow->generation = 3;
	flow->dropped = true;
	flow_to_record(&table, position, 77, &record);
	assert_memory_equal(record.source, ((uint8_t[16]){10, 0, 0, 2}), 16);
	assert_memory_equal(record.destination, ((uint8_t[16]){10, 0, 0, 1}), 16);
	assert_int_equal(record.source_port, 80);
	assert_int_equal(record.destination_port, 1000);
	assert_int_equal(record.protocol, 6);
	assert_int_equal(record.vlan_outer, 100);
	assert_int_equal(record.vlan_inner, 200);
	assert_int_equal(record.version, 4);
	assert_memory_equal(record.packets, ((uint64_t[2]){3, 4}), 16);
	assert_memory_equal(record.bytes, ((uint64_t[2]){30, 40}), 16);
	assert_int_equal(record.first_seen, 5);
	assert_int_equal(record.last_seen, 6);
	assert_int_equal(record.captured, 77);
	assert_int_equal(record.rule, 9);
	assert_int_equal(record.state, FLOW_ESTABLISHED);
	assert_int_equal(record.action, ACTION_DROP);
	assert_int_equal(record.generation, 3);
	flow_table_fini(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_record),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
