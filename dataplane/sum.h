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

/* More, the carry going round. */
static inline uint64_t sum_add(uint64_t sum, uint64_t word)
{
	sum += word;
	return sum + (sum < word);
}

static inline uint64_t sum_add64(uint64_t sum, const uint8_t *bytes)
{
	return sum_add(sum, sum_load64(bytes));
}

/* In this machine's byte order; an odd byte has a zero behind it. Below 2^34. */
static inline uint64_t sum_bytes(const uint8_t *bytes, uint32_t length)
{
	uint64_t sum = 0, rest = 0;

	for (; length >= 32; bytes += 32, length -= 32) {
		sum = sum_add64(sum_add64(sum, bytes), bytes + 8);
		sum = sum_add64(sum_add64(sum, bytes + 16), bytes + 24);
	}
	if ((length & 16) != 0) {
		sum = sum_add64(sum_add64(sum, bytes), bytes + 8);
		bytes += 16;
	}
	if ((length & 8) != 0) {
		sum = sum_add64(sum, bytes);
		bytes += 8;
	}
	if ((length & 4) != 0) {
		rest = sum_load32(bytes);
		bytes += 4;
	}
	if ((length & 2) != 0) {
		rest += sum_load16(bytes);
		bytes += 2;
	}
	if ((length & 1) != 0)
		rest += rte_cpu_to_be_16(*bytes << 8);
	return rest + (sum >> 32) + (uint32_t)sum;
}

/* Add at least 8 bytes to a sum, the carry going round. */
static inline uint64_t sum_add_bytes(uint64_t sum, const uint8_t *bytes, uint32_t length)
{
	unsigned behind;
	uint64_t rest;

	for (; length >= 32; bytes += 32, length -= 32) {
		sum = sum_add64(sum_add64(sum, bytes), bytes + 8);
		sum = sum_add64(sum_add64(sum, bytes + 16), bytes + 24);
	}
	if ((length & 16) != 0) {
		sum = sum_add64(sum_add64(sum, bytes), bytes + 8);
		bytes += 16;
	}
	if ((length & 8) != 0) {
		sum = sum_add64(sum, bytes);
		bytes += 8;
	}
	/* Of the last 8 bytes those behind the others, moved to the front of the word: by 64 bits less
	 * 8 for each. */
	behind = length & 7;
	rest = rte_le_to_cpu_64(sum_load64(bytes + behind - 8)) >> 1 >> (~(behind * 8) & 63);
	return sum_add(sum, rte_cpu_to_le_64(rest));
}

/* All ones, with the checksum in it: a multiple of 2^16 - 1. Of bytes that are not all 0. */
static inline bool sum_is_right(uint64_t sum)
{
	const uint64_t inverse = UINT64_C(0xfffefffefffeffff); /* of 2^16 - 1 modulo 2^64 */

	return sum * inverse <= UINT64_MAX / 0xffff;
}

static inline uint16_t sum_fold(uint64_t sum)
{
	sum = (sum & UINT32_MAX) + (sum >> 32);
	sum = (sum & UINT32_MAX) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

#endif
