/* SPDX-License-Identifier: BSD-3-Clause */
/* tally: how many operations of this run of the daemon have ended, how, and the time they took. */
#ifndef TIDEGATE_CONTROL_TALLY_H
#define TIDEGATE_CONTROL_TALLY_H

#include <jansson.h>

#include "control/operation.h"

struct tally_count {
	uint64_t operations;
	uint64_t elapsed; /* milliseconds, of all together */
};

/* All zeros is an empty one. */
struct tally {
	struct tally_count counts[WALK_FLUSH + 1][OPERATION_FAILED + 1];
};

/* Add one whose status is final. */
void tally_add(struct tally *tally, const struct operation *operation);

/* "Operations" of GetStatus: each type with each final status, zeros too. NULL without memory. */
json_t *tally_report(const struct tally *tally);

#endif
