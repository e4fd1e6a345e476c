/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_document.h"

#include <errno.h>

#include "control/config_policy.h"
#include "control/config_rules.h"
#include "control/policy/arena.h"

/* A list's elements, in the arena; sets *failed without memory. */
static const void *copy(
	struct arena *arena, const struct config_list *list, size_t size, bool *failed)
{
	const void *elements = NULL;

	if (list->count > 0) {
		elements = arena_copy(arena, list->elements, list->count * size);
		*failed = *failed || !elements;
	}
	return elements;
}

static int copy_match(struct arena *arena, const struct config_rule *rule, struct match *match)
{
	bool failed = false;

	match->sources = copy(arena, &rule->source, sizeof(*match->sources), &failed);
	match->source_count = rule->source.count;
	match->destinations =
		copy(arena, &rule->destination, sizeof(*match->destinations), &failed);
	match->destination_count = rule->destination.count;
	match->source_ports =
		copy(arena, &rule->source_ports, sizeof(*match->source_ports), &failed);
	match->source_port_count = rule->source_ports.count;
	match->destination_ports =
		copy(arena, &rule->destination_ports, sizeof(*match->destination_ports), &failed);
	match->destination_port_count = rule->destination_ports.count;
	match->protocols = copy(arena, &rule->protocols, sizeof(*match->protocols), &failed);
	match->protocol_count = rule->protocols.count;
	return failed ? -ENOMEM : 0;
}

static int fill(const struct config *config, struct policy_document *document)
{
	static const struct stateless_verdict forward = {STATELESS_FORWARD, METRIC_NONE};
	uint32_t count = config->rule_count;
	struct stateful_rule *rules = arena_alloc(document->arena, count * sizeof(*rules));
	struct policy_rule *descriptions =
		arena_alloc(document->arena, count * sizeof(*descriptions));
	int ret = rules && descriptions ? 0 : -ENOMEM;

	for (uint32_t i = 0; ret == 0 && i < count; i++) {
		const struct config_rule *rule = &config->rules[i];

		rules[i].action = rule->action == ACTION_ALLOW ? STATEFUL_PASS : STATEFUL_DROP;
		rules[i].flow = RULE_TO_SERVER;
		descriptions[i].action = config_rules_actions[rule->action];
		descriptions[i].msg = arena_printf(document->arena, "%s", rule->name);
		ret = descriptions[i].msg ? copy_match(document->arena, rule, &rules[i].match)
					  : -ENOMEM;
	}
	document->rules = (struct policy_rules){
		.stateful = rules,
		.stateful_count = count,
		.stateless_default = forward,
		.stateless_fragment_default = forward,
		.stateful_default = config->default_action == ACTION_DROP ? DEFAULT_DROP_STRICT : 0,
		.stream_exception = config->stream_exception,
	};
	document->stateful = descriptions;
	document->tcp_idle_timeout = config->dataplane.flows.timeouts[TIMEOUT_TCP_ESTABLISHED];
	return ret;
}

int config_document_make(struct config_reader *reader, struct config *config)
{
	const struct config_policy *policy = &config->policy;
	int ret;

	if (policy->files.policy) {
		ret = policy_document_load(&policy->files, policy->skip_unsupported,
			&config->document, reader->message, reader->size);
	} else {
		ret = policy_document_create(&config->document);
		if (ret == 0)
			ret = fill(config, config->document);
	}
	if (ret < 0)
		return ret;
	config->dataplane.flows.timeouts[TIMEOUT_TCP_ESTABLISHED] =
		config->document->tcp_idle_timeout;
	config_rules_destroy(config);
	config_policy_fini(&config->policy);
	return 0;
}
