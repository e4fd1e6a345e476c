/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The members of every action with the limits and patterns of the public API model (version
 * 2020-11-12, shape names in the comments) and of the flow API's own extensions: for each the
 * values at its bounds are taken and the ones next to them refused.
 *
 * Every request names another firewall. A request whose members are all good is therefore refused
 * as ResourceNotFoundException, by FirewallArn, and nothing is started.
 */
#include "control/flow_api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check.h"
#include "tests/unit/control_fixture.h"

#define UUID "01234567-89ab-cdef-0123-456789abcdef"
#define X10 "xxxxxxxxxx"
#define X50 X10 X10 X10 X10 X10
#define X250 X50 X50 X50 X50 X50
#define X1000 X250 X250 X250 X250

static const char start_capture[] = "StartFlowCapture", start_flush[] = "StartFlowFlush",
		  describe[] = "DescribeFlowOperation", list[] = "ListFlowOperations",
		  results[] = "ListFlowOperationResults", cancel[] = "CancelFlowOperation";

static const struct {
	const char *action;
	const char *member;
	const char *value;   /* JSON */
	const char *problem; /* NULL: taken */
} cases[] = {
	/* ResourceArn: 1 to 256 characters, ^arn:aws.* */
	{list, "VpcEndpointAssociationArn", "\"arn:aws\"", NULL},
	{list, "VpcEndpointAssociationArn",
		"\"arn:aws-" X50 X50 X50 X50 "12345678901234567890123456789012345678901234567"
		"8\"",
		NULL},
	{list, "VpcEndpointAssociationArn",
		"\"arn:aws-" X50 X50 X50 X50 "12345678901234567890123456789012345678901234567"
		"89\"",
		"must have from 1 to 256 characters"},
	{list, "VpcEndpointAssociationArn", "\"arn:aw\"", "must match ^arn:aws.*"},
	{list, "VpcEndpointAssociationArn", "\"\"", "must have from 1 to 256 characters"},
	{list, "VpcEndpointAssociationArn", "7", "must be a string"},
	{list, "VpcEndpointAssociationArn", "null", "must be a string"},
	{start_capture, "FirewallArn", "\"xarn:aws:x\"", "must match ^arn:aws.*"},
	{start_flush, "FirewallArn", "[\"arn:aws:x\"]", "must be a string"},
	/* AvailabilityZone: any string */
	{results, "AvailabilityZone", "\"\"", NULL},
	{results, "AvailabilityZone", "{}", "must be a string"},
	/* VpcEndpointId: 5 to 256 characters, ^vpce-[a-zA-Z0-9]*$ */
	{describe, "VpcEndpointId", "\"vpce-\"", NULL},
	{describe, "VpcEndpointId", "\"vpce-0aZ9\"", NULL},
	{describe, "VpcEndpointId", "\"vpce-" X250 "1\"", NULL},
	{describe, "VpcEndpointId", "\"vpce-" X250 "12\"", "must have from 5 to 256 characters"},
	{describe, "VpcEndpointId", "\"vpce\"", "must have from 5 to 256 characters"},
	{describe, "VpcEndpointId", "\"vpce-0_1\"", "must match ^vpce-[a-zA-Z0-9]*$"},
	{describe, "VpcEndpointId", "\"vpce-01\\n\"", "must match ^vpce-[a-zA-Z0-9]*$"},
	/* Age: an integer, of 32 bits as the SDKs hold it */
	{start_capture, "MinimumFlowAgeInSeconds", "0", NULL},
	{start_capture, "MinimumFlowAgeInSeconds", "2147483647", NULL},
	{start_capture, "MinimumFlowAgeInSeconds", "2147483648", "must be from 0 to 2147483647"},
	{start_flush, "MinimumFlowAgeInSeconds", "-1", "must be from 0 to 2147483647"},
	{start_flush, "MinimumFlowAgeInSeconds", "1.0", "must be an integer"},
	{start_flush, "MinimumFlowAgeInSeconds", "\"1\"", "must be an integer"},
	{start_flush, "MinimumFlowAgeInSeconds", "true", "must be an integer"},
	/* FlowFilters: 1 to 20 */
	{start_capture, "FlowFilters", "[]", "must have from 1 to 20 entries"},
	{start_capture, "FlowFilters", "{}", "must be a list"},
	{start_capture, "FlowFilters",
		"[{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}]", NULL},
	{start_flush, "FlowFilters",
		"[{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}]",
		"must have from 1 to 20 entries"},
	/* FlowOperationId: 36 characters */
	{describe, "FlowOperationId", "\"" UUID "\"", NULL},
	{results, "FlowOperationId", "\"01234567-89AB-cdef-0123-456789abcdef\"",
		"must match ^([0-9a-f]{8})-([0-9a-f]{4}-){3}([0-9a-f]{12})$"},
	{cancel, "FlowOperationId", "\"" UUID "0\"", "must have from 36 to 36 characters"},
	{describe, "FlowOperationId", "\"0123456789ab-cdef-0123-456789abcdef-\"",
		"must match ^([0-9a-f]{8})-([0-9a-f]{4}-){3}([0-9a-f]{12})$"},
	/* FlowOperationType: an enumeration */
	{list, "FlowOperationType", "\"FLOW_CAPTURE\"", NULL},
	{list, "FlowOperationType", "\"FLOW_FLUSH\"", NULL},
	{list, "FlowOperationType", "\"flow_flush\"", "must match ^(FLOW_CAPTURE|FLOW_FLUSH)$"},
	{list, "FlowOperationType", "\"FLOW_FLUSHX\"", "must match ^(FLOW_CAPTURE|FLOW_FLUSH)$"},
	/* PaginationMaxResults: from 1; over the socket to 65,536 */
	{list, "MaxResults", "1", NULL},
	{list, "MaxResults", "65536", NULL},
	{list, "MaxResults", "0", "must be from 1 to 65536"},
	{results, "MaxResults", "65537", "must be from 1 to 65536"},
	/* PaginationToken: 1 to 4,096 characters */
	{list, "NextToken", "\"09azAZ:/+=\"", NULL},
	{list, "NextToken", "\"\"", "must have from 1 to 4096 characters"},
	{list, "NextToken", "\"a-\"", "must match ^[0-9A-Za-z:/+=]+$"},
	{list, "NextToken", "\"" X1000 X1000 X1000 X1000 X50 X10 X10 X10 X10 "123456\"", NULL},
	{list, "NextToken", "\"" X1000 X1000 X1000 X1000 X50 X10 X10 X10 X10 "1234567\"",
		"must have from 1 to 4096 characters"},
	/* extensions */
	{start_capture, "TimeBoxMilliseconds", "1", NULL},
	{start_flush, "TimeBoxMilliseconds", "600000", NULL},
	{start_capture, "TimeBoxMilliseconds", "0", "must be from 1 to 600000"},
	{start_capture, "TimeBoxMilliseconds", "600001", "must be from 1 to 600000"},
	{start_capture, "Limit", "1", NULL},
	{start_capture, "Limit", "10000000", NULL},
	{start_capture, "Limit", "0", "must be from 1 to 10000000"},
	{start_capture, "Limit", "10000001", "must be from 1 to 10000000"},
	{start_capture, "WindowSeconds", "1", NULL},
	{start_capture, "WindowSeconds", "3600", NULL},
	{start_capture, "WindowSeconds", "0", "must be from 1 to 3600"},
	{start_capture, "WindowSeconds", "3601", "must be from 1 to 3600"},
	{start_capture, "SortBy", "\"Bytes\"", NULL},
	{start_capture, "SortBy", "\"Packets\"", NULL},
	{start_capture, "SortBy", "\"Age\"", NULL},
	{start_capture, "SortBy", "\"WindowBytes\"", "needs WindowSeconds"},
	{start_capture, "SortBy", "\"WindowPackets\"", "needs WindowSeconds"},
	{start_capture, "SortBy", "\"bytes\"",
		"must match ^(Bytes|Packets|Age|WindowBytes|WindowPackets)$"},
	{start_capture, "MaximumFlowAgeInSeconds", "0", NULL},
	{start_flush, "MaximumFlowAgeInSeconds", "2147483647", NULL},
	{start_flush, "MaximumFlowAgeInSeconds", "-1", "must be from 0 to 2147483647"},
	{start_capture, "MinimumByteCount", "9223372036854775807", NULL},
	{start_capture, "MinimumByteCount", "-1", "must be from 0 to 9223372036854775807"},
	{start_flush, "MinimumPacketCount", "0", NULL},
	{start_flush, "MinimumPacketCount", "-1", "must be from 0 to 9223372036854775807"},
	{start_capture, "MinimumIdleSeconds", "2147483647", NULL},
	{start_capture, "MinimumIdleSeconds", "1.5", "must be an integer"},
	{start_capture, "States", "[\"new\",\"established\",\"closing\",\"closed\"]", NULL},
	{start_capture, "States", "[]", "must have from 1 to 4 entries"},
	{start_capture, "States", "\"new\"", "must be a list"},
	{start_flush, "Actions", "[\"passed\",\"dropped\"]", NULL},
	{start_flush, "Actions", "[\"passed\",\"dropped\",\"passed\"]",
		"must have from 1 to 2 entries"},
	{start_capture, "Vlans", "[0,1,4094]", NULL},
	{start_capture, "Vlans", "[]", "must have from 1 to 4095 entries"},
	{start_capture, "IpVersion", "4", NULL},
	{start_flush, "IpVersion", "6", NULL},
	{start_flush, "IpVersion", "3", "must be 4 or 6"},
	{start_flush, "IpVersion", "5", "must be 4 or 6"},
	{start_flush, "IpVersion", "7", "must be 4 or 6"},
	{start_flush, "IpVersion", "\"4\"", "must be an integer"},
	{start_capture, "DeniedByPolicy", "true", NULL},
	{start_flush, "DeniedByPolicy", "false", NULL},
	{start_flush, "DeniedByPolicy", "1", "must be true or false"},
	{start_capture, "ClientToken", "\"" UUID "\"", NULL},
	{start_capture, "ClientToken", "\"\"", "must have from 1 to 64 characters"},
	{start_flush, "ClientToken", "\"" X50 X10 "12345\"", "must have from 1 to 64 characters"},
	{start_flush, "ClientToken", "\"a b\"", "must match ^[0-9A-Za-z-]+$"},
	{start_flush, "DryRun", "true", NULL},
	{start_flush, "DryRun", "0", "must be true or false"},
	{start_flush, "MaxFlows", "1", NULL},
	{start_flush, "MaxFlows", "0", "must be from 1 to 2147483647"},
	{start_flush, "Reject", "true", NULL},
	{start_flush, "OfOperation", "\"" UUID "\"", NULL},
	{start_flush, "OfOperation", "\"x\"", "must have from 36 to 36 characters"},
	/* members of other actions, and of none */
	{start_flush, "Limit", "1", "is not a member of StartFlowFlush"},
	{start_flush, "WindowSeconds", "1", "is not a member of StartFlowFlush"},
	{start_flush, "SortBy", "\"Bytes\"", "is not a member of StartFlowFlush"},
	{start_capture, "DryRun", "true", "is not a member of StartFlowCapture"},
	{start_capture, "MaxFlows", "1", "is not a member of StartFlowCapture"},
	{start_capture, "OfOperation", "\"" UUID "\"", "is not a member of StartFlowCapture"},
	{start_capture, "Reject", "true", "is not a member of StartFlowCapture"},
	{start_capture, "Denied", "true", "is not a member of StartFlowCapture"},
	{start_capture, "flowFilters", "[{}]", "is not a member of StartFlowCapture"},
	{start_capture, "MaxResults", "1", "is not a member of StartFlowCapture"},
	{describe, "NextToken", "\"a\"", "is not a member of DescribeFlowOperation"},
	{list, "FlowOperationId", "\"" UUID "\"", "is not a member of ListFlowOperations"},
	{results, "FlowOperationType", "\"FLOW_FLUSH\"",
		"is not a member of ListFlowOperationResults"},
	{cancel, "MaxResults", "1", "is not a member of CancelFlowOperation"},
	{list, "", "1", "is not a member of ListFlowOperations"},
};

