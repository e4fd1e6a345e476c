/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/plain.h"

/* A test defines PORTABLE: what other processors do. */
#if defined(__SSSE3__) && !defined(PORTABLE)
#include <immintrin.h>
#define SHUFFLE
#endif

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

/* The shortest that is looked at, with a UDP header: an IPv4 packet, and the frame around it. */
#define IPV4_MIN ((uint32_t)(sizeof(struct rte_ipv4_hdr) + sizeof(struct rte_udp_hdr)))
#define FRAME_MIN (ETHERNET + IPV4_MIN)

/* The ethertype and what follows it: the first byte of the IP header, or of IPv6 a half. */
#define ETHERTYPE_AT (ETHERNET - 2)
#define IPV4_BEGIN 0x45
#define IPV6_BEGIN RTE_BE32(0x86dd6000)
#define IPV6_MASK RTE_BE32(0xfffff000)

/* What is asked about sums, and what the device says of them, where it does: right or not. Sums that are
 * made and need not be do no harm: where they are wrong, the packet is not plain. */
#define SUM_CHECKS (CHECK_BIT(CHECK_IPV4_CHECKSUM) | CHECK_BIT(CHECK_L4_CHECKSUM))
#define IPV4_SUM_MASK (RTE_MBUF_F_RX_IP_CKSUM_MASK | RTE_MBUF_F_RX_L4_CKSUM_MASK)
#define IPV4_SUM_GOOD (RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD)
#define IPV6_SUM_MASK RTE_MBUF_F_RX_L4_CKSUM_MASK
#define IPV6_SUM_GOOD RTE_MBUF_F_RX_L4_CKSUM_GOOD

/* By the first byte of an IPv4 address: no check is about it, as a source or as a destination.
 * Multicast is no source. */
static const struct {
	uint8_t source[UINT8_MAX + 1];
	uint8_t destination[UINT8_MAX + 1];
} is_plain = {
	.source = {[1 ... 126] = 1, [128 ... 223] = 1},
	.destination = {[1 ... 126] = 1, [128 ... 255] = 1},
};

/* Of global unicast, 2000::/3, or unique local, fc00::/7: no special one is in there. */
static inline bool address6_is_plain(uint8_t first)
{
	return first >> 5 == 1 || first >> 1 == 0x7e;
}

/* The sum of a transport header and what follows it, room bytes, with that of the addresses. */
static __rte_always_inline uint64_t sum_transport(
	const uint8_t *transport, uint32_t room, uint8_t protocol, uint64_t addresses)
{
	/* That of UDP is in its header, too. */
	uint32_t length = protocol == IPPROTO_UDP
		? sum_load16(transport + offsetof(struct rte_udp_hdr, dgram_len))
		: rte_cpu_to_be_16(room);

	return sum_add_bytes(addresses + rte_cpu_to_be_16(protocol) + length, transport, room);
}

/* Whether the length of a UDP header is that of what the IP header brings, room bytes, or a TCP
 * header's is no longer. */
static __rte_always_inline bool length_is_right(
	const uint8_t *transport, uint32_t room, uint8_t protocol)
{
	const struct rte_udp_hdr *udp = (const struct rte_udp_hdr *)transport;
	const struct rte_tcp_hdr *tcp = (const struct rte_tcp_hdr *)transport;
	unsigned words;

	if (protocol == IPPROTO_UDP)
		return rte_be_to_cpu_16(udp->dgram_len) == (uint16_t)room;
	if (room < sizeof(*tcp))
		return false;
	words = tcp->data_off >> 4;
	return words >= TCP_OFFSET_MIN && words * 4 <= room;
}

static inline void read_tcp(const uint8_t *transport, uint32_t room, struct packet *packet)
{
	const struct rte_tcp_hdr *tcp = (const struct rte_tcp_hdr *)transport;
	unsigned words = tcp->data_off >> 4;

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
}

/* All of a plain packet but its key and length. */
static __rte_always_inline void fill(const uint8_t *transport, uint32_t room, uint8_t version,
	uint16_t l4_offset, uint8_t protocol, struct packet *packet)
{
	const struct packet same = {
		.l3_offset = ETHERNET,
		.l4_offset = l4_offset,
		.version = version,
		.icmp = ICMP_NONE,
		.has_ports = true,
		.protocol = protocol,
		.plain = true,
	};
	const size_t begin = offsetof(struct packet, l3_offset);

	memcpy((char *)packet + begin, (const char *)&same + begin,
		offsetof(struct packet, fragment_length) - begin);
	if (protocol == IPPROTO_TCP)
		read_tcp(transport, room, packet);
}

