/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/parse.h"

#include <string.h>

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_sctp.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "dataplane/icmp.h"
#include "dataplane/tcp_options.h"

enum {
	ETHERTYPE_QINQ_OLD = 0x9100, /* QinQ before 802.1ad had a number of its own */
	TCP_OFFSET_MIN = 5,	     /* 32-bit words; RFC 9293 section 3.1 */
};

/* Where in a frame the parser is. */
struct view {
	const struct rte_mbuf *mbuf;
	uint32_t offset; /* of the next header */
	uint32_t end;	 /* of the frame; of the IP packet once its length is known */
	uint16_t vlan_outer;
	uint16_t vlan_inner;
};

/* length bytes at the view's offset, or NULL past its end; scratch takes what lies in two segments.
 */
static inline const void *view_read(const struct view *view, uint32_t length, void *scratch)
{
	if (unlikely(view->offset + length > view->end))
		return NULL;
	return rte_pktmbuf_read(view->mbuf, view->offset, length, scratch);
}

static inline bool is_vlan(uint16_t ethertype)
{
	return ethertype == RTE_ETHER_TYPE_VLAN || ethertype == RTE_ETHER_TYPE_QINQ ||
		ethertype == ETHERTYPE_QINQ_OLD;
}

/* Ethernet and up to two VLAN tags (IEEE 802.1Q); the view moves to the network header. */
static inline enum drop_reason parse_ethernet(struct view *view, uint16_t *ret_ethertype)
{
	struct rte_ether_hdr ether_scratch;
	const struct rte_ether_hdr *ether = view_read(view, sizeof(*ether), &ether_scratch);
	uint16_t ethertype;

	if (ether == NULL)
		return DROP_ETHERNET_TRUNCATED;
	ethertype = rte_be_to_cpu_16(ether->ether_type);
	view->offset += sizeof(*ether);

	for (unsigned tags = 0; unlikely(is_vlan(ethertype)); tags++) {
		struct rte_vlan_hdr vlan_scratch;
		const struct rte_vlan_hdr *vlan = view_read(view, sizeof(*vlan), &vlan_scratch);

		if (tags == PARSE_VLAN_MAX)
			return DROP_VLAN_DEPTH;
		if (vlan == NULL)
			return DROP_ETHERNET_TRUNCATED;
		view->vlan_outer = view->vlan_inner;
		view->vlan_inner = rte_be_to_cpu_16(vlan->vlan_tci) & 0xfff;
		ethertype = rte_be_to_cpu_16(vlan->eth_proto);
		view->offset += sizeof(*vlan);
	}
	*ret_ethertype = ethertype;
	return DROP_NONE;
}

/* A datagram with one fragment alone is a whole packet. */
static inline void note_fragment(struct packet *packet, uint16_t offset, bool last, uint32_t id)
{
	packet->fragment_offset = offset;
	packet->last_fragment = last;
	packet->fragment_id = id;
	packet->later_fragment = offset != 0;
	packet->fragment = offset != 0 || !last;
}

/* RFC 791 section 3.1. The view moves to the transport header and ends with the IP packet. */
static inline enum drop_reason parse_ipv4(
	struct view *view, struct packet *packet, uint32_t addresses[2])
{
	struct rte_ipv4_hdr scratch;
	const struct rte_ipv4_hdr *ip = view_read(view, sizeof(*ip), &scratch);
	uint32_t header_length;
	uint16_t fragment;

	if (ip == NULL)
		return DROP_IPV4_TRUNCATED;
	if (ip->version != 4)
		return DROP_IPV4_VERSION;
	header_length = rte_ipv4_hdr_len(ip);
	if (header_length < sizeof(*ip))
		return DROP_IPV4_HEADER_LENGTH;
	packet->length = rte_be_to_cpu_16(ip->total_length);
	if (packet->length < header_length || view->offset + packet->length > view->end)
		return DROP_IPV4_TOTAL_LENGTH;
	packet->version = 4;
	packet->protocol = ip->next_proto_id;
	addresses[0] = ip->src_addr;
	addresses[1] = ip->dst_addr;

	fragment = rte_be_to_cpu_16(ip->fragment_offset);
	note_fragment(packet, (fragment & RTE_IPV4_HDR_OFFSET_MASK) * RTE_IPV4_HDR_OFFSET_UNITS,
		(fragment & RTE_IPV4_HDR_MF_FLAG) == 0, ip->packet_id);
	packet->fragment_length = packet->length - header_length;

	view->end = view->offset + packet->length;
	view->offset += header_length;
	return DROP_NONE;
}

/* The fragment header of RFC 8200 section 4.5. One alone in its datagram is an atomic fragment, RFC
 * 6946. */
static void note_ipv6_fragment(
	const struct view *view, struct packet *packet, const uint8_t header[8])
{
	uint16_t offset_flags = (uint16_t)(header[2] << 8 | header[3]);
	uint32_t id;

	memcpy(&id, header + 4, sizeof(id));
	note_fragment(packet, offset_flags & 0xfff8, (offset_flags & 1) == 0, id);
	packet->fragment_length = view->end - view->offset - 8;
}