/* Members of one FlowFilter; what is checked is FlowFilters[1].PATH. */
static const struct {
	const char *filter;  /* JSON */
	const char *path;    /* below FlowFilters[1] */
	const char *problem; /* NULL: taken */
} filters[] = {
	{"{}", "", NULL},
	{"7", "", "must be an object"},
	{"{\"Source\":1}", ".Source", "is not a member of FlowFilter"},
	/* AddressDefinition: 1 to 255 characters, ^([a-fA-F\d:\.]+($|/\d{1,3}))$ */
	{"{\"SourceAddress\":{\"AddressDefinition\":\"192.0.2.44/32\"}}", "", NULL},
	{"{\"SourceAddress\":{\"AddressDefinition\":\"192.0.2.44\"}}", "", NULL},
	{"{\"SourceAddress\":{\"AddressDefinition\":\"192.0.2.0/24\"}}", "", NULL},
	{"{\"SourceAddress\":{\"AddressDefinition\":\"0.0.0.0/0\"}}", "", NULL},
	{"{\"DestinationAddress\":{\"AddressDefinition\":\"1111:0000:0000:0000:0000:0000:0000:0111/128\"}}",
		"", NULL},
	{"{\"DestinationAddress\":{\"AddressDefinition\":\"1111:0000:0000:0000:0000:0000:0000:0000/64\"}}",
		"", NULL},
	{"{\"DestinationAddress\":{\"AddressDefinition\":\"::/0\"}}", "", NULL},
	{"{\"SourceAddress\":\"10.0.0.0/8\"}", ".SourceAddress", "must be an object"},
	{"{\"SourceAddress\":{}}", ".SourceAddress.AddressDefinition", "is required"},
	{"{\"SourceAddress\":{\"AddressDefinition\":7}}", ".SourceAddress.AddressDefinition",
		"must be a string"},
	{"{\"SourceAddress\":{\"AddressDefinition\":\"\"}}", ".SourceAddress.AddressDefinition",
		"must have from 1 to 255 characters"},
	{"{\"SourceAddress\":{\"AddressDefinition\":\"example\"}}",
		".SourceAddress.AddressDefinition", "must match ^([a-fA-F0-9:.]+($|/[0-9]{1,3}))$"},
	{"{\"SourceAddress\":{\"AddressDefinition\":\"10.0.0.0/8 \"}}",
		".SourceAddress.AddressDefinition", "must match ^([a-fA-F0-9:.]+($|/[0-9]{1,3}))$"},
	{"{\"SourceAddress\":{\"AddressDefinition\":\"10.0.0.0/33\"}}",
		".SourceAddress.AddressDefinition", "must be an IPv4 or IPv6 address or CIDR"},
	{"{\"SourceAddress\":{\"AddressDefinition\":\"10.0.0/8\"}}",
		".SourceAddress.AddressDefinition", "must be an IPv4 or IPv6 address or CIDR"},
	{"{\"SourceAddress\":{\"AddressDefinition\":\"fade\"}}", ".SourceAddress.AddressDefinition",
		"must be an IPv4 or IPv6 address or CIDR"},
	{"{\"SourceAddress\":{\"AddressDefinition\":\"10.1.2.3/8\"}}",
		".SourceAddress.AddressDefinition",
		"has host bits set, its canonical form is 10.0.0.0/8"},
	{"{\"DestinationAddress\":{\"AddressDefinition\":\"2001:DB8::1/32\"}}",
		".DestinationAddress.AddressDefinition",
		"has host bits set, its canonical form is 2001:db8::/32"},
	{"{\"DestinationAddress\":{\"AddressDefinition\":\"::1\",\"Mask\":1}}",
		".DestinationAddress.Mask", "is not a member of Address"},
	/* Port: 1 to 1,024 characters */
	{"{\"SourcePort\":\"1994\"}", "", NULL},
	{"{\"SourcePort\":\"1990:1994\"}", "", NULL},
	{"{\"SourcePort\":\"0:65535\"}", "", NULL},
	{"{\"DestinationPort\":\"ANY\"}", "", NULL},
	{"{\"SourcePort\":1994}", ".SourcePort", "must be a string"},
	{"{\"SourcePort\":\"\"}", ".SourcePort", "must have from 1 to 1024 characters"},
	{"{\"SourcePort\":\"" X1000 X10 X10 "12345\"}", ".SourcePort",
		"must have from 1 to 1024 characters"},
	{"{\"SourcePort\":\"any\"}", ".SourcePort",
		"must be a port, a range of ports as 1990:1994, or ANY"},
	{"{\"DestinationPort\":\"1990-1994\"}", ".DestinationPort",
		"must be a port, a range of ports as 1990:1994, or ANY"},
	{"{\"DestinationPort\":\"65536\"}", ".DestinationPort",
		"must have ports from 0 to 65535, the lower one first"},
	{"{\"DestinationPort\":\"1994:1990\"}", ".DestinationPort",
		"must have ports from 0 to 65535, the lower one first"},
	/* ProtocolStrings: IANA numbers */
	{"{\"Protocols\":[]}", "", NULL},
	{"{\"Protocols\":[\"0\",\"6\",\"255\"]}", "", NULL},
	{"{\"Protocols\":\"6\"}", ".Protocols", "must be a list"},
	{"{\"Protocols\":[\"6\",17]}", ".Protocols[1]", "must be a string"},
	{"{\"Protocols\":[\"256\"]}", ".Protocols[0]",
		"must be an IANA protocol number from 0 to 255"},
	{"{\"Protocols\":[\"06\"]}", ".Protocols[0]",
		"must be an IANA protocol number from 0 to 255"},
	{"{\"Protocols\":[\" 6\"]}", ".Protocols[0]",
		"must be an IANA protocol number from 0 to 255"},
	{"{\"Protocols\":[\"+6\"]}", ".Protocols[0]",
		"must be an IANA protocol number from 0 to 255"},
	{"{\"Protocols\":[\"-1\"]}", ".Protocols[0]",
		"must be an IANA protocol number from 0 to 255"},
	{"{\"Protocols\":[\"TCP\"]}", ".Protocols[0]",
		"must be an IANA protocol number from 0 to 255"},
	{"{\"Protocols\":[\"\"]}", ".Protocols[0]", "must have from 1 to 12 characters"},
};

