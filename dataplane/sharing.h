/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sharing: workers that share a CPU take turns on it.
 *
 * Overview: the kernel takes a worker away for a time slice at any moment, for longer than what its
 * rings have room for. So a worker that finds nothing to do yields; and where any CPU is shared, no
 * worker takes in packets while it may have nowhere to hand them on to, see handover_holds(): they
 * wait in the devices' queues, which have room for them or count them as missed.
 */
#ifndef TIDEGATE_DATAPLANE_SHARING_H
#define TIDEGATE_DATAPLANE_SHARING_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/dataplane.h"

/* Whether a worker's CPU is another one's, too. */
static inline bool sharing_of(const struct dataplane_config *config, uint16_t worker)
{
	for (uint16_t i = 0; i < config->worker_count; i++)
		if (i != worker && config->worker_cpus[i] == config->worker_cpus[worker])
			return true;
	return false;
}

/* Whether any is. */
static inline bool sharing_any(const struct dataplane_config *config)
{
	for (uint16_t i = 0; i < config->worker_count; i++)
		if (sharing_of(config, i))
			return true;
	return false;
}

#endif
