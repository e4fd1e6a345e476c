/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * compose: the headers of packets that are made here.
 */
#ifndef TIDEGATE_DATAPLANE_COMPOSE_H
#define TIDEGATE_DATAPLANE_COMPOSE_H

#include <stdint.h>

#include <rte_mbuf.h>

/* Bytes of an IPv4 header without options, or of an IPv6 header. */
uint32_t compose_ip_length(uint8_t version);

/*
 * A new packet from pool: link bytes, which are the caller's to write, an IP header, and at
 * *ret_payload as many payload bytes of a protocol, the caller's too. Addresses are of 4 or 16
 * bytes, in network order. NULL without memory.
 */
struct rte_mbuf *compose_packet(struct rte_mempool *pool, uint32_t link, uint8_t version,
	const void *source, const void *destination, uint8_t protocol, uint16_t payload,
	void **ret_payload);

/* The checksum of a TCP or ICMPv6 payload of compose_packet(), its own field zero: over
 * the pseudo-header too, RFC 9293 section 3.1, RFC 8200 section 8.1. */
uint16_t compose_checksum(uint8_t version, const void *payload);

#endif
