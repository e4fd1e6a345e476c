/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/rss.h"

#include <netinet/in.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_ethdev.h>
#include <rte_thash.h>

void rss_set_key(struct rss *rss, uint16_t pattern)
{
	for (unsigned i = 0; i < sizeof(rss->key); i++)
		rss->key[i] = i % 2 == 0 ? pattern >> 8 : pattern & 0xff;
}

/* Whether the NIC looks at the ports of a protocol. */
static bool hashes_ports(const struct rss *rss, const struct packet *packet)
{
	bool ipv4 = packet->version == 4;

	switch (packet->protocol) {
	case IPPROTO_TCP:
		return rss->functions &
			(ipv4 ? RTE_ETH_RSS_NONFRAG_IPV4_TCP : RTE_ETH_RSS_NONFRAG_IPV6_TCP);
	case IPPROTO_UDP:
		return rss->functions &
			(ipv4 ? RTE_ETH_RSS_NONFRAG_IPV4_UDP : RTE_ETH_RSS_NONFRAG_IPV6_UDP);
	case IPPROTO_SCTP:
		return rss->functions &
			(ipv4 ? RTE_ETH_RSS_NONFRAG_IPV4_SCTP : RTE_ETH_RSS_NONFRAG_IPV6_SCTP);
	default:
		return false;
	}
}

/* rte_softrss() takes 32-bit words in the machine's order. */
uint32_t rss_hash(const struct rss *rss, const struct packet *packet)
{
	unsigned end = packet->end, words = 0;
	const uint16_t *ports;
	uint32_t tuple[RTE_THASH_V6_L4_LEN];

	if (packet->version == 4) {
		ports = packet->key.v4.ports;
		tuple[words++] = rte_be_to_cpu_32(packet->key.v4.addresses[end]);
		tuple[words++] = rte_be_to_cpu_32(packet->key.v4.addresses[!end]);
	} else {
		ports = packet->key.v6.ports;
		memcpy(&tuple[0], packet->key.v6.addresses[end], 16);
		memcpy(&tuple[4], packet->key.v6.addresses[!end], 16);
		for (; words < RTE_THASH_V6_L3_LEN; words++)
			tuple[words] = rte_be_to_cpu_32(tuple[words]);
	}
	if (hashes_ports(rss, packet))
		tuple[words++] = (uint32_t)rte_be_to_cpu_16(ports[end]) << 16 |
			rte_be_to_cpu_16(ports[!end]);
	return rte_softrss(tuple, words, rss->key);
}
