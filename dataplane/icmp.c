/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/icmp.h"

/* RFC 792; 17 and 18 are those of RFC 950. */
static const uint8_t kinds4[256] = {
	[0] = ICMP_ANSWER,   /* echo reply */
	[8] = ICMP_REQUEST,  /* echo */
	[13] = ICMP_REQUEST, /* timestamp */
	[14] = ICMP_ANSWER,
	[15] = ICMP_REQUEST, /* information */
	[16] = ICMP_ANSWER,
	[17] = ICMP_REQUEST, /* address mask */
	[18] = ICMP_ANSWER,
};

/* RFC 4443 */
static const uint8_t kinds6[256] = {
	[128] = ICMP_REQUEST, /* echo */
	[129] = ICMP_ANSWER,
};

enum icmp_kind icmp_kind(uint8_t version, uint8_t protocol, uint8_t type)
{
	const uint8_t *kinds = version == 4 ? kinds4 : kinds6;

	if (protocol != (version == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6))
		return ICMP_NONE;
	return kinds[type] != ICMP_NONE ? kinds[type] : ICMP_OTHER;
}
