/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/bench/blocks.h"

#include <stdio.h>

static const struct target none = {TARGET_NONE, 0};

double blocks_worst_us(const struct burst_block *block)
{
	return block->worst / 1e3;
}

double blocks_p999_us(const struct burst_block *block)
{
	return burst_times_quantile(block, 0.999) / 1e3;
}

double blocks_rate(const struct burst_block *block)
{
	return (double)block->packets * 1e3 / block->ns;
}

static void report_named(struct report *report, const char *name, const char *suffix,
	double *values, unsigned count, const char *unit, struct target target)
{
	char full[64];

	snprintf(full, sizeof(full), "%s%s", name, suffix);
	report_values(report, full, values, count, unit, target);
}

void blocks_report_moved(struct report *report, const char *name, const char *task,
	const struct burst_block *blocks, unsigned pairs, blocks_figure_fn *figure,
	struct target target)
{
	double quiet[BLOCKS_PAIRS_MAX], busy[BLOCKS_PAIRS_MAX], moved[BLOCKS_PAIRS_MAX],
		noise[BLOCKS_PAIRS_MAX];
	char with_task[32];

	for (unsigned i = 0; i < pairs; i++, blocks += BLOCKS) {
		quiet[i] = (figure(&blocks[0]) + figure(&blocks[3])) / 2;
		busy[i] = (figure(&blocks[1]) + figure(&blocks[2])) / 2;
		moved[i] = busy[i] - quiet[i];
		noise[i] = figure(&blocks[4]) - figure(&blocks[3]);
	}
	snprintf(with_task, sizeof(with_task), "_%s", task);
	report_named(report, name, "_quiet", quiet, pairs, "us", none);
	report_named(report, name, with_task, busy, pairs, "us", none);
	report_named(report, name, "_moved", moved, pairs, "us", target);
	report_named(report, name, "_noise", noise, pairs, "us", none);
}

void blocks_report_ratio(struct report *report, const char *name, const char *unit,
	const struct burst_block *blocks, unsigned pairs, blocks_figure_fn *figure,
	struct target target)
{
	double a[BLOCKS_PAIRS_MAX], b[BLOCKS_PAIRS_MAX], ratios[BLOCKS_PAIRS_MAX],
		noise[BLOCKS_PAIRS_MAX];

	for (unsigned i = 0; i < pairs; i++, blocks += BLOCKS) {
		a[i] = (figure(&blocks[0]) + figure(&blocks[3])) / 2;
		b[i] = (figure(&blocks[1]) + figure(&blocks[2])) / 2;
		ratios[i] = b[i] / a[i];
		noise[i] = figure(&blocks[4]) / figure(&blocks[3]);
	}
	report_named(report, name, ".a", a, pairs, unit, none);
	report_named(report, name, ".b", b, pairs, unit, none);
	report_named(report, name, "", ratios, pairs, "ratio", target);
	report_named(report, name, ".noise", noise, pairs, "ratio", none);
}
