/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/api_member.h"

#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/flow_filter.h"

enum { VALUE_SIZE = 128 }; /* of a value in a message */

#define INTEGER_MAX INT32_MAX /* integers of the API model have 32 bits */
#define OPERATION_ID "^([0-9a-f]{8})-([0-9a-f]{4}-){3}([0-9a-f]{12})$"

#define RESOURCE_NAME API_STRING, false, 1, 128, "^[a-zA-Z0-9-]+$", 0
#define RESOURCE_ARN API_STRING, false, 1, 256, "^arn:aws.*", 0

static const struct api_constraint members[MEMBER_COUNT] = {
	[MEMBER_FIREWALL_ARN] = {"FirewallArn", API_STRING, false, 1, 256, "^arn:aws.*", 0},
	[MEMBER_AVAILABILITY_ZONE] = {"AvailabilityZone", API_STRING, false, 0, INTEGER_MAX, NULL,
		0},
	[MEMBER_VPC_ENDPOINT_ASSOCIATION_ARN] = {"VpcEndpointAssociationArn", API_STRING, false, 1,
		256, "^arn:aws.*", 0},
	[MEMBER_VPC_ENDPOINT_ID] = {"VpcEndpointId", API_STRING, false, 5, 256,
		"^vpce-[a-zA-Z0-9]*$", 0},
	[MEMBER_MINIMUM_FLOW_AGE] = {"MinimumFlowAgeInSeconds", API_INTEGER, false, 0, INTEGER_MAX,
		NULL, 0},
	[MEMBER_FLOW_FILTERS] = {"FlowFilters", API_LIST, false, 1, FLOW_FILTER_MAX, NULL, 0},
	[MEMBER_FLOW_OPERATION_ID] = {"FlowOperationId", API_STRING, true, 36, 36, OPERATION_ID, 0},
	[MEMBER_FLOW_OPERATION_TYPE] = {"FlowOperationType", API_STRING, false, 1, 12,
		"^(FLOW_CAPTURE|FLOW_FLUSH)$", 0},
	[MEMBER_MAX_RESULTS] = {"MaxResults", API_INTEGER, false, 1, 65536, NULL, 100},
	[MEMBER_NEXT_TOKEN] = {"NextToken", API_STRING, false, 1, 4096, "^[0-9A-Za-z:/+=]+$", 0},
	[MEMBER_TIME_BOX] = {"TimeBoxMilliseconds", API_INTEGER, false, 1, 600000, NULL, 5000},
	[MEMBER_LIMIT] = {"Limit", API_INTEGER, false, 1, 10000000, NULL, 10000000},
	[MEMBER_WINDOW] = {"WindowSeconds", API_INTEGER, false, 1, 3600, NULL, 0},
	[MEMBER_SORT_BY] = {"SortBy", API_STRING, false, 1, 13,
		"^(Bytes|Packets|Age|WindowBytes|WindowPackets)$", 0},
	[MEMBER_TRANSIENT] = {"Transient", API_BOOLEAN, false, 0, 0, NULL, 0},
	[MEMBER_MAXIMUM_FLOW_AGE] = {"MaximumFlowAgeInSeconds", API_INTEGER, false, 0, INTEGER_MAX,
		NULL, INTEGER_MAX},
	[MEMBER_MINIMUM_BYTE_COUNT] = {"MinimumByteCount", API_INTEGER, false, 0, INT64_MAX, NULL,
		0},
	[MEMBER_MINIMUM_PACKET_COUNT] = {"MinimumPacketCount", API_INTEGER, false, 0, INT64_MAX,
		NULL, 0},
	[MEMBER_MINIMUM_IDLE] = {"MinimumIdleSeconds", API_INTEGER, false, 0, INTEGER_MAX, NULL, 0},
	[MEMBER_STATES] = {"States", API_LIST, false, 1, 4, NULL, 0},
	[MEMBER_ACTIONS] = {"Actions", API_LIST, false, 1, 2, NULL, 0},
	[MEMBER_VLANS] = {"Vlans", API_LIST, false, 1, 4095, NULL, 0},
	[MEMBER_IP_VERSION] = {"IpVersion", API_EITHER, false, 4, 6, NULL, 0},
	[MEMBER_DENIED_BY_POLICY] = {"DeniedByPolicy", API_BOOLEAN, false, 0, 0, NULL, 0},
	[MEMBER_CLIENT_TOKEN] = {"ClientToken", API_STRING, false, 1, 64, "^[0-9A-Za-z-]+$", 0},
	[MEMBER_DRY_RUN] = {"DryRun", API_BOOLEAN, false, 0, 0, NULL, 0},
	[MEMBER_MAX_FLOWS] = {"MaxFlows", API_INTEGER, false, 1, INTEGER_MAX, NULL, 0},
	[MEMBER_OF_OPERATION] = {"OfOperation", API_STRING, false, 36, 36, OPERATION_ID, 0},
	[MEMBER_REJECT] = {"Reject", API_BOOLEAN, false, 0, 0, NULL, 0},
	[MEMBER_SOURCE_ADDRESS] = {"SourceAddress", API_OBJECT, true, 0, 0, NULL, 0},
	[MEMBER_DESTINATION_ADDRESS] = {"DestinationAddress", API_OBJECT, true, 0, 0, NULL, 0},
	[MEMBER_SOURCE_PORT] = {"SourcePort", API_STRING, false, 1, 5, NULL, 0},
	[MEMBER_DESTINATION_PORT] = {"DestinationPort", API_STRING, false, 1, 5, NULL, 0},
	[MEMBER_PROTOCOL] = {"Protocol", API_STRING, true, 1, 12, NULL, 0},
	[MEMBER_TCP_FLAGS] = {"TCPFlags", API_LIST, false, 0, 8, NULL, 0},
	[MEMBER_ESTABLISHED] = {"Established", API_BOOLEAN, false, 0, 0, NULL, 0},
	[MEMBER_DIRECTION] = {"Direction", API_STRING, false, 1, 9, "^(to_server|to_client)$", 0},
	[MEMBER_FRAGMENT] = {"Fragment", API_BOOLEAN, false, 0, 0, NULL, 0},
	[MEMBER_FIREWALL_NAME] = {"FirewallName", RESOURCE_NAME},
	[MEMBER_VPC_IDS] = {"VpcIds", API_LIST, false, 0, 1000, NULL, 0},
	[MEMBER_FIREWALL_POLICY_NAME] = {"FirewallPolicyName", RESOURCE_NAME},
	[MEMBER_FIREWALL_POLICY_ARN] = {"FirewallPolicyArn", RESOURCE_ARN},
	[MEMBER_RULE_GROUP_NAME] = {"RuleGroupName", RESOURCE_NAME},
	[MEMBER_RULE_GROUP_ARN] = {"RuleGroupArn", RESOURCE_ARN},
	[MEMBER_TYPE] = {"Type", API_STRING, false, 1, 15, "^(STATELESS|STATEFUL|STATEFUL_DOMAIN)$",
		0},
	[MEMBER_ANALYZE_RULE_GROUP] = {"AnalyzeRuleGroup", API_BOOLEAN, false, 0, 0, NULL, 0},
	[MEMBER_SCOPE] = {"Scope", API_STRING, false, 1, 7, "^(MANAGED|ACCOUNT)$", 0},
	[MEMBER_MANAGED_TYPE] = {"ManagedType", API_STRING, false, 1, 29,
		"^(AWS_MANAGED_THREAT_SIGNATURES|AWS_MANAGED_DOMAIN_LISTS|ACTIVE_THREAT_DEFENSE|"
		"PARTNER_MANAGED)$",
		0},
	[MEMBER_SUBSCRIPTION_STATUS] = {"SubscriptionStatus", API_STRING, false, 1, 14,
		"^(NOT_SUBSCRIBED|SUBSCRIBED)$", 0},
};

