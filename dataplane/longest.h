/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * longest: the longest time that something took, second by second.
 *
 * Seconds follow each other without a gap, the first from longest_begin() on; while nothing is
 * added one goes on. So a reader that looks once a second misses none, and whoever looks sees the
 * last whole second.
 */
#ifndef TIDEGATE_DATAPLANE_LONGEST_H
#define TIDEGATE_DATAPLANE_LONGEST_H

#include <stdint.h>

#include <rte_branch_prediction.h>

struct longest {
	uint64_t second; /* cycles in one */
	uint64_t end;	 /* of this second */
	uint64_t cycles; /* the longest of this second */
};

static inline void longest_begin(struct longest *longest, uint64_t now, uint64_t second)
{
	*longest = (struct longest){.second = second, .end = now + second};
}

/* Something that ends now took so many cycles; 0: nothing. What a second had goes to *last, 0 where
 * a whole one has passed since. */
static inline void longest_add(
	struct longest *longest, uint64_t now, uint64_t cycles, uint64_t *last)
{
	if (unlikely(now >= longest->end)) {
		*last = now - longest->end < longest->second ? longest->cycles : 0;
		longest->cycles = 0;
		longest->end = now + longest->second;
	}
	if (cycles > longest->cycles)
		longest->cycles = cycles;
}

#endif
