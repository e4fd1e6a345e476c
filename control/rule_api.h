/* SPDX-License-Identifier: BSD-3-Clause */
/* rule_api: ListRules, the rules in force and what they have decided. */
#ifndef TIDEGATE_CONTROL_RULE_API_H
#define TIDEGATE_CONTROL_RULE_API_H

#include "control/api_member.h"
#include "control/publisher.h"
#include "control/token.h"

/* Add PacketCount, ByteCount and LastHitTimestamp to an object. Returns 0 or -1, also when there is no
 * object. */
int rule_api_add_hits(json_t *object, const struct rule_hits *hits);

/* What no rule decided: "DefaultActions". NULL without memory. */
json_t *rule_api_default_actions(const struct generation *generation);

/* What custom actions counted: "Metrics". NULL without memory. */
json_t *rule_api_metrics(const struct generation *generation);

/* A page of the rules; the first one has the default and custom actions, too. */
void rule_api_list(const struct publisher *publisher, const struct token_key *key,
	const struct api_input *input, struct reply *reply);

#endif
