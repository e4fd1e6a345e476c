/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/hygiene.h"

#include <string.h>

#include <rte_byteorder.h>
#include <rte_ip.h>

#include "dataplane/checksum.h"
#include "dataplane/dataplane.h"
#include "dataplane/icmp.h"

enum {
	IPV4_HEADER = 20,
	IPV4_HEADER_MAX = 60,

	/* IPv4 options by their type: RFC 791 section 3.1, RFC 2113. */
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_RECORD_ROUTE = 7,
	OPTION_LOOSE_ROUTE = 131,
	OPTION_STRICT_ROUTE = 137,
	OPTION_ROUTER_ALERT = 148,

	HOP_LIMIT_MAX = 255, /* of what no router has forwarded */
	HOP_LIMIT_LINK = 1,

	PORT_DHCP_SERVER = 67, /* RFC 2131 section 4.1 */
};

static inline bool is_on(uint32_t checks, enum check check)
{
	return (checks & CHECK_BIT(check)) != 0;
}

static bool option_is_good(uint8_t option, uint8_t protocol)
{
	switch (option) {
	case OPTION_RECORD_ROUTE:
	case OPTION_LOOSE_ROUTE:
	case OPTION_STRICT_ROUTE:
		return false;
	case OPTION_ROUTER_ALERT: /* RFC 6398: for what routers on the way are to read */
		return protocol == IPPROTO_IGMP || protocol == IPPROTO_RSVP;
	default:
		return true;
	}
}

/* Options are a type and, but for the two of one byte, a length: RFC 791 section 3.1. */
static bool options_are_good(const struct rte_mbuf *mbuf, const struct packet *packet)
{
	uint32_t length = packet->l4_offset - packet->l3_offset - IPV4_HEADER;
	uint8_t scratch[IPV4_HEADER_MAX - IPV4_HEADER];
	const uint8_t *options =
		rte_pktmbuf_read(mbuf, packet->l3_offset + IPV4_HEADER, length, scratch);

	for (uint32_t at = 0; at < length && options[at] != OPTION_END;) {
		if (options[at] == OPTION_NOP) {
			at++;
			continue;
		}
		if (at + 1 >= length || options[at + 1] < 2 || at + options[at + 1] > length ||
			!option_is_good(options[at], packet->protocol))
			return false;
		at += options[at + 1];
	}
	return true;
}

/* 0.0.0.0 has who asks for an address by DHCP, and may have who reports to or queries for IGMP (RFC
 * 3376 section 4.2.13, RFC 4541 section 2.1.1). A later fragment goes by its first one, without
 * which it does not pass. */
static bool may_have_no_address4(const struct packet *packet)
{
	return packet->protocol == IPPROTO_IGMP || packet->later_fragment ||
		(packet->protocol == IPPROTO_UDP &&
			packet->key.v4.ports[!packet->end] == RTE_BE16(PORT_DHCP_SERVER));
}

/* RFC 1122 section 3.2.1.3, RFC 6890 section 2.2.2. */
static bool is_martian4(const struct packet *packet)
{
	uint32_t source = rte_be_to_cpu_32(packet->key.v4.addresses[packet->end]);
	uint32_t destination = rte_be_to_cpu_32(packet->key.v4.addresses[!packet->end]);

	if (destination >> 24 == 0 || source >> 28 == 14 || source == UINT32_MAX)
		return true;
	return source >> 24 == 0 && (source != 0 || !may_have_no_address4(packet));
}

static enum drop_reason check_ipv4(
	const struct rte_mbuf *mbuf, const struct packet *packet, uint32_t checks)
{
	const uint32_t *addresses = packet->key.v4.addresses;
	const uint32_t network = RTE_BE32(0xff000000), loopback = RTE_BE32(0x7f000000);

	if (is_on(checks, CHECK_IPV4_CHECKSUM) && !checksum_ipv4(mbuf, packet))
		return DROP_IPV4_CHECKSUM;
	if (unlikely(packet->l4_offset - packet->l3_offset > IPV4_HEADER) &&
		is_on(checks, CHECK_IPV4_OPTIONS) && !options_are_good(mbuf, packet))
		return DROP_IPV4_OPTIONS;
	if (is_on(checks, CHECK_LOOPBACK) &&
		((addresses[0] & network) == loopback || (addresses[1] & network) == loopback))
		return DROP_LOOPBACK;
	if (is_on(checks, CHECK_LAND) && addresses[0] == addresses[1])
		return DROP_LAND;
	if (is_on(checks, CHECK_MARTIAN) && is_martian4(packet))
		return DROP_MARTIAN;
	return DROP_NONE;
}

