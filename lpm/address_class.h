/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * address_class: the class of an IPv4 or IPv6 address in one dimension.
 *
 * Overview: the addresses fall into intervals of one class. Those of IPv4 are searched by
 * search_ipv4. Those of IPv6 are kept as a sorted array, a few in a cache line. A node divides a
 * range of addresses into slots of equal width, about as many as it has lines; a slot names the
 * line where its intervals begin, or a further node where they are too many, as in a cluster of
 * prefixes. A search reads a node, a slot and two lines; no list of prefixes makes it longer than
 * (bits of an address / log2 of the lines) nodes.
 *
 * The tables of DPDK 22.11 were measured beside it: one core, 4 KiB pages, random prefixes of
 * mixed depths (a million: all /32 or all /64), random addresses under them. Nanoseconds a
 * lookup, milliseconds to build (here with the bitsets of as many matches, at most 30,000), and
 * megabytes:
 *
 *               IPv4 here       rte_lpm           IPv6 here       rte_lpm6
 *   prefixes    ns   ms  MB     ns   ms  MB       ns   ms  MB     ns    ms    MB
 *         20     3    0   0      1    0  67       10    0   0     13     0    67
 *      1,000     3    1   0      2    4  68       14    1   0     18     2    70
 *     30,000     4   38   1      8  320  83       22   21   2     46    67   140
 *  1,000,000    25  540  17      –    –   –      169  400  59    174  1230  1205
 *
 * rte_lpm_add() goes through all rules of the same depth and all groups of its second table:
 * 30,000 /32 take it 1.0 s, 100,000 take 40 s. Both libraries' tables begin at 67 MB, and a
 * policy has four of them, as has every capture's filter. So neither is used.
 */
#ifndef TIDEGATE_LPM_ADDRESS_CLASS_H
#define TIDEGATE_LPM_ADDRESS_CLASS_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_common.h>

#include "lpm/layout.h"
#include "lpm/search_ipv4.h"
#include "lpm/sweep.h"

/* The intervals of IPv6, ascending from line to line: from starts[i] on, classes[i]. */
enum { ADDRESS_LINE = 3 };

struct address_line {
	uint128 starts[ADDRESS_LINE];
	uint32_t classes[ADDRESS_LINE];
};

static_assert(sizeof(struct address_line) == RTE_CACHE_LINE_SIZE, "a cache line");

/* A range of addresses, divided into slots of equal width. */
struct address_node {
	uint128 low;	/* where the first slot begins */
	uint32_t shift; /* log2 of a slot's width */
	uint32_t slots; /* number of the first slot */
	uint32_t last;	/* the last slot, counted from the first; it takes all that is above */
	uint32_t below; /* class of what comes here and is below low */
};

/*
 * A slot: all intervals that reach into it are in the line of this number and the next one. Or
 * they are more, and it is the number of a node for them.
 */
#define ADDRESS_SLOT_NODE (UINT32_C(1) << 31)

/* The classes of one IP version. */
struct address_class {
	struct search_ipv4 ipv4;
	/* Of IPv6: */
	struct address_node *nodes; /* the first one is the root, from the lowest address on */
	uint32_t *slots;
	struct address_line *lines;
	size_t node_count;
	size_t slot_count;
	size_t line_count;
};

/* Sweep the addresses of a version alone. Returns as address_class_init(). */
int address_class_sweep(struct sweep *sweep, const struct layout *layout, enum dimension dimension,
	uint8_t version);

/*
 * What the lists of DIMENSION_SOURCE or DIMENSION_DESTINATION make of the addresses of IP version
 * 4 or 6. Returns 0, -EINVAL when a list holds what is no prefix, or -ENOMEM.
 */
int address_class_init(struct address_class *addresses, struct sweep *sweep,
	const struct layout *layout, enum dimension dimension, uint8_t version);
void address_class_fini(struct address_class *addresses);
size_t address_class_memory(const struct address_class *addresses);

/* An address as a number; one of IPv4 is in the highest 32 bits. */
static __rte_always_inline uint128 address_value(const uint8_t *address, uint8_t version)
{
	uint64_t high, low;

	memcpy(&high, address, sizeof(high));
	high = rte_be_to_cpu_64(high);
	if (version == 4)
		return (uint128)(high >> 32) << 96;
	memcpy(&low, address + sizeof(high), sizeof(low));
	return (uint128)high << 64 | rte_be_to_cpu_64(low);
}

/* The class of an address, in network order. */
static __rte_always_inline uint32_t address_class_find_ipv4(
	const struct address_class *addresses, const uint8_t *address)
{
	uint32_t value;

	memcpy(&value, address, sizeof(value));
	return search_ipv4_find(&addresses->ipv4, rte_be_to_cpu_32(value));
}

static __rte_always_inline uint32_t address_class_find_ipv6(
	const struct address_class *addresses, const uint8_t *address)
{
	const struct address_node *node = addresses->nodes;
	uint128 value = address_value(address, 6);
	uint32_t slot, begun = 0;

	for (;;) {
		if (value < node->low)
			return node->below;
		uint128 at = (value - node->low) >> node->shift;
		slot = addresses
			       ->slots[node->slots + (at < node->last ? (uint32_t)at : node->last)];
		if ((slot & ADDRESS_SLOT_NODE) == 0)
			break;
		node = &addresses->nodes[slot & ~ADDRESS_SLOT_NODE];
	}
	const struct address_line *line = &addresses->lines[slot];
	for (uint32_t i = 0; i < ADDRESS_LINE; i++)
		begun += (line[0].starts[i] <= value) + (line[1].starts[i] <= value);
	uint32_t second = begun > ADDRESS_LINE;
	return line[second].classes[begun - 1 - second * ADDRESS_LINE];
}

#endif
