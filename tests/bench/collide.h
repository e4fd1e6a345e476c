/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * collide: tuples that are all the same to a hash which an attacker knows.
 *
 * Both CRC32C and the Toeplitz hash of RSS are linear: by Gaussian elimination over the bits of a
 * tuple come differences that they do not see, whatever the first tuple. The last byte of each
 * address is left alone, so that the ends of the flow keep their order.
 */
#ifndef TIDEGATE_TESTS_BENCH_COLLIDE_H
#define TIDEGATE_TESTS_BENCH_COLLIDE_H

#include <stdint.h>

#include "tests/bench/load.h"

enum { COLLIDE_BITS = 48 }; /* 2^48 tuples */

/* A hash of a tuple. */
typedef uint32_t collide_hash_fn(const struct load_tuple *tuple);

/* CRC32C of the tuple as it is in a packet, and RSS by the public symmetric key 6d5a…. */
collide_hash_fn collide_crc32c, collide_rss;

struct collide {
	struct load_tuple differences[COLLIDE_BITS];
	struct load_tuple tuple; /* of the last packet */
	uint64_t made;
};

/* Exits where a tuple does not collide after all. */
void collide_init(struct collide *collide, collide_hash_fn *hash);

/* The next of the tuples, each one once. */
static inline void collide_next(struct collide *collide, struct load_tuple *ret_tuple)
{
	/* Gray code: the next number differs by one bit. */
	const struct load_tuple *difference =
		&collide->differences[__builtin_ctzll(++collide->made)];

	collide->tuple.source ^= difference->source;
	collide->tuple.destination ^= difference->destination;
	collide->tuple.source_port ^= difference->source_port;
	collide->tuple.destination_port ^= difference->destination_port;
	*ret_tuple = collide->tuple;
}

#endif