static const uint8_t unspecified[16];

static bool is_unspecified(const uint8_t address[16])
{
	return memcmp(address, unspecified, sizeof(unspecified)) == 0;
}

/* ::1 */
static bool is_loopback6(const uint8_t address[16])
{
	return address[15] == 1 && memcmp(address, unspecified, 15) == 0;
}

/* ::ffff:0:0/96 */
static bool is_mapped(const uint8_t address[16])
{
	return address[10] == 0xff && address[11] == 0xff && memcmp(address, unspecified, 10) == 0;
}

/* fe80::/10 or ::, RFC 4291 sections 2.5.2 and 2.5.6. */
static bool is_of_link(const uint8_t address[16])
{
	return (address[0] == 0xfe && (address[1] & 0xc0) == 0x80) || is_unspecified(address);
}

/* RFC 4291 sections 2.5.2 and 2.7, RFC 6890 section 2.2.3. :: is the source of who has no address
 * yet: it solicits (RFC 4861, 4862) and reports to multicast routers (RFC 3590, 3810). */
static bool is_martian6(const struct packet *packet)
{
	const uint8_t *source = packet->key.v6.addresses[packet->end];
	const uint8_t *destination = packet->key.v6.addresses[!packet->end];

	if (source[0] == 0xff || is_unspecified(destination) || is_mapped(source) ||
		is_mapped(destination))
		return true;
	return is_unspecified(source) && packet->icmp != ICMP_NEIGHBOR &&
		packet->icmp != ICMP_LISTENER && !packet->later_fragment;
}

/* RFC 4861 sections 6.1, 7.1 and 8.1; RFC 2710 section 3, RFC 3590 section 4, RFC 3810 section 5.
 */
static bool is_from_link(const struct rte_mbuf *mbuf, const struct packet *packet)
{
	uint8_t scratch;
	uint8_t hop_limit = *(const uint8_t *)rte_pktmbuf_read(
		mbuf, packet->l3_offset + offsetof(struct rte_ipv6_hdr, hop_limits), 1, &scratch);

	if (packet->icmp == ICMP_LISTENER)
		return hop_limit == HOP_LIMIT_LINK &&
			is_of_link(packet->key.v6.addresses[packet->end]);
	return hop_limit == HOP_LIMIT_MAX;
}

static enum drop_reason check_ipv6(
	const struct rte_mbuf *mbuf, const struct packet *packet, uint32_t checks)
{
	const struct flow_key6 *key = &packet->key.v6;

	if (unlikely((packet->routing & ROUTING_TYPE0) != 0) && is_on(checks, CHECK_ROUTING_HEADER))
		return DROP_ROUTING_HEADER;
	if (is_on(checks, CHECK_LOOPBACK) &&
		(is_loopback6(key->addresses[0]) || is_loopback6(key->addresses[1])))
		return DROP_LOOPBACK;
	if (is_on(checks, CHECK_LAND) && memcmp(key->addresses[0], key->addresses[1], 16) == 0)
		return DROP_LAND;
	if (is_on(checks, CHECK_MARTIAN) && is_martian6(packet))
		return DROP_MARTIAN;
	if (unlikely(icmp_is_of_link(packet->icmp)) && is_on(checks, CHECK_ND_HOP_LIMIT) &&
		!is_from_link(mbuf, packet))
		return DROP_ND_HOP_LIMIT;
	return DROP_NONE;
}

enum drop_reason hygiene_check(
	const struct rte_mbuf *mbuf, const struct packet *packet, uint32_t checks)
{
	enum drop_reason reason = packet->version == 4 ? check_ipv4(mbuf, packet, checks)
						       : check_ipv6(mbuf, packet, checks);

	if (reason == DROP_NONE && is_on(checks, CHECK_L4_CHECKSUM) && !packet->fragment &&
		!checksum_l4(mbuf, packet))
		return DROP_L4_CHECKSUM;
	return reason;
}
