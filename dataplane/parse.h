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

struct fragment_table;

enum {
	PARSE_VLAN_MAX = 2,
	PARSE_EXTENSION_MAX = 8, /* IPv6 extension headers looked through */
};

/*
 * Parse one frame. Fragments are given the ports of their datagram's first fragment, which the
 * table remembers; now is in nanoseconds. Without a table (NULL) all fragments, the first too, have
 * ports 0. Returns DROP_NONE, or the reason to drop the frame. A frame that
 * is not IP is parsed too: version 0.
 */
enum drop_reason parse_packet(const struct rte_mbuf *mbuf, struct fragment_table *fragments,
	uint64_t now, struct packet *packet);

#endif
