/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/reject.h"

#include <assert.h>
#include <netinet/in.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_icmp.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_tcp.h>

#include "dataplane/compose.h"
#include "dataplane/icmp.h"

enum {
	TCP_WORDS = 5, /* 32-bit words of a header without options */
	/* The longest packets that carry an ICMP error: RFC 1812 section 4.3.2.3, RFC 4443 section
	 * 2.4 (c). */
	ICMPV4_PACKET_MAX = 576,
	ICMPV6_PACKET_MAX = 1280,

	/* RFC 792 */
	ICMPV4_UNREACHABLE = 3,
	ICMPV4_PORT = 3,
	ICMPV4_PROHIBITED = 13, /* RFC 1812 section 5.2.7.1 */

	/* RFC 4443 section 3.1 */
	ICMPV6_UNREACHABLE = 1,
	ICMPV6_PROHIBITED = 1,
	ICMPV6_PORT = 4,
};

/* Which end of the conversation an answer is for. */
enum way { TO_SENDER, TO_RECEIVER };

/* The parser has read this packet: what is asked for here lies within it. */
static const void *read_packet(
	const struct rte_mbuf *mbuf, uint32_t offset, uint32_t length, void *scratch)
{
	const void *bytes = rte_pktmbuf_read(mbuf, offset, length, scratch);

	assert(bytes != NULL);
	return bytes;
}

static void copy_packet(const struct rte_mbuf *mbuf, uint32_t offset, uint32_t length, void *to)
{
	const void *bytes = read_packet(mbuf, offset, length, to);

	if (bytes != to)
		memcpy(to, bytes, length);
}

/* Not this network, loopback, multicast, class E or broadcast: RFC 1122 sections 3.2.1.3, 3.2.2. */
static bool is_host4(uint32_t address)
{
	uint8_t network = rte_be_to_cpu_32(address) >> 24;

	return network != 0 && network != 127 && network < 224;
}

/* Not ::, ::1 or multicast: RFC 4291 sections 2.5.2, 2.5.3 and 2.7. */
static bool is_host6(const uint8_t bytes[16])
{
	struct in6_addr address;

	memcpy(&address, bytes, sizeof(address));
	return !IN6_IS_ADDR_UNSPECIFIED(&address) && !IN6_IS_ADDR_LOOPBACK(&address) &&
		!IN6_IS_ADDR_MULTICAST(&address);
}

/* Both ends matter: one gets the answer, the other is its source. */
static bool is_between_hosts(const struct rte_mbuf *mbuf, const struct packet *packet)
{
	struct rte_ether_hdr scratch;
	const struct rte_ether_hdr *ether = read_packet(mbuf, 0, sizeof(*ether), &scratch);

	if (rte_is_multicast_ether_addr(&ether->dst_addr) ||
		rte_is_multicast_ether_addr(&ether->src_addr))
		return false;
	if (packet->version == 4)
		return is_host4(packet->key.v4.addresses[0]) &&
			is_host4(packet->key.v4.addresses[1]);
	return is_host6(packet->key.v6.addresses[0]) && is_host6(packet->key.v6.addresses[1]);
}

/* An error or a redirect: RFC 1122 section 3.2.2, RFC 4443 section 2.4 (e). */
static bool is_icmp_error(const struct packet *packet)
{
	return icmp_quotes(packet->icmp) || packet->icmp == ICMP_REDIRECT6;
}

/* One of the packet's two addresses. */
static const void *address_of(const struct packet *packet, unsigned end)
{
	return packet->version == 4 ? (const void *)&packet->key.v4.addresses[end]
				    : (const void *)packet->key.v6.addresses[end];
}

/*
 * An answer with everything up to its IP header; the VLAN tags are the packet's. *ret_payload is
 * where the payload bytes behind it go. NULL without memory.
 */
static struct rte_mbuf *answer_create(const struct rte_mbuf *mbuf, const struct packet *packet,
	enum way way, uint8_t protocol, uint16_t payload, struct rte_mempool *pool,
	void **ret_payload)
{
	unsigned source = way == TO_SENDER ? !packet->end : packet->end;
	struct rte_mbuf *answer =
		compose_packet(pool, packet->l3_offset, packet->version, address_of(packet, source),
			address_of(packet, !source), protocol, payload, ret_payload);
	struct rte_ether_hdr *ether;

	if (answer == NULL)
		return NULL;
	ether = rte_pktmbuf_mtod(answer, struct rte_ether_hdr *);
	copy_packet(mbuf, 0, packet->l3_offset, ether);
	if (way == TO_SENDER) {
		struct rte_ether_addr receiver = ether->dst_addr;

		ether->dst_addr = ether->src_addr;
		ether->src_addr = receiver;
	}
	return answer;
}

