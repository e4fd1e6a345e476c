/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * document_api: ListFirewallPolicies, DescribeFirewallPolicy, ListRuleGroups and DescribeRuleGroup:
 * the documents in force, as they were when they were loaded.
 */
#ifndef TIDEGATE_CONTROL_DOCUMENT_API_H
#define TIDEGATE_CONTROL_DOCUMENT_API_H

#include "control/api_member.h"
#include "control/config.h"
#include "control/publisher.h"
#include "control/token.h"

#define DOCUMENT_API_LIST_GROUPS_MEMBERS                                                           \
	(MEMBER_BIT(SCOPE) | MEMBER_BIT(MANAGED_TYPE) | MEMBER_BIT(SUBSCRIPTION_STATUS) |          \
		MEMBER_BIT(TYPE) | MEMBERS_PAGE)
#define DOCUMENT_API_DESCRIBE_GROUP_MEMBERS                                                        \
	(MEMBER_BIT(RULE_GROUP_NAME) | MEMBER_BIT(RULE_GROUP_ARN) | MEMBER_BIT(TYPE) |             \
		MEMBER_BIT(ANALYZE_RULE_GROUP))

void document_api_list_policies(const struct config *config, const struct publisher *publisher,
	const struct token_key *key, const struct api_input *input, struct reply *reply);
void document_api_describe_policy(const struct config *config, const struct publisher *publisher,
	const struct api_input *input, struct reply *reply);
void document_api_list_groups(const struct config *config, const struct publisher *publisher,
	const struct token_key *key, const struct api_input *input, struct reply *reply);
void document_api_describe_group(const struct config *config, const struct publisher *publisher,
	const struct api_input *input, struct reply *reply);

#endif
