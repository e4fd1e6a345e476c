/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/plain.h"

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "dataplane/dataplane.h"
#include "dataplane/icmp.h"
#include "dataplane/sum.h"
#include "dataplane/tcp_options.h"
#include "dataplane/worker.h"

enum {
	ETHERNET = sizeof(struct rte_ether_hdr),
	IPV4_END = ETHERNET + sizeof(struct rte_ipv4_hdr),
	IPV6_END = ETHERNET + sizeof(struct rte_ipv6_hdr),
	TCP_OFFSET_MIN = 5, /* 32-bit words; RFC 9293 section 3.1 */
};

/* The ethertype and what follows it: the first two bytes of the IP header. */
#define ETHERTYPE_AT (ETHERNET - 2)
#define IPV4_BEGIN RTE_BE32(RTE_ETHER_TYPE_IPV4 << 16 | 0x4500)
#define IPV4_MASK RTE_BE32(0xffffff00)
#define IPV6_BEGIN RTE_BE32(0x86dd6000)
#define IPV6_MASK RTE_BE32(0xfffff000)

#define SUM_CHECKS (CHECK_BIT(CHECK_IPV4_CHECKSUM) | CHECK_BIT(CHECK_L4_CHECKSUM))
#define IPV4_SUM_MASK (RTE_MBUF_F_RX_IP_CKSUM_MASK | RTE_MBUF_F_RX_L4_CKSUM_MASK)
#define IPV4_SUM_GOOD (RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD)

/* What is to be done about a packet's checksums. */
enum sums { SUMS_MAKE, SUMS_SETTLED, SUMS_WRONG };

/* mask: of the device's flags for them; good: of these, when it has found them right. One that is
 * made and need not be does no harm: where it is wrong, the packet is not plain. */
static inline enum sums ask_device(
	const struct rte_mbuf *mbuf, uint64_t mask, uint64_t good, uint32_t checks)
{
	uint64_t device = mbuf->ol_flags & mask;

	if (likely(device == 0))
		return (checks & SUM_CHECKS) != 0 ? SUMS_MAKE : SUMS_SETTLED;
	return device == good ? SUMS_SETTLED : SUMS_WRONG;
}

static inline bool header_is_right(const struct rte_ipv4_hdr *ip)
{
	const uint8_t *header = (const uint8_t *)ip;

	return sum_is_right((uint64_t)sum_load32(header) + sum_load32(header + 4) +
		sum_load32(header + 8) + sum_load32(header + 12) + sum_load32(header + 16));
}

/* Of length bytes of a protocol; addresses: their sum. */
static inline bool transport_is_right(
	const uint8_t *transport, uint32_t length, uint8_t protocol, uint64_t addresses)
{
	return sum_is_right(addresses + rte_cpu_to_be_16(protocol) + rte_cpu_to_be_16(length) +
		sum_bytes(transport, length));
}

/* An address that no check is about: of no special use, as a source and as a destination. Multicast
 * is no source. */
static inline bool source4_is_plain(uint8_t first)
{
	return (uint8_t)(first - 1) < 223 && first != 127;
}

static inline bool destination4_is_plain(uint8_t first)
{
	return first != 0 && first != 127;
}

/* Of global unicast, 2000::/3, or unique local, fc00::/7: no special one is in there. */
static inline bool address6_is_plain(uint8_t first)
{
	return first >> 5 == 1 || first >> 1 == 0x7e;
}

/* The transport header, with room bytes of it and its payload. An IPv4 datagram may go without a sum.
 * addresses: their sum. */
static __rte_always_inline bool read_udp(const uint8_t *transport, uint32_t room,
	uint64_t addresses, enum sums sums, struct packet *packet)
{
	const struct rte_udp_hdr *udp = (const struct rte_udp_hdr *)transport;
	uint16_t length = rte_be_to_cpu_16(udp->dgram_len);

	packet->tcp_flags = 0;
	if (unlikely(length < sizeof(*udp) || length > room))
		return false;
	if (sums == SUMS_SETTLED)
		return true;
	if (unlikely(udp->dgram_cksum == 0))
		return packet->version == 4;
	return transport_is_right(transport, length, IPPROTO_UDP, addresses);
}

static inline bool read_tcp(const uint8_t *transport, uint32_t room, uint64_t addresses,
	enum sums sums, struct packet *packet)
{
	const struct rte_tcp_hdr *tcp = (const struct rte_tcp_hdr *)transport;
	unsigned words = tcp->data_off >> 4;

	if (room < sizeof(*tcp) || words < TCP_OFFSET_MIN || words * 4 > room)
		return false;
	packet->tcp_flags = tcp->tcp_flags;
	packet->tcp = (struct tcp_segment){
		.seq = rte_be_to_cpu_32(tcp->sent_seq),
		.ack = rte_be_to_cpu_32(tcp->recv_ack),
		.length = room - words * 4,
		.window = rte_be_to_cpu_16(tcp->rx_win),
		.flags = tcp->tcp_flags,
		.scale = TCP_SCALE_NONE,
	};
	if (words > TCP_OFFSET_MIN)
		tcp_options_read(
			(const uint8_t *)(tcp + 1), words * 4 - sizeof(*tcp), &packet->tcp);
	return sums == SUMS_SETTLED || transport_is_right(transport, room, IPPROTO_TCP, addresses);
}

