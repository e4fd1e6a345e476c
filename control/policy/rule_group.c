/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/policy/rule_group.h"

#include <errno.h>
#include <string.h>

#include "control/policy/stateful.h"
#include "control/policy/stateless.h"
#include "control/policy/store.h"
#include "control/policy/suricata.h"
#include "control/policy/variables.h"

static const char *const type_names[] = {[GROUP_STATELESS] = "STATELESS",
	[GROUP_STATEFUL] = "STATEFUL",
	[GROUP_STATEFUL_DOMAIN] = "STATEFUL_DOMAIN",
	NULL};

#define MEMBER_NAME                                                                                \
	{                                                                                          \
		.name = "RuleGroupName", .type = CONFIG_STRING, .low = 1, .high = 128,             \
		.pattern = "^[a-zA-Z0-9-]+$", .words = "letters, digits and -",                    \
		.store = config_reader_store_text, .offset = offsetof(struct rule_group, name)     \
	}
#define MEMBER_TYPE                                                                                \
	{                                                                                          \
		.name = "Type", .type = CONFIG_CHOICE, .choices = type_names,                      \
		.store = config_reader_store_choice, .offset = offsetof(struct rule_group, type)   \
	}

static const struct config_key response_members[] = {
	MEMBER_NAME,
	MEMBER_TYPE,
	{.name = "RuleGroupArn",
		.type = CONFIG_STRING,
		.low = 1,
		.high = 256,
		.pattern = "^arn:aws",
		.words = "text that begins with arn:aws",
		.store = config_reader_store_text,
		.offset = offsetof(struct rule_group, arn)},
	STORE_IGNORED("RuleGroupId"),
	STORE_IGNORED("Description"),
	STORE_IGNORED("Capacity"),
	STORE_IGNORED("RuleGroupStatus"),
	STORE_IGNORED("Tags"),
	STORE_IGNORED("ConsumedCapacity"),
	STORE_IGNORED("NumberOfAssociations"),
	STORE_IGNORED("EncryptionConfiguration"),
	STORE_IGNORED("SourceMetadata"),
	STORE_IGNORED("SnsTopic"),
	STORE_IGNORED("LastModifiedTime"),
	STORE_IGNORED("AnalysisResults"),
	STORE_IGNORED("SummaryConfiguration"),
	{.name = NULL},
};

static const struct config_key wrapping_members[] = {
	MEMBER_NAME,
	MEMBER_TYPE,
	{.name = "RuleGroupResponse",
		.type = CONFIG_OBJECT,
		.members = response_members,
		.store = store_object},
	{.name = "RuleGroup", .type = CONFIG_MIXED, .required = true, .store = resource_store_body},
	STORE_IGNORED("UpdateToken"),
	STORE_IGNORED("Description"),
	STORE_IGNORED("Capacity"),
	STORE_IGNORED("Tags"),
	STORE_IGNORED("EncryptionConfiguration"),
	STORE_IGNORED("SourceMetadata"),
	STORE_IGNORED("SummaryConfiguration"),
	{.name = NULL},
};

static const struct resource_kind kind = {
	.body = "RuleGroup",
	.response = "RuleGroupResponse",
	.type = "AWS::NetworkFirewall::RuleGroup",
	.members = wrapping_members,
};

int rule_group_open(struct rule_group *group, const char *path, char *message, size_t size)
{
	int ret;

	*group = (struct rule_group){.type = GROUP_UNTYPED};
	resource_file_name(path, group->file_name);
	ret = resource_open(&group->resource, &kind, path, message, size);
	if (ret < 0)
		return ret;
	if (group->name[0] == '\0')
		memcpy(group->name, group->file_name, sizeof(group->name));
	group->stateful = !json_object_get(json_object_get(group->resource.body, "RulesSource"),
		"StatelessRulesAndCustomActions");
	return 0;
}

void rule_group_close(struct rule_group *group)
{
	resource_close(&group->resource);
}

bool rule_group_answers(const struct rule_group *group, const char *reference)
{
	return strcmp(group->arn, reference) == 0 || reference_set_names(group->name, reference) ||
		reference_set_names(group->file_name, reference);
}

/* The body of a group while it is read. */
struct reading {
	struct builder *builder;
	struct reference_files *references;
	const struct rule_group *group;
	struct scope scope;
	unsigned int sources; /* members of RulesSource seen */
};

static int store_ip_sets(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct reading *reading = target;

	(void)key;
	return variables_define(reader, value, &reading->scope, LIST_ADDRESSES);
}

static int store_port_sets(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct reading *reading = target;

	(void)key;
	return variables_define(reader, value, &reading->scope, LIST_PORTS);
}

static int store_references(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct reading *reading = target;

	(void)key;
	return variables_refer(reader, value, &reading->scope, reading->references);
}

static const struct config_key variables_members[] = {
	{.name = "IPSets", .type = CONFIG_OBJECT, .store = store_ip_sets},
	{.name = "PortSets", .type = CONFIG_OBJECT, .store = store_port_sets},
	{.name = NULL},
};

static const struct config_key references_members[] = {
	{.name = "IPSetReferences", .type = CONFIG_OBJECT, .store = store_references},
	{.name = NULL},
};

