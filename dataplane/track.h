/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * track: connection state, a pure function of flow, packet and direction. What TCP and SCTP need
 * beside the entry is union connection, by the same position; tcp.h and sctp.h are the protocols,
 * this is what flows make of them.
 */
#ifndef TIDEGATE_DATAPLANE_TRACK_H
#define TIDEGATE_DATAPLANE_TRACK_H

#include <stdbool.h>

#include "dataplane/drop.h"
#include "dataplane/flow.h"
#include "dataplane/packet.h"

/* Direction of a packet in its flow: 0 forward, from the source, or 1 reverse. */
static inline unsigned track_direction(const struct flow *flow, const struct packet *packet)
{
	return packet->end ^ flow->source_end;
}

/* Whether the packet begins another flow of the same tuple: a SYN or INIT on a connection that is
 * over. */
bool track_reopens(
	const struct flow *flow, const union connection *connection, const struct packet *packet);

/* Why a packet of no known flow is not a legal first one: DROP_MIDSTREAM, another reason, or
 * DROP_NONE. */
enum drop_reason track_first(const struct packet *packet);

/* Set up a new flow, all zero but for its source end, with its first packet, a legal one or not.
 * unchecked: of this flow every packet will be taken. */
void track_begin(struct flow *flow, union connection *connection, const struct packet *packet,
	bool unchecked);

/* Whether a later packet can be the flow's: DROP_NONE, and then the connection is advanced, or the
 * reason why not. */
enum drop_reason track_check(
	const struct flow *flow, union connection *connection, const struct packet *packet);

/* Set state and timeout of a flow after a packet that was checked and passed. */
void track_update(
	struct flow *flow, const union connection *connection, const struct packet *packet);

#endif
