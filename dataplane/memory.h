/* SPDX-License-Identifier: BSD-3-Clause */
/* memory: how much a dataplane needs, and its packet buffers. */
#ifndef TIDEGATE_DATAPLANE_MEMORY_H
#define TIDEGATE_DATAPLANE_MEMORY_H

#include <stdint.h>

#include "dataplane/dataplane.h"

/* Packet buffers for the queues, rings, bursts and waiting fragments of a dataplane. */
uint32_t memory_buffers(const struct dataplane_config *config);

/* Megabytes for everything that a dataplane allocates; config NULL: for one offline run. */
uint32_t memory_megabytes(const struct dataplane_config *config);

#endif
