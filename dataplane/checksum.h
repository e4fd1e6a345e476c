/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * checksum: whether the checksums of a packet are right, by the device where it says so.
 */
#ifndef TIDEGATE_DATAPLANE_CHECKSUM_H
#define TIDEGATE_DATAPLANE_CHECKSUM_H

#include <stdbool.h>

#include <rte_mbuf.h>

#include "dataplane/packet.h"

/* Of the IPv4 header, options included: RFC 791 section 3.1. */
bool checksum_ipv4(const struct rte_mbuf *mbuf, const struct packet *packet);

/*
 * Of TCP (RFC 9293), UDP (RFC 768; without one in IPv4 alone, RFC 8200 section 8.1), SCTP (RFC
 * 9260), ICMP and ICMPv6 of a whole packet. True of other protocols, and, but for SCTP, of what
 * goes by a routing header to a destination that is not in the IPv6 header.
 */
bool checksum_l4(const struct rte_mbuf *mbuf, const struct packet *packet);

#endif
