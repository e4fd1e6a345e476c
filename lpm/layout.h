/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * layout: which position in the bitsets each match has.
 *
 * Overview: were positions the indexes in the list, a long list of mixed rules would have some
 * match in nearly every block of every class, and the summaries would say nothing. So matches
 * that are alike share a block, and those that are still more alike a word of it: one half of them
 * is sorted by their destination addresses, the other by their sources, each match by which of the
 * two are fewer. A class then has few blocks and words, and two dimensions' classes seldom have one
 * in common that has no match of the tuple.
 *
 * Within a word, positions are in the order of the list; the words of a block are in the order of
 * their first match, and so are the blocks: a search can end where these begin behind the best
 * match so far.
 *
 * Life-cycle: layout_init(), layout_release_matches() after building, layout_fini().
 */
#ifndef TIDEGATE_LPM_LAYOUT_H
#define TIDEGATE_LPM_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lpm/bitset.h"
#include "lpm/lpm.h"

enum dimension {
	DIMENSION_SOURCE,
	DIMENSION_DESTINATION,
	DIMENSION_SOURCE_PORT,
	DIMENSION_DESTINATION_PORT,
	DIMENSION_PROTOCOL, /* and TCP flags */
};

struct layout {
	uint32_t block_count;
	bool flags;		      /* some match looks at TCP flags */
	uint16_t *order;	      /* by position: the match's index in the list, ascending in
				       * each word; UINT16_MAX at unused ones */
	uint16_t *block_first;	      /* by block: order of its first position */
	const struct match **matches; /* by position; NULL at unused ones. For building alone */
};

/* Returns 0 or -ENOMEM. count is at most CLASSIFIER_MATCH_MAX. */
int layout_init(struct layout *layout, const struct match *matches, uint32_t count);
void layout_fini(struct layout *layout);

/* Forget the matches: lookups do not need them. */
void layout_release_matches(struct layout *layout);

/* Whether the destination says more about a match than the source: it has fewer addresses. */
bool layout_by_destination(const struct match *match);

size_t layout_memory(const struct layout *layout);

/* Number of positions. */
static inline uint32_t layout_positions(const struct layout *layout)
{
	return layout->block_count * BITSET_BLOCK_BITS;
}

#endif
