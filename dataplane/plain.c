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

/* By the first byte of an IPv4 address: no check is about it, as a source or as a destination.
 * Multicast is no source. */
static const bool source_is_plain[UINT8_MAX + 1] = {[1 ... 126] = true, [128 ... 223] = true};
static const bool destination_is_plain[UINT8_MAX + 1] = {[1 ... 126] = true, [128 ... 255] = true};

/* What is to be done about a packet's checksums. */
enum sums { SUMS_MAKE, SUMS_SETTLED, SUMS_WRONG };

/* mask: of the device's flags for them; good: of these, when it has found them right. One that is
 * made and need not be does no harm: where it is wrong, the packet is not plain. */
static inline enum sums ask_device(
	const struct rte_mbuf *mbuf, uint64_t mask, uint64_t good, bool wanted)
{
	uint64_t device = mbuf->ol_flags & mask;

	if (likely(device == 0))
		return wanted ? SUMS_MAKE : SUMS_SETTLED;
	return device == good ? SUMS_SETTLED : SUMS_WRONG;
}

/* addresses: their sum. */
static inline bool header_is_right(const uint8_t *ip, uint64_t addresses)
{
	return sum_is_right(
		addresses + sum_load32(ip) + sum_load32(ip + 4) + sum_load32(ip + 8));
}

/* Of length bytes of a protocol; addresses: their sum. */
static inline bool transport_is_right(
	const uint8_t *transport, uint32_t length, uint8_t protocol, uint64_t addresses)
{
	return sum_is_right(sum_add(sum_long(transport, length),
		addresses + rte_cpu_to_be_16(protocol) + rte_cpu_to_be_16(length)));
}

/* Of global unicast, 2000::/3, or unique local, fc00::/7: no special one is in there. */
static inline bool address6_is_plain(uint8_t first)
{
	return first >> 5 == 1 || first >> 1 == 0x7e;
}

static __rte_always_inline void set_plain(
	struct packet *packet, uint8_t version, uint16_t l4_offset, uint8_t protocol)
{
	packet->l3_offset = ETHERNET;
	packet->l4_offset = l4_offset;
	packet->version = version;
	packet->icmp = ICMP_NONE;
	packet->routing = 0;
	packet->has_ports = true;
	packet->protocol = protocol;
	packet->plain = true;
	packet->fragment = false;
	packet->later_fragment = false;
}

/* The transport header, with room bytes of it and its payload; the datagram has them all. One of IPv4
 * may go without a sum. addresses: their sum. */
