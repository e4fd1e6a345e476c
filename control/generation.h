/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * generation: one policy made from a configuration, with what the control side tells of it.
 */
#ifndef TIDEGATE_CONTROL_GENERATION_H
#define TIDEGATE_CONTROL_GENERATION_H

#include <sys/queue.h>

#include "control/config.h"
#include "control/policy/policy_document.h"
#include "control/rule_names.h"

struct generation {
	struct policy *policy;
	struct policy_document *document; /* what the policy was made of */
	struct rule_names *names;
	uint32_t timeouts[TIMEOUT_COUNT]; /* seconds */
	enum policy_change change;	  /* what it means for the flows that are there */
	uint64_t retired;		  /* publisher.c: token of the policy that came after it */
	STAILQ_ENTRY(generation) link;	  /* publisher.c */
};

/*
 * Compile the rules of a configuration for so many workers; any thread. Takes over
 * config->document, on success alone. Returns 0 or what policy_create() returns.
 */
int generation_create(
	struct config *config, uint16_t worker_count, struct generation **ret_generation);
void generation_destroy(struct generation *generation);

/* Room for any text of generation_describe(). */
enum { GENERATION_TEXT_SIZE = 4096 + 96 };

/* "2 rules, default action drop", or "3 stateless and 40 stateful rules of
 * /etc/tidegate/policy.json". */
void generation_describe(const struct generation *generation, char *text, size_t size);

#endif
