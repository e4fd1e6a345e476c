/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rule_names: what the rules of one policy are called.
 *
 * A flow's record tells its rule by index and the policy by generation. The names outlive the
 * policy: whoever shows such flows holds a reference. Immutable but for the references, which are
 * the control thread's.
 */
#ifndef TIDEGATE_CONTROL_RULE_NAMES_H
#define TIDEGATE_CONTROL_RULE_NAMES_H

#include "control/config.h"

struct rule_names {
	uint32_t generation; /* of the policy; set when it is published */
	uint32_t references;
	uint32_t count;
	size_t memory;	  /* bytes */
	size_t offsets[]; /* by rule, of its name from the beginning of this object */
};

/* Copy the names out of a configuration; one reference, the caller's. -ENOMEM */
int rule_names_create(const struct config *config, struct rule_names **ret_names);
struct rule_names *rule_names_ref(struct rule_names *names);
void rule_names_unref(struct rule_names *names);

/* The name of a rule, or NULL past the end. */
const char *rule_names_find(const struct rule_names *names, uint32_t rule);

#endif