static __rte_always_inline bool read_udp(const uint8_t *transport, uint32_t room,
	uint64_t addresses, uint8_t version, enum sums sums, struct packet *packet)
{
	const struct rte_udp_hdr *udp = (const struct rte_udp_hdr *)transport;

	packet->tcp_flags = 0;
	if (unlikely(rte_be_to_cpu_16(udp->dgram_len) != room))
		return false;
	if (sums == SUMS_SETTLED)
		return true;
	if (unlikely(udp->dgram_cksum == 0))
		return version == 4;
	return transport_is_right(transport, room, IPPROTO_UDP, addresses);
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

/* Behind an IP header that ends at l4_offset. */
static __rte_always_inline bool read_transport(const uint8_t *frame, uint16_t l4_offset,
	uint8_t protocol, uint32_t room, uint64_t addresses, uint8_t version, enum sums sums,
	struct packet *packet)
{
	const uint8_t *transport = frame + l4_offset;

	if (likely(protocol == IPPROTO_UDP)) {
		set_plain(packet, version, l4_offset, IPPROTO_UDP);
		return read_udp(transport, room, addresses, version, sums, packet);
	}
	if (protocol != IPPROTO_TCP)
		return false;
	set_plain(packet, version, l4_offset, IPPROTO_TCP);
	return read_tcp(transport, room, addresses, sums, packet);
}

static __rte_always_inline bool parse_ipv4(
	const struct rte_mbuf *mbuf, const uint8_t *frame, bool sums_wanted, struct packet *packet)
{
	const uint8_t *ip = frame + ETHERNET;
	const uint8_t *both = ip + offsetof(struct rte_ipv4_hdr, src_addr);
	uint32_t source = sum_load32(both), destination = sum_load32(both + 4);
	uint64_t addresses = (uint64_t)source + destination;
	uint16_t fragment = sum_load16(ip + offsetof(struct rte_ipv4_hdr, fragment_offset));
	uint32_t length = rte_be_to_cpu_16(
		sum_load16(ip + offsetof(struct rte_ipv4_hdr, total_length)));
	uint8_t protocol = ip[offsetof(struct rte_ipv4_hdr, next_proto_id)];
	enum sums sums = ask_device(mbuf, IPV4_SUM_MASK, IPV4_SUM_GOOD, sums_wanted);

	if (unlikely((fragment & RTE_BE16(RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK)) != 0 ||
		    length < sizeof(struct rte_ipv4_hdr) + sizeof(struct rte_udp_hdr) ||
		    ETHERNET + length > mbuf->data_len ||
		    (source_is_plain[both[0]] & destination_is_plain[both[4]]) == 0 ||
		    source == destination || sums == SUMS_WRONG ||
		    (sums == SUMS_MAKE && !header_is_right(ip, addresses))))
		return false;
	packet->length = length;
	packet_key4(packet, both, frame + IPV4_END, KEY_DOMAIN(protocol, 0, 0));
	return read_transport(frame, IPV4_END, protocol, length - sizeof(struct rte_ipv4_hdr),
		addresses, 4, sums, packet);
}

static __rte_always_inline bool parse_ipv6(
	const struct rte_mbuf *mbuf, const uint8_t *frame, bool sums_wanted, struct packet *packet)
{
	const struct rte_ipv6_hdr *ip = (const struct rte_ipv6_hdr *)(frame + ETHERNET);
	uint32_t room = rte_be_to_cpu_16(ip->payload_len);
	enum sums sums = ask_device(
		mbuf, RTE_MBUF_F_RX_L4_CKSUM_MASK, RTE_MBUF_F_RX_L4_CKSUM_GOOD, sums_wanted);

	if (unlikely(room < sizeof(struct rte_udp_hdr) || IPV6_END + room > mbuf->data_len ||
		    !address6_is_plain(ip->src_addr[0]) || !address6_is_plain(ip->dst_addr[0]) ||
		    packet_same6(ip->src_addr, ip->dst_addr) || sums == SUMS_WRONG))
		return false;
	packet->length = sizeof(*ip) + room;
	packet_key6(packet, ip->src_addr, frame + IPV6_END, KEY_DOMAIN(ip->proto, 0, 0));
	return read_transport(frame, IPV6_END, ip->proto, room,
		sums == SUMS_MAKE ? sum_bytes(ip->src_addr, 2 * 16) : 0, 6, sums, packet);
}

/* The IP version of a plain packet, or 0. */
static __rte_always_inline unsigned parse(
	const struct rte_mbuf *mbuf, bool sums_wanted, struct packet *packet)
{
	const uint8_t *frame = rte_pktmbuf_mtod(mbuf, const uint8_t *);
	uint32_t begin;

	if (unlikely(mbuf->data_len != mbuf->pkt_len ||
		    mbuf->data_len < IPV4_END + sizeof(struct rte_udp_hdr)))
		return 0;
	begin = sum_load32(frame + ETHERTYPE_AT);
	if (likely((begin & IPV4_MASK) == IPV4_BEGIN))
		return parse_ipv4(mbuf, frame, sums_wanted, packet) ? 4 : 0;
	if (likely((begin & IPV6_MASK) == IPV6_BEGIN && mbuf->data_len >= IPV6_END))
		return parse_ipv6(mbuf, frame, sums_wanted, packet) ? 6 : 0;
	return 0;
}

uint16_t plain_burst(struct worker *worker, struct rte_mbuf **mbufs, uint16_t next, uint16_t count)
{
	struct burst *burst = &worker->burst;
	const struct flow_table *ipv4 = &worker->tables[0], *ipv6 = &worker->tables[1];
	unsigned at = burst->count, end = at + RTE_MIN(count - next, BURST_MAX - (int)at);
	struct packet *packet = &burst->packets[at];
	bool sums_wanted = (worker->checks & SUM_CHECKS) != 0, any_ipv6 = false;

	mbufs += next;
	for (; at < end; at++, packet++) {
		struct rte_mbuf *mbuf = *mbufs++;
		unsigned version = parse(mbuf, sums_wanted, packet);
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
