/* SPDX-License-Identifier: BSD-3-Clause */
/* clock: time for deadlines. */
#ifndef TIDEGATE_CONTROL_CLIENT_CLOCK_H
#define TIDEGATE_CONTROL_CLIENT_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Milliseconds of the monotonic clock. */
static inline int64_t clock_milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#endif
