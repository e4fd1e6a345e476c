/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tree of the candidates: the first and the last address of every interval lead to its list,
 * and as many intervals as a node has share one. Built a second time without the vector
 * operations.
 */
#include <errno.h>
#include <stdlib.h>

#include "lpm/candidate_tree.h"
#include "tests/unit/check.h"

enum { INTERVALS_MAX = 40000, NO_LIMIT = 1 << 30 };

struct intervals {
	uint128 starts[INTERVALS_MAX]; /* as a sweep has them */
	uint32_t lists[INTERVALS_MAX];
	uint32_t count;
};

/* Another interval, with a list that no other has. Starts ascend, the first is 0. */
static void add(struct intervals *intervals, uint32_t start)
{
	assert_in_range(intervals->count, 0, INTERVALS_MAX - 1);
	intervals->starts[intervals->count] = (uint128)start << 96;
	intervals->lists[intervals->count] = 1000000 + intervals->count;
	intervals->count++;
}

static int make(const struct intervals *intervals, size_t most, struct candidate_tree *tree)
{
	struct sweep sweep = {
		.starts = (uint128 *)intervals->starts, .interval_count = intervals->count};

	return candidate_tree_init(tree, &sweep, intervals->lists, most);
}

static void check(const struct intervals *intervals, uint32_t nodes_most)
{
	struct candidate_tree tree;

	assert_int_equal(make(intervals, NO_LIMIT, &tree), 0);
	for (uint32_t i = 0; i < intervals->count; i++) {
		uint32_t first = (uint32_t)(intervals->starts[i] >> 96), last = UINT32_MAX;

		if (i + 1 < intervals->count)
			last = (uint32_t)(intervals->starts[i + 1] >> 96) - 1;
		assert_int_equal(candidate_tree_find(&tree, first), intervals->lists[i]);
		assert_int_equal(candidate_tree_find(&tree, last), intervals->lists[i]);
		assert_int_equal(candidate_tree_find(&tree, first + (last - first) / 2),
			intervals->lists[i]);
	}
	print_message("%u intervals, %zu nodes, %zu slots\n", intervals->count, tree.node_count,
		tree.slot_count);
	assert_in_range(tree.node_count, (intervals->count + 7) / 8, nodes_most);
	candidate_tree_fini(&tree);
}

/* One interval; as many as a node has; and one more, all in the last addresses. */
static void test_few(void **state)
{
	static struct intervals intervals;

	(void)state;
	add(&intervals, 0);
	check(&intervals, 1);
	for (uint32_t i = 1; i < CANDIDATE_NODE_LISTS; i++)
		add(&intervals, UINT32_MAX - 9 + i);
	check(&intervals, 1);
	add(&intervals, UINT32_MAX);
	check(&intervals, 2);
}

/* Each interval in a range of its own, so that all ranges are one slot. */
static void test_wide(void **state)
{
	enum { COUNT = 8000 };
	static struct intervals intervals;

	(void)state;
	for (uint32_t i = 0; i < COUNT; i++)
		add(&intervals, i << 19);
	check(&intervals, COUNT / CANDIDATE_NODE_LISTS);
}

/* Hosts in clusters, with all but nothing between these. */
static void test_clusters(void **state)
{
	enum { CLUSTERS = 30, HOSTS = 500 };
	static struct intervals intervals;

	(void)state;
	srandom(20261123);
	add(&intervals, 0);
	for (uint32_t cluster = 0; cluster < CLUSTERS; cluster++) {
		uint32_t address = (cluster * 8 + 3) << 24;

		for (uint32_t host = 0; host < HOSTS; host++) {
			add(&intervals, address);
			address += 1 + (uint32_t)random() % (host % 50 == 0 ? 5000 : 30);
		}
	}
	/* A slot that the last node does not have begins another, be that one half full. */
	check(&intervals, intervals.count / (CANDIDATE_NODE_LISTS / 2));
}

static void test_limit(void **state)
{
	static struct intervals intervals;
	struct candidate_tree tree;

	(void)state;
	for (uint32_t i = 0; i < 1000; i++)
		add(&intervals, i);
	assert_int_equal(make(&intervals, NO_LIMIT, &tree), 0);
	size_t memory = candidate_tree_memory(&tree);
	candidate_tree_fini(&tree);
	assert_int_equal(make(&intervals, memory / 2, &tree), -E2BIG);
	assert_null(tree.nodes);
	assert_int_equal(candidate_tree_memory(&tree), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_few),
		cmocka_unit_test(test_wide),
		cmocka_unit_test(test_clusters),
		cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