/* RFC 9293 section 3.10.7.1: for a connection that does not exist. */
static void reset_to_sender(
	const struct packet *packet, const struct rte_tcp_hdr *tcp, struct rte_tcp_hdr *reset)
{
	uint32_t l4_length = packet->l3_offset + packet->length - packet->l4_offset;
	uint32_t length = l4_length - (tcp->data_off >> 4) * 4 +
		((tcp->tcp_flags & RTE_TCP_SYN_FLAG) != 0) +
		((tcp->tcp_flags & RTE_TCP_FIN_FLAG) != 0);

	reset->src_port = tcp->dst_port;
	reset->dst_port = tcp->src_port;
	reset->tcp_flags = RTE_TCP_RST_FLAG;
	if ((tcp->tcp_flags & RTE_TCP_ACK_FLAG) != 0) {
		reset->sent_seq = tcp->recv_ack;
	} else {
		reset->tcp_flags |= RTE_TCP_ACK_FLAG;
		reset->recv_ack = rte_cpu_to_be_32(rte_be_to_cpu_32(tcp->sent_seq) + length);
	}
}

/* In the packet's place in the stream: the receiver takes a RST at the next number that it expects
 * alone (RFC 9293 section 3.10.7.4), or while it connects one that acknowledges its SYN (section
 * 3.10.7.3). */
static void reset_to_receiver(const struct rte_tcp_hdr *tcp, struct rte_tcp_hdr *reset)
{
	reset->src_port = tcp->src_port;
	reset->dst_port = tcp->dst_port;
	reset->sent_seq = tcp->sent_seq;
	reset->tcp_flags = RTE_TCP_RST_FLAG;
	if ((tcp->tcp_flags & RTE_TCP_ACK_FLAG) != 0) {
		reset->tcp_flags |= RTE_TCP_ACK_FLAG;
		reset->recv_ack = tcp->recv_ack;
	}
}

static struct rte_mbuf *tcp_reset(const struct rte_mbuf *mbuf, const struct packet *packet,
	enum way way, struct rte_mempool *pool)
{
	struct rte_tcp_hdr scratch;
	const struct rte_tcp_hdr *tcp =
		read_packet(mbuf, packet->l4_offset, sizeof(*tcp), &scratch);
	struct rte_tcp_hdr *reset;
	void *payload;
	struct rte_mbuf *answer =
		answer_create(mbuf, packet, way, IPPROTO_TCP, sizeof(*reset), pool, &payload);

	if (answer == NULL)
		return NULL;
	reset = payload;
	*reset = (struct rte_tcp_hdr){.data_off = TCP_WORDS << 4};
	if (way == TO_SENDER)
		reset_to_sender(packet, tcp, reset);
	else
		reset_to_receiver(tcp, reset);
	reset->cksum = compose_checksum(packet->version, reset);
	return answer;
}

static struct rte_mbuf *icmp_unreachable(
	const struct rte_mbuf *mbuf, const struct packet *packet, struct rte_mempool *pool)
{
	bool ipv4 = packet->version == 4, udp = packet->protocol == IPPROTO_UDP;
	uint32_t room = (ipv4 ? ICMPV4_PACKET_MAX : ICMPV6_PACKET_MAX) -
		compose_ip_length(packet->version) - sizeof(struct rte_icmp_hdr);
	uint32_t quoted = RTE_MIN(packet->length, room);
	uint16_t length = sizeof(struct rte_icmp_hdr) + quoted;
	struct rte_icmp_hdr *icmp;
	void *payload;
	struct rte_mbuf *answer = answer_create(mbuf, packet, TO_SENDER,
		ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6, length, pool, &payload);

	if (answer == NULL)
		return NULL;
	icmp = payload;
	*icmp = (struct rte_icmp_hdr){
		.icmp_type = ipv4 ? ICMPV4_UNREACHABLE : ICMPV6_UNREACHABLE,
		.icmp_code = ipv4 ? (udp ? ICMPV4_PORT : ICMPV4_PROHIBITED)
				  : (udp ? ICMPV6_PORT : ICMPV6_PROHIBITED),
	};
	copy_packet(mbuf, packet->l3_offset, quoted, icmp + 1);
	icmp->icmp_cksum = ipv4 ? (uint16_t)~rte_raw_cksum(icmp, length)
				: compose_checksum(packet->version, icmp);
	return answer;
}

unsigned reject_answers(const struct rte_mbuf *mbuf, const struct packet *packet, uint8_t peer_port,
	struct rte_mempool *pool, struct rte_mbuf *answers[2])
{
	uint8_t opening = packet->tcp_flags & (RTE_TCP_SYN_FLAG | RTE_TCP_ACK_FLAG);
	struct rte_mbuf *answer;
	unsigned count = 0;

	if (packet->later_fragment || (packet->tcp_flags & RTE_TCP_RST_FLAG) != 0 ||
		is_icmp_error(packet) || !is_between_hosts(mbuf, packet))
		return 0;

	answer = packet->protocol == IPPROTO_TCP ? tcp_reset(mbuf, packet, TO_SENDER, pool)
						 : icmp_unreachable(mbuf, packet, pool);
	if (answer != NULL) {
		answer->port = mbuf->port;
		answers[count++] = answer;
	}
	if (packet->protocol != IPPROTO_TCP || opening == RTE_TCP_SYN_FLAG)
		return count;
	answer = tcp_reset(mbuf, packet, TO_RECEIVER, pool);
	if (answer != NULL) {
		answer->port = peer_port;
		answers[count++] = answer;
	}
	return count;
}
