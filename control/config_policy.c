/* SPDX-License-Identifier: BSD-3-Clause */
/* config_policy: from the configuration's rules to a compiled policy. */
#include "control/config.h"

#include <errno.h>
#include <stdlib.h>

#include "control/config_rules.h"

int config_policy(const struct config *config, struct policy **ret_policy)
{
	struct match *matches = calloc(config->rule_count + 1, sizeof(*matches));
	enum action *actions = calloc(config->rule_count + 1, sizeof(*actions));
	int ret = -ENOMEM;

	if (!matches || !actions)
		goto free_arrays;
	for (uint32_t i = 0; i < config->rule_count; i++) {
		const struct config_rule *rule = &config->rules[i];

		matches[i] = (struct match){
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
		actions[i] = rule->action;
	}
	ret = policy_create(
		matches, actions, config->rule_count, config->default_action, ret_policy);
free_arrays:
	free(actions);
	free(matches);
	return ret;
}
