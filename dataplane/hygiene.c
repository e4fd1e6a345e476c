/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/hygiene.h"

#include <string.h>

#include <rte_ip.h>

#include "dataplane/dataplane.h"
#include "dataplane/icmp.h"

enum {
	HOP_LIMIT_MAX = 255, /* of what no router has forwarded */
	HOP_LIMIT_LINK = 1,
};

static inline bool is_on(uint32_t checks, enum check check)
{
	return (checks & CHECK_BIT(check)) != 0;
}

/* fe80::/10 or ::, RFC 4291 sections 2.5.2 and 2.5.6. */
static bool is_of_link(const uint8_t address[16])
{
	static const uint8_t unspecified[16];

	return (address[0] == 0xfe && (address[1] & 0xc0) == 0x80) ||
		memcmp(address, unspecified, sizeof(unspecified)) == 0;
}

/* RFC 4861 sections 6.1, 7.1 and 8.1; RFC 2710 section 3, RFC 3590 section 4, RFC 3810 section 5. */
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

enum drop_reason hygiene_check(
	const struct rte_mbuf *mbuf, const struct packet *packet, uint32_t checks)
{
	if (unlikely(icmp_is_of_link(packet->icmp)) && is_on(checks, CHECK_ND_HOP_LIMIT) &&
		!is_from_link(mbuf, packet))
		return DROP_ND_HOP_LIMIT;
	return DROP_NONE;
}
