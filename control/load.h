/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * load: what a worker does with its time, from its counters at two moments.
 */
#ifndef TIDEGATE_CONTROL_LOAD_H
#define TIDEGATE_CONTROL_LOAD_H

#include <stdint.h>

#include "dataplane/dataplane.h"

struct load {
	/* The counters at the last sample. */
	uint64_t busy_cycles;
	uint64_t total_cycles;
	uint64_t packets;
	uint64_t bursts;
	/* Of the time between the last two samples. */
	double percent;		  /* of the cycles, in polls that did work: 0 to 100 */
	double cycles_per_packet; /* of those polls; 0: no packets */
	double packets_per_burst; /* of bursts that were not empty; 0: no packets */
};

/* Begin with a load of zeros. Between two samples in which the worker's clock stood still nothing
 * changes. */
void load_sample(struct load *load, const struct worker_status *now);

#endif