/* The value as it stands in a message; a string without its quotes. */
static void write_value(const json_t *value, char *text, size_t size)
{
	char *dumped = NULL;
	const char *whole = "";

	if (json_is_string(value)) {
		whole = json_string_value(value);
	} else if (value != NULL) {
		dumped =
			json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
		whole = dumped != NULL ? dumped : "";
	}
	if (strlen(whole) < size) {
		memcpy(text, whole, strlen(whole) + 1);
	} else {
		memcpy(text, whole, size - 4);
		text[size - 4] = '\0';
		reply_trim(text);
		strcat(text, "...");
	}
	free(dumped);
}

int api_member_fail(struct reply *reply, enum reply_error error, const char *path,
	const json_t *value, const char *problem, ...)
{
	char text[VALUE_SIZE], detail[256];
	va_list arguments;

	va_start(arguments, problem);
	vsnprintf(detail, sizeof(detail), problem, arguments);
	va_end(arguments);
	write_value(value, text, sizeof(text));
	return reply_fail(
		reply, error, "%s %s, parameter: [%s], context: %s", path, detail, text, path);
}

static int check_range(const struct api_constraint *constraint, int64_t number, const char *verb,
	const char *unit, const json_t *value, const char *path, struct reply *reply)
{
	if (number >= constraint->minimum && number <= constraint->maximum)
		return 0;
	return api_member_fail(reply, REPLY_PARAMETER, path, value, "must %s from %lld to %lld%s",
		verb, (long long)constraint->minimum, (long long)constraint->maximum, unit);
}

static int check_either(const struct api_constraint *constraint, const json_t *value,
	const char *path, struct reply *reply)
{
	int64_t number = json_integer_value(value);

	if (number == constraint->minimum || number == constraint->maximum)
		return 0;
	return api_member_fail(reply, REPLY_PARAMETER, path, value, "must be %lld or %lld",
		(long long)constraint->minimum, (long long)constraint->maximum);
}

