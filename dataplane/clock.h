/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * clock: nanoseconds from the time stamp counter. Read once a burst, so two divisions do not count.
 */
#ifndef TIDEGATE_DATAPLANE_CLOCK_H
#define TIDEGATE_DATAPLANE_CLOCK_H

#include <stdint.h>

#include <rte_cycles.h>

#include "dataplane/dataplane.h"

/* A number of TSC cycles in nanoseconds; exact over the whole range of 584 years. */
static inline uint64_t clock_nanoseconds(uint64_t cycles)
{
	uint64_t hz = rte_get_tsc_hz();

	return cycles / hz * NANOSECONDS + cycles % hz * NANOSECONDS / hz;
}

static inline uint64_t clock_now(void)
{
	return clock_nanoseconds(rte_rdtsc());
}

#endif
