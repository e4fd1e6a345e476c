/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * packet: what the parser learned of a packet, and the keys that flows are found by.
 *
 * A key has its two ends in a fixed order, so that both directions of a conversation have the same
 * key; packet.end tells which end sent this packet. IPv4 and IPv6 keys live in different tables.
 */
#ifndef TIDEGATE_DATAPLANE_PACKET_H
#define TIDEGATE_DATAPLANE_PACKET_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "dataplane/tcp.h"

/* Protocol and VLANs in one word: two 12-bit VLAN identifiers leave room for the protocol. */
#define KEY_DOMAIN(protocol, vlan_outer, vlan_inner)                                               \
	((uint32_t)(protocol) << 24 | (uint32_t)(vlan_outer) << 12 | (uint32_t)(vlan_inner))
#define KEY_PROTOCOL(domain) ((uint8_t)((domain) >> 24))
#define KEY_VLAN_OUTER(domain) ((uint16_t)((domain) >> 12 & 0xfff))
#define KEY_VLAN_INNER(domain) ((uint16_t)((domain)&0xfff))

struct flow_key4 {
	uint32_t addresses[2]; /* network order */
	uint16_t ports[2];     /* network order; 0 for protocols without ports */
	uint32_t domain;
};

struct flow_key6 {
	uint8_t addresses[2][16];
	uint16_t ports[2];
	uint32_t domain;
	uint64_t zero; /* pads the key to a size that rte_hash compares by vectors */
};

static_assert(sizeof(struct flow_key4) == 16, "compared and hashed as 16 bytes");
static_assert(sizeof(struct flow_key6) == 48, "compared and hashed as 48 bytes");

struct packet {
	union {
		struct flow_key4 v4;
		struct flow_key6 v6;
	} key;
	struct tcp_segment tcp; /* where there is a TCP header */
	uint32_t length;	/* L3 bytes: no Ethernet header, no padding */
	uint16_t l3_offset;	/* bytes from the frame's start to the IP header */
	uint16_t l4_offset;	/* to the transport header, or what a later fragment carries */
	uint8_t version;	/* 4, 6, or 0: not IP */
	uint8_t protocol;	/* after IPv6 extension headers */
	uint8_t tcp_flags;	/* 0 without a TCP header */
	uint8_t end;		/* 0 or 1: the end of the key that sent it */
	bool has_ports;		/* TCP, UDP, SCTP */
	bool fragment;		/* part of a datagram in several fragments */
	bool later_fragment;	/* not its first: without a transport header */
};

#endif
