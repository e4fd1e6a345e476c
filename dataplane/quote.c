/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/quote.h"

#include <string.h>

#include <rte_byteorder.h>
#include <rte_ip.h>

#include "dataplane/icmp.h"
#include "dataplane/parse.h"

/* Where in the message the reader is, and where the message ends. */
struct cursor {
	const struct rte_mbuf *mbuf;
	uint32_t offset;
	uint32_t end;
};

static const void *cursor_read(const struct cursor *cursor, uint32_t length, void *scratch)
{
	if (cursor->offset + length > cursor->end)
		return NULL;
	return rte_pktmbuf_read(cursor->mbuf, cursor->offset, length, scratch);
}

/* What takes the place of the ports in the key: ports, an identifier, or nothing. */
static bool quote_ports(const struct cursor *cursor, const struct packet *quoted, uint16_t ports[2])
{
	uint8_t scratch[ICMP_HEADER];
	const uint8_t *header;

	if (packet_protocol_has_ports(quoted->protocol)) {
		header = cursor_read(cursor, 2 * sizeof(ports[0]), scratch);
		if (header == NULL)
			return false;
		memcpy(ports, header, 2 * sizeof(ports[0]));
	} else if (icmp_is(quoted->protocol)) {
		header = cursor_read(cursor, ICMP_HEADER, scratch);
		if (header == NULL ||
			!icmp_has_identifier(
				icmp_kind(quoted->version, quoted->protocol, header[0])))
			return false;
		memcpy(&ports[0], header + ICMP_IDENTIFIER, sizeof(ports[0]));
		ports[1] = ports[0];
	}
	return true;
}

/* RFC 791 section 3.1. The lengths are not looked at: what they speak of was cut. */
static bool quote_ipv4(struct cursor *cursor, const struct packet *packet, struct packet *quoted)
{
	uint32_t domain = packet->key.v4.domain;
	struct rte_ipv4_hdr scratch;
	const struct rte_ipv4_hdr *ip = cursor_read(cursor, sizeof(*ip), &scratch);
	uint16_t ports[2] = {0, 0};
	uint32_t addresses[2];

	if (ip == NULL || ip->version != 4 || rte_ipv4_hdr_len(ip) < sizeof(*ip) ||
		(ip->fragment_offset & RTE_BE16(RTE_IPV4_HDR_OFFSET_MASK)) != 0 ||
		ip->src_addr != packet->key.v4.addresses[!packet->end])
		return false;
	cursor->offset += rte_ipv4_hdr_len(ip);
	quoted->protocol = ip->next_proto_id;
	addresses[0] = ip->src_addr;
	addresses[1] = ip->dst_addr;
	if (!quote_ports(cursor, quoted, ports))
		return false;
	packet_key4(quoted, addresses, ports,
		KEY_DOMAIN(quoted->protocol, KEY_VLAN_OUTER(domain), KEY_VLAN_INNER(domain)));
	return true;
}

/* To the transport header, bounded as in a packet of its own; false for a later fragment. */
static bool skip_extensions(struct cursor *cursor, struct packet *quoted)
{
	for (unsigned count = 0; parse_is_extension(quoted->protocol); count++) {
		uint8_t scratch[8];
		const uint8_t *header = cursor_read(cursor, sizeof(scratch), scratch);

		if (header == NULL || count == PARSE_EXTENSION_MAX)
			return false;
		if (quoted->protocol == IPPROTO_FRAGMENT) {
			if (((header[2] << 8 | header[3]) & 0xfff8) != 0)
				return false;
			cursor->offset += 8;
		} else {
			cursor->offset += (header[1] + 1) * 8;
		}
		quoted->protocol = header[0];
	}
	return true;
}

/* RFC 8200 section 3 */
static bool quote_ipv6(struct cursor *cursor, const struct packet *packet, struct packet *quoted)
{
	uint32_t domain = packet->key.v6.domain;
	struct rte_ipv6_hdr scratch;
	const struct rte_ipv6_hdr *ip = cursor_read(cursor, sizeof(*ip), &scratch);
	uint16_t ports[2] = {0, 0};
	uint8_t addresses[2][16];

	if (ip == NULL || rte_be_to_cpu_32(ip->vtc_flow) >> 28 != 6 ||
		memcmp(ip->src_addr, packet->key.v6.addresses[!packet->end], 16) != 0)
		return false;
	cursor->offset += sizeof(*ip);
	quoted->protocol = ip->proto;
	memcpy(addresses[0], ip->src_addr, 16);
	memcpy(addresses[1], ip->dst_addr, 16);
	if (!skip_extensions(cursor, quoted) || !quote_ports(cursor, quoted, ports))
		return false;
	packet_key6(quoted, addresses, ports,
		KEY_DOMAIN(quoted->protocol, KEY_VLAN_OUTER(domain), KEY_VLAN_INNER(domain)));
	return true;
}

bool quote_parse(
	const struct rte_mbuf *mbuf, const struct packet *packet, struct packet *ret_quoted)
{
	struct cursor cursor = {
		.mbuf = mbuf,
		.offset = packet->l4_offset + ICMP_HEADER,
		.end = packet->l3_offset + packet->length,
	};

	ret_quoted->version = packet->version;
	return packet->version == 4 ? quote_ipv4(&cursor, packet, ret_quoted)
				    : quote_ipv6(&cursor, packet, ret_quoted);
}
