/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/icmp.h"

/* RFC 792; 17 and 18 are those of RFC 950. What may begin a flow is what nf_conntrack (Linux,
 * net/netfilter/nf_conntrack_proto_icmp.c) takes for one. */
static const uint8_t kinds4[256] = {
	[0] = ICMP_ANSWER,   /* echo reply */
	[3] = ICMP_ERROR,    /* destination unreachable; code 4: path MTU, RFC 1191 */
	[4] = ICMP_ERROR,    /* source quench */
	[5] = ICMP_REDIRECT, /* redirect */
	[8] = ICMP_REQUEST,  /* echo */
	[11] = ICMP_ERROR,   /* time exceeded */
	[12] = ICMP_ERROR,   /* parameter problem */
	[13] = ICMP_REQUEST, /* timestamp */
	[14] = ICMP_ANSWER,
	[15] = ICMP_REQUEST, /* information */
	[16] = ICMP_ANSWER,
	[17] = ICMP_REQUEST, /* address mask */
	[18] = ICMP_ANSWER,
};

/* RFC 4443 and what stands below */
static const uint8_t kinds6[256] = {
	[128] = ICMP_REQUEST, /* echo */
	[129] = ICMP_ANSWER,
	/* RFC 2710, RFC 3810 */
	[130] = ICMP_LISTENER, /* query */
	[131] = ICMP_LISTENER, /* report */
	[132] = ICMP_LISTENER, /* done */
	[143] = ICMP_LISTENER, /* report of version 2 */
	/* RFC 4861. A redirect is left to the rules: a link works without (RFC 4890 section 4.4.4),
	 * and nf_conntrack does not let it by with the others. */
	[133] = ICMP_NEIGHBOR, /* router solicitation */
	[134] = ICMP_NEIGHBOR, /* router advertisement */
	[135] = ICMP_NEIGHBOR, /* neighbor solicitation */
	[136] = ICMP_NEIGHBOR, /* neighbor advertisement */
	[137] = ICMP_REDIRECT6,
};

enum icmp_kind icmp_kind(uint8_t version, uint8_t protocol, uint8_t type)
{
	const uint8_t *kinds = version == 4 ? kinds4 : kinds6;

	if (protocol != (version == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6))
		return ICMP_NONE;
	/* Known or not, the types below are errors: RFC 4443 section 2.1. */
	if (version == 6 && type < ICMPV6_INFORMATIONAL)
		return ICMP_ERROR;
	return kinds[type] != ICMP_NONE ? kinds[type] : ICMP_OTHER;
}