/* UTF-8 (RFC 3629 section 3): every byte that is no continuation begins a character. */
static int64_t character_count(const char *text)
{
	int64_t count = 0;

	for (; *text != '\0'; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

static int check_string(const struct api_constraint *constraint, const json_t *value,
	const char *path, struct reply *reply)
{
	const char *text = json_string_value(value);
	regex_t pattern;
	int error;

	if (check_range(constraint, character_count(text), "have", " characters", value, path,
		    reply) != 0)
		return -1;
	if (constraint->pattern == NULL)
		return 0;
	if (regcomp(&pattern, constraint->pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return reply_fail(reply, REPLY_INTERNAL, "%s: no memory for its pattern", path);
	error = regexec(&pattern, text, 0, NULL, 0);
	regfree(&pattern);
	if (error == REG_NOMATCH)
		return api_member_fail(
			reply, REPLY_PARAMETER, path, value, "must match %s", constraint->pattern);
	if (error != 0)
		return reply_fail(reply, REPLY_INTERNAL, "%s: no memory to match it", path);
	return 0;
}

int api_constraint_check(const struct api_constraint *constraint, const json_t *value,
	const char *path, struct reply *reply)
{
	static const struct {
		json_type type;
		const char *name;
	} types[] = {
		[API_STRING] = {JSON_STRING, "a string"},
		[API_INTEGER] = {JSON_INTEGER, "an integer"},
		[API_EITHER] = {JSON_INTEGER, "an integer"},
		[API_LIST] = {JSON_ARRAY, "a list"},
		[API_OBJECT] = {JSON_OBJECT, "an object"},
		[API_BOOLEAN] = {JSON_TRUE, "true or false"},
	};

	/* JSON's two truth values are two types. */
	if ((json_is_false(value) ? JSON_TRUE : json_typeof(value)) != types[constraint->type].type)
		return api_member_fail(reply, REPLY_PARAMETER, path, value, "must be %s",
			types[constraint->type].name);
	switch (constraint->type) {
	case API_STRING:
		return check_string(constraint, value, path, reply);
	case API_INTEGER:
		return check_range(
			constraint, json_integer_value(value), "be", "", value, path, reply);
	case API_EITHER:
		return check_either(constraint, value, path, reply);
	case API_LIST:
		return check_range(constraint, (int64_t)json_array_size(value), "have", " entries",
			value, path, reply);
	case API_OBJECT:
	case API_BOOLEAN:
		break;
	}
	return 0;
}

static int find_row(
	const struct api_constraint *table, size_t count, uint64_t mask, const char *name)
{
	for (size_t row = 0; row < count; row++)
		if ((mask & (UINT64_C(1) << row)) != 0 && strcmp(table[row].name, name) == 0)
			return (int)row;
	return -1;
}

void api_member_path(char path[API_PATH_SIZE], const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(path, API_PATH_SIZE, format, arguments);
	va_end(arguments);
	reply_trim(path);
}

int api_constraint_check_object(const struct api_constraint *table, size_t count, uint64_t mask,
	json_t *object, const char *owner, const char *path, json_t **values, struct reply *reply)
{
	const char *separator = path[0] == '\0' ? "" : ".";
	char inner[API_PATH_SIZE];
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value) {
		int row = find_row(table, count, mask, name);

		api_member_path(inner, "%s%s%s", path, separator, name);
		if (row < 0)
			return api_member_fail(reply, REPLY_PARAMETER, inner, value,
				"is not a member of %s", owner);
		if (api_constraint_check(&table[row], value, inner, reply) != 0)
			return -1;
		values[row] = value;
	}
	for (size_t row = 0; row < count; row++) {
		if ((mask & (UINT64_C(1) << row)) == 0 || !table[row].required ||
			values[row] != NULL)
			continue;
		api_member_path(inner, "%s%s%s", path, separator, table[row].name);
		return api_member_fail(reply, REPLY_PARAMETER, inner, NULL, "is required");
	}
	return 0;
}

int api_member_parse(const char *action, uint64_t mask, json_t *params, struct api_input *input,
	struct reply *reply)
{
	memset(input, 0, sizeof(*input));
	if (params != NULL && !json_is_object(params))
		return api_member_fail(
			reply, REPLY_PARAMETER, "params", params, "must be an object");
	return api_constraint_check_object(
		members, MEMBER_COUNT, mask, params, action, "", input->values, reply);
}

const struct api_constraint *api_member_constraint(enum api_member member)
{
	return &members[member];
}

const char *api_member_name(enum api_member member)
{
	return members[member].name;
}

const char *api_member_string(const struct api_input *input, enum api_member member)
{
	return json_string_value(input->values[member]);
}

bool api_member_boolean(const struct api_input *input, enum api_member member)
{
	return json_is_true(input->values[member]);
}

int64_t api_member_integer(const struct api_input *input, enum api_member member)
{
	if (input->values[member] == NULL)
		return members[member].default_value;
	return json_integer_value(input->values[member]);
}

json_t *api_member_pack(const struct api_input *input, uint64_t mask)
{
	json_t *object = json_object();

	for (int member = 0; member < MEMBER_COUNT; member++) {
		if ((mask & (UINT64_C(1) << member)) == 0 || input->values[member] == NULL)
			continue;
		if (json_object_set(object, members[member].name, input->values[member]) != 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}
