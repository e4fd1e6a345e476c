/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * poll_time: classes of how long polls took, for a histogram. Their bounds are powers of two of a
 * nanosecond, so that one is found without a search, and its bound has few digits in seconds.
 */
#ifndef TIDEGATE_DATAPLANE_POLL_TIME_H
#define TIDEGATE_DATAPLANE_POLL_TIME_H

#include <stdint.h>

#include "dataplane/dataplane.h"

enum { POLL_TIME_BITS = 8 }; /* those of the first class: 256 ns */

/* The longest time of a class, nanoseconds; the last one has none. */
static inline uint64_t poll_time_bound(unsigned int number)
{
	return number < POLL_TIMES - 1 ? UINT64_C(1) << (POLL_TIME_BITS + number) : UINT64_MAX;
}

/* The first class whose bound is not below this time. */
static inline unsigned int poll_time_class(uint64_t nanoseconds)
{
	uint64_t below = nanoseconds - (nanoseconds > 0);
	unsigned int bits = 64 - (unsigned int)__builtin_clzll(below | (poll_time_bound(0) - 1));

	return bits - POLL_TIME_BITS < POLL_TIMES ? bits - POLL_TIME_BITS : POLL_TIMES - 1;
}

#endif
