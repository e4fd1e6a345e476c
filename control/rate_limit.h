/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rate_limit: a token bucket that holds one second's worth; it begins full. The clock is the
 * caller's, in nanoseconds, and does not go back.
 */
#ifndef TIDEGATE_CONTROL_RATE_LIMIT_H
#define TIDEGATE_CONTROL_RATE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

/* Nanoseconds; tidegate-httpd, which sees no header of dataplane/, has limits too. */
#define RATE_LIMIT_SECOND UINT64_C(1000000000)

struct rate_limit {
	uint32_t per_second; /* 1 to 100,000 */
	uint64_t credit;     /* events times RATE_LIMIT_SECOND: no rate is rounded */
	uint64_t filled;     /* when */
};

static inline void rate_limit_init(struct rate_limit *limit, uint32_t per_second, uint64_t now)
{
	*limit = (struct rate_limit){per_second, per_second * RATE_LIMIT_SECOND, now};
}

/* Whether one more is within the limit. */
static inline bool rate_limit_take(struct rate_limit *limit, uint64_t now)
{
	uint64_t full = limit->per_second * RATE_LIMIT_SECOND, elapsed = now - limit->filled;

	limit->credit +=
		(elapsed < RATE_LIMIT_SECOND ? elapsed : RATE_LIMIT_SECOND) * limit->per_second;
	if (limit->credit > full)
		limit->credit = full;
	limit->filled = now;
	if (limit->credit < RATE_LIMIT_SECOND)
		return false;
	limit->credit -= RATE_LIMIT_SECOND;
	return true;
}

#endif
