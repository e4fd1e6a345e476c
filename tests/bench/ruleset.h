/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ruleset: rules for the benchmarks, like those of a firewall in front of many sites.
 *
 * Overview: each site has a prefix of its own with subnets and hosts in it, some of which many
 * rules name; outside are networks and hosts of partners, or anything. Rules are 5-tuples: into a
 * site, out of it, or between two. Most name a service's port, some a range, some any port; most
 * are TCP. Wide prefixes always come with a port, so that no rule takes all tuples of those
 * behind it. Of the tuples four fifths are drawn from the rules, the others from the sites and
 * the partners at random; most of these match nothing. All by seeds.
 */
#ifndef TIDEGATE_TESTS_BENCH_RULESET_H
#define TIDEGATE_TESTS_BENCH_RULESET_H

#include <stdint.h>

#include "lpm/lpm.h"

/* More than the tables in the processor's nearest caches can be warm for. */
enum { RULESET_TUPLES = 8192 };

/* The lists of one rule: at most one element each. */
struct rule {
	struct match_address source;
	struct match_address destination;
	struct match_port source_port;
	struct match_port destination_port;
	uint8_t protocol;
};

struct ruleset {
	uint8_t version; /* 4 or 6 */
	uint32_t count;
	struct match *matches; /* their lists are in rules */
	struct rule *rules;
	struct tuple tuples[RULESET_TUPLES];
};

/* Returns NULL without memory. */
struct ruleset *ruleset_create(uint32_t count, uint8_t version, uint64_t seed);
void ruleset_destroy(struct ruleset *ruleset);

/* A list of so many prefixes of mixed depths, clustered, few of them equal. To be freed by the
 * caller; NULL without memory. */
struct match_address *ruleset_prefixes(uint32_t count, uint8_t version, uint64_t seed);

#endif
