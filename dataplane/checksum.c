/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * checksum: the sums of sum.h over headers and payloads, and the CRC32c of SCTP.
 */
#include "dataplane/checksum.h"

#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_hash_crc.h>
#include <rte_ip.h>
#include <rte_sctp.h>
#include <rte_udp.h>

#include "dataplane/sum.h"

bool checksum_ipv4(const struct rte_mbuf *mbuf, const struct packet *packet)
{
	uint64_t device = mbuf->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK;
	uint32_t length = packet->l4_offset - packet->l3_offset;
	uint8_t scratch[sizeof(struct rte_ipv4_hdr) + MAX_IPOPTLEN];
	const uint8_t *header;

	if (device != RTE_MBUF_F_RX_IP_CKSUM_UNKNOWN)
		return device != RTE_MBUF_F_RX_IP_CKSUM_BAD;
	header = rte_pktmbuf_read(mbuf, packet->l3_offset, length, scratch);
	return sum_is_right(sum_bytes(header, length));
}

/* RFC 9293 section 3.1, RFC 8200 section 8.1. */
static inline uint64_t pseudo_header(const struct packet *packet, uint32_t length)
{
	uint64_t sum = rte_cpu_to_be_16(packet->protocol) + (uint64_t)rte_cpu_to_be_16(length);

	if (packet->version == 4)
		return sum + packet->key.v4.addresses[0] + packet->key.v4.addresses[1];
	return sum + sum_bytes(packet->key.v6.addresses[0], sizeof(packet->key.v6.addresses));
}

/* Of length bytes from offset on, which lie within the packet. */
static uint64_t sum_segments(const struct rte_mbuf *mbuf, uint32_t offset, uint32_t length)
{
	uint64_t sum = 0;
	uint32_t done = 0;

	for (; offset >= rte_pktmbuf_data_len(mbuf); mbuf = mbuf->next)
		offset -= rte_pktmbuf_data_len(mbuf);
	for (; done < length; mbuf = mbuf->next, offset = 0) {
		uint32_t piece = RTE_MIN(rte_pktmbuf_data_len(mbuf) - offset, length - done);
		uint16_t part = sum_fold(
			sum_bytes(rte_pktmbuf_mtod_offset(mbuf, uint8_t *, offset), piece));

		/* A piece that begins at an odd place has its bytes the other way round. */
		sum += done % 2 == 0 ? part : rte_bswap16(part);
		done += piece;
	}
	return sum;
}

static inline bool is_right(
	const struct rte_mbuf *mbuf, const struct packet *packet, uint32_t length, uint64_t pseudo)
{
	uint64_t sum = pseudo;

	if (likely(packet->l4_offset + length <= rte_pktmbuf_data_len(mbuf)))
		sum += sum_bytes(
			rte_pktmbuf_mtod_offset(mbuf, uint8_t *, packet->l4_offset), length);
	else
		sum += sum_segments(mbuf, packet->l4_offset, length);
	/* ICMP has no pseudo header: it may be all zeros. */
	return sum != 0 && sum_is_right(sum);
}

static bool udp_is_right(const struct rte_mbuf *mbuf, const struct packet *packet)
{
	struct rte_udp_hdr scratch;
	const struct rte_udp_hdr *udp =
		rte_pktmbuf_read(mbuf, packet->l4_offset, sizeof(*udp), &scratch);
	/* What follows the datagram in the IP packet is not in its sum. */
	uint16_t length = rte_be_to_cpu_16(udp->dgram_len);

	if (udp->dgram_cksum == 0)
		return packet->version == 4;
	return is_right(mbuf, packet, length, pseudo_header(packet, length));
}

/* Go on with a CRC32c; rte_hash_crc() wants its bytes aligned. */
static uint32_t crc_bytes(const uint8_t *bytes, uint32_t length, uint32_t crc)
{
	uint64_t word;

	for (; length >= sizeof(word); bytes += sizeof(word), length -= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		crc = rte_hash_crc_8byte(word, crc);
	}
	for (; length > 0; bytes++, length--)
		crc = rte_hash_crc_1byte(*bytes, crc);
	return crc;
}

/* Go on with the CRC32c of length bytes from offset on, which lie within the packet. */
static uint32_t crc_segments(
	const struct rte_mbuf *mbuf, uint32_t offset, uint32_t length, uint32_t crc)
{
	for (; offset >= rte_pktmbuf_data_len(mbuf) && length > 0; mbuf = mbuf->next)
		offset -= rte_pktmbuf_data_len(mbuf);
	for (; length > 0; mbuf = mbuf->next, offset = 0) {
		uint32_t piece = RTE_MIN(rte_pktmbuf_data_len(mbuf) - offset, length);

		crc = crc_bytes(rte_pktmbuf_mtod_offset(mbuf, uint8_t *, offset), piece, crc);
		length -= piece;
	}
	return crc;
}

/* RFC 9260 section 6.8 and appendix A: the packet's, with 0 in place of it, its least significant
 * byte first. */
static bool sctp_is_right(const struct rte_mbuf *mbuf, const struct packet *packet, uint32_t length)
{
	struct rte_sctp_hdr scratch;
	const struct rte_sctp_hdr *sctp =
		rte_pktmbuf_read(mbuf, packet->l4_offset, sizeof(*sctp), &scratch);
	uint32_t crc =
		crc_bytes((const uint8_t *)sctp, offsetof(struct rte_sctp_hdr, cksum), UINT32_MAX);

	crc = rte_hash_crc_4byte(0, crc);
	crc = crc_segments(mbuf, packet->l4_offset + sizeof(*sctp), length - sizeof(*sctp), crc);
	return ~crc == rte_le_to_cpu_32(sctp->cksum);
}

bool checksum_l4(const struct rte_mbuf *mbuf, const struct packet *packet)
{
	uint64_t device = mbuf->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK;
	uint32_t length = packet->l3_offset + packet->length - packet->l4_offset;

	if (device != RTE_MBUF_F_RX_L4_CKSUM_UNKNOWN)
		return device != RTE_MBUF_F_RX_L4_CKSUM_BAD;
	if (unlikely((packet->routing & ROUTING_LEFT) != 0 && packet->protocol != IPPROTO_SCTP))
		return true;
	switch (packet->protocol) {
	case IPPROTO_TCP:
		return is_right(mbuf, packet, length, pseudo_header(packet, length));
	case IPPROTO_UDP:
		return udp_is_right(mbuf, packet);
	case IPPROTO_SCTP:
		return sctp_is_right(mbuf, packet, length);
	case IPPROTO_ICMP:
		return packet->version != 4 || is_right(mbuf, packet, length, 0);
	case IPPROTO_ICMPV6:
		return packet->version != 6 ||
			is_right(mbuf, packet, length, pseudo_header(packet, length));
	default:
		return true;
	}
}
