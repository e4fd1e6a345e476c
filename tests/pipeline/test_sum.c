/* SPDX-License-Identifier: BSD-3-Clause */
/* One's complement sums of random bytes, of every length and place in a word, against RFC 1071 in its
 * plainest form; the buffers end with the bytes, so that sanitizers see what is read beyond. */
#include "dataplane/sum.h"

#include <stdlib.h>

#include "tests/pipeline/frame.h"
#include "tests/unit/check.h"

enum { LENGTHS = 200, PLACES = 8, LONG_MIN_LENGTH = 8 };

static void check(const uint8_t *bytes, uint32_t length, uint32_t begin)
{
	uint16_t expected = frame_sum(bytes, length, rte_be_to_cpu_16(begin));

	/* In this machine's order; 0 and 0xffff are the same number. */
	assert_int_equal(rte_be_to_cpu_16(sum_fold(begin + sum_bytes(bytes, length))) % 0xffff,
		expected % 0xffff);
	if (length >= LONG_MIN_LENGTH)
		assert_int_equal(
			rte_be_to_cpu_16(sum_fold(sum_add_bytes(begin, bytes, length))) % 0xffff,
			expected % 0xffff);
}

static void test_random(void **state)
{
	(void)state;
	srandom(20261124);
	for (uint32_t length = 0; length < LENGTHS; length++)
		for (unsigned place = 0; place < PLACES; place++) {
			uint8_t *buffer = malloc(place + length);

			assert_true(buffer != NULL || place + length == 0);
			for (unsigned i = 0; i < place + length; i++)
				buffer[i] = random() & 0xff;
			check(buffer + place, length, random() & 0xffff);
			free(buffer);
		}
}

/* A sum is right where it is a multiple of 2^16 - 1, and nowhere else. */
static void test_right(void **state)
{
	(void)state;
	for (uint64_t sum = 1; sum < 3 * UINT64_C(0xffff) + 2; sum++)
		assert_int_equal(sum_is_right(sum), sum % 0xffff == 0);
	assert_true(sum_is_right(UINT64_MAX));
	assert_false(sum_is_right(UINT64_MAX - 1));
	assert_true(sum_is_right(UINT64_MAX - 0xffff));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
