/* SPDX-License-Identifier: BSD-3-Clause */
/* The longest time of each second, of a clock that counts 100 a second. */
#include "dataplane/longest.h"

#include "tests/unit/check.h"

enum { SECOND = 100, START = 1000 };

/* Something that took so many cycles ends at a time, and what is then known of the last second. */
static const struct {
	uint64_t now;
	uint64_t cycles;
	uint64_t last;
} steps[] = {
	{1010, 10, 0},
	{1050, 30, 0},
	{1099, 20, 0},
	/* The first second is over. What ends at its very end is of the next one. */
	{1100, 7, 30},
	{1150, 0, 30},
	{1199, 0, 30},
	{1200, 0, 7},
	/* Nothing was added in that one. */
	{1300, 5, 0},
	/* The next begins when it is noticed: 1450 to 1550. */
	{1450, 0, 5},
	{1549, 90, 5},
	{1550, 3, 90},
	/* A gap of more than a second: the last whole one had nothing. */
	{1750, 60, 0},
	{1849, 1, 0},
	{1850, 0, 60},
};

static void test_seconds(void **state)
{
	struct longest longest;
	uint64_t last = 0;

	(void)state;
	longest_begin(&longest, START, SECOND);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		longest_add(&longest, steps[i].now, steps[i].cycles, &last);
		if (last != steps[i].last)
			fail_msg("at %d: %d, not %d", (int)steps[i].now, (int)last,
				(int)steps[i].last);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_seconds)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
