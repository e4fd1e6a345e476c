/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sum: the one's complement sums of RFC 1071, which do not depend on the order of the words, nor on
 * how many of them are added at a time.
 *
 * Not by rte_raw_cksum(), which adds two bytes at a time, nor by rte_raw_cksum_mbuf(): that of DPDK
 * 22.11 loses the carries of a segment that begins at an odd place.
 */
#ifndef TIDEGATE_DATAPLANE_SUM_H
#define TIDEGATE_DATAPLANE_SUM_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <rte_byteorder.h>

static inline uint64_t sum_load64(const uint8_t *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

static inline uint32_t sum_load32(const uint8_t *bytes)
{
	uint32_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

static inline uint16_t sum_load16(const uint8_t *bytes)
{
	uint16_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

/* In this machine's byte order; an odd byte has a zero behind it. Below 2^35. */
static inline uint64_t sum_bytes(const uint8_t *bytes, uint32_t length)
{
	const uint8_t *end = bytes + (length & ~7u);
	unsigned __int128 sum = 0;

	for (; bytes < end; bytes += 8)
		sum += sum_load64(bytes);
	if ((length & 4) != 0) {
		sum += sum_load32(bytes);
		bytes += 4;
	}
	if ((length & 2) != 0) {
		sum += sum_load16(bytes);
		bytes += 2;
	}
	if ((length & 1) != 0)
		sum += rte_cpu_to_be_16(*bytes << 8);
	return (uint64_t)(sum >> 64) + ((uint64_t)sum >> 32) + (uint32_t)sum;
}

/* All ones, with the checksum in it: a multiple of 2^16 - 1, and there is anything at all. */
static inline bool sum_is_right(uint64_t sum)
{
	return sum != 0 && sum % 0xffff == 0;
}

static inline uint16_t sum_fold(uint64_t sum)
{
	sum = (sum & UINT32_MAX) + (sum >> 32);
	sum = (sum & UINT32_MAX) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

#endif
