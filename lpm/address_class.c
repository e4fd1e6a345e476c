/* SPDX-License-Identifier: BSD-3-Clause */
#include "lpm/address_class.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "lpm/memory.h"

/* The nodes and slots while they grow. */
struct tree {
	const uint128 *starts;
	const uint32_t *classes;
	struct address_node *nodes;
	uint32_t *slots;
	size_t node_count, node_capacity;
	size_t slot_count, slot_capacity;
};

static uint32_t bit_length(uint128 value)
{
	uint64_t high = (uint64_t)(value >> 64), low = (uint64_t)value;

	if (high != 0)
		return 128 - (uint32_t)__builtin_clzll(high);
	return low == 0 ? 0 : 64 - (uint32_t)__builtin_clzll(low);
}

/* Append a node for count intervals from the first one; its slots are for the caller to set. */
static int append_node(
	struct tree *tree, uint128 low, uint32_t first, uint32_t count, uint32_t *ret_node)
{
	uint128 extent = count == 0 ? 0 : tree->starts[first + count - 1] - low;
	/* Half a line to a line for a slot: few have more than the two lines of a search. One bit
	 * is the least, as no shift may be 128. */
	uint32_t wanted = bit_length(count / (ADDRESS_LINE / 2) + 1), length = bit_length(extent);
	uint32_t shift = length > wanted ? length - wanted : 0;
	struct address_node node = {.low = low,
		.shift = shift,
		.slots = (uint32_t)tree->slot_count,
		.last = (uint32_t)(extent >> shift),
		.below = tree->classes[first - 1]};

	struct address_node *nodes = memory_reserve(
		tree->nodes, &tree->node_capacity, tree->node_count + 1, sizeof(*nodes));
	if (nodes == NULL)
		return -ENOMEM;
	tree->nodes = nodes;
	uint32_t *slots = memory_reserve(tree->slots, &tree->slot_capacity,
		tree->slot_count + node.last + 1, sizeof(*slots));
	if (slots == NULL)
		return -ENOMEM;
	tree->slots = slots;
	tree->slot_count += node.last + 1;
	*ret_node = (uint32_t)tree->node_count;
	nodes[tree->node_count++] = node;
	return tree->slot_count > UINT32_MAX ? -ENOMEM : 0;
}

/*
 * Make the node for count intervals from the first one, and all below it. A slot that needs a
 * node has more starts than a line; with that many, append_node() makes slots narrower than the
 * node by a factor of 4 at least, so there are no more than 64 levels.
 */
static int grow(struct tree *tree, uint128 low, uint32_t first, uint32_t count, uint32_t *ret_node)
{
	int result = append_node(tree, low, first, count, ret_node);
	if (result != 0)
		return result;
	struct address_node node = tree->nodes[*ret_node];
	uint32_t begin = first;

	for (uint32_t at = 0; at <= node.last; at++) {
		/* The interval before begin reaches into the slot. */
		uint32_t slot = (begin - 1) / ADDRESS_LINE, end = begin;

		while (end < first + count && (tree->starts[end] - low) >> node.shift == at)
			end++;
		if ((end - 1) / ADDRESS_LINE > slot + 1) {
			result = grow(tree, tree->starts[begin], begin, end - begin, &slot);
			if (result != 0)
				return result;
			slot |= ADDRESS_SLOT_NODE;
		}
		tree->slots[node.slots + at] = slot;
		begin = end;
	}
	return 0;
}

/* A match's address list, on the way to being swept. */
struct owner {
	const struct match_address *list;
	uint32_t count;
	uint32_t position;
};

static int compare_owners(const void *left, const void *right)
{
	const struct owner *a = left, *b = right;
	uintptr_t a_list = (uintptr_t)a->list, b_list = (uintptr_t)b->list;

	if (a_list != b_list)
		return a_list < b_list ? -1 : 1;
	if (a->count != b->count)
		return a->count < b->count ? -1 : 1;
	return (a->position > b->position) - (a->position < b->position);
}

static bool same_list(const struct owner *a, const struct owner *b)
{
	return a->list == b->list && a->count == b->count;
}

/* The addresses of a prefix, up to before end, which is 0 past the last address there is. */
static int prefix_range(const struct prefix *prefix, uint128 *ret_first, uint128 *ret_end)
{
	if (prefix->version != 4 && prefix->version != 6)
		return -EINVAL;
	if (prefix->depth > (prefix->version == 4 ? 32 : 128))
		return -EINVAL;
	/* The 2^128 values of depth 0 are 0 modulo 2^128, and the sums come out right. */
	uint128 size = prefix->depth == 0 ? 0 : (uint128)1 << (128 - prefix->depth);
	uint128 first = address_value(prefix->address, prefix->version);
	if ((first & (size - 1)) != 0)
		return -EINVAL;
	*ret_first = first;
	*ret_end = first + size;
	return 0;
}

static int add_list(
	struct sweep *sweep, const struct match_address *list, uint32_t count, uint8_t version)
{
	bool any = true;

