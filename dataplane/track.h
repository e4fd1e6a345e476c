/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * track: connection state, a pure function of the flow, the packet and its direction.
 */
#ifndef TIDEGATE_DATAPLANE_TRACK_H
#define TIDEGATE_DATAPLANE_TRACK_H

#include <stdbool.h>

#include "dataplane/flow.h"
#include "dataplane/packet.h"

/* Direction of a packet in its flow: 0 forward, from the source, or 1 reverse. */
static inline unsigned track_direction(const struct flow *flow, const struct packet *packet)
{
	return packet->end ^ flow->source_end;
}

/* Whether the packet begins another flow of the same tuple: a SYN on a closed one. */
bool track_reopens(const struct flow *flow, const struct packet *packet);

/* Set state and timeout of a flow after a packet, its first one included. */
void track_update(struct flow *flow, const struct packet *packet);

#endif
