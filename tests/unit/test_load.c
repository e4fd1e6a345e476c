/* SPDX-License-Identifier: BSD-3-Clause */
/* A worker's load from its counters, worked out by hand. */
#include "control/load.h"

#include <string.h>

#include "tests/unit/check.h"

/* Samples in a row, and what is known after each. All results are exact in binary. */
static const struct {
	struct worker_status now;
	double percent;
	double cycles_per_packet;
	double packets_per_burst;
} samples[] = {
	/* From the start: 250 of 1,000 cycles, 10 packets in 4 bursts. */
	{{.busy_cycles = 250, .total_cycles = 1000, .packets = 10, .bursts = 4}, 25, 25, 2.5},
	/* Since then 1,500 of 2,000 cycles, 3 packets in 3 bursts. */
	{{.busy_cycles = 1750, .total_cycles = 3000, .packets = 13, .bursts = 7}, 75, 500, 1},
	/* The clock stands still: nothing is known anew, and nothing is left out of the next. */
	{{.busy_cycles = 1760, .total_cycles = 3000, .packets = 14, .bursts = 8}, 75, 500, 1},
	/* Since the second one 16 packets in a burst of 64 cycles, of 512. */
	{{.busy_cycles = 1814, .total_cycles = 3512, .packets = 29, .bursts = 8}, 12.5, 4, 16},
	/* Work without packets: expiry. */
	{{.busy_cycles = 2814, .total_cycles = 5512, .packets = 29, .bursts = 8}, 50, 0, 0},
	/* Idle. */
	{{.busy_cycles = 2814, .total_cycles = 9000, .packets = 29, .bursts = 8}, 0, 0, 0},
	/* Read while the worker counted: a poll is in the busy cycles alone, then made up for. */
	{{.busy_cycles = 3814, .total_cycles = 9990, .packets = 129, .bursts = 10}, 100, 10, 50},
	{{.busy_cycles = 3814, .total_cycles = 10990, .packets = 129, .bursts = 10}, 0, 0, 0},
	/* Hours at a TSC of 4 GHz, all busy, in full bursts. */
	{{.busy_cycles = 3814 + (UINT64_C(1) << 50),
		 .total_cycles = 10990 + (UINT64_C(1) << 50),
		 .packets = 129 + (UINT64_C(1) << 42),
		 .bursts = 10 + (UINT64_C(1) << 36)},
		100, 256, 64},
};

static void test_samples(void **state)
{
	struct load load = {.percent = 0};

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		load_sample(&load, &samples[i].now);
		if (load.percent != samples[i].percent ||
			load.cycles_per_packet != samples[i].cycles_per_packet ||
			load.packets_per_burst != samples[i].packets_per_burst)
			fail_msg("sample %zu: %g %%, %g cycles a packet, %g packets a burst", i,
				load.percent, load.cycles_per_packet, load.packets_per_burst);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_samples)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
