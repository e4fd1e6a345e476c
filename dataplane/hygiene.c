/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/hygiene.h"

#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_ip.h>

#include "dataplane/checksum.h"
#include "dataplane/dataplane.h"
#include "dataplane/icmp.h"

enum {
	IPV4_HEADER = sizeof(struct rte_ipv4_hdr),

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
	case IPOPT_RR:
	case IPOPT_LSRR:
	case IPOPT_SSRR:
		return false;
	case IPOPT_RA: /* RFC 6398: for what routers on the way are to read */
		return protocol == IPPROTO_IGMP || protocol == IPPROTO_RSVP;
	default:
		return true;
	}
}

/* Options are a type and, but for the two of one byte, a length: RFC 791 section 3.1. */
static bool options_are_good(const struct rte_mbuf *mbuf, const struct packet *packet)
{
	uint32_t length = packet->l4_offset - packet->l3_offset - IPV4_HEADER;
	uint8_t scratch[MAX_IPOPTLEN];
	const uint8_t *options =
		rte_pktmbuf_read(mbuf, packet->l3_offset + IPV4_HEADER, length, scratch);

	for (uint32_t at = 0; at < length && options[at] != IPOPT_END;) {
		if (options[at] == IPOPT_NOOP) {
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

	if (destination >> 24 == 0 || IN_MULTICAST(source) || source == INADDR_BROADCAST)
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

static struct in6_addr address6(const struct packet *packet, unsigned end)
{
	struct in6_addr address;

	memcpy(&address, packet->key.v6.addresses[end], sizeof(address));
	return address;
}

/* RFC 4291 sections 2.5.2 and 2.7, RFC 6890 section 2.2.3. :: is the source of who has no address
 * yet: it solicits (RFC 4861, 4862) and reports to multicast routers (RFC 3590, 3810). */
static bool is_martian6(const struct packet *packet, const struct in6_addr *source,
	const struct in6_addr *destination)
{
	if (IN6_IS_ADDR_MULTICAST(source) || IN6_IS_ADDR_UNSPECIFIED(destination) ||
		IN6_IS_ADDR_V4MAPPED(source) || IN6_IS_ADDR_V4MAPPED(destination))
		return true;
	return IN6_IS_ADDR_UNSPECIFIED(source) && packet->icmp != ICMP_NEIGHBOR &&
		packet->icmp != ICMP_LISTENER && !packet->later_fragment;
}

/* RFC 4861 sections 6.1, 7.1 and 8.1; RFC 2710 section 3, RFC 3590 section 4, RFC 3810 section 5.
 */
static bool is_from_link(
	const struct rte_mbuf *mbuf, const struct packet *packet, const struct in6_addr *source)
{
	uint8_t scratch;
	uint8_t hop_limit = *(const uint8_t *)rte_pktmbuf_read(
		mbuf, packet->l3_offset + offsetof(struct rte_ipv6_hdr, hop_limits), 1, &scratch);

	if (packet->icmp == ICMP_LISTENER)
		return hop_limit == HOP_LIMIT_LINK &&
			(IN6_IS_ADDR_LINKLOCAL(source) || IN6_IS_ADDR_UNSPECIFIED(source));
	return hop_limit == HOP_LIMIT_MAX;
}

static enum drop_reason check_ipv6(
	const struct rte_mbuf *mbuf, const struct packet *packet, uint32_t checks)
{
	const struct in6_addr source = address6(packet, packet->end);
	const struct in6_addr destination = address6(packet, !packet->end);

	if (unlikely((packet->routing & ROUTING_TYPE0) != 0) && is_on(checks, CHECK_ROUTING_HEADER))
		return DROP_ROUTING_HEADER;
	if (is_on(checks, CHECK_LOOPBACK) &&
		(IN6_IS_ADDR_LOOPBACK(&source) || IN6_IS_ADDR_LOOPBACK(&destination)))
		return DROP_LOOPBACK;
	if (is_on(checks, CHECK_LAND) && IN6_ARE_ADDR_EQUAL(&source, &destination))
		return DROP_LAND;
	if (is_on(checks, CHECK_MARTIAN) && is_martian6(packet, &source, &destination))
		return DROP_MARTIAN;
	if (unlikely(icmp_is_of_link(packet->icmp)) && is_on(checks, CHECK_ND_HOP_LIMIT) &&
		!is_from_link(mbuf, packet, &source))
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
