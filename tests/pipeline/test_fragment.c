/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of fragmented datagrams: what it remembers, for how long, and what gives way. */
#include <string.h>

#include "dataplane/dataplane.h"
#include "dataplane/fragment.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

static struct fragment_key key_of(uint32_t id)
{
	struct fragment_key key = {.source = {10, 0, 0, 1},
		.destination = {10, 0, 0, 2},
		.id = id,
		.domain = 17 << 24,
		.version = 4};

	return key;
}

static struct fragment_table *table_of(uint32_t buckets)
{
	struct hash_secret secret;
	struct fragment_table *table;

	assert_int_equal(hash_secret_draw(&secret), 0);
	table = fragment_table_create(buckets, &secret);
	assert_non_null(table);
	return table;
}

static void test_recall(void **state)
{
	struct fragment_table *table = table_of(64);
	const uint16_t ports[2] = {1000, 53};
	uint16_t found[2] = {7, 7};
	struct fragment_key key = key_of(1), other;

	(void)state;
	assert_false(fragment_recall(table, &key, 0, found));
	fragment_remember(table, &key, ports, 0);
	assert_true(fragment_recall(table, &key, 0, found));
	assert_memory_equal(found, ports, sizeof(ports));

	/* Each part of the key counts. */
	for (size_t byte = 0; byte < offsetof(struct fragment_key, zero); byte++) {
		other = key;
		((uint8_t *)&other)[byte] ^= 1;
		assert_false(fragment_recall(table, &other, 0, found));
	}
	fragment_table_destroy(table);
}

/* 30 seconds, RFC 791 section 3.2 as commonly set. */
static void test_lifetime(void **state)
{
	struct fragment_table *table = table_of(64);
	const uint16_t ports[2] = {1000, 53}, others[2] = {2000, 54};
	struct fragment_key key = key_of(1);
	uint16_t found[2];

	(void)state;
	fragment_remember(table, &key, ports, 5 * NANOSECONDS);
	assert_true(fragment_recall(table, &key, 35 * NANOSECONDS, found));
	assert_false(fragment_recall(table, &key, 35 * NANOSECONDS + 2, found));
	/* The identification comes again, with another datagram. */
	fragment_remember(table, &key, others, 36 * NANOSECONDS);
	assert_true(fragment_recall(table, &key, 37 * NANOSECONDS, found));
	assert_memory_equal(found, others, sizeof(others));
	fragment_table_destroy(table);
}

/* One bucket holds 4 datagrams; a fifth takes the place of the oldest. */
static void test_bound(void **state)
{
	struct fragment_table *table = table_of(1);
	uint16_t found[2];

	(void)state;
	for (uint32_t id = 0; id < 5; id++) {
		struct fragment_key key = key_of(id);
		uint16_t ports[2] = {id, id};

		fragment_remember(table, &key, ports, id);
	}
	for (uint32_t id = 0; id < 5; id++) {
		struct fragment_key key = key_of(id);

		assert_int_equal(fragment_recall(table, &key, 5, found), id != 0);
	}
	fragment_table_destroy(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recall),
		cmocka_unit_test(test_lifetime),
		cmocka_unit_test(test_bound),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