/* The chain of RFC 8200 section 4, bounded, with one fragment header (section 4.1). A later
 * fragment's payload is no header any more. */
static enum drop_reason parse_extensions(struct view *view, struct packet *packet)
{
	bool cut = false;

	for (unsigned count = 0; parse_is_extension(packet->protocol) && !packet->later_fragment;
		count++) {
		uint8_t scratch[8];
		const uint8_t *header = view_read(view, sizeof(scratch), scratch);
		uint32_t length;

		if (count == PARSE_EXTENSION_MAX || (packet->protocol == 44 && cut))
			return DROP_IPV6_EXTENSION_COUNT;
		if (header == NULL)
			return DROP_IPV6_EXTENSION_TRUNCATED;
		if (packet->protocol == 44) {
			length = 8;
			cut = true;
			note_ipv6_fragment(view, packet, header);
		} else {
			length = (header[1] + 1) * 8;
			if (packet->protocol == IPPROTO_ROUTING)
				packet->routing |= (header[2] == 0 ? ROUTING_TYPE0 : 0) |
					(header[3] != 0 ? ROUTING_LEFT : 0);
		}
		if (view->offset + length > view->end)
			return DROP_IPV6_EXTENSION_TRUNCATED;
		packet->protocol = header[0];
		view->offset += length;
	}
	return DROP_NONE;
}

/* RFC 8200 section 3. The view moves to the transport header and ends with the IP packet. */
static inline enum drop_reason parse_ipv6(
	struct view *view, struct packet *packet, uint8_t addresses[2][16])
{
	struct rte_ipv6_hdr scratch;
	const struct rte_ipv6_hdr *ip = view_read(view, sizeof(*ip), &scratch);

	if (ip == NULL)
		return DROP_IPV6_TRUNCATED;
	if (rte_be_to_cpu_32(ip->vtc_flow) >> 28 != 6)
		return DROP_IPV6_VERSION;
	packet->length = sizeof(*ip) + rte_be_to_cpu_16(ip->payload_len);
	if (view->offset + packet->length > view->end)
		return DROP_IPV6_PAYLOAD_LENGTH;
	packet->version = 6;
	packet->protocol = ip->proto;
	memcpy(addresses[0], ip->src_addr, 16);
	memcpy(addresses[1], ip->dst_addr, 16);
	view->end = view->offset + packet->length;
	view->offset += sizeof(*ip);
	return parse_extensions(view, packet);
}

/* The options of a TCP header of so many bytes. */
static void parse_tcp_options(
	const struct view *view, uint32_t header_length, struct tcp_segment *segment)
{
	uint8_t scratch[TCP_OPTIONS_MAX];
	uint32_t length = header_length - sizeof(struct rte_tcp_hdr);

	tcp_options_read(rte_pktmbuf_read(view->mbuf, view->offset + sizeof(struct rte_tcp_hdr),
				 length, scratch),
		length, segment);
}

static inline enum drop_reason parse_tcp(
	const struct view *view, struct packet *packet, uint16_t ports[2])
{
	struct rte_tcp_hdr scratch;
	const struct rte_tcp_hdr *tcp = view_read(view, sizeof(*tcp), &scratch);
	unsigned words;

	if (tcp == NULL)
		return DROP_TCP_TRUNCATED;
	words = tcp->data_off >> 4;
	if (words < TCP_OFFSET_MIN || view->offset + words * 4 > view->end)
		return DROP_TCP_DATA_OFFSET;
	packet->tcp_flags = tcp->tcp_flags;
	packet->tcp = (struct tcp_segment){
		.seq = rte_be_to_cpu_32(tcp->sent_seq),
		.ack = rte_be_to_cpu_32(tcp->recv_ack),
		.length = view->end - view->offset - words * 4,
		.window = rte_be_to_cpu_16(tcp->rx_win),
		.flags = tcp->tcp_flags,
		.scale = TCP_SCALE_NONE,
	};
	if (words > TCP_OFFSET_MIN)
		parse_tcp_options(view, words * 4, &packet->tcp);
	ports[0] = tcp->src_port;
	ports[1] = tcp->dst_port;
	return DROP_NONE;
}

/* RFC 768; the length of a fragmented datagram is that of the whole, and 0 stands for a jumbo
 * payload of IPv6 (RFC 2675 section 4), which no 16-bit payload length holds: it is an error here.
 */
static inline enum drop_reason parse_udp(
	const struct view *view, const struct packet *packet, uint16_t ports[2])
{
	struct rte_udp_hdr scratch;
	const struct rte_udp_hdr *udp = view_read(view, sizeof(*udp), &scratch);
	uint16_t length;

	if (udp == NULL)
		return DROP_UDP_TRUNCATED;
	length = rte_be_to_cpu_16(udp->dgram_len);
	if (length < sizeof(*udp) || (view->offset + length > view->end && !packet->fragment))
		return DROP_UDP_LENGTH;
	ports[0] = udp->src_port;
	ports[1] = udp->dst_port;
	return DROP_NONE;
}

