/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * measure: two ways to do the same work, timed in turns.
 *
 * Overview: the speed of a machine changes while it measures, most of all a shared one. So two
 * subjects are compared within a fraction of a second: blocks A B B A give one ratio B/A, in which
 * a drift of constant slope is cancelled, and many of these give a median and quartiles. Blocks
 * A A beside them tell how far from 1 a ratio is by chance. Time is the TSC's.
 */
#ifndef TIDEGATE_TESTS_BENCH_MEASURE_H
#define TIDEGATE_TESTS_BENCH_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A median with its quartiles. */
struct spread {
	double value;
	double low;
	double high;
};

struct subject {
	void (*run)(void *context); /* does the work once */
	void *context;
	uint32_t items; /* in that work */
	bool warm_up;	/* run it once before each block, to have its tables in the caches again */
};

struct comparison {
	struct spread a;     /* ns an item */
	struct spread b;     /* likewise */
	struct spread ratio; /* b / a */
	struct spread noise; /* a / a */
};

enum { MEASURE_PAIRS_MAX = 101 };

/* Median and quartiles of count values, which it sorts; count ≥ 1. */
struct spread measure_spread(double *values, size_t count);

/* Nanoseconds that running the subject once takes. */
double measure_once(const struct subject *subject);

/* Compare by so many pairs, at most MEASURE_PAIRS_MAX, in blocks of block_ms at least. */
struct comparison measure_compare(
	const struct subject *a, const struct subject *b, uint32_t pairs, double block_ms);

#endif
