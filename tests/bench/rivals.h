/* SPDX-License-Identifier: BSD-3-Clause */
/* rivals: one set of rules in the classifier and in rte_acl, and what is measured of them. */
#ifndef TIDEGATE_TESTS_BENCH_RIVALS_H
#define TIDEGATE_TESTS_BENCH_RIVALS_H

#include <stdbool.h>
#include <stdint.h>

#include "lpm/lpm.h"
#include "tests/bench/acl.h"
#include "tests/bench/ruleset.h"

/* Tuples of a bulk. */
enum { RIVALS_BULK = 32 };

struct rivals {
	struct ruleset *ruleset;
	struct classifier *classifier;
	struct acl *acl; /* or NULL */
	int32_t results[RULESET_TUPLES];
	uint32_t acl_results[RULESET_TUPLES];
};

/* With both built, or the classifier alone. Returns 0, or -1 with a message. */
int rivals_init(struct rivals *rivals, uint32_t rules, uint8_t version, bool with_acl);
void rivals_fini(struct rivals *rivals);

/* The share of tuples that match a rule, or -1, with a message, where the rivals do not agree. */
double rivals_agree(struct rivals *rivals);

/* Runs of a struct subject, whose context is a struct rivals: all tuples once, or building. */
void rivals_single(void *context);
void rivals_bulk(void *context);
void rivals_acl_single(void *context);
void rivals_acl_bulk(void *context);
void rivals_build(void *context);
void rivals_acl_build(void *context);

#endif
