/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/policy/inventory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uuid/uuid.h>

/* Of the API: characters of an ARN and of a description, and what an integer holds. */
enum { ARN_MAX = 256, DESCRIPTION_MAX = 512, CAPACITY_MAX = INT32_MAX };

static const char *const type_names[] = {
	[RESOURCE_STATELESS] = "STATELESS", [RESOURCE_STATEFUL] = "STATEFUL"};

void inventory_name(const char *text, char name[INVENTORY_NAME_SIZE])
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";

	snprintf(name, INVENTORY_NAME_SIZE, "%s", text[0] != '\0' ? text : "-");
	for (char *at = name; *at != '\0'; at++)
		if (!strchr(allowed, *at))
			*at = '-';
}

void inventory_token(const char *text, char token[INVENTORY_TOKEN_SIZE])
{
	uuid_t none, uuid;

	uuid_clear(none);
	uuid_generate_sha1(uuid, none, text, strlen(text));
	uuid_unparse_lower(uuid, token);
}

/* What is behind the last slash. */
static const char *last_part(const char *text)
{
	const char *slash = strrchr(text, '/');

	return slash ? slash + 1 : text;
}

static bool is_arn(const char *text)
{
	return text && strncmp(text, "arn:aws", 7) == 0 && strlen(text) <= ARN_MAX &&
		!strpbrk(text, "\r\n");
}

/* ---- what a document says of its resource, as far as an answer may have it ---- */

static json_t *description(const struct resource *resource)
{
	const json_t *value = resource_member(resource, "Description");
	const char *text = json_string_value(value);

	/* One line, by the API. */
	return text && strlen(text) <= DESCRIPTION_MAX && !strpbrk(text, "\r\n") ? (json_t *)value
										 : NULL;
}

static json_int_t capacity(const struct resource *resource, json_int_t consumed)
{
	const json_t *value = resource_member(resource, "Capacity");
	json_int_t given = json_integer_value(value);

	return given > 0 && given <= CAPACITY_MAX ? given : consumed;
}

/* ---- how much of its capacity a rule group takes ---- */

/* The product of how many values each setting has; one that is absent has one. */
static uint64_t stateless_rule_capacity(const json_t *rule)
{
	static const char *const settings[] = {"Sources", "Destinations", "SourcePorts",
		"DestinationPorts", "Protocols", "TCPFlags"};
	const json_t *attributes =
		json_object_get(json_object_get(rule, "RuleDefinition"), "MatchAttributes");
	uint64_t product = 1;

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		size_t count = json_array_size(json_object_get(attributes, settings[i]));

		if (count > 0)
			product *= count;
		if (product > CAPACITY_MAX)
			return CAPACITY_MAX;
	}
	return product;
}

static json_int_t consumed_capacity(const struct rule_group *group)
{
	const json_t *source = json_object_get(group->resource.body, "RulesSource");
	const json_t *rules = json_object_get(
		json_object_get(source, "StatelessRulesAndCustomActions"), "StatelessRules");
	uint64_t sum = group->stateful ? group->stateful_rules : 0;

	for (size_t i = 0; !group->stateful && i < json_array_size(rules); i++)
		sum += stateless_rule_capacity(json_array_get(rules, i));
	return sum < CAPACITY_MAX ? (json_int_t)sum : CAPACITY_MAX;
}

/* ---- resources ---- */

/* Give the resource its name: the first of the texts that is one. 0 or -ENOMEM. */
static int set_name(struct policy_resource *resource, const char *given, const char *arn,
	const char *file, struct arena *arena)
{
	const char *text = given && given[0] != '\0' ? given : arn ? last_part(arn) : "";
	char name[INVENTORY_NAME_SIZE];

	inventory_name(text[0] != '\0' ? text : file, name);
	resource->name = arena_printf(arena, "%s", name);
	return resource->name ? 0 : -ENOMEM;
}

/* Give it its ARN, or without one the part of it that is its own. 0 or -ENOMEM. */
static int set_arn(struct policy_resource *resource, const char *arn, struct arena *arena)
{
	static const char *const parts[] = {
		[RESOURCE_POLICY] = "firewall-policy",
		[RESOURCE_STATELESS] = "stateless-rulegroup",
		[RESOURCE_STATEFUL] = "stateful-rulegroup",
	};

	resource->arn = arn ? arena_printf(arena, "%s", arn)
			    : arena_printf(arena, "%s/%s", parts[resource->kind], resource->name);
	return resource->arn ? 0 : -ENOMEM;
}

/* An object as text that does not depend on the order of its members; free() it. The object may be
 * NULL, and then so is the text. */
static char *make_text(const json_t *object)
{
	return object ? json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
}

/*
 * Give it what is told of it, an object that is taken over and may be NULL, its body, and the token
 * of what of these its file alone says: body and description. 0 or -ENOMEM.
 */
