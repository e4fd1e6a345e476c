/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/bench/collide.h"

#include <string.h>

#include <rte_byteorder.h>
#include <rte_hash_crc.h>
#include <rte_ip.h>
#include <rte_thash.h>

#include "tests/bench/program.h"

enum { TUPLE_BITS = 8 * sizeof(struct load_tuple), HASH_BITS = 32, TRIED = 1000 };

static const struct load_tuple zero;

uint32_t collide_crc32c(const struct load_tuple *tuple)
{
	return rte_hash_crc(tuple, sizeof(*tuple), 0);
}

uint32_t collide_rss(const struct load_tuple *tuple)
{
	uint8_t key[40];
	uint32_t words[3] = {rte_be_to_cpu_32(tuple->source), rte_be_to_cpu_32(tuple->destination),
		(uint32_t)rte_be_to_cpu_16(tuple->source_port) << 16 |
			rte_be_to_cpu_16(tuple->destination_port)};

	for (unsigned i = 0; i < sizeof(key); i++)
		key[i] = i % 2 == 0 ? 0x6d : 0x5a;
	return rte_softrss(words, RTE_DIM(words), key);
}

static void add(struct load_tuple *sum, const struct load_tuple *tuple)
{
	sum->source ^= tuple->source;
	sum->destination ^= tuple->destination;
	sum->source_port ^= tuple->source_port;
	sum->destination_port ^= tuple->destination_port;
}

/* Differences by which the hash does not change. Returns how many there are. */
static unsigned find_differences(collide_hash_fn *hash, struct load_tuple differences[COLLIDE_BITS])
{
	struct load_tuple pivots[HASH_BITS];
	uint32_t images[HASH_BITS] = {0};
	unsigned count = 0;

	for (unsigned bit = 0; bit < TUPLE_BITS && count < COLLIDE_BITS; bit++) {
		uint8_t bytes[sizeof(struct load_tuple)] = {0};
		struct load_tuple tuple;
		uint32_t image;

		if (bit / 8 == 3 || bit / 8 == 7)
			continue;
		bytes[bit / 8] = (uint8_t)(1u << bit % 8);
		memcpy(&tuple, bytes, sizeof(tuple));
		image = hash(&tuple) ^ hash(&zero);
		while (image != 0 && images[__builtin_ctz(image)] != 0) {
			unsigned pivot = (unsigned)__builtin_ctz(image);

			image ^= images[pivot];
			add(&tuple, &pivots[pivot]);
		}
		if (image == 0) {
			differences[count++] = tuple;
		} else {
			images[__builtin_ctz(image)] = image;
			pivots[__builtin_ctz(image)] = tuple;
		}
	}
	return count;
}

void collide_init(struct collide *collide, collide_hash_fn *hash)
{
	const struct load_tuple first = {.source = rte_cpu_to_be_32(RTE_IPV4(198, 51, 100, 1)),
		.destination = rte_cpu_to_be_32(RTE_IPV4(203, 0, 113, 2)),
		.source_port = rte_cpu_to_be_16(40000),
		.destination_port = rte_cpu_to_be_16(443)};
	struct collide trial;

	*collide = (struct collide){.tuple = first};
	program_must(find_differences(hash, collide->differences) == COLLIDE_BITS,
		"the hash has no such collisions");
	trial = *collide;
	for (unsigned i = 0; i < TRIED; i++) {
		struct load_tuple tuple;

		collide_next(&trial, &tuple);
		program_must(hash(&tuple) == hash(&first), "the tuples do not collide");
	}
}
