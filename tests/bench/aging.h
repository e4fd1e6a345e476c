/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * aging: the expiry of a worker without a thread, by a clock of its own, so that it can be told of
 * each flow when it left and when it was due.
 *
 * A burst of packets of the flows that stay goes between any two slices, as in a running worker.
 * Slices in which the thread was switched away, by the kernel's count, are left out.
 */
#ifndef TIDEGATE_TESTS_BENCH_AGING_H
#define TIDEGATE_TESTS_BENCH_AGING_H

#include <stdint.h>

struct aging_config {
	uint32_t flows;	  /* in the table */
	uint32_t active;  /* of these, every so many-th goes on having packets */
	uint64_t spread;  /* nanoseconds from the first flow's last packet to the last flow's */
	uint64_t timeout; /* nanoseconds, of all */
	uint64_t step;	  /* nanoseconds from a slice to the next one */
};

struct aging_result {
	double latest_ms; /* that a flow left after it was due */
	uint32_t ended;
	uint32_t active_ended; /* to be 0 */
	uint32_t slices;       /* that did anything */
	/* Of these, in ascending order; the caller frees them. noise_us are times of as many
	 * stretches that did nothing but wait for the median slice's time: what the machine adds by
	 * itself. */
	double *slice_us;
	double *noise_us;
};

/* Run until all idle flows have left. Exits where there is no memory. */
void aging_run(const struct aging_config *config, struct aging_result *ret_result);

#endif
