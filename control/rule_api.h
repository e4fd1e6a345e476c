/* SPDX-License-Identifier: BSD-3-Clause */
/* rule_api: ListRules, the rules in force and what they have decided. */
#ifndef TIDEGATE_CONTROL_RULE_API_H
#define TIDEGATE_CONTROL_RULE_API_H

#include "control/api_member.h"
#include "control/publisher.h"
#include "control/token.h"

/* A page of the rules; the first one has the default and custom actions, too. */
void rule_api_list(const struct publisher *publisher, const struct token_key *key,
	const struct api_input *input, struct reply *reply);

#endif
