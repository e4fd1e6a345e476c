/* SPDX-License-Identifier: BSD-3-Clause */
/* clock: time for deadlines, and waiting. */
#ifndef TIDEGATE_CONTROL_CLIENT_CLOCK_H
#define TIDEGATE_CONTROL_CLIENT_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Nanoseconds of the monotonic clock. */
static inline uint64_t clock_nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Milliseconds of the same. */
static inline int64_t clock_milliseconds(void)
{
	return (int64_t)(clock_nanoseconds() / 1000000);
}

/* Wait for a time of less than a second. */
static inline void clock_wait(long milliseconds)
{
	struct timespec time = {.tv_nsec = milliseconds * 1000000};

	nanosleep(&time, NULL);
}

#endif
