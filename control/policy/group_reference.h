/* SPDX-License-Identifier: BSD-3-Clause */
/* group_reference: which rule groups a policy uses, and in which order. */
#ifndef TIDEGATE_CONTROL_POLICY_GROUP_REFERENCE_H
#define TIDEGATE_CONTROL_POLICY_GROUP_REFERENCE_H

#include "control/policy/builder.h"
#include "control/policy/rule_group.h"

struct group_reference {
	struct rule_group *group;
	uint32_t priority; /* lowest first; 0: none */
	uint32_t index;	   /* in the document */
	const char *arn;   /* as the document has it; NULL: it has a name */
};

struct group_references {
	struct builder *builder;
	struct rule_group *groups; /* those that there are files of */
	uint32_t group_count;
	bool stateful;
	/* In the order of evaluation; malloc'ed, the owner frees it. */
	struct group_reference *items;
	uint32_t count;
};

/* Read StatelessRuleGroupReferences or StatefulRuleGroupReferences, an array. Returns 0, or -errno
 * with the message written. */
int group_reference_read(
	struct config_reader *reader, const json_t *value, struct group_references *references);

#endif