static const json_t *error_of(const json_t *answer)
{
	const json_t *error = json_object_get(answer, "error");

	assert_non_null(error);
	return error;
}

static const char *exception_of(const json_t *answer)
{
	return json_string_value(
		json_object_get(json_object_get(error_of(answer), "data"), "__type"));
}

/* The request was refused for its firewall alone. */
static void check_taken(const json_t *answer, const char *params)
{
	const char *message = json_string_value(json_object_get(error_of(answer), "message"));

	if (json_integer_value(json_object_get(error_of(answer), "code")) != 1)
		fail_msg("%s: %s", params, message);
	assert_string_equal(exception_of(answer), "ResourceNotFoundException");
	assert_string_equal(message,
		"FirewallArn is not known here, parameter: [arn:aws:other], context: FirewallArn");
}

/* The message has the form "PATH PROBLEM, parameter: [VALUE], context: PATH". */
static void check_refused(
	const json_t *answer, const char *path, const char *problem, const char *params)
{
	const char *message = json_string_value(json_object_get(error_of(answer), "message"));
	char *begin, *end;

	assert_int_equal(json_integer_value(json_object_get(error_of(answer), "code")), -32602);
	assert_string_equal(exception_of(answer), "InvalidRequestException");
	assert_true(asprintf(&begin, "%s %s, parameter: [", path, problem) > 0);
	assert_true(asprintf(&end, "], context: %s", path) > 0);
	if (strncmp(message, begin, strlen(begin)) != 0 || strlen(message) < strlen(end) ||
		strcmp(message + strlen(message) - strlen(end), end) != 0)
		fail_msg("%s: %s", params, message);
	free(begin);
	free(end);
}

