/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * reference_fragment: which fragments go on, and in what order, as plainly as can be: a map of the
 * bytes of each datagram, and who brought them. No time passes and there is room for all.
 */
#ifndef TIDEGATE_TESTS_PIPELINE_REFERENCE_FRAGMENT_H
#define TIDEGATE_TESTS_PIPELINE_REFERENCE_FRAGMENT_H

#include <stdbool.h>
#include <stdint.h>

enum { REFERENCE_DATAGRAMS = 8, REFERENCE_BYTES = 8192 };

/* Bytes [begin, end) of a datagram, of which more follow or not. */
struct reference_piece {
	uint8_t datagram; /* below REFERENCE_DATAGRAMS */
	uint16_t begin;
	uint16_t end; /* at most REFERENCE_BYTES */
	bool more;
};

/* Put the numbers of the pieces that go on in ret_order, in the order in which they do. Returns
 * how many they are. */
unsigned reference_fragment(
	const struct reference_piece *pieces, unsigned count, unsigned *ret_order);

#endif