static __rte_always_inline bool read_transport(const uint8_t *transport, uint32_t room,
	uint64_t addresses, enum sums sums, struct packet *packet)
{
	if (likely(packet->protocol == IPPROTO_UDP))
		return read_udp(transport, room, addresses, sums, packet);
	return packet->protocol == IPPROTO_TCP &&
		read_tcp(transport, room, addresses, sums, packet);
}

static inline void set_plain(struct packet *packet, uint8_t version, uint16_t l4_offset)
{
	packet->l3_offset = ETHERNET;
	packet->l4_offset = l4_offset;
	packet->version = version;
	packet->icmp = ICMP_NONE;
	packet->routing = 0;
	packet->has_ports = true;
	packet->fragment = false;
	packet->later_fragment = false;
	packet->plain = true;
}

static __rte_always_inline bool parse_ipv4(
	const struct rte_mbuf *mbuf, const uint8_t *frame, uint32_t checks, struct packet *packet)
{
	const struct rte_ipv4_hdr *ip = (const struct rte_ipv4_hdr *)(frame + ETHERNET);
	const uint8_t *transport = frame + IPV4_END;
	const uint8_t *source = (const uint8_t *)ip + offsetof(struct rte_ipv4_hdr, src_addr);
	uint32_t length = rte_be_to_cpu_16(ip->total_length);
	enum sums sums = ask_device(mbuf, IPV4_SUM_MASK, IPV4_SUM_GOOD, checks);

	if (unlikely((ip->fragment_offset &
			     RTE_BE16(RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK)) != 0 ||
		    length < sizeof(*ip) + sizeof(struct rte_udp_hdr) ||
		    ETHERNET + length > mbuf->data_len || !source4_is_plain(source[0]) ||
		    !destination4_is_plain(source[4]) || ip->src_addr == ip->dst_addr ||
		    sums == SUMS_WRONG || (sums == SUMS_MAKE && !header_is_right(ip))))
		return false;
	set_plain(packet, 4, IPV4_END);
	packet->protocol = ip->next_proto_id;
	packet->length = length;
	packet_key4(packet, source, transport, KEY_DOMAIN(packet->protocol, 0, 0));
	return read_transport(transport, length - sizeof(*ip),
		(uint64_t)ip->src_addr + ip->dst_addr, sums, packet);
}

static __rte_always_inline bool parse_ipv6(
	const struct rte_mbuf *mbuf, const uint8_t *frame, uint32_t checks, struct packet *packet)
{
	const struct rte_ipv6_hdr *ip = (const struct rte_ipv6_hdr *)(frame + ETHERNET);
	const uint8_t *transport = frame + IPV6_END;
	uint32_t room = rte_be_to_cpu_16(ip->payload_len);
	enum sums sums =
		ask_device(mbuf, RTE_MBUF_F_RX_L4_CKSUM_MASK, RTE_MBUF_F_RX_L4_CKSUM_GOOD, checks);

	if (unlikely(room < sizeof(struct rte_udp_hdr) || IPV6_END + room > mbuf->data_len ||
		    !address6_is_plain(ip->src_addr[0]) || !address6_is_plain(ip->dst_addr[0]) ||
		    packet_same6(ip->src_addr, ip->dst_addr) || sums == SUMS_WRONG))
		return false;
	set_plain(packet, 6, IPV6_END);
	packet->protocol = ip->proto;
	packet->length = sizeof(*ip) + room;
	packet_key6(packet, ip->src_addr, transport, KEY_DOMAIN(packet->protocol, 0, 0));
	return read_transport(transport, room,
		sums == SUMS_MAKE ? sum_bytes(ip->src_addr, 2 * 16) : 0, sums, packet);
}

static __rte_always_inline bool parse(
	const struct rte_mbuf *mbuf, uint32_t checks, struct packet *packet)
{
	const uint8_t *frame = rte_pktmbuf_mtod(mbuf, const uint8_t *);
	uint32_t begin;

	if (unlikely(mbuf->data_len != mbuf->pkt_len ||
		    mbuf->data_len < IPV4_END + sizeof(struct rte_udp_hdr)))
		return false;
	begin = sum_load32(frame + ETHERTYPE_AT);
	if (likely((begin & IPV4_MASK) == IPV4_BEGIN))
		return parse_ipv4(mbuf, frame, checks, packet);
	if (likely((begin & IPV6_MASK) == IPV6_BEGIN && mbuf->data_len >= IPV6_END))
		return parse_ipv6(mbuf, frame, checks, packet);
	return false;
}

bool plain_parse(const struct rte_mbuf *mbuf, uint32_t checks, struct packet *packet)
{
	return parse(mbuf, checks, packet);
}

uint16_t plain_burst(struct burst *burst, struct rte_mbuf **mbufs, uint16_t next, uint16_t count,
	uint32_t checks)
{
	unsigned at = burst->count, end = at + RTE_MIN(count - next, BURST_MAX - (int)at);
	struct packet *packet = &burst->packets[at];
	uint8_t versions = 4; /* bits of all */

	mbufs += next;
	for (; at < end && likely(parse(*mbufs, checks, packet)); at++, packet++) {
		burst->mbufs[at] = *mbufs++;
		burst->reasons[at] = DROP_NONE;
		versions |= packet->version;
	}
	burst->plain_ipv4 = burst->plain_ipv4 && versions == 4;
	next += at - burst->count;
	burst->count = at;
	return next;
}