static bool is_start(const char *action)
{
	return action == start_capture || action == start_flush;
}

/* A request for another firewall, with one member in question and all that the action needs. */
static char *request_with(const char *action, const char *member, const char *value)
{
	char *params;
	const char *needed = "";

	if (is_start(action) && strcmp(member, "FlowFilters") != 0)
		needed = "\"FlowFilters\":[{}],";
	else if ((action == describe || action == results || action == cancel) &&
		strcmp(member, "FlowOperationId") != 0)
		needed = "\"FlowOperationId\":\"" UUID "\",";
	assert_true(
		asprintf(&params, "{%s%s\"%s\":%s}", needed,
			strcmp(member, "FirewallArn") == 0 ? ""
							   : "\"FirewallArn\":\"arn:aws:other\",",
			member, value) > 0);
	return params;
}

static void test_members(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *params = request_with(cases[i].action, cases[i].member, cases[i].value);
		json_t *answer = control_fixture_call(*state, cases[i].action, params);

		if (cases[i].problem == NULL)
			check_taken(answer, params);
		else
			check_refused(answer, cases[i].member, cases[i].problem, params);
		json_decref(answer);
		free(params);
	}
}

static void test_filters(void **state)
{
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		char *params, *path;
		json_t *answer;

		assert_true(asprintf(&params,
				    "{\"FirewallArn\":\"arn:aws:other\",\"FlowFilters\":[{},%s]}",
				    filters[i].filter) > 0);
		assert_true(asprintf(&path, "FlowFilters[1]%s", filters[i].path) > 0);
		answer = control_fixture_call(
			*state, i % 2 == 0 ? start_capture : start_flush, params);
		if (filters[i].problem == NULL)
			check_taken(answer, params);
		else
			check_refused(answer, path, filters[i].problem, params);
		json_decref(answer);
		free(params);
		free(path);
	}
}

