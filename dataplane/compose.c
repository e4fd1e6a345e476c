/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/compose.h"

#include <string.h>

#include <rte_byteorder.h>
#include <rte_ip.h>

enum { HOP_LIMIT = 64 };

uint32_t compose_ip_length(uint8_t version)
{
	return version == 4 ? sizeof(struct rte_ipv4_hdr) : sizeof(struct rte_ipv6_hdr);
}

/* Not to be fragmented, so that its identification may be anything: RFC 6864 section 4.1. */
static void compose_ipv4(struct rte_ipv4_hdr *ip, const void *source, const void *destination,
	uint8_t protocol, uint16_t payload)
{
	*ip = (struct rte_ipv4_hdr){
		.version_ihl = RTE_IPV4_VHL_DEF,
		.total_length = rte_cpu_to_be_16(sizeof(*ip) + payload),
		.fragment_offset = RTE_BE16(RTE_IPV4_HDR_DF_FLAG),
		.time_to_live = HOP_LIMIT,
		.next_proto_id = protocol,
	};
	memcpy(&ip->src_addr, source, sizeof(ip->src_addr));
	memcpy(&ip->dst_addr, destination, sizeof(ip->dst_addr));
	ip->hdr_checksum = rte_ipv4_cksum(ip);
}

static void compose_ipv6(struct rte_ipv6_hdr *ip, const void *source, const void *destination,
	uint8_t protocol, uint16_t payload)
{
	*ip = (struct rte_ipv6_hdr){
		.vtc_flow = RTE_BE32(UINT32_C(6) << 28),
		.payload_len = rte_cpu_to_be_16(payload),
		.proto = protocol,
		.hop_limits = HOP_LIMIT,
	};
	memcpy(ip->src_addr, source, sizeof(ip->src_addr));
	memcpy(ip->dst_addr, destination, sizeof(ip->dst_addr));
}

struct rte_mbuf *compose_packet(struct rte_mempool *pool, uint32_t link, uint8_t version,
	const void *source, const void *destination, uint8_t protocol, uint16_t payload,
	void **ret_payload)
{
	uint32_t headers = link + compose_ip_length(version);
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(pool);
	char *data;

	if (mbuf == NULL)
		return NULL;
	data = rte_pktmbuf_append(mbuf, headers + payload);
	if (data == NULL) {
		rte_pktmbuf_free(mbuf);
		return NULL;
	}
	if (version == 4)
		compose_ipv4((void *)(data + link), source, destination, protocol, payload);
	else
		compose_ipv6((void *)(data + link), source, destination, protocol, payload);
	*ret_payload = data + headers;
	return mbuf;
}

uint16_t compose_checksum(uint8_t version, const void *payload)
{
	const void *ip = (const uint8_t *)payload - compose_ip_length(version);

	return version == 4 ? rte_ipv4_udptcp_cksum(ip, payload)
			    : rte_ipv6_udptcp_cksum(ip, payload);
}
