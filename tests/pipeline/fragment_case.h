/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fragment_case: fragments in their order through pipeline_burst(), each with what is to become of
 * it. Every case is run for IPv4 and IPv6, in bursts of 1, 3 and 32, in one buffer a frame and in
 * chains.
 */
#ifndef TIDEGATE_TESTS_PIPELINE_FRAGMENT_CASE_H
#define TIDEGATE_TESTS_PIPELINE_FRAGMENT_CASE_H

#include "tests/pipeline/fragment_rig.h"

enum { PIECES_MAX = 16 };

struct fragment_case {
	const char *name;
	uint8_t only; /* IP version; 0: both */
	unsigned count;
	struct piece pieces[PIECES_MAX];
	const char *order; /* in which they go on, by letter */
	uint32_t flows;
};

#define DROPPED(drop_reason) .dropped = true, .reason = drop_reason

/* Run each; fails with its name. */
void fragment_cases_run(const struct fragment_case *cases, unsigned count);

#endif
