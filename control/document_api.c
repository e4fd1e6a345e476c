/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/document_api.h"

#include <stdio.h>
#include <string.h>

#include "control/api_page.h"
#include "control/api_target.h"
#include "control/firewall_api.h"
#include "control/policy/inventory.h"

enum { SCOPE_SIZE = 80 };

/* What the members of requests and answers are called, of a policy or of a rule group. */
struct kind {
	enum api_member arn;
	enum api_member name;
	const char *response;
	const char *id;
	const char *body;
	int body_max;
};

static const struct kind policy_kind = {MEMBER_FIREWALL_POLICY_ARN, MEMBER_FIREWALL_POLICY_NAME,
	"FirewallPolicyResponse", "FirewallPolicyId", "FirewallPolicy", INVENTORY_POLICY_MAX};
static const struct kind group_kind = {MEMBER_RULE_GROUP_ARN, MEMBER_RULE_GROUP_NAME,
	"RuleGroupResponse", "RuleGroupId", "RuleGroup", INVENTORY_GROUP_MAX};

/* ---- lists ---- */

static int append(json_t *list, const struct config *config, const struct policy_resource *resource)
{
	char arn[FIREWALL_API_ARN_SIZE];

	firewall_api_arn(config, resource->arn, arn);
	return json_array_append_new(
		list, json_pack("{s:s, s:s}", "Name", resource->name, "Arn", arn));
}

/* Whether a list of resources, of a type or of any, has this one. */
static bool is_listed(const struct policy_resource *resource, const char *type)
{
	return type == NULL || (resource->type != NULL && strcmp(resource->type, type) == 0);
}

/*
 * Append up to count resources of a type, NULL for any, from *position on and before end; *position
 * is then that of the next one, or end.
 */
static int append_resources(json_t *list, const struct config *config,
	const struct policy_document *document, const char *type, uint32_t count, uint64_t end,
	uint64_t *position)
{
	uint32_t listed = 0;

	for (; *position < end; (*position)++) {
		const struct policy_resource *resource = &document->resources[*position];

		if (!is_listed(resource, type))
			continue;
		if (listed++ == count)
			break;
		if (append(list, config, resource) != 0)
			return -1;
	}
	return 0;
}

/* A page of the resources from first on and before end, as a member of the answer. */
static void list_resources(const struct config *config, const struct publisher *publisher,
	const struct token_key *key, const struct api_input *input, const char *member,
	uint64_t first, uint64_t end, struct reply *reply)
{
	const struct generation *generation = publisher_current(publisher);
	const char *type = api_member_string(input, MEMBER_TYPE);
	char scope[SCOPE_SIZE];
	json_t *list, *result;

	snprintf(scope, sizeof(scope), "%s/%u/%s", member, generation->names->generation,
		type != NULL ? type : "");
	if (api_page_first(key, input, scope, &first, reply) != 0)
		return;
	list = json_array();
	result = json_pack("{s:O}", member, list);
	if (append_resources(list, config, generation->document, type, api_page_count(input), end,
		    &first) != 0 ||
		(first < end && api_page_add_token(key, scope, first, result) != 0)) {
		json_decref(result);
		result = NULL;
	}
	json_decref(list);
	reply_set_result(reply, result);
}

void document_api_list_policies(const struct config *config, const struct publisher *publisher,
	const struct token_key *key, const struct api_input *input, struct reply *reply)
{
	uint32_t count = publisher_current(publisher)->document->resource_count;

	list_resources(
		config, publisher, key, input, "FirewallPolicies", 0, count > 0 ? 1 : 0, reply);
}

void document_api_list_groups(const struct config *config, const struct publisher *publisher,
	const struct token_key *key, const struct api_input *input, struct reply *reply)
{
	uint32_t count = publisher_current(publisher)->document->resource_count;
	const char *scope = api_member_string(input, MEMBER_SCOPE);
	bool managed = input->values[MEMBER_MANAGED_TYPE] != NULL ||
		input->values[MEMBER_SUBSCRIPTION_STATUS] != NULL ||
		(scope != NULL && strcmp(scope, "MANAGED") == 0);

	/* Nobody manages or sells rule groups here. */
	list_resources(config, publisher, key, input, "RuleGroups", 1, managed ? 0 : count, reply);
}

/* ---- descriptions ---- */

/* Whether the request means this resource, by all of the members that it has. */
static bool is_meant(const struct config *config, const struct policy_resource *resource,
	const struct kind *kind, const struct api_input *input)
{
	const char *arn = api_member_string(input, kind->arn);
	const char *name = api_member_string(input, kind->name);
	char own[FIREWALL_API_ARN_SIZE];

	firewall_api_arn(config, resource->arn, own);
	return (arn == NULL || strcmp(arn, own) == 0) &&
		(name == NULL || strcmp(name, resource->name) == 0) &&
		is_listed(resource, api_member_string(input, MEMBER_TYPE));
}

