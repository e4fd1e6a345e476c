/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The index of the flow table against the plainest one, with hashes that share what it goes by: the
 * bucket that a search begins in, the byte that it compares, or all.
 *
 * The secret makes the first address of a key its hash; the keys of one hash differ by their ports.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/flow.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

enum {
	CAPACITY = 250, /* fewer than one count can have */
	KEYS = 450,
	ROUNDS = 20000,
	MANY = 1000, /* more go past a bucket than it can count */
	MANY_LEFT = 100,
};

#define GOLDEN UINT32_C(0x9e3779b1) /* 2^32 by the golden ratio: neighbours are far apart */

/* The hash of a key: number * step, with the bits of low and high in place of its own. */
struct pattern {
	const char *name;
	unsigned keys_per_hash;
	uint32_t mask; /* of the bits that it has from the number */
	uint32_t rest; /* the others */
};

static const struct pattern patterns[] = {
	{"any", 1, UINT32_MAX, 0},
	{"two keys of a hash", 2, UINT32_MAX, 0},
	{"one byte that is compared", 1, 0xffffff00, 0xa5},
	{"two of them, and two first buckets", 1, 0x80000001, 0x12345678},
	{"the first bucket", 1, 0xff, 0},
	{"the last bucket, and so round the end", 1, 0xff, 0xffffff00},
	{"one hash", 1, 0, 0x87654321},
	{"one hash, of the last bucket", 1, 0, UINT32_MAX},
};

struct expected {
	bool in;
	int32_t position;
};

static struct flow_key4 make_key(const struct pattern *pattern, unsigned number)
{
	uint32_t hash = number / pattern->keys_per_hash * GOLDEN;
	struct flow_key4 key = {
		.addresses = {(hash & pattern->mask) | pattern->rest},
		.ports = {number & 0xffff, number >> 16},
	};

	return key;
}

static void init_table(struct flow_table *table, uint32_t capacity)
{
	static const struct hash_secret secret = {{0, 0, UINT64_C(1) << 32}};

	assert_int_equal(flow_table_init(table, "test", 4, capacity, &secret, SOCKET_ID_ANY), 0);
}

static int32_t find(const struct flow_table *table, const struct pattern *pattern, unsigned number)
{
	struct flow_key4 key = make_key(pattern, number);

	return flow_lookup(table, &key, flow_hash4(&table->secret, &key));
}

static int32_t insert(struct flow_table *table, const struct pattern *pattern, unsigned number)
{
	struct flow_key4 key = make_key(pattern, number);
	int32_t position;

	assert_int_equal(flow_hash4(&table->secret, &key), key.addresses[0]);
	position = flow_insert(table, &key, key.addresses[0]);
	if (position >= 0)
		table->flows[position].state = FLOW_NEW;
	return position;
}

static void check_all(
	const struct flow_table *table, const struct pattern *pattern, const struct expected *all)
{
	for (unsigned i = 0; i < KEYS; i++) {
		struct flow_key4 key = make_key(pattern, i);

		assert_int_equal(find(table, pattern, i), all[i].in ? all[i].position : -ENOENT);
		/* Right or wrong, a guess is at one of the table's positions. */
		assert_in_range(
			flow_index_guess(flow_bucket(table, key.addresses[0]), key.addresses[0]), 0,
			CAPACITY - 1);
	}
}

/* An index of no flow is as it was in the beginning: no search has further to go. */
static void check_empty(const struct flow_index *index)
{
	static const uint8_t tags[FLOW_BUCKET_SLOTS], past[FLOW_BUCKET_PASTS];

	for (uint32_t i = 0; i < index->count; i++) {
		assert_memory_equal(index->buckets[i].tags, tags, sizeof(tags));
		assert_memory_equal(index->buckets[i].past, past, sizeof(past));
	}
}

static void run_random(const struct pattern *pattern, unsigned fill)
{
	struct expected all[KEYS] = {{0}};
	struct flow_table table;
	uint32_t count = 0;

	init_table(&table, CAPACITY);
	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned number = (unsigned)random() % KEYS;
		struct expected *one = &all[number];

		if (one->in && (unsigned)random() % 100 >= fill) {
			flow_remove(&table, one->position);
			one->in = false;
			count--;
		} else if (!one->in && count == CAPACITY) {
			assert_int_equal(insert(&table, pattern, number), -ENOSPC);
		} else if (!one->in) {
			*one = (struct expected){true, insert(&table, pattern, number)};
			assert_in_range(one->position, 0, CAPACITY - 1);
			count++;
		}
		assert_int_equal(find(&table, pattern, number), one->in ? one->position : -ENOENT);
		assert_int_equal(table.count, count);
		if (round % 500 == 0)
			check_all(&table, pattern, all);
	}
	check_all(&table, pattern, all);
	for (unsigned i = 0; i < KEYS; i++)
		if (all[i].in)
			flow_remove(&table, all[i].position);
	check_empty(&table.index);
	flow_table_fini(&table);
}

/* Full most of the time, half full, and nearly empty. */
static void test_random(void **state)
{
	static const unsigned fills[] = {95, 30, 0};
	const char *text = getenv("TIDEGATE_TEST_SEED");
	unsigned seed = text != NULL ? (unsigned)strtoul(text, NULL, 10) : 20261124;

	(void)state;
	print_message("seed %u\n", seed);
	srandom(seed);
	for (unsigned i = 0; i < RTE_DIM(patterns); i++)
		for (unsigned j = 0; j < RTE_DIM(fills); j++)
			run_random(&patterns[i], fills[j]);
}

/* Where more entries went past a bucket than it can count, those that are left are found all the
 * same, when the others are gone. */
static void test_uncounted(void **state)
{
	static const struct pattern one = {"one hash", 1, 0, 0x87654321};
	struct flow_table table;
	uint32_t home;

	(void)state;
	init_table(&table, MANY);
	home = flow_index_home(&table.index, one.rest);
	for (unsigned i = 0; i < MANY; i++)
		assert_int_equal(insert(&table, &one, i), i);
	assert_int_equal(table.index.buckets[home].past[flow_index_past(one.rest)], UINT8_MAX);
	for (unsigned i = 0; i < MANY - MANY_LEFT; i++)
		flow_remove(&table, i);
	for (unsigned i = MANY - MANY_LEFT; i < MANY; i++)
		assert_int_equal(find(&table, &one, i), i);
	assert_int_equal(find(&table, &one, 0), -ENOENT);
	assert_int_equal(find(&table, &one, MANY), -ENOENT);
	flow_table_fini(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_uncounted),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
