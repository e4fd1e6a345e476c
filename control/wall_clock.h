/* SPDX-License-Identifier: BSD-3-Clause */
/* wall_clock: the time of day, since the epoch. */
#ifndef TIDEGATE_CONTROL_WALL_CLOCK_H
#define TIDEGATE_CONTROL_WALL_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t wall_clock_nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline int64_t wall_clock_milliseconds(void)
{
	return wall_clock_nanoseconds() / 1000000;
}

#endif
