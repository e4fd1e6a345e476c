/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rate_limit: a token bucket that holds one second's worth; it begins full. The clock is the
 * caller's, in nanoseconds, and does not go back.
 */
#ifndef TIDEGATE_CONTROL_RATE_LIMIT_H
#define TIDEGATE_CONTROL_RATE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/dataplane.h"

struct rate_limit {
	uint32_t per_second; /* 1 to 100,000 */
	uint64_t credit;     /* events times NANOSECONDS: no rate is rounded */
	uint64_t filled;     /* when */
};

static inline void rate_limit_init(struct rate_limit *limit, uint32_t per_second, uint64_t now)
{
	*limit = (struct rate_limit){per_second, per_second * NANOSECONDS, now};
}

/* Whether one more is within the limit. */
static inline bool rate_limit_take(struct rate_limit *limit, uint64_t now)
{
	uint64_t full = limit->per_second * NANOSECONDS, elapsed = now - limit->filled;

	limit->credit += (elapsed < NANOSECONDS ? elapsed : NANOSECONDS) * limit->per_second;
	if (limit->credit > full)
		limit->credit = full;
	limit->filled = now;
	if (limit->credit < NANOSECONDS)
		return false;
	limit->credit -= NANOSECONDS;
	return true;
}

#endif