/* The key of a packet of TCP or UDP that its end sent; header: of IPv4, without options. */
static __rte_always_inline void set_key4(
	struct packet *packet, unsigned end, const uint8_t *header, uint8_t protocol)
{
#ifdef SHUFFLE
	/* In one go, from the protocol on: addresses and ports by end, and the protocol alone in the
	 * highest byte. */
	enum { NONE = 0x80, FROM = offsetof(struct rte_ipv4_hdr, next_proto_id) - 1 };
	static const uint8_t places[2][16] __rte_aligned(16) = {
		{4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, NONE, NONE, NONE, 1},
		{8, 9, 10, 11, 4, 5, 6, 7, 14, 15, 12, 13, NONE, NONE, NONE, 1},
	};
	__m128i bytes = _mm_loadu_si128((const __m128i *)(header + FROM));

	(void)protocol;
	packet->end = end;
	_mm_storeu_si128(
		(__m128i *)&packet->key.v4, _mm_shuffle_epi8(bytes, *(const __m128i *)places[end]));
#else
	packet_key4_of(packet, end, header + offsetof(struct rte_ipv4_hdr, src_addr),
		header + sizeof(struct rte_ipv4_hdr), KEY_DOMAIN(protocol, 0, 0));
#endif
}

/* A datagram of IPv4 may go without a sum. */
static __rte_always_inline bool sums4_are_right(const uint8_t *frame, uint64_t source,
	uint64_t destination, uint32_t room, uint8_t protocol)
{
	const uint8_t *ip = frame + ETHERNET, *transport = frame + IPV4_END;
	const struct rte_udp_hdr *udp = (const struct rte_udp_hdr *)transport;
	uint64_t addresses = source + destination;
	uint64_t header = sum_add64(addresses + sum_load32(ip + 8), ip);

	if (unlikely(!sum_is_right(header)))
		return false;
	return likely(sum_is_right(sum_transport(transport, room, protocol, addresses))) ||
		(protocol == IPPROTO_UDP && udp->dgram_cksum == 0);
}

static __rte_always_inline bool finish_ipv4(const struct rte_mbuf *mbuf, const uint8_t *frame,
	uint32_t length, bool sums_asked, uint8_t protocol, struct packet *packet)
{
	const uint8_t *addresses = frame + ETHERNET + offsetof(struct rte_ipv4_hdr, src_addr);
	uint64_t source = sum_load32(addresses), destination = sum_load32(addresses + 4);
	const uint8_t *transport = frame + IPV4_END;
	uint32_t room = length - sizeof(struct rte_ipv4_hdr);

	if (unlikely(source == destination || !length_is_right(transport, room, protocol)))
		return false;
	if (likely((mbuf->ol_flags & IPV4_SUM_MASK) == 0)) {
		if (sums_asked && !sums4_are_right(frame, source, destination, room, protocol))
			return false;
	} else if ((mbuf->ol_flags & IPV4_SUM_MASK) != IPV4_SUM_GOOD) {
		return false;
	}
	packet->length = length;
	fill(transport, room, 4, IPV4_END, protocol, packet);
	set_key4(packet, source > destination, frame + ETHERNET, protocol);
	return true;
}

static __rte_always_inline bool parse_ipv4(
	const struct rte_mbuf *mbuf, const uint8_t *frame, bool sums_asked, struct packet *packet)
{
	const struct rte_ipv4_hdr *ip = (const struct rte_ipv4_hdr *)(frame + ETHERNET);
	const uint8_t *source = (const uint8_t *)ip + offsetof(struct rte_ipv4_hdr, src_addr);
	uint32_t length = rte_be_to_cpu_16(ip->total_length);

	/* The data go beyond the UDP header: in one comparison, less than that is more than any. */
	if (unlikely((ip->fragment_offset &
			     RTE_BE16(RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK)) != 0 ||
		    length - IPV4_MIN > mbuf->data_len - FRAME_MIN ||
		    (is_plain.source[source[0]] & is_plain.destination[source[4]]) == 0))
		return false;
	if (likely(ip->next_proto_id == IPPROTO_UDP))
		return finish_ipv4(mbuf, frame, length, sums_asked, IPPROTO_UDP, packet);
	return ip->next_proto_id == IPPROTO_TCP &&
		finish_ipv4(mbuf, frame, length, sums_asked, IPPROTO_TCP, packet);
}

/* A datagram without a sum is none of IPv6: RFC 8200 section 8.1. */
static __rte_always_inline bool sum6_is_right(
	const uint8_t *addresses, const uint8_t *transport, uint32_t room, uint8_t protocol)
{
	const struct rte_udp_hdr *udp = (const struct rte_udp_hdr *)transport;

	return !(protocol == IPPROTO_UDP && udp->dgram_cksum == 0) &&
		sum_is_right(sum_transport(transport, room, protocol, sum_bytes(addresses, 32)));
}

