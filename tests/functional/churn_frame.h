/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * churn_frame: the frames of connections that have a number, without data.
 *
 * The number is in addresses and ports: even ones are IPv4, from 10.0.0.0 + number, odd ones IPv6,
 * from 2001:db8:: + number; the source port is 1024 + number % 50000. Numbers are of 24 bits.
 */
#ifndef TIDEGATE_TESTS_FUNCTIONAL_CHURN_FRAME_H
#define TIDEGATE_TESTS_FUNCTIONAL_CHURN_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Write a frame with these TCP flags from one end, 0 the client's or 1 the server's, to the other;
 * random has the first sequence numbers of both. Returns its length, at most 74 bytes.
 */
size_t churn_frame_write(
	uint8_t *frame, uint32_t number, unsigned from, uint8_t flags, uint64_t random);

/* Number and flags of a frame that came in at an end; false: it is none of these. */
bool churn_frame_read(
	const uint8_t *frame, size_t length, unsigned at, uint32_t *ret_number, uint8_t *ret_flags);

#endif