	if (sweep_open_list(sweep) != 0)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++) {
		uint128 first, end;

		any = any && list[i].negated;
		if (prefix_range(&list[i].prefix, &first, &end) != 0)
			return -EINVAL;
		if (list[i].prefix.version == version &&
			sweep_add(sweep, list[i].negated, first, end) != 0)
			return -ENOMEM;
	}
	if (any)
		sweep_include(sweep);
	return 0;
}

/* Add the lists of all matches. One that matches share, by its address, is added once. */
static int add_lists(
	struct sweep *sweep, const struct layout *layout, enum dimension dimension, uint8_t version)
{
	struct owner *owners = calloc(layout_positions(layout), sizeof(*owners));
	uint32_t count = 0;
	int result = 0;

	if (owners == NULL)
		return -ENOMEM;
	for (uint32_t position = 0; position < layout_positions(layout); position++) {
		const struct match *match = layout->matches[position];
		if (match == NULL)
			continue;
		bool source = dimension == DIMENSION_SOURCE;
		owners[count++] =
			(struct owner){.list = source ? match->sources : match->destinations,
				.count = source ? match->source_count : match->destination_count,
				.position = position};
	}
	qsort(owners, count, sizeof(*owners), compare_owners);
	for (uint32_t i = 0; i < count && result == 0; i++) {
		if (i == 0 || !same_list(&owners[i - 1], &owners[i]))
			result = add_list(sweep, owners[i].list, owners[i].count, version);
		if (result == 0)
			result = sweep_join(sweep, owners[i].position);
	}
	free(owners);
	return result;
}

static void *settle(const void *source, size_t size)
{
	void *table = memory_table(size);

	if (table != NULL)
		memcpy(table, source, size);
	return table;
}

static int make_tree(struct address_class *addresses, const struct sweep *sweep)
{
	struct tree tree = {.starts = sweep->starts, .classes = sweep->classes};
	uint32_t root;

	if (sweep->interval_count >= ADDRESS_SLOT_NODE)
		return -ENOMEM;
	/* The first interval, from 0 on, is where the search begins that finds no start below. */
	int result = grow(&tree, 0, 1, (uint32_t)sweep->interval_count - 1, &root);
	if (result == 0) {
		addresses->node_count = tree.node_count;
		addresses->slot_count = tree.slot_count;
		addresses->nodes = settle(tree.nodes, tree.node_count * sizeof(*tree.nodes));
		addresses->slots = settle(tree.slots, tree.slot_count * sizeof(*tree.slots));
		if (addresses->nodes == NULL || addresses->slots == NULL)
			result = -ENOMEM;
	}
	free(tree.nodes);
	free(tree.slots);
	return result;
}

/*
 * Write the intervals into lines. Behind the last one come more of its class at the highest
 * address, to fill its line and the next one.
 */
static int make_lines(struct address_class *addresses, const struct sweep *sweep)
{
	size_t last = sweep->interval_count - 1;

	addresses->line_count = last / ADDRESS_LINE + 2;
	addresses->lines = memory_table(addresses->line_count * sizeof(*addresses->lines));
	if (addresses->lines == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < addresses->line_count * ADDRESS_LINE; i++) {
		struct address_line *line = &addresses->lines[i / ADDRESS_LINE];

		line->starts[i % ADDRESS_LINE] = i <= last ? sweep->starts[i] : ~(uint128)0;
		line->classes[i % ADDRESS_LINE] = sweep->classes[RTE_MIN(i, last)];
	}
	return 0;
}

int address_class_sweep(
	struct sweep *sweep, const struct layout *layout, enum dimension dimension, uint8_t version)
{
	sweep_begin(sweep);
	int result = add_lists(sweep, layout, dimension, version);
	return result == 0 ? sweep_run(sweep) : result;
}

int address_class_init(struct address_class *addresses, struct sweep *sweep,
	const struct layout *layout, enum dimension dimension, uint8_t version)
{
	*addresses = (struct address_class){0};
	int result = address_class_sweep(sweep, layout, dimension, version);
	if (result == 0 && version == 4)
		result = search_ipv4_init(&addresses->ipv4, sweep);
	if (result == 0 && version == 6)
		result = make_tree(addresses, sweep);
	if (result == 0 && version == 6)
		result = make_lines(addresses, sweep);
	if (result != 0)
		address_class_fini(addresses);
	return result;
}

void address_class_fini(struct address_class *addresses)
{
	search_ipv4_fini(&addresses->ipv4);
	free(addresses->nodes);
	free(addresses->slots);
	free(addresses->lines);
	*addresses = (struct address_class){0};
}

size_t address_class_memory(const struct address_class *addresses)
{
	return search_ipv4_memory(&addresses->ipv4) +
		addresses->node_count * sizeof(*addresses->nodes) +
		addresses->slot_count * sizeof(*addresses->slots) +
		addresses->line_count * sizeof(*addresses->lines);
}
