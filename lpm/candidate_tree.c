/* SPDX-License-Identifier: BSD-3-Clause */
#include "lpm/candidate_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lpm/memory.h"

/* The most high bits that tell a range. */
enum { RANGE_BITS_MAX = 16 };

struct builder {
	struct candidate_tree *tree;
	const struct sweep *sweep;
	const uint32_t *lists;
	size_t slot_capacity, node_capacity;
	size_t node_first; /* the first interval of the last node */
	size_t most;
};

/* A node that begins with this interval. It is filled with those that follow, for the slots
 * behind; past the last one there are copies of it. */
static int append_node(struct builder *builder, size_t first)
{
	struct candidate_tree *tree = builder->tree;
	struct candidate_node *nodes = memory_reserve(
		tree->nodes, &builder->node_capacity, tree->node_count + 1, sizeof(*nodes));

	if (nodes == NULL)
		return -ENOMEM;
	tree->nodes = nodes;
	struct candidate_node *node = &nodes[tree->node_count++];
	for (uint32_t i = 0; i < CANDIDATE_NODE_LISTS; i++) {
		size_t interval = RTE_MIN(first + i, builder->sweep->interval_count - 1);

		node->keys[i] = i + 1 < CANDIDATE_NODE_LISTS
			? address_key(sweep_last_ipv4(builder->sweep, interval))
			: INT32_MAX;
		node->lists[i] = builder->lists[interval];
	}
	builder->node_first = first;
	return tree->node_count > UINT16_MAX ? -E2BIG : 0;
}

/* The node for count intervals from the first one, which is not before that of the last node. */
static int find_node(struct builder *builder, size_t first, uint32_t count, uint16_t *ret_number)
{
	int result = 0;

	if (builder->tree->node_count == 0 ||
		first + count > builder->node_first + CANDIDATE_NODE_LISTS)
		result = append_node(builder, first);
	*ret_number = (uint16_t)(builder->tree->node_count - 1);
	return result;
}

/* How many intervals reach into the 2^width addresses from begin on, in whose first one interval
 * is; *ret_next is the one of the address behind them. */
static uint32_t count_intervals(const struct builder *builder, uint32_t begin, uint32_t width,
	size_t first, size_t *ret_next)
{
	uint32_t last = begin + (1U << width) - 1;
	size_t interval = first;

	while (sweep_last_ipv4(builder->sweep, interval) < last)
		interval++;
	*ret_next = interval + (sweep_last_ipv4(builder->sweep, interval) == last);
	return (uint32_t)(interval - first) + 1;
}

/* The width of slots that have no more intervals than a node, each, in bits. */
static uint32_t find_width(const struct builder *builder, uint32_t begin, size_t first)
{
	uint32_t width = builder->tree->shift, i = 0;
	size_t interval = first;

	while (i < 1U << (builder->tree->shift - width)) {
		size_t next;

		if (count_intervals(builder, begin + (i << width), width, interval, &next) >
			CANDIDATE_NODE_LISTS) {
			width--;
			interval = first;
			i = 0;
		} else {
			interval = next;
			i++;
		}
	}
	return width;
}

/* Make the slots and nodes of a range that begins in interval *first, which moves behind it. */
static int append_range(struct builder *builder, uint32_t range, size_t *first)
{
	struct candidate_tree *tree = builder->tree;
	uint32_t begin = range << tree->shift, width = find_width(builder, begin, *first);
	uint32_t count = 1U << (tree->shift - width);

	if (candidate_tree_memory(tree) + count * sizeof(*tree->slots) > builder->most)
		return -E2BIG;
	uint16_t *slots = memory_reserve(
		tree->slots, &builder->slot_capacity, tree->slot_count + count, sizeof(*slots));
	if (slots == NULL)
		return -ENOMEM;
	tree->slots = slots;
	for (uint32_t i = 0; i < count; i++) {
		size_t next;
		uint32_t intervals =
			count_intervals(builder, begin + (i << width), width, *first, &next);
		int result = find_node(builder, *first, intervals, &slots[tree->slot_count + i]);
		if (result != 0)
			return result;
		*first = next;
	}
	/* A single slot is that of the range before if it has the same node. */
	if (count == 1 && tree->slot_count > 0 &&
		slots[tree->slot_count - 1] == slots[tree->slot_count])
		tree->slot_count--;
	tree->ranges[range] = (uint32_t)tree->slot_count << CANDIDATE_WIDTH_BITS | width;
	tree->slot_count += count;
	return tree->slot_count > UINT32_MAX >> CANDIDATE_WIDTH_BITS ? -E2BIG : 0;
}

/* Move the nodes to the start of a cache line. */
static int settle_nodes(struct candidate_tree *tree)
{
	struct candidate_node *nodes =
		memory_settle(tree->nodes, tree->node_count * sizeof(*nodes));

	if (nodes == NULL)
		return -ENOMEM;
	tree->nodes = nodes;
	return 0;
}

int candidate_tree_init(
	struct candidate_tree *tree, const struct sweep *sweep, const uint32_t *lists, size_t most)
{
	struct builder builder = {.tree = tree, .sweep = sweep, .lists = lists, .most = most};
	uint32_t count = (uint32_t)sweep->interval_count;
	uint32_t bits = RTE_MIN((uint32_t)RANGE_BITS_MAX, rte_log2_u32(count) + 3);
	size_t first = 0;
	int result = 0;

	*tree = (struct candidate_tree){.shift = 32 - bits};
	tree->ranges = memory_table(sizeof(*tree->ranges) << bits);
	if (tree->ranges == NULL)
		return -ENOMEM;
	for (uint32_t range = 0; range < 1U << bits && result == 0; range++)
		result = append_range(&builder, range, &first);
	if (result == 0)
		result = settle_nodes(tree);
	if (result != 0)
		candidate_tree_fini(tree);
	return result;
}

void candidate_tree_fini(struct candidate_tree *tree)
{
	free(tree->ranges);
	free(tree->slots);
	free(tree->nodes);
	*tree = (struct candidate_tree){0};
}

size_t candidate_tree_memory(const struct candidate_tree *tree)
{
	size_t ranges = tree->ranges == NULL ? 0 : (size_t)1 << (32 - tree->shift);

	return ranges * sizeof(*tree->ranges) + tree->slot_count * sizeof(*tree->slots) +
		tree->node_count * sizeof(*tree->nodes);
}
