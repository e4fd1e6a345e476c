/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rule_group: one rule group file.
 *
 * Life-cycle: rule_group_open() reads the file as far as its name and type, so that the policy can
 * refer to it; rule_group_read() then reads the rules of those that it does refer to.
 */
#ifndef TIDEGATE_CONTROL_POLICY_RULE_GROUP_H
#define TIDEGATE_CONTROL_POLICY_RULE_GROUP_H

#include <stdbool.h>

#include "control/policy/builder.h"
#include "control/policy/reference_set.h"
#include "control/policy/resource.h"

enum rule_group_type { GROUP_STATELESS, GROUP_STATEFUL, GROUP_STATEFUL_DOMAIN, GROUP_UNTYPED };

struct rule_group {
	struct resource resource; /* first: resource_store_body() finds it there */
	bool stateful;
	bool referenced;	 /* by the policy */
	unsigned int type;	 /* enum rule_group_type, of the member Type */
	uint32_t stateful_rules; /* read, those that were left out among them */
	char arn[256 + 1];	 /* empty: the file does not say */
	char name[128 + 1];	 /* RuleGroupName, or the file's name */
	char file_name[RESOURCE_FILE_NAME_SIZE];
};

/* Returns 0, or -errno with the message written; also then rule_group_close() is due. */
int rule_group_open(struct rule_group *group, const char *path, char *message, size_t size);
void rule_group_close(struct rule_group *group);

/* Whether a ResourceArn, or the name of a CloudFormation resource, means this group. */
bool rule_group_answers(const struct rule_group *group, const char *reference);

/* Read the rules and add them to the builder. Returns 0, or -errno with the message written. */
int rule_group_read(
	struct rule_group *group, struct builder *builder, struct reference_files *references);

#endif
