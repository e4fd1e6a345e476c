/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/bench/measure.h"

#include <math.h>
#include <stdlib.h>

#include <rte_cycles.h>

static int compare_values(const void *left, const void *right)
{
	const double *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

struct spread measure_spread(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare_values);
	return (struct spread){.value = values[count / 2],
		.low = values[count / 4],
		.high = values[count - 1 - count / 4]};
}

/* Nanoseconds that laps runs of the subject take. */
static double time_block(const struct subject *subject, uint32_t laps)
{
	if (subject->warm_up)
		subject->run(subject->context);
	uint64_t begin = rte_rdtsc_precise();
	for (uint32_t i = 0; i < laps; i++)
		subject->run(subject->context);
	return (double)(rte_rdtsc_precise() - begin) * 1e9 / (double)rte_get_tsc_hz();
}

double measure_once(const struct subject *subject)
{
	return time_block(subject, 1);
}

/* How often to run the subject in a block. A run that is short is repeated, as it warms up. */
static uint32_t block_laps(const struct subject *subject, double block_ms)
{
	double lap = measure_once(subject);

	if (lap < block_ms * 1e6)
		lap = measure_once(subject);
	return (uint32_t)ceil(block_ms * 1e6 / lap);
}

struct comparison measure_compare(
	const struct subject *a, const struct subject *b, uint32_t pairs, double block_ms)
{
	uint32_t a_laps = block_laps(a, block_ms), b_laps = block_laps(b, block_ms);
	double a_items = (double)a_laps * a->items, b_items = (double)b_laps * b->items;
	double a_ns[MEASURE_PAIRS_MAX], b_ns[MEASURE_PAIRS_MAX];
	double ratios[MEASURE_PAIRS_MAX], noise[MEASURE_PAIRS_MAX];

	for (uint32_t i = 0; i < pairs; i++) {
		double first = time_block(a, a_laps);

		b_ns[i] = time_block(b, b_laps);
		b_ns[i] = (b_ns[i] + time_block(b, b_laps)) / (2 * b_items);
		double last = time_block(a, a_laps);
		a_ns[i] = (first + last) / (2 * a_items);
		ratios[i] = b_ns[i] / a_ns[i];
		noise[i] = time_block(a, a_laps) / last;
	}
	return (struct comparison){.a = measure_spread(a_ns, pairs),
		.b = measure_spread(b_ns, pairs),
		.ratio = measure_spread(ratios, pairs),
		.noise = measure_spread(noise, pairs)};
}