/* RFC 9260 section 3. */
static enum drop_reason parse_sctp(
	const struct view *view, struct packet *packet, uint16_t ports[2])
{
	struct rte_sctp_hdr scratch;
	const struct rte_sctp_hdr *sctp = view_read(view, sizeof(*sctp), &scratch);

	if (sctp == NULL)
		return DROP_SCTP_TRUNCATED;
	sctp_read(view->mbuf, view->offset, view->end, !packet->fragment, &packet->sctp);
	ports[0] = sctp->src_port;
	ports[1] = sctp->dst_port;
	return DROP_NONE;
}

/* RFC 792, RFC 4443 section 2.1. An identifier takes the place of both ports. */
static enum drop_reason parse_icmp(
	const struct view *view, struct packet *packet, uint16_t ports[2])
{
	bool ipv4 = packet->protocol == IPPROTO_ICMP;
	uint8_t scratch[ICMP_HEADER];
	const uint8_t *icmp = view_read(view, ipv4 ? ICMP_HEADER : ICMPV6_HEADER_MIN, scratch);
	enum icmp_kind kind;

	if (icmp == NULL)
		return ipv4 ? DROP_ICMP_TRUNCATED : DROP_ICMPV6_TRUNCATED;
	kind = icmp_kind(packet->version, packet->protocol, icmp[0]);
	packet->icmp = kind;
	if (icmp_has_identifier(kind)) {
		icmp = view_read(view, ICMP_HEADER, scratch);
		if (icmp == NULL)
			return DROP_ICMPV6_TRUNCATED;
		memcpy(&ports[0], icmp + ICMP_IDENTIFIER, sizeof(ports[0]));
		ports[1] = ports[0];
	}
	return DROP_NONE;
}

static inline enum drop_reason parse_transport(
	const struct view *view, struct packet *packet, uint16_t ports[2])
{
	switch (packet->protocol) {
	case IPPROTO_TCP:
		return parse_tcp(view, packet, ports);
	case IPPROTO_UDP:
		return parse_udp(view, packet, ports);
	case IPPROTO_SCTP:
		return parse_sctp(view, packet, ports);
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return parse_icmp(view, packet, ports);
	default:
		return DROP_NONE;
	}
}

static inline uint32_t domain_of(const struct view *view, const struct packet *packet)
{
	return KEY_DOMAIN(packet->protocol, view->vlan_outer, view->vlan_inner);
}

enum drop_reason parse_packet(const struct rte_mbuf *mbuf, struct packet *packet)
{
	struct view view = {.mbuf = mbuf, .end = rte_pktmbuf_pkt_len(mbuf)};
	uint16_t ports[2] = {0, 0};
	uint8_t addresses6[2][16] = {{0}}; /* which compilers cannot see to be set */
	uint32_t addresses4[2] = {0, 0};   /* likewise */
	uint16_t ethertype;
	enum drop_reason reason;

	packet->version = 0;
	packet->tcp_flags = 0;
	packet->plain = false;
	packet->fragment = false;
	packet->later_fragment = false;
	packet->icmp = ICMP_NONE;
	packet->routing = 0;
	reason = parse_ethernet(&view, &ethertype);
	if (unlikely(reason != DROP_NONE))
		return reason;

	packet->l3_offset = view.offset;
	if (ethertype == RTE_ETHER_TYPE_IPV4) {
		reason = parse_ipv4(&view, packet, addresses4);
		if (unlikely(reason != DROP_NONE))
			return reason;
	} else if (ethertype == RTE_ETHER_TYPE_IPV6) {
		reason = parse_ipv6(&view, packet, addresses6);
		if (unlikely(reason != DROP_NONE && !packet->fragment))
			return reason;
	} else {
		return DROP_NONE;
	}

	packet->l4_offset = view.offset;
	packet->has_ports = packet_protocol_has_ports(packet->protocol);
	if (likely(reason == DROP_NONE && !packet->later_fragment)) {
		reason = parse_transport(&view, packet, ports);
		if (unlikely(reason != DROP_NONE && !packet->fragment))
			return reason;
	}
	if (packet->version == 4)
		packet_key4(packet, addresses4, ports, domain_of(&view, packet));
	else
		packet_key6(packet, addresses6, ports, domain_of(&view, packet));
	if (unlikely(packet->icmp != ICMP_NONE && !icmp_has_identifier(packet->icmp)))
		packet_key_no_identifier(packet);
	return reason;
}

bool parse_may_stray(const struct rte_mbuf *mbuf)
{
	struct view view = {.mbuf = mbuf, .end = rte_pktmbuf_pkt_len(mbuf)};
	uint8_t scratch[10];
	const uint8_t *ip;
	uint16_t ethertype;

	if (parse_ethernet(&view, &ethertype) != DROP_NONE)
		return false;
	ip = view_read(&view, sizeof(scratch), scratch);
	if (ip == NULL)
		return false;
	if (ethertype == RTE_ETHER_TYPE_IPV4)
		return ip[9] == IPPROTO_ICMP ||
			((ip[6] << 8 | ip[7]) &
				(RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK)) != 0;
	return ethertype == RTE_ETHER_TYPE_IPV6 &&
		(ip[6] == IPPROTO_ICMPV6 || parse_is_extension(ip[6]));
}