static __rte_always_inline bool finish_ipv6(const struct rte_mbuf *mbuf, const uint8_t *frame,
	uint32_t room, bool sums_asked, uint8_t protocol, struct packet *packet)
{
	const uint8_t *addresses = frame + ETHERNET + offsetof(struct rte_ipv6_hdr, src_addr);
	const uint8_t *transport = frame + IPV6_END;

	if (unlikely(!length_is_right(transport, room, protocol)))
		return false;
	if (likely((mbuf->ol_flags & IPV6_SUM_MASK) == 0)) {
		if (sums_asked && !sum6_is_right(addresses, transport, room, protocol))
			return false;
	} else if ((mbuf->ol_flags & IPV6_SUM_MASK) != IPV6_SUM_GOOD) {
		return false;
	}
	packet->length = sizeof(struct rte_ipv6_hdr) + room;
	fill(transport, room, 6, IPV6_END, protocol, packet);
	packet_key6(packet, addresses, transport, KEY_DOMAIN(protocol, 0, 0));
	return true;
}

static __rte_always_inline bool parse_ipv6(
	const struct rte_mbuf *mbuf, const uint8_t *frame, bool sums_asked, struct packet *packet)
{
	const struct rte_ipv6_hdr *ip = (const struct rte_ipv6_hdr *)(frame + ETHERNET);
	uint32_t room = rte_be_to_cpu_16(ip->payload_len);

	if (unlikely(room < sizeof(struct rte_udp_hdr) || IPV6_END + room > mbuf->data_len ||
		    !address6_is_plain(ip->src_addr[0]) || !address6_is_plain(ip->dst_addr[0]) ||
		    packet_same6(ip->src_addr, ip->dst_addr)))
		return false;
	if (likely(ip->proto == IPPROTO_UDP))
		return finish_ipv6(mbuf, frame, room, sums_asked, IPPROTO_UDP, packet);
	return ip->proto == IPPROTO_TCP &&
		finish_ipv6(mbuf, frame, room, sums_asked, IPPROTO_TCP, packet);
}

/* The IP version of a plain packet, or 0. */
static __rte_always_inline unsigned parse(
	const struct rte_mbuf *mbuf, bool sums_asked, struct packet *packet)
{
	const uint8_t *frame = rte_pktmbuf_mtod(mbuf, const uint8_t *);

	if (unlikely(mbuf->data_len != mbuf->pkt_len || mbuf->data_len < FRAME_MIN))
		return 0;
	if (likely(sum_load16(frame + ETHERTYPE_AT) == RTE_BE16(RTE_ETHER_TYPE_IPV4) &&
		    frame[ETHERNET] == IPV4_BEGIN))
		return parse_ipv4(mbuf, frame, sums_asked, packet) ? 4 : 0;
	if (likely((sum_load32(frame + ETHERTYPE_AT) & IPV6_MASK) == IPV6_BEGIN &&
		    mbuf->data_len >= IPV6_END))
		return parse_ipv6(mbuf, frame, sums_asked, packet) ? 6 : 0;
	return 0;
}

uint16_t plain_burst(struct worker *worker, struct rte_mbuf **mbufs, uint16_t next, uint16_t count)
{
	struct burst *burst = &worker->burst;
	const struct flow_table *ipv4 = &worker->tables[0], *ipv6 = &worker->tables[1];
	size_t at = burst->count, end = at + RTE_MIN(count - next, BURST_MAX - (int)at);
	struct packet *packet = &burst->packets[at];
	bool sums_asked = (worker->checks & SUM_CHECKS) != 0, any_ipv6 = false;

	mbufs += next;
	for (; at < end; at++, packet++) {
		struct rte_mbuf *mbuf = *mbufs++;
		unsigned version = parse(mbuf, sums_asked, packet);
		uint32_t hash;

		if (likely(version == 4)) {
			hash = flow_hash4(&ipv4->secret, &packet->key.v4);
			burst->buckets[at] = flow_bucket(ipv4, hash);
		} else if (version == 6) {
			hash = flow_hash6(&ipv6->secret, &packet->key.v6);
			burst->buckets[at] = flow_bucket(ipv6, hash);
			any_ipv6 = true;
		} else {
			break;
		}
		rte_prefetch0(burst->buckets[at]);
		burst->hashes[at] = hash;
		burst->mbufs[at] = mbuf;
	}
	memset(&burst->reasons[burst->count], DROP_NONE, at - burst->count);
	burst->plain_ipv4 = burst->plain_ipv4 && !any_ipv6;
	next += at - burst->count;
	burst->count = at;
	return next;
}
