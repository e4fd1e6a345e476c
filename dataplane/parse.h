/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * parse: Ethernet, VLAN, IPv4, IPv6 and transport headers to a struct packet.
 *
 * Every read is checked against the packet's end, across mbuf segments; the transport header must
 * lie within the IP length, not only within the frame.
 */
#ifndef TIDEGATE_DATAPLANE_PARSE_H
#define TIDEGATE_DATAPLANE_PARSE_H

#include <rte_mbuf.h>

#include "dataplane/drop.h"
#include "dataplane/packet.h"

enum {
	PARSE_VLAN_MAX = 2,
	PARSE_EXTENSION_MAX = 8, /* IPv6 extension headers looked through */
};

/*
 * Parse one frame. Returns DROP_NONE, or the reason to drop it. A frame that is not IP is parsed
 * too: version 0. A later fragment has ports 0: those of its datagram are with fragment.h. A
 * fragment that is to be dropped still has all of the packet but its ports filled in, since it
 * takes its datagram with it.
 */
enum drop_reason parse_packet(const struct rte_mbuf *mbuf, struct packet *packet);

/* A quick look: false when the frame is certainly no fragment. */
bool parse_may_be_fragment(const struct rte_mbuf *mbuf);

#endif
