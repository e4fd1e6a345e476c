/* SPDX-License-Identifier: BSD-3-Clause */
/* acl: a set of rules in rte_acl, by the method that is the fastest on this machine. */
#ifndef TIDEGATE_TESTS_BENCH_ACL_H
#define TIDEGATE_TESTS_BENCH_ACL_H

#include <stddef.h>
#include <stdint.h>

#include "tests/bench/ruleset.h"

struct acl;

/* DPDK's environment: memory without hugepages, any vector width. Once a process. 0 or negative. */
int acl_init(void);

/* Take the rules and tuples over; nothing can be looked up yet. Returns NULL without memory. */
struct acl *acl_create(const struct ruleset *ruleset);
void acl_destroy(struct acl *acl);

/* Build the tables. Returns 0 or -errno. */
int acl_build(struct acl *acl);

/* Of the tables, in bytes. */
size_t acl_memory(const struct acl *acl);

/* Look all tuples up, in bulks of so many; results[i] is the rule's index plus 1, or 0. */
void acl_classify(struct acl *acl, uint32_t bulk, uint32_t *results);

/* Find the fastest method for bulks of this size and use it from now on. Returns its name. */
const char *acl_choose(struct acl *acl, uint32_t bulk);

#endif
