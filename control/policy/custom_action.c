/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/policy/custom_action.h"

#include <errno.h>
#include <string.h>

#include "control/policy/store.h"

static const char *const standard_actions[] = {
	[STATELESS_PASS] = "aws:pass",
	[STATELESS_DROP] = "aws:drop",
	[STATELESS_FORWARD] = "aws:forward_to_sfe",
};
enum { STANDARD_ACTIONS = sizeof(standard_actions) / sizeof(standard_actions[0]) };

/* One CustomAction while it is read. */
struct definition {
	char name[128 + 1];
	char dimension[128 + 1];
};

static const struct config_key dimension_members[] = {
	{.name = "Value",
		.type = CONFIG_STRING,
		.required = true,
		.low = 1,
		.high = 128,
		.pattern = "^[a-zA-Z0-9_ -]+$",
		.words = "letters, digits, blanks, - and _",
		.store = config_reader_store_text,
		.offset = offsetof(struct definition, dimension)},
	{.name = NULL},
};

static int store_dimensions(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	int ret;

	config_reader_enter_index(reader, 0);
	ret = config_reader_object(reader, key->members, json_array_get(value, 0), target);
	if (ret == 0)
		config_reader_leave(reader);
	return ret;
}

static const struct config_key publish_members[] = {
	{.name = "Dimensions",
		.type = CONFIG_ARRAY,
		.required = true,
		.low = 1,
		.high = 1,
		.members = dimension_members,
		.store = store_dimensions},
	{.name = NULL},
};

static const struct config_key definition_members[] = {
	{.name = "PublishMetricAction",
		.type = CONFIG_OBJECT,
		.required = true,
		.members = publish_members,
		.store = store_object},
	{.name = NULL},
};

static const struct config_key custom_action_members[] = {
	{.name = "ActionName",
		.type = CONFIG_STRING,
		.required = true,
		.low = 1,
		.high = 128,
		.pattern = "^[a-zA-Z0-9]+$",
		.words = "letters and digits",
		.store = config_reader_store_text,
		.offset = offsetof(struct definition, name)},
	{.name = "ActionDefinition",
		.type = CONFIG_OBJECT,
		.required = true,
		.members = definition_members,
		.store = store_object},
	{.name = NULL},
};

/* The index of the metric with this name, or METRIC_NONE. */
static uint16_t find(const struct custom_actions *actions, const char *name)
{
	for (uint32_t i = actions->first; i < actions->first + actions->count; i++) {
		if (strcmp(actions->builder->metrics[i].action, name) == 0)
			return (uint16_t)i;
	}
	return METRIC_NONE;
}

static int define_one(
	struct config_reader *reader, const json_t *value, size_t index, void *context)
{
	struct custom_actions *actions = context;
	struct builder *builder = actions->builder;
	struct definition definition = {0};
	struct policy_metric metric = {.group = builder->group};
	int ret = config_reader_object(reader, custom_action_members, value, &definition);

	(void)index;
	if (ret < 0)
		return ret;
	if (find(actions, definition.name) != METRIC_NONE)
		return config_reader_fail(
			reader, "the custom action %s is defined twice", definition.name);
	metric.action = arena_printf(builder->arena, "%s", definition.name);
	metric.dimension = arena_printf(builder->arena, "%s", definition.dimension);
	if (!metric.action || !metric.dimension)
		return -ENOMEM;
	ret = builder_add_metric(builder, reader, &metric);
	actions->count += ret == 0;
	return ret;
}

int custom_action_define(
	struct config_reader *reader, const json_t *value, struct custom_actions *ret_actions)
{
	ret_actions->first = ret_actions->builder->metric_count;
	ret_actions->count = 0;
	return store_elements(reader, value, define_one, ret_actions);
}

/* The actions of one list while it is read. */
struct verdict {
	const struct custom_actions *actions;
	int standard; /* -1: none so far */
	uint16_t metric;
};

static int read_action(
	struct config_reader *reader, const json_t *value, size_t index, void *context)
{
	struct verdict *verdict = context;
	const char *name = json_string_value(value);
	uint16_t metric;
	int ret = config_reader_string(reader, value);

	(void)index;
	if (ret < 0)
		return ret;
	for (int i = 0; i < STANDARD_ACTIONS; i++) {
		if (strcmp(name, standard_actions[i]) != 0)
			continue;
		if (verdict->standard >= 0)
			return config_reader_fail(reader, "a second standard action, beside %s",
				standard_actions[verdict->standard]);
		verdict->standard = i;
		return 0;
	}
	metric = find(verdict->actions, name);
	if (metric == METRIC_NONE)
		return config_reader_fail(reader,
			"\"%.128s\" is neither aws:pass, aws:drop, aws:forward_to_sfe nor a custom "
			"action defined here",
			name);
	if (verdict->metric != METRIC_NONE)
		return config_reader_fail(reader, "more than one custom action is not supported");
	verdict->metric = metric;
	return 0;
}

int custom_action_verdict(struct config_reader *reader, const json_t *value,
	const struct custom_actions *actions, struct stateless_verdict *ret_verdict,
	const char **ret_text)
{
	struct verdict verdict = {actions, -1, METRIC_NONE};
	int ret = store_elements(reader, value, read_action, &verdict);

	if (ret < 0)
		return ret;
	if (verdict.standard < 0)
		return config_reader_fail(reader,
			"needs one of the standard actions aws:pass, aws:drop and "
			"aws:forward_to_sfe");
	*ret_text = standard_actions[verdict.standard];
	if (verdict.metric != METRIC_NONE) {
		*ret_text = arena_printf(actions->builder->arena, "%s, %s", *ret_text,
			actions->builder->metrics[verdict.metric].action);
		if (!*ret_text)
			return -ENOMEM;
	}
	*ret_verdict = (struct stateless_verdict){(uint8_t)verdict.standard, verdict.metric};
	return 0;
}