/* The resource that the request means, or NULL with the reply a ResourceNotFoundException. */
static const struct policy_resource *find(const struct config *config,
	const struct policy_document *document, const struct kind *kind,
	const struct api_input *input, struct reply *reply)
{
	enum api_member named = input->values[kind->arn] != NULL ? kind->arn : kind->name;

	for (uint32_t i = 0; i < document->resource_count; i++) {
		const struct policy_resource *resource = &document->resources[i];

		if ((resource->kind == RESOURCE_POLICY) == (kind == &policy_kind) &&
			is_meant(config, resource, kind, input))
			return resource;
	}
	api_target_resource(input, named, NULL, reply);
	return NULL;
}

/* Make whole ARNs of a policy's references. Returns 0 or -1. */
static int complete_references(const struct config *config, const json_t *policy)
{
	static const char *const members[] = {
		"StatelessRuleGroupReferences", "StatefulRuleGroupReferences"};

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		const json_t *list = json_object_get(policy, members[i]);

		for (size_t j = 0; j < json_array_size(list); j++) {
			json_t *reference = json_array_get(list, j);
			char arn[FIREWALL_API_ARN_SIZE];

			firewall_api_arn(config,
				json_string_value(json_object_get(reference, "ResourceArn")), arn);
			if (json_object_set_new(reference, "ResourceArn", json_string(arn)) != 0)
				return -1;
		}
	}
	return 0;
}

/* The answer less the body, or NULL without memory. */
static json_t *head(const struct config *config, const struct policy_resource *resource,
	const struct kind *kind)
{
	json_t *response = json_loads(resource->response, 0, NULL);
	char arn[FIREWALL_API_ARN_SIZE], id[INVENTORY_TOKEN_SIZE];

	firewall_api_arn(config, resource->arn, arn);
	inventory_token(arn, id);
	if (json_object_update_new(response,
		    json_pack("{s:s, s:s}", api_member_name(kind->arn), arn, kind->id, id)) != 0) {
		json_decref(response);
		return NULL;
	}
	return json_pack("{s:s, s:o}", "UpdateToken", resource->token, kind->response, response);
}

/* Add the policy. Returns 0 or -1, also when there is nothing to add it to. */
static int add_policy(
	const struct config *config, const struct policy_resource *resource, json_t *result)
{
	json_t *policy = json_loads(resource->body, 0, NULL);

	if (policy == NULL || complete_references(config, policy) != 0) {
		json_decref(policy);
		return -1;
	}
	return json_object_set_new(result, policy_kind.body, policy);
}

static void describe(const struct config *config, const struct publisher *publisher,
	const struct kind *kind, const struct api_input *input, struct reply *reply)
{
	const struct policy_document *document = publisher_current(publisher)->document;
	const struct policy_resource *resource = find(config, document, kind, input, reply);
	json_t *result;

	if (resource == NULL)
		return;
	if (resource->body == NULL) {
		reply_fail(reply, REPLY_PARAMETER,
			"%s has more than %d bytes, which no answer takes", resource->name,
			kind->body_max);
		return;
	}
	result = head(config, resource, kind);
	if (kind == &group_kind) {
		/* It may be long: its text goes out as it is. */
		reply->tail_name = kind->body;
		reply->tail = resource->body;
	} else if (add_policy(config, resource, result) != 0) {
		json_decref(result);
		result = NULL;
	}
	reply_set_result(reply, result);
}

void document_api_describe_policy(const struct config *config, const struct publisher *publisher,
	const struct api_input *input, struct reply *reply)
{
	if (firewall_api_check_named(input, policy_kind.arn, policy_kind.name, reply) == 0)
		describe(config, publisher, &policy_kind, input, reply);
}

void document_api_describe_group(const struct config *config, const struct publisher *publisher,
	const struct api_input *input, struct reply *reply)
{
	if (firewall_api_check_named(input, group_kind.arn, group_kind.name, reply) != 0)
		return;
	/* A stateless and a stateful group may have the same name. */
	if (input->values[group_kind.arn] == NULL && input->values[MEMBER_TYPE] == NULL)
		api_member_fail(reply, REPLY_PARAMETER, api_member_name(MEMBER_TYPE), NULL,
			"is required with RuleGroupName");
	else if (api_member_boolean(input, MEMBER_ANALYZE_RULE_GROUP))
		api_member_fail(reply, REPLY_PARAMETER, api_member_name(MEMBER_ANALYZE_RULE_GROUP),
			input->values[MEMBER_ANALYZE_RULE_GROUP], "is not supported");
	else
		describe(config, publisher, &group_kind, input, reply);
}
