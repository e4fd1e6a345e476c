/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * reject: the answers to a packet that the policy rejects.
 *
 * TCP: a RST to the sender as if the connection did not exist (RFC 9293 section 3.10.7.1), and one
 * to the receiver, so that neither end keeps half a connection. A bare SYN has its answer at the
 * sender alone: the receiver knows nothing of it yet. A RST has none. AWS Network Firewall resets
 * both ends too ("Reject action in stream exception policy", 2023).
 *
 * All else: ICMP destination unreachable to the sender alone; a receiver has no use for an error
 * about a packet that it did not send. UDP gets port unreachable, what a host without a listener
 * says and what nftables' reject sends unless told otherwise: the program on the other side sees
 * its port refused at once. Any other protocol has no port that could be unreachable, and gets
 * communication administratively prohibited (RFC 1812 section 5.2.7.1, RFC 4443 section 3.1), as
 * Suricata sends for IPv6.
 *
 * The firewall has no address of its own: an answer seems to come from the packet's other end.
 */
#ifndef TIDEGATE_DATAPLANE_REJECT_H
#define TIDEGATE_DATAPLANE_REJECT_H

#include <rte_mbuf.h>

#include "dataplane/packet.h"

/*
 * Put up to 2 new packets from pool into answers, each with mbuf->port set to the port that it is
 * to be sent by: mbuf->port to the packet's sender, peer_port to its receiver. They are the
 * caller's. Returns how many: none to a later fragment, or where an answer could hit others than
 * the two ends or answer an error (RFC 1122 section 3.2.2, RFC 1812 section 4.3.2.7, RFC 4443
 * section 2.4 (e)), and fewer when the pool is empty. The packet, parsed and of IP, is unchanged
 * and stays the caller's. How often packets are answered is the caller's matter (RFC 4443 section
 * 2.4 (f)).
 */
unsigned reject_answers(const struct rte_mbuf *mbuf, const struct packet *packet, uint8_t peer_port,
	struct rte_mempool *pool, struct rte_mbuf *answers[2]);

#endif