/* Members that must be there, by action. */
static void test_required(void **state)
{
	static const struct {
		const char *action;
		const char *member;
	} required[] = {
		{start_capture, "FlowFilters"},
		{start_flush, "FlowFilters"},
		{describe, "FlowOperationId"},
		{results, "FlowOperationId"},
		{cancel, "FlowOperationId"},
	};

	for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++) {
		json_t *answer = control_fixture_call(*state, required[i].action, "{}");

		check_refused(answer, required[i].member, "is required", required[i].action);
		json_decref(answer);
	}
}

/* What is well formed but not of this firewall. The fixture has neither VPC endpoint. */
static void test_resources(void **state)
{
	static const struct {
		const char *member;
		const char *value;
		bool known;
	} resources[] = {
		{"FirewallArn", FIXTURE_ARN, true},
		{"FirewallArn", FIXTURE_ARN "2", false},
		{"AvailabilityZone", "zone-a", true},
		{"AvailabilityZone", "zone-b", false},
		{"AvailabilityZone", "", false},
		{"VpcEndpointId", "vpce-1", false},
		{"VpcEndpointAssociationArn", FIXTURE_ARN, false},
	};

	for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++) {
		char *params;
		json_t *answer;

		assert_true(asprintf(&params, "{\"%s\":\"%s\"}", resources[i].member,
				    resources[i].value) > 0);
		answer = control_fixture_call(*state, list, params);
		if (resources[i].known)
			assert_non_null(json_object_get(answer, "result"));
		else
			assert_string_equal(exception_of(answer), "ResourceNotFoundException");
		json_decref(answer);
		free(params);
	}
}

static void test_unknown_operation(void **state)
{
	const char *const actions[] = {describe, results, cancel};

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		json_t *answer = control_fixture_call(
			*state, actions[i], "{\"FlowOperationId\":\"" UUID "\"}");

		assert_string_equal(json_string_value(json_object_get(error_of(answer), "message")),
			"FlowOperationId is not known here, parameter: [" UUID
			"], context: FlowOperationId");
		assert_string_equal(exception_of(answer), "ResourceNotFoundException");
		json_decref(answer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_required),
		cmocka_unit_test(test_resources),
		cmocka_unit_test(test_unknown_operation),
	};

	return cmocka_run_group_tests(tests, control_fixture_setup, control_fixture_teardown);
}
