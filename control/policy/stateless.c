/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/policy/stateless.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "control/policy/custom_action.h"
#include "control/policy/stateless_match.h"
#include "control/policy/store.h"

/* One rule. */
struct rule {
	uint32_t priority;
	size_t index; /* in StatelessRules */
	struct stateless_match match;
	struct stateless_verdict verdict;
	const char *action;
};

/* The rule group at hand; rule is the one at hand, or behind the last one. */
struct reading {
	struct builder *builder;
	struct custom_actions actions;
	struct rule *rules; /* malloc'ed */
	struct rule *rule;
	const struct rule **by_priority; /* UINT16_MAX + 1, NULL: no such rule */
};

static int store_priority(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct reading *reading = target;
	struct rule *rule = reading->rule;
	const struct rule *other;

	(void)key;
	rule->priority = (uint32_t)json_integer_value(value);
	snprintf(reading->builder->rule, sizeof(reading->builder->rule), "rule priority %u",
		rule->priority);
	other = reading->by_priority[rule->priority];
	if (other)
		return config_reader_fail(reader, "%u is the priority of StatelessRules[%zu] too",
			rule->priority, other->index);
	reading->by_priority[rule->priority] = rule;
	return 0;
}

static int store_match(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct reading *reading = target;

	(void)key;
	reading->rule->match.arena = reading->builder->arena;
	return stateless_match_read(reader, value, &reading->rule->match);
}

static int store_actions(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct reading *reading = target;

	(void)key;
	return custom_action_verdict(
		reader, value, &reading->actions, &reading->rule->verdict, &reading->rule->action);
}

static const struct config_key definition_members[] = {
	{.name = "MatchAttributes", .type = CONFIG_OBJECT, .required = true, .store = store_match},
	{.name = "Actions",
		.type = CONFIG_ARRAY,
		.required = true,
		.high = STORE_ARRAY_MAX,
		.store = store_actions},
	{.name = NULL},
};

/* The priority first, so that messages about the rest can name it. */
static const struct config_key rule_members[] = {
	{.name = "Priority",
		.type = CONFIG_INTEGER,
		.required = true,
		.low = 1,
		.high = UINT16_MAX,
		.store = store_priority},
	{.name = "RuleDefinition",
		.type = CONFIG_OBJECT,
		.required = true,
		.members = definition_members,
		.store = store_object},
	{.name = NULL},
};

static int read_rule(struct config_reader *reader, const json_t *value, size_t index, void *context)
{
	struct reading *reading = context;
	int ret;

	reading->rule->index = index;
	ret = config_reader_object(reader, rule_members, value, reading);
	if (ret < 0)
		return ret;
	reading->rule++;
	reading->builder->rule[0] = '\0';
	return 0;
}

/* Add a rule once for each of its TCPFlags. */
static int add_rule(struct config_reader *reader, struct builder *builder, const struct rule *rule)
{
	struct stateless_entry entry = {
		.rule = {.match = rule->match.match, .verdict = rule->verdict},
		.description = {.group = builder->group,
			.id = rule->priority,
			.action = rule->action},
	};
	uint32_t i = 0;
	int ret;

	do {
		if (rule->match.flag_count > 0) {
			entry.rule.match.flags = rule->match.flags[i].flags;
			entry.rule.match.flag_mask = rule->match.flags[i].mask;
		}
		ret = builder_add_stateless(builder, reader, &entry);
	} while (ret == 0 && ++i < rule->match.flag_count);
	return ret;
}

static int store_custom_actions(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct reading *reading = target;

	(void)key;
	return custom_action_define(reader, value, &reading->actions);
}

static int store_rules(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct reading *reading = target;
	int ret;

	(void)key;
	reading->rules = calloc(json_array_size(value) + 1, sizeof(*reading->rules));
	reading->by_priority = calloc(UINT16_MAX + 1, sizeof(struct rule *));
	if (!reading->rules || !reading->by_priority)
		return -ENOMEM;
	reading->rule = reading->rules;
	ret = store_elements(reader, value, read_rule, reading);
	for (uint32_t i = 0; ret == 0 && i <= UINT16_MAX; i++) {
		if (reading->by_priority[i])
			ret = add_rule(reader, reading->builder, reading->by_priority[i]);
	}
	return ret;
}

/* Custom actions first: the rules name them. */
static const struct config_key source_members[] = {
	{.name = "CustomActions",
		.type = CONFIG_ARRAY,
		.high = STORE_ARRAY_MAX,
		.store = store_custom_actions},
	{.name = "StatelessRules",
		.type = CONFIG_ARRAY,
		.required = true,
		.high = STORE_ARRAY_MAX,
		.store = store_rules},
	{.name = NULL},
};

int stateless_read(struct config_reader *reader, const json_t *value, struct builder *builder)
{
	struct reading reading = {.builder = builder, .actions.builder = builder};
	int ret = config_reader_object(reader, source_members, value, &reading);

	free(reading.by_priority);
	free(reading.rules);
	return ret;
}
