/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * candidate_entry: what of a match is compared with IPv4 tuples, as ranges.
 *
 * Overview: an entry is a range of addresses with a range of destination ports and bits of
 * service, which are as in candidates.h. A match whose other address is a list of three prefixes
 * has three entries. Lists with many elements are refused.
 */
#ifndef TIDEGATE_LPM_CANDIDATE_ENTRY_H
#define TIDEGATE_LPM_CANDIDATE_ENTRY_H

#include <stdint.h>

#include "lpm/candidates.h"

/* To which of its addresses a match belongs. */
enum candidate_side {
	CANDIDATE_SOURCE = DIMENSION_SOURCE,
	CANDIDATE_DESTINATION = DIMENSION_DESTINATION,
	CANDIDATE_ANY, /* neither: both are ANY */
};

struct candidate_entry {
	uint32_t low; /* of the other address */
	uint32_t high;
	uint16_t port_low;
	uint16_t port_high;
	uint16_t service;
	uint16_t index;
};

/* Which bits of service stand for what. */
struct candidate_service {
	uint32_t protocol_count;
	uint16_t protocol_values[CANDIDATES_PROTOCOLS_MAX]; /* one of each class */
	uint32_t port_count;				    /* ranges of source ports, less 1 */
	uint16_t port_last[CANDIDATES_PORTS_MAX - 1];	    /* last ports, ascending */
};

/*
 * Divide the source ports by what the lists say, and take over the classes of protocols.
 * bits: by value, the bit of its class. Returns 0, or -E2BIG when that takes too many bits.
 */
int candidate_service_init(struct candidate_service *service, const struct layout *layout,
	const struct value_class *protocol, uint16_t bits[VALUE_PROTOCOLS]);

/* Sort numbers, the lowest first; count may be 0. */
void candidate_sort(uint32_t *values, uint32_t count);

enum candidate_side candidate_side_of(const struct match *match);

/* The most entries of a match. */
enum { CANDIDATE_SPANS_MAX = 16, CANDIDATE_RANGES_MAX = CANDIDATE_SPANS_MAX + 1 };
enum { CANDIDATE_ENTRIES_MAX = CANDIDATE_RANGES_MAX * (CANDIDATE_RANGES_MAX + 1) };

/* Write the entries of a match; index is not set. Returns their number, or -E2BIG. */
int candidate_entries(const struct match *match, const struct candidate_service *service,
	struct candidate_entry entries[CANDIDATE_ENTRIES_MAX]);

#endif
