/* SPDX-License-Identifier: BSD-3-Clause */
/* config_policy: from the configuration's rules to a compiled policy. */
#include "control/config.h"

#include <errno.h>
#include <stdlib.h>

#include "control/config_rules.h"

int config_policy(const struct config *config, uint16_t worker_count, struct policy **ret_policy)
{
	struct stateful_rule *stateful = calloc(config->rule_count + 1, sizeof(*stateful));
	struct policy_rules rules = {
		.stateful = stateful,
		.stateful_count = config->rule_count,
		.stateless_default = {STATELESS_FORWARD, METRIC_NONE},
		.stateless_fragment_default = {STATELESS_FORWARD, METRIC_NONE},
		.stateful_default = config->default_action == ACTION_DROP ? DEFAULT_DROP_STRICT : 0,
	};
	int ret;

	if (!stateful)
		return -ENOMEM;
	for (uint32_t i = 0; i < config->rule_count; i++) {
		const struct config_rule *rule = &config->rules[i];

		stateful[i].match = (struct match){
			.sources = rule->source.elements,
			.destinations = rule->destination.elements,
			.source_ports = rule->source_ports.elements,
			.destination_ports = rule->destination_ports.elements,
			.protocols = rule->protocols.elements,
			.source_count = rule->source.count,
			.destination_count = rule->destination.count,
			.source_port_count = rule->source_ports.count,
			.destination_port_count = rule->destination_ports.count,
			.protocol_count = rule->protocols.count,
		};
		/* These rules judge who opens a flow. */
		stateful[i].flow = RULE_TO_SERVER;
		stateful[i].action = rule->action == ACTION_ALLOW ? STATEFUL_PASS : STATEFUL_DROP;
	}
	ret = policy_create(&rules, worker_count, ret_policy);
	free(stateful);
	return ret;
}
