/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/policy.h"

#include <errno.h>
#include <stdlib.h>

int policy_create(const struct match *matches, const enum action *actions, uint32_t count,
	enum action default_action, struct policy **ret_policy)
{
	struct policy *policy = calloc(1, sizeof(*policy) + count);
	int result;

	if (policy == NULL)
		return -ENOMEM;
	policy->rule_count = count;
	policy->default_action = default_action;
	for (uint32_t i = 0; i < count; i++)
		policy->actions[i] = actions[i];
	result = classifier_create(matches, count, &policy->classifier);
	if (result < 0) {
		free(policy);
		return result;
	}
	*ret_policy = policy;
	return 0;
}

void policy_destroy(struct policy *policy)
{
	if (policy == NULL)
		return;
	classifier_destroy(policy->classifier);
	free(policy);
}
