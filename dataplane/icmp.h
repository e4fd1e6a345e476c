/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * icmp: what a message of ICMP or ICMPv6 is to the flows.
 */
#ifndef TIDEGATE_DATAPLANE_ICMP_H
#define TIDEGATE_DATAPLANE_ICMP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	ICMP_HEADER = 8,	    /* bytes, RFC 792 */
	ICMPV6_HEADER_MIN = 4,	    /* RFC 4443 section 2.1 */
	ICMP_IDENTIFIER = 4,	    /* offset in the header */
	ICMPV6_INFORMATIONAL = 128, /* the first type that is no error, RFC 4443 section 2.1 */
};

enum icmp_kind {
	ICMP_NONE,	/* not ICMP */
	ICMP_REQUEST,	/* has an identifier, and begins a flow by it */
	ICMP_OTHER,	/* a flow by its addresses */
	ICMP_REDIRECT6, /* the same, of neighbor discovery */
	ICMP_ANSWER,	/* to a request, with its identifier */
	ICMP_ERROR,	/* quotes the packet that it is about */
	ICMP_REDIRECT,	/* of IPv4: does so too */
	ICMP_NEIGHBOR,	/* neighbor and router discovery, RFC 4861 */
	ICMP_LISTENER,	/* multicast listener discovery, RFC 2710, RFC 3810 */
};

/* Of a message of the type, by a packet's IP version and protocol. ICMP of the other IP version is
 * a protocol like any other. */
enum icmp_kind icmp_kind(uint8_t version, uint8_t protocol, uint8_t type);

static inline bool icmp_is(uint8_t protocol)
{
	return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
}

/* Whether the packet that a message is about follows its header. */
static inline bool icmp_quotes(enum icmp_kind kind)
{
	return kind == ICMP_ERROR || kind == ICMP_REDIRECT;
}

/* Whether it is sent on a link alone. */
static inline bool icmp_is_of_link(enum icmp_kind kind)
{
	return kind == ICMP_NEIGHBOR || kind == ICMP_LISTENER || kind == ICMP_REDIRECT6;
}

static inline bool icmp_has_identifier(enum icmp_kind kind)
{
	return kind == ICMP_REQUEST || kind == ICMP_ANSWER;
}

#endif
