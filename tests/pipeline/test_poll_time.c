/* SPDX-License-Identifier: BSD-3-Clause */
/* Classes of poll times at their edges: the bound of a class is in it, the nanosecond after is not. */
#include "dataplane/poll_time.h"

#include "tests/unit/check.h"

/* Powers of two, written out. */
static const uint64_t bounds[] = {256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072,
	262144, 524288, 1048576, 2097152, 4194304};

static void test_edges(void **state)
{
	unsigned int last = POLL_TIMES - 1;

	(void)state;
	assert_int_equal(sizeof(bounds) / sizeof(bounds[0]), last);
	for (unsigned int i = 0; i < last; i++) {
		assert_int_equal(poll_time_bound(i), bounds[i]);
		assert_int_equal(poll_time_class(bounds[i]), i);
		assert_int_equal(poll_time_class(bounds[i] + 1), i + 1);
	}
	assert_int_equal(poll_time_class(0), 0);
	assert_int_equal(poll_time_class(1), 0);
	assert_int_equal(poll_time_bound(last), UINT64_MAX);
	assert_int_equal(poll_time_class(UINT64_MAX), last);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
