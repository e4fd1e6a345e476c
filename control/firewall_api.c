/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/firewall_api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/api_page.h"
#include "control/api_target.h"
#include "control/policy/inventory.h"

#define SCOPE "ListFirewalls"

/* The API has no firewall outside of a VPC: this stands for there being none. */
#define NO_VPC "vpc-00000000000000000"

const struct api_constraint firewall_api_vpc_id = {
	"VpcIds", API_STRING, false, 1, 128, "^vpc-[0-9a-f]+$", 0};

void firewall_api_arn(
	const struct config *config, const char *arn, char text[FIREWALL_API_ARN_SIZE])
{
	static const char shortest[] = "arn:aws:";
	const char *own = config->firewall_arn, *colon = strrchr(own, ':');
	int length = (int)(colon - own) + 1;

	if (strncmp(arn, "arn:", 4) == 0)
		snprintf(text, FIREWALL_API_ARN_SIZE, "%s", arn);
	else if (length < (int)strlen(shortest))
		snprintf(text, FIREWALL_API_ARN_SIZE, "%s%s", shortest, arn);
	else
		snprintf(text, FIREWALL_API_ARN_SIZE, "%.*s%s", length, own, arn);
}

int firewall_api_check_named(const struct api_input *input, enum api_member arn,
	enum api_member name, struct reply *reply)
{
	if (input->values[arn] != NULL || input->values[name] != NULL)
		return 0;
	return api_member_fail(reply, REPLY_PARAMETER, api_member_name(arn), NULL,
		"or %s is required", api_member_name(name));
}

/* The firewall's own part of its ARN. */
static void own_name(const struct config *config, char name[INVENTORY_NAME_SIZE])
{
	const char *slash = strrchr(config->firewall_arn, '/');
	const char *colon = strrchr(config->firewall_arn, ':');

	inventory_name(slash != NULL && slash > colon ? slash + 1 : colon + 1, name);
}

/* Whether VpcIds has what stands for none, or is empty. Returns 1 or 0, or -1 with the reply an
 * error. */
static int is_asked_for(const struct api_input *input, struct reply *reply)
{
	const json_t *ids = input->values[MEMBER_VPC_IDS];
	int found = json_array_size(ids) == 0;

	for (size_t i = 0; i < json_array_size(ids); i++) {
		const json_t *id = json_array_get(ids, i);
		char path[API_PATH_SIZE];

		api_member_path(path, "VpcIds[%zu]", i);
		if (api_constraint_check(&firewall_api_vpc_id, id, path, reply) != 0)
			return -1;
		found = found || strcmp(json_string_value(id), NO_VPC) == 0;
	}
	return found;
}

void firewall_api_list(const struct config *config, const struct token_key *key,
	const struct api_input *input, struct reply *reply)
{
	int found = is_asked_for(input, reply);
	char name[INVENTORY_NAME_SIZE];
	uint64_t position = 0;

	if (found < 0 || api_page_first(key, input, SCOPE, &position, reply) != 0)
		return;
	own_name(config, name);
	reply_set_result(reply,
		found ? json_pack("{s:[{s:s, s:s}]}", "Firewalls", "FirewallName", name,
				"FirewallArn", config->firewall_arn)
		      : json_pack("{s:[]}", "Firewalls"));
}

static json_t *firewall(const struct config *config, const struct policy_document *document)
{
	bool associated = config->vpc_endpoint_association_arn != NULL;
	char name[INVENTORY_NAME_SIZE], id[INVENTORY_TOKEN_SIZE], own[FIREWALL_API_ARN_SIZE];
	char policy[FIREWALL_API_ARN_SIZE];

	own_name(config, name);
	inventory_token(config->firewall_arn, id);
	/* Rules of the configuration itself are no policy that the API could tell of. */
	snprintf(own, sizeof(own), "firewall-policy/%s", name);
	firewall_api_arn(
		config, document->resource_count > 0 ? document->resources[0].arn : own, policy);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:[], s:b, s:b, s:b, s:i}", "FirewallName",
		name, "FirewallArn", config->firewall_arn, "FirewallId", id, "FirewallPolicyArn",
		policy, "VpcId", NO_VPC, "SubnetMappings", "DeleteProtection", 0,
		"SubnetChangeProtection", 0, "FirewallPolicyChangeProtection", 0,
		"NumberOfAssociations", associated ? 1 : 0);
}

/*
 * The documents in force. The API's keys are names, and a stateless group may be called like a
 * stateful one or the policy: what comes later goes by its token then.
 */
static json_t *documents(const struct policy_document *document)
{
	json_t *config = json_object();

	for (uint32_t i = 0; i < document->resource_count; i++) {
		const struct policy_resource *resource = &document->resources[i];
		const char *key = json_object_get(config, resource->name) == NULL ? resource->name
										  : resource->token;

		if (json_object_set_new(config, key,
			    json_pack("{s:s, s:s}", "SyncStatus", "IN_SYNC", "UpdateToken",
				    resource->token)) == 0)
			continue;
		json_decref(config);
		return NULL;
	}
	return config;
}

static json_t *status(const struct config *config, const struct policy_document *document)
{
	return json_pack("{s:s, s:s, s:{s:{s:{s:s, s:s*}, s:o}}}", "Status", "READY",
		"ConfigurationSyncStateSummary", "IN_SYNC", "SyncStates", config->availability_zone,
		"Attachment", "Status", "READY", "EndpointId", config->vpc_endpoint_id, "Config",
		documents(document));
}

void firewall_api_describe(const struct config *config, const struct publisher *publisher,
	const struct api_input *input, struct reply *reply)
{
	const struct policy_document *document = publisher_current(publisher)->document;
	char name[INVENTORY_NAME_SIZE], token[INVENTORY_TOKEN_SIZE], *text;
	json_t *object;

	own_name(config, name);
	if (firewall_api_check_named(input, MEMBER_FIREWALL_ARN, MEMBER_FIREWALL_NAME, reply) !=
			0 ||
		api_target_resource(input, MEMBER_FIREWALL_ARN, config->firewall_arn, reply) != 0 ||
		api_target_resource(input, MEMBER_FIREWALL_NAME, name, reply) != 0)
		return;
	object = firewall(config, document);
	text = object != NULL ? json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	if (text != NULL)
		inventory_token(text, token);
	reply_set_result(reply,
		text != NULL ? json_pack("{s:s, s:O, s:o}", "UpdateToken", token, "Firewall",
				       object, "FirewallStatus", status(config, document))
			     : NULL);
	free(text);
	json_decref(object);
}