/* For the members that only stateful rule groups have. */
static int store_stateful_only(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	const struct reading *reading = target;

	if (value && !reading->group->stateful)
		return config_reader_fail(reader, "is for stateful rule groups alone");
	return store_object(reader, key, value, target);
}

static const char *const order_names[] = {"DEFAULT_ACTION_ORDER", "STRICT_ORDER", NULL};

/* Called without the member too, which then has its default. */
static int store_order(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	const struct reading *reading = target;
	const char *order = value ? json_string_value(value) : order_names[0];
	const char *policy_order = order_names[reading->builder->strict_order];

	(void)key;
	if (reading->group->stateful && strcmp(order, policy_order) != 0)
		return config_reader_fail(
			reader, "is %s, but the policy's is %s", order, policy_order);
	return 0;
}

static const struct config_key options_members[] = {
	{.name = "RuleOrder", .type = CONFIG_CHOICE, .choices = order_names, .store = store_order},
	{.name = NULL},
};

static int store_options(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	if (value)
		return store_stateful_only(reader, key, value, target);
	config_reader_enter_key(reader, "RuleOrder");
	if (store_order(reader, key, NULL, target) < 0)
		return -EINVAL;
	config_reader_leave(reader);
	return 0;
}

/* Read the stateful rules of an array or a RulesString. */
static int store_stateful_rules(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct reading *reading = target;
	struct stateful_group group = {.builder = reading->builder, .scope = &reading->scope};
	int ret;

	(void)key;
	if (!value)
		return 0;
	reading->sources++;
	group.sids = json_object();
	if (!group.sids)
		return -ENOMEM;
	if (json_is_array(value))
		ret = stateful_read(reader, value, &group);
	else
		ret = suricata_read(reader, json_string_value(value), &group);
	json_decref(group.sids);
	return ret;
}

static int store_rules_string(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	int ret = value ? config_reader_string(reader, value) : 0;

	return ret < 0 ? ret : store_stateful_rules(reader, key, value, target);
}

static int store_domain_list(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct reading *reading = target;

	(void)key;
	if (!value)
		return 0;
	reading->sources++;
	return builder_leave_out(
		reading->builder, reader, 0, "RulesSourceList: domain lists are not supported");
}

static int store_stateless_rules(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct reading *reading = target;

	(void)key;
	if (!value)
		return 0;
	reading->sources++;
	return stateless_read(reader, value, reading->builder);
}

static const struct config_key source_members[] = {
	{.name = "RulesString", .type = CONFIG_MIXED, .store = store_rules_string},
	{.name = "RulesSourceList", .type = CONFIG_MIXED, .store = store_domain_list},
	{.name = "StatefulRules",
		.type = CONFIG_ARRAY,
		.high = STORE_ARRAY_MAX,
		.store = store_stateful_rules},
	{.name = "StatelessRulesAndCustomActions",
		.type = CONFIG_OBJECT,
		.store = store_stateless_rules},
	{.name = NULL},
};

static int store_source(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct reading *reading = target;
	int ret = scope_check(&reading->scope);

	if (ret == 0)
		ret = config_reader_object(reader, key->members, value, reading);
	if (ret == 0 && reading->sources != 1)
		ret = config_reader_fail(reader,
			"must have one of RulesString, StatefulRules, RulesSourceList and "
			"StatelessRulesAndCustomActions, not %u",
			reading->sources);
	return ret;
}

/* The source last: its rules name what the others define. */
static const struct config_key group_members[] = {
	{.name = "ReferenceSets",
		.type = CONFIG_OBJECT,
		.members = references_members,
		.store = store_stateful_only},
	{.name = "RuleVariables",
		.type = CONFIG_OBJECT,
		.members = variables_members,
		.store = store_stateful_only},
	{.name = "StatefulRuleOptions",
		.type = CONFIG_OBJECT,
		.members = options_members,
		.store = store_options},
	{.name = "RulesSource",
		.type = CONFIG_OBJECT,
		.required = true,
		.members = source_members,
		.store = store_source},
	{.name = NULL},
};

int rule_group_read(
	struct rule_group *group, struct builder *builder, struct reference_files *references)
{
	struct reading reading = {.builder = builder, .references = references, .group = group};
	struct config_reader *reader = &group->resource.reader;
	uint32_t before = builder->stateful_count + builder->stateful_left_out;
	int ret;

	builder->group = arena_printf(builder->arena, "%s", group->name);
	if (!builder->group)
		return -ENOMEM;
	if (group->type != GROUP_UNTYPED && group->stateful != (group->type != GROUP_STATELESS))
		return config_reader_fail(reader, "the Type is %s, but the rules are %s",
			type_names[group->type], group->stateful ? "stateful" : "stateless");
	ret = scope_init(&reading.scope, builder->arena, &builder->scope);
	if (ret == 0)
		ret = config_reader_object(reader, group_members, group->resource.body, &reading);
	scope_fini(&reading.scope);
	group->stateful_rules = builder->stateful_count + builder->stateful_left_out - before;
	if (ret == 0)
		builder->group = NULL;
	return ret;
}
