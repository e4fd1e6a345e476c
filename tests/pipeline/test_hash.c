/* SPDX-License-Identifier: BSD-3-Clause */
/* The keyed hash: the published formula, and tuples that collide under CRC32C whatever its seed. */
#include <stdlib.h>
#include <string.h>

#include <rte_hash_crc.h>

#include "dataplane/hash.h"
#include "dataplane/packet.h"
#include "tests/unit/check.h"

enum { KEY_BITS = 128, CRC_BITS = 32, COLLIDING = 4096 };

/* Lemire and Kaser's Multilinear-HM in 128-bit arithmetic, reduced mod 2^64 at the end alone. */
static uint32_t reference(const uint64_t *s, const uint32_t *x, unsigned words)
{
	unsigned __int128 sum = s[0];

	for (unsigned i = 0; i < words; i += 2) {
		unsigned __int128 a = ((unsigned __int128)s[i + 1] + x[i]) & UINT64_MAX;
		unsigned __int128 b = ((unsigned __int128)s[i + 2] + x[i + 1]) & UINT64_MAX;

		sum = (sum + a * b) & UINT64_MAX;
	}
	return (uint32_t)(sum >> 32);
}

static void test_formula(void **state)
{
	struct hash_secret secret;
	uint32_t key[HASH_WORDS_MAX];

	(void)state;
	for (unsigned round = 0; round < 1000; round++) {
		assert_int_equal(hash_secret_draw(&secret), 0);
		memcpy(key, &secret, sizeof(key)); /* random bytes will do */
		assert_int_equal(hash_secret_draw(&secret), 0);
		for (unsigned words = 2; words <= HASH_WORDS_MAX; words += 2)
			assert_int_equal(hash_words(&secret, key, words),
				reference(secret.words, key, words));
	}
}

static void test_secrets_differ(void **state)
{
	struct hash_secret a, b;

	(void)state;
	assert_int_equal(hash_secret_draw(&a), 0);
	assert_int_equal(hash_secret_draw(&b), 0);
	assert_memory_not_equal(&a, &b, sizeof(a));
}

static uint32_t crc_of(const uint64_t key[2])
{
	return rte_hash_crc(key, sizeof(struct flow_key4), 0);
}

/*
 * Keys whose difference CRC32C does not see, by Gaussian elimination: CRC is linear, so 128 key
 * bits leave a space of at least 96 dimensions that it maps to 0. Returns how many were found.
 */
static unsigned kernel_of_crc(uint64_t kernel[KEY_BITS][2])
{
	uint64_t pivots[CRC_BITS][2] = {{0}};
	uint32_t images[CRC_BITS] = {0};
	const uint64_t zero[2] = {0, 0};
	unsigned count = 0;

	for (unsigned bit = 0; bit < KEY_BITS; bit++) {
		uint64_t key[2] = {0, 0};
		uint32_t image;

		key[bit / 64] = UINT64_C(1) << bit % 64;
		image = crc_of(key) ^ crc_of(zero);
		while (image != 0 && images[__builtin_ctz(image)] != 0) {
			unsigned pivot = __builtin_ctz(image);

			image ^= images[pivot];
			key[0] ^= pivots[pivot][0];
			key[1] ^= pivots[pivot][1];
		}
		if (image == 0) {
			memcpy(kernel[count++], key, sizeof(key));
		} else {
			images[__builtin_ctz(image)] = image;
			memcpy(pivots[__builtin_ctz(image)], key, sizeof(key));
		}
	}
	return count;
}

static int compare_hashes(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void test_crc_collisions(void **state)
{
	uint64_t kernel[KEY_BITS][2];
	static uint32_t hashes[COLLIDING];
	struct hash_secret secret;
	unsigned distinct = 1;
	uint64_t first[2] = {UINT64_C(0x0a0000010a000002), UINT64_C(0x1234005011000000)};

	(void)state;
	assert_true(kernel_of_crc(kernel) >= KEY_BITS - CRC_BITS);
	assert_int_equal(hash_secret_draw(&secret), 0);
	for (unsigned i = 0; i < COLLIDING; i++) {
		uint64_t key[2] = {first[0], first[1]};

		for (unsigned bit = 0; bit < 12; bit++) {
			if ((i >> bit & 1) != 0) {
				key[0] ^= kernel[bit * 7][0];
				key[1] ^= kernel[bit * 7][1];
			}
		}
		/* All of them are one and the same for CRC32C, and so for any seed of it. */
		assert_int_equal(crc_of(key), crc_of(first));
		hashes[i] = hash_words(&secret, key, 4);
	}
	qsort(hashes, COLLIDING, sizeof(hashes[0]), compare_hashes);
	for (unsigned i = 1; i < COLLIDING; i++)
		distinct += hashes[i] != hashes[i - 1];
	/* 4,096 of 2^32 values drawn at random: 0.002 collisions expected; 4 have a chance below
	 * 10^-12. */
	assert_true(distinct > COLLIDING - 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formula),
		cmocka_unit_test(test_secrets_differ),
		cmocka_unit_test(test_crc_collisions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
