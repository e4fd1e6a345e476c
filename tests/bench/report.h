/* SPDX-License-Identifier: BSD-3-Clause */
/* report: figures of a benchmark as JSON lines, with their targets. */
#ifndef TIDEGATE_TESTS_BENCH_REPORT_H
#define TIDEGATE_TESTS_BENCH_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "tests/bench/measure.h"

enum target_kind { TARGET_NONE, TARGET_AT_MOST, TARGET_AT_LEAST };

struct target {
	enum target_kind kind;
	double bound;
};

struct report {
	FILE *json;	    /* or NULL */
	FILE *missed_lines; /* to missed_text, printed at the end */
	char *missed_text;
	size_t missed_size;
	unsigned targets;
	unsigned missed;
};

/* Write to the file at path, or nothing if NULL. Returns 0 or -errno. */
int report_open(struct report *report, const char *path);

/* Returns 0, or -errno when not everything could be written. */
int report_close(struct report *report);

/*
 * One figure as a line {"name","value","low","high","unit","target","holds"}; the target is a text
 * like "<= 2", and it and holds are null where there is none. A target that the median misses is
 * printed at the end.
 */
void report_figure(struct report *report, const char *name, struct spread spread, const char *unit,
	struct target target);

/* The median of count values and its quartiles, printed and reported; the values are sorted. */
void report_values(struct report *report, const char *name, double *values, size_t count,
	const char *unit, struct target target);

/* A figure that there is one value of. */
void report_value(struct report *report, const char *name, double value, const char *unit,
	struct target target);

#endif
