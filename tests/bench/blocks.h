/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * blocks: what a task does to the bursts of a worker at full load, from blocks A B B A A.
 *
 * A is without the task, B with it. Both Bs beside the As around them give one pair; the last A
 * beside the one before tells what comes by chance.
 */
#ifndef TIDEGATE_TESTS_BENCH_BLOCKS_H
#define TIDEGATE_TESTS_BENCH_BLOCKS_H

#include <stdbool.h>

#include "tests/bench/burst_times.h"
#include "tests/bench/report.h"

enum { BLOCKS = 5, BLOCKS_PAIRS_MAX = 100 };

/* Whether the task is done in the block of this index. */
static inline bool blocks_with_task(unsigned index)
{
	return index % BLOCKS == 1 || index % BLOCKS == 2;
}

typedef double blocks_figure_fn(const struct burst_block *block);

/* Of a block's bursts: the longest and the 0.1 % longest in µs, million packets a second. */
blocks_figure_fn blocks_worst_us, blocks_p999_us, blocks_rate;

/*
 * Report four figures: NAME_SUFFIX without the task (suffix "quiet") and with it (task), what that
 * moves ("moved", which has the target), and what comes by chance ("noise"). At most
 * BLOCKS_PAIRS_MAX pairs.
 */
void blocks_report_moved(struct report *report, const char *name, const char *task,
	const struct burst_block *blocks, unsigned pairs, blocks_figure_fn *figure,
	struct target target);

/* Report the ratio of B to A by NAME, and NAME.noise; before them A and B, without targets. */
void blocks_report_ratio(struct report *report, const char *name, const char *unit,
	const struct burst_block *blocks, unsigned pairs, blocks_figure_fn *figure,
	struct target target);

#endif
