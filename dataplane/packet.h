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
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "dataplane/sctp.h"
#include "dataplane/tcp.h"

/* Protocol and VLANs in one word: two 12-bit VLAN identifiers leave room for the protocol. */
#define KEY_DOMAIN(protocol, vlan_outer, vlan_inner)                                               \
	((uint32_t)(protocol) << 24 | (uint32_t)(vlan_outer) << 12 | (uint32_t)(vlan_inner))
#define KEY_PROTOCOL(domain) ((uint8_t)((domain) >> 24))
#define KEY_VLAN_OUTER(domain) ((uint16_t)((domain) >> 12 & 0xfff))
#define KEY_VLAN_INNER(domain) ((uint16_t)((domain)&0xfff))

struct flow_key4 {
	uint32_t addresses[2]; /* network order */
	uint16_t ports[2]; /* network order; 0 without; both are the identifier of an ICMP echo */
	uint32_t domain;
};

struct flow_key6 {
	uint8_t addresses[2][16];
	uint16_t ports[2];
	uint32_t domain;
	uint64_t zero; /* pads the key to a multiple of 16 bytes */
};

static_assert(sizeof(struct flow_key4) == 16, "compared and hashed as 16 bytes");
static_assert(sizeof(struct flow_key6) == 48, "compared and hashed as 48 bytes");

/* Bits: what the routing headers of a packet are. */
enum routing {
	ROUTING_TYPE0 = 1, /* RFC 5095 */
	ROUTING_LEFT = 2,  /* the destination is not the last one */
};

struct packet {
	union {
		struct flow_key4 v4;
		struct flow_key6 v6;
	} key;
	union { /* where there is such a header */
		struct tcp_segment tcp;
		struct sctp_packet sctp;
	};
	uint32_t length; /* L3 bytes: no Ethernet header, no padding */
	uint8_t end;	 /* 0 or 1: the end of the key that sent it */
	/* Side by side what is the same of nearly all packets: plain.c writes it at once. */
	uint16_t l3_offset;  /* bytes from the frame's start to the IP header */
	uint16_t l4_offset;  /* to the transport header, or what a later fragment carries */
	uint8_t version;     /* 4, 6, or 0: not IP */
	uint8_t icmp;	     /* enum icmp_kind; ICMP_NONE also of a later fragment */
	uint8_t routing;     /* enum routing of IPv6 */
	bool has_ports;	     /* TCP, UDP, SCTP */
	uint8_t protocol;    /* after IPv6 extension headers */
	uint8_t tcp_flags;   /* 0 without a TCP header */
	bool plain;	     /* see plain.h */
	bool fragment;	     /* part of a datagram in several fragments */
	bool later_fragment; /* not its first: without a transport header */
	/* Of a fragment alone. Bytes are those of the part that was cut: RFC 791 section 2.3, RFC
	 * 8200 section 4.5. */
	bool last_fragment;
	uint16_t fragment_offset;
	uint16_t fragment_length;
	uint32_t fragment_id; /* network order */
};

static inline bool packet_protocol_has_ports(uint8_t protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP;
}

/* The key of a packet that its end sent; addresses and ports with the source first, at any alignment. */
static inline void packet_key4_of(struct packet *packet, unsigned end, const void *addresses,
	const void *ports, uint32_t domain)
{
	uint64_t both_addresses;
	uint32_t both_ports;

	memcpy(&both_addresses, addresses, sizeof(both_addresses));
	memcpy(&both_ports, ports, sizeof(both_ports));
	/* Rotated by half of the word, the ends change places. */
	both_addresses = both_addresses << end * 32 | both_addresses >> (-(end * 32) & 63);
	both_ports = both_ports << end * 16 | both_ports >> (-(end * 16) & 31);
	packet->end = end;
	memcpy(packet->key.v4.addresses, &both_addresses, sizeof(both_addresses));
	memcpy(packet->key.v4.ports, &both_ports, sizeof(both_ports));
	packet->key.v4.domain = domain;
}

/*
 * The key of a packet, and which end of it sent the packet. Any fixed order of the ends will do: here it
 * is that of the addresses and then of the ports as numbers of this machine.
 */
static inline void packet_key4(
	struct packet *packet, const void *addresses, const void *ports, uint32_t domain)
{
	uint32_t address[2];
	uint16_t port[2];

	memcpy(address, addresses, sizeof(address));
	memcpy(port, ports, sizeof(port));
	packet_key4_of(packet,
		address[0] > address[1] || (address[0] == address[1] && port[0] > port[1]),
		addresses, ports, domain);
}

static inline bool packet_same6(const void *a, const void *b)
{
	uint64_t x[2], y[2];

	memcpy(x, a, sizeof(x));
	memcpy(y, b, sizeof(y));
	return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
}

static inline void packet_key6(
	struct packet *packet, const void *addresses, const void *ports, uint32_t domain)
{
	const uint8_t(*address)[16] = addresses;
	uint64_t source[2], destination[2];
	uint16_t port[2];
	unsigned end;

	memcpy(source, address[0], sizeof(source));
	memcpy(destination, address[1], sizeof(destination));
	memcpy(port, ports, sizeof(port));
	if (source[0] != destination[0])
		end = source[0] > destination[0];
	else if (source[1] != destination[1])
		end = source[1] > destination[1];
	else
		end = port[0] > port[1];
	packet->end = end;
	memcpy(packet->key.v6.addresses[end], source, sizeof(source));
	memcpy(packet->key.v6.addresses[!end], destination, sizeof(destination));
	packet->key.v6.ports[end] = port[0];
	packet->key.v6.ports[!end] = port[1];
	packet->key.v6.domain = domain;
	packet->key.v6.zero = 0;
}

/* ICMP without an identifier: none of them is that of the key. */
static inline void packet_key_no_identifier(struct packet *packet)
{
	uint16_t *ports = packet->version == 4 ? packet->key.v4.ports : packet->key.v6.ports;

	ports[0] = 1;
	ports[1] = 0;
}

/* What a datagram's first fragment alone tells of its flow. */
struct first_fragment {
	uint16_t ports[2]; /* as in the key */
	uint8_t end;
	uint8_t protocol;
	bool has_ports;
};

static inline struct first_fragment packet_first(const struct packet *packet)
{
	const uint16_t *ports = packet->version == 4 ? packet->key.v4.ports : packet->key.v6.ports;

	return (struct first_fragment){
		.ports = {ports[0], ports[1]},
		.end = packet->end,
		.protocol = packet->protocol,
		.has_ports = packet->has_ports,
	};
}

/* Complete a later fragment: its addresses are the first one's, and in the same order. */
static inline void packet_follow(struct packet *packet, const struct first_fragment *first)
{
	bool ipv4 = packet->version == 4;
	uint16_t *ports = ipv4 ? packet->key.v4.ports : packet->key.v6.ports;
	uint32_t *domain = ipv4 ? &packet->key.v4.domain : &packet->key.v6.domain;

	ports[0] = first->ports[0];
	ports[1] = first->ports[1];
	*domain = KEY_DOMAIN(first->protocol, KEY_VLAN_OUTER(*domain), KEY_VLAN_INNER(*domain));
	packet->end = first->end;
	packet->protocol = first->protocol;
	packet->has_ports = first->has_ports;
}

#endif
