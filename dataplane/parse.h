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

/* A quick look: false when the frame is certainly neither a fragment nor ICMP, which a NIC does not
 * bring to their flows. */
bool parse_may_stray(const struct rte_mbuf *mbuf);

/* Whether a protocol is an extension header of IPv6. */
static inline bool parse_is_extension(uint8_t protocol)
{
	switch (protocol) {
	case 0:	  /* hop-by-hop options, RFC 8200 section 4.3 */
	case 43:  /* routing, section 4.4 */
	case 44:  /* fragment, section 4.5 */
	case 60:  /* destination options, section 4.6 */
	case 135: /* mobility, RFC 6275 section 6.1 */
	case 139: /* host identity, RFC 7401 section 5.1 */
	case 140: /* shim6, RFC 5533 section 5.1 */
		return true;
	default:
		return false;
	}
}

#endif