static int set_texts(struct policy_resource *resource, json_t *response, const json_t *body,
	size_t body_max, struct arena *arena)
{
	char *response_text = make_text(response), *body_text = make_text(body);
	char token[INVENTORY_TOKEN_SIZE];
	const char *description, *both;
	int ret = -ENOMEM;

	if (!response_text || !body_text)
		goto free_texts;
	description = json_string_value(json_object_get(response, "Description"));
	inventory_token(body_text, token);
	both = arena_printf(arena, "%s%s", token, description ? description : "");
	if (!both)
		goto free_texts;
	inventory_token(both, token);
	resource->token = arena_printf(arena, "%s", token);
	resource->response = arena_printf(arena, "%s", response_text);
	if (strlen(body_text) <= body_max)
		resource->body = arena_printf(arena, "%s", body_text);
	if (resource->token && resource->response &&
		(resource->body || strlen(body_text) > body_max))
		ret = 0;
free_texts:
	json_decref(response);
	free(response_text);
	free(body_text);
	return ret;
}

static int add_group(struct policy_resource *resource, const struct group_reference *reference,
	json_int_t *consumed, struct arena *arena)
{
	const struct rule_group *group = reference->group;
	const struct resource *file = &group->resource;
	const char *arn = is_arn(group->arn) ? group->arn
		: is_arn(reference->arn)     ? reference->arn
					     : NULL;
	json_int_t used = consumed_capacity(group);
	int ret;

	resource->kind = group->stateful ? RESOURCE_STATEFUL : RESOURCE_STATELESS;
	resource->type = group->type == GROUP_STATEFUL_DOMAIN ? "STATEFUL_DOMAIN"
							      : type_names[resource->kind];
	ret = set_name(resource, json_string_value(resource_member(file, "RuleGroupName")), arn,
		group->file_name, arena);
	if (ret == 0)
		ret = set_arn(resource, arn, arena);
	if (ret < 0)
		return ret;
	*consumed += used;
	return set_texts(resource,
		json_pack("{s:s, s:s, s:s, s:I, s:I, s:i, s:O*}", "RuleGroupName", resource->name,
			"Type", resource->type, "RuleGroupStatus", "ACTIVE", "Capacity",
			capacity(file, used), "ConsumedCapacity", used, "NumberOfAssociations", 1,
			"Description", description(file)),
		file->body, INVENTORY_GROUP_MAX, arena);
}

/* Have a list of references mean the groups by the ARNs that they have here. 0 or -ENOMEM. */
static int name_references(json_t *body, const char *member,
	const struct group_references *references, const struct policy_resource *groups)
{
	json_t *list = json_deep_copy(json_object_get(body, member));
	int ret = 0;

	if (!json_object_get(body, member))
		return 0;
	for (uint32_t i = 0; ret == 0 && i < references->count; i++)
		ret = json_object_set_new(json_array_get(list, references->items[i].index),
			"ResourceArn", json_string(groups[i].arn));
	if (ret < 0) {
		json_decref(list);
		return -ENOMEM;
	}
	return json_object_set_new(body, member, list) < 0 ? -ENOMEM : 0;
}

static int add_policy(struct policy_resource *resources, const struct firewall_policy *policy,
	const json_int_t consumed[2], struct arena *arena)
{
	const struct resource *file = &policy->resource;
	const char *arn = json_string_value(resource_member(file, "FirewallPolicyArn"));
	json_t *body = json_copy((json_t *)file->body);
	char file_name[RESOURCE_FILE_NAME_SIZE];
	int ret = body ? 0 : -ENOMEM;

	resource_file_name(file->reader.file, file_name);
	if (!is_arn(arn))
		arn = NULL;
	if (ret == 0)
		ret = name_references(
			body, "StatelessRuleGroupReferences", &policy->stateless, resources + 1);
	if (ret == 0)
		ret = name_references(body, "StatefulRuleGroupReferences", &policy->stateful,
			resources + 1 + policy->stateless.count);
	if (ret == 0)
		ret = set_name(resources,
			json_string_value(resource_member(file, "FirewallPolicyName")), arn,
			file_name, arena);
	if (ret == 0)
		ret = set_arn(resources, arn, arena);
	if (ret == 0)
		ret = set_texts(resources,
			json_pack("{s:s, s:s, s:I, s:I, s:i, s:O*}", "FirewallPolicyName",
				resources->name, "FirewallPolicyStatus", "ACTIVE",
				"ConsumedStatelessRuleCapacity", consumed[0],
				"ConsumedStatefulRuleCapacity", consumed[1], "NumberOfAssociations",
				1, "Description", description(file)),
			body, INVENTORY_POLICY_MAX, arena);
	json_decref(body);
	return ret;
}

int inventory_make(const struct firewall_policy *policy, struct policy_document *document)
{
	uint32_t stateless = policy->stateless.count;
	uint32_t count = 1 + stateless + policy->stateful.count;
	struct policy_resource *resources =
		arena_alloc(document->arena, count * sizeof(*resources));
	json_int_t consumed[2] = {0, 0}; /* stateless, stateful */
	int ret = resources ? 0 : -ENOMEM;

	for (uint32_t i = 0; ret == 0 && i < stateless; i++)
		ret = add_group(&resources[1 + i], &policy->stateless.items[i], &consumed[0],
			document->arena);
	for (uint32_t i = 0; ret == 0 && i < policy->stateful.count; i++)
		ret = add_group(&resources[1 + stateless + i], &policy->stateful.items[i],
			&consumed[1], document->arena);
	for (size_t i = 0; i < 2; i++)
		if (consumed[i] > CAPACITY_MAX)
			consumed[i] = CAPACITY_MAX;
	if (ret == 0)
		ret = add_policy(resources, policy, consumed, document->arena);
	document->resources = resources;
	document->resource_count = count;
	return ret;
}
