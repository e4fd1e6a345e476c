/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * quote: the packet that an ICMP error or redirect is about, as it quotes it.
 */
#ifndef TIDEGATE_DATAPLANE_QUOTE_H
#define TIDEGATE_DATAPLANE_QUOTE_H

#include <stdbool.h>

#include <rte_mbuf.h>

#include "dataplane/packet.h"

/*
 * Read the quoted packet's version, protocol, key and end; the rest of it stays as it is. The quote
 * may be cut anywhere behind the ports or the identifier. packet is the message. False when the
 * quote names no flow: it is cut before that, a later fragment (about which no host or router of
 * IPv4 sends errors, RFC 1122 section 3.2.2), an ICMP message without an identifier, or when the
 * message does not go to who sent the quoted packet (RFC 792, RFC 4443 section 2.2).
 */
bool quote_parse(
	const struct rte_mbuf *mbuf, const struct packet *packet, struct packet *ret_quoted);

#endif
