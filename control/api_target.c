/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/api_target.h"

#include <string.h>

int api_target_resource(
	const struct api_input *input, enum api_member member, const char *own, struct reply *reply)
{
	const char *given = api_member_string(input, member);

	if (given == NULL || (own != NULL && strcmp(given, own) == 0))
		return 0;
	return api_member_fail(reply, REPLY_NOT_FOUND, api_member_name(member),
		input->values[member], "is not known here");
}

int api_target_check(
	const struct config *config, const struct api_input *input, struct reply *reply)
{
	const struct {
		enum api_member member;
		const char *own;
	} resources[] = {
		{MEMBER_FIREWALL_ARN, config->firewall_arn},
		{MEMBER_AVAILABILITY_ZONE, config->availability_zone},
		{MEMBER_VPC_ENDPOINT_ASSOCIATION_ARN, config->vpc_endpoint_association_arn},
		{MEMBER_VPC_ENDPOINT_ID, config->vpc_endpoint_id},
	};

	for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++)
		if (api_target_resource(input, resources[i].member, resources[i].own, reply) != 0)
			return -1;
	return 0;
}

struct operation *api_target_operation(const struct store *store, const struct api_input *input,
	enum api_member member, struct reply *reply)
{
	struct operation *operation = store_find(store, api_member_string(input, member));

	if (operation == NULL)
		api_target_resource(input, member, NULL, reply);
	return operation;
}

struct operation *api_target_find(const struct config *config, const struct store *store,
	const struct api_input *input, struct reply *reply)
{
	if (api_target_check(config, input, reply) != 0)
		return NULL;
	return api_target_operation(store, input, MEMBER_FLOW_OPERATION_ID, reply);
}

void api_target_answer(
	const struct config *config, const struct operation *operation, struct reply *reply)
{
	reply_set_result(reply,
		json_pack("{s:s, s:s, s:s}", "FirewallArn", config->firewall_arn, "FlowOperationId",
			operation->id, "FlowOperationStatus",
			operation_status_name(operation->status)));
}
