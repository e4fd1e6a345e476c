/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hash: a keyed, strongly universal hash of flow keys.
 *
 * Multilinear hashing with half the multiplications (Lemire and Kaser, "Strongly universal string
 * hashing is fast", 2012): h = (s0 + Σ (s[2i+1] + x[2i]) (s[2i+2] + x[2i+1]) mod 2^64) >> 32, the
 * x being 32-bit words and the s secret 64-bit words. Whoever does not know the secret cannot
 * choose keys that collide more often than by chance, which CRC32C allows whatever its seed.
 */
#ifndef TIDEGATE_DATAPLANE_HASH_H
#define TIDEGATE_DATAPLANE_HASH_H

#include <stdint.h>
#include <string.h>

enum { HASH_WORDS_MAX = 12 };

struct hash_secret {
	uint64_t words[HASH_WORDS_MAX + 1];
};

/* Draw a secret by getrandom(2). Returns 0 or -errno. */
int hash_secret_draw(struct hash_secret *ret_secret);

/* The hash of four words. */
static inline uint32_t hash_four(
	const struct hash_secret *secret, uint32_t x0, uint32_t x1, uint32_t x2, uint32_t x3)
{
	const uint64_t *s = secret->words;

	return (s[0] + (s[1] + x0) * (s[2] + x1) + (s[3] + x2) * (s[4] + x3)) >> 32;
}

/* The hash of words 32-bit words, an even number up to HASH_WORDS_MAX. */
static inline uint32_t hash_words(const struct hash_secret *secret, const void *key, unsigned words)
{
	const uint64_t *s = secret->words;
	uint64_t sum = s[0];

	for (unsigned i = 0; i < words; i += 2) {
		uint32_t x[2];

		memcpy(x, (const char *)key + i * sizeof(uint32_t), sizeof(x));
		sum += (s[i + 1] + x[0]) * (s[i + 2] + x[1]);
	}
	return sum >> 32;
}

#endif
