/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * generation: one policy made from a configuration, with what the control side tells of it.
 */
#ifndef TIDEGATE_CONTROL_GENERATION_H
#define TIDEGATE_CONTROL_GENERATION_H

#include <sys/queue.h>

#include "control/config.h"
#include "control/rule_names.h"

struct generation {
	struct policy *policy;
	struct rule_names *names;
	enum action default_action;
	enum policy_change change;     /* what it means for the flows that are there */
	uint64_t retired;	       /* publisher.c: token of the policy that came after it */
	STAILQ_ENTRY(generation) link; /* publisher.c */
};

/* Compile the configuration's rules for so many running workers; any thread. Returns 0 or what policy_create() returns. */
int generation_create(
	const struct config *config, uint16_t worker_count, struct generation **ret_generation);
void generation_destroy(struct generation *generation);

#endif
