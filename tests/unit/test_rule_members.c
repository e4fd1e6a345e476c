/* SPDX-License-Identifier: BSD-3-Clause */
/* The members of ListRules, ExplainPacket and flushes that rules have to do with, good and bad. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check.h"
#include "tests/unit/control_fixture.h"

/* A packet that is good with one member more, or in place of its own. */
static char *packet_with(const char *member, const char *value)
{
	static const struct {
		const char *name;
		const char *value;
	} good[] = {
		{"SourceAddress", "{\"AddressDefinition\":\"192.0.2.1\"}"},
		{"DestinationAddress", "{\"AddressDefinition\":\"192.0.2.2\"}"},
		{"SourcePort", "\"1\""},
		{"DestinationPort", "\"2\""},
		{"Protocol", "\"6\""},
	};
	char params[1024] = "{";

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (strcmp(good[i].name, member) != 0)
			snprintf(params + strlen(params), sizeof(params) - strlen(params),
				"\"%s\":%s,", good[i].name, good[i].value);
	if (value != NULL)
		snprintf(params + strlen(params), sizeof(params) - strlen(params), "\"%s\":%s,",
			member, value);
	params[strlen(params) - 1] = '}';
	return strdup(params);
}

static const struct {
	const char *member;
	const char *value;   /* JSON; NULL: not given */
	const char *problem; /* after the name; NULL: taken */
} cases[] = {
	{"SourceAddress", NULL, "SourceAddress is required"},
	{"SourceAddress", "\"192.0.2.1\"", "SourceAddress must be an object"},
	{"SourceAddress", "{}", "SourceAddress.AddressDefinition is required"},
	{"SourceAddress", "{\"AddressDefinition\":\"192.0.2.1/32\"}", NULL},
	{"SourceAddress", "{\"AddressDefinition\":\"192.0.2.0/24\"}",
		"SourceAddress must be an address, not a network"},
	{"SourceAddress", "{\"AddressDefinition\":\"192.0.2\"}",
		"SourceAddress.AddressDefinition must be an IPv4 or IPv6 address or CIDR"},
	{"SourceAddress", "{\"AddressDefinition\":\"2001:db8::1\"}",
		"DestinationAddress must have the IP version of SourceAddress"},
	{"DestinationAddress", NULL, "DestinationAddress is required"},
	{"DestinationAddress", "{\"AddressDefinition\":\"2001:db8::/127\"}",
		"DestinationAddress must be an address, not a network"},
	{"DestinationAddress", "{\"AddressDefinition\":\"2001:db8::1\"}",
		"DestinationAddress must have the IP version of SourceAddress"},
	{"SourcePort", NULL, "SourcePort is required for this protocol"},
	{"SourcePort", "1", "SourcePort must be a string"},
	{"SourcePort", "\"\"", "SourcePort must have from 1 to 5 characters"},
	{"SourcePort", "\"123456\"", "SourcePort must have from 1 to 5 characters"},
	{"SourcePort", "\"65535\"", NULL},
	{"SourcePort", "\"65536\"", "SourcePort must be a port from 0 to 65535"},
	{"SourcePort", "\"1:2\"", "SourcePort must be a port from 0 to 65535"},
	{"SourcePort", "\"ANY\"", "SourcePort must be a port from 0 to 65535"},
	{"DestinationPort", NULL, "DestinationPort is required for this protocol"},
	{"DestinationPort", "\"0\"", NULL},
	{"DestinationPort", "\"-1\"", "DestinationPort must be a port from 0 to 65535"},
	{"Protocol", NULL, "Protocol is required"},
	{"Protocol", "6", "Protocol must be a string"},
	{"Protocol", "\"tcp\"", "Protocol must be an IANA protocol number from 0 to 255"},
	{"Protocol", "\"256\"", "Protocol must be an IANA protocol number from 0 to 255"},
	{"Protocol", "\"132\"", NULL},
	{"Protocol", "\"1\"", "SourcePort must be 0 for a protocol without ports"},
	{"TCPFlags", "[]", NULL},
	{"TCPFlags", "[\"FIN\",\"SYN\",\"RST\",\"PSH\",\"ACK\",\"URG\",\"ECE\",\"CWR\"]", NULL},
	{"TCPFlags", "\"SYN\"", "TCPFlags must be a list"},
	{"TCPFlags", "[\"SYN\",\"syn\"]",
		"TCPFlags[1] must be one of FIN, SYN, RST, PSH, ACK, URG, ECE, CWR"},
	{"TCPFlags", "[2]", "TCPFlags[0] must be a string"},
	{"TCPFlags", "[\"SYN+ACK\"]", "TCPFlags[0] must have from 1 to 3 characters"},
	{"TCPFlags", "[\"SYN\",\"SYN\",\"SYN\",\"SYN\",\"SYN\",\"SYN\",\"SYN\",\"SYN\",\"SYN\"]",
		"TCPFlags must have from 0 to 8 entries"},
	{"Established", "true", NULL},
	{"Established", "false", NULL},
	{"Established", "1", "Established must be true or false"},
	{"Established", "null", "Established must be true or false"},
	{"Fragment", "true", NULL},
	{"Fragment", "\"true\"", "Fragment must be true or false"},
	{"Direction", "\"to_client\"", NULL},
	{"Direction", "\"to_server\"", NULL},
	{"Direction", "\"forward\"", "Direction must match ^(to_server|to_client)$"},
	{"Direction", "true", "Direction must be a string"},
	{"MaxResults", "0", "MaxResults must be from 1 to 65536"},
	{"MaxResults", "65536", NULL},
	{"NextToken", "\"a-\"", "NextToken must match ^[0-9A-Za-z:/+=]+$"},
	{"NextToken", "\"abcd\"", "NextToken is none that this list returned"},
	{"FlowFilters", "[{}]", "FlowFilters is not a member of ExplainPacket"},
	{"TcpFlags", "[]", "TcpFlags is not a member of ExplainPacket"},
};

static void members(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *params = packet_with(cases[i].member, cases[i].value);
		json_t *answer = control_fixture_call(*state, "ExplainPacket", params);

		if (cases[i].problem != NULL)
			control_fixture_refused(answer, params, cases[i].problem);
		else if (json_object_get(answer, "result") == NULL)
			fail_msg("%s: refused", params);
		json_decref(answer);
		free(params);
	}
}

static void list_members(void **state)
{
	static const char *const bad[][2] = {
		{"{\"MaxResults\":0}", "MaxResults must be from 1 to 65536"},
		{"{\"MaxResults\":\"1\"}", "MaxResults must be an integer"},
		{"{\"NextToken\":\"\"}", "NextToken must have from 1 to 4096 characters"},
		{"{\"NextToken\":\"abcd\"}", "NextToken is none that this list returned"},
		{"{\"RuleKind\":\"stateful\"}", "RuleKind is not a member of ListRules"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *answer = control_fixture_call(*state, "ListRules", bad[i][0]);

		control_fixture_refused(answer, bad[i][0], bad[i][1]);
		json_decref(answer);
	}
}

/* Of a flush alone; the first thing that is wrong is another. */
static void denied(void **state)
{
	static const char *const bad[][3] = {
		{"StartFlowFlush", "{\"FlowFilters\":[{}],\"DeniedByPolicy\":1}",
			"DeniedByPolicy must be true or false"},
		{"StartFlowFlush", "{\"DeniedByPolicy\":true}", "FlowFilters is required"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *answer = control_fixture_call(*state, bad[i][0], bad[i][1]);

		control_fixture_refused(answer, bad[i][1], bad[i][2]);
		json_decref(answer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members),
		cmocka_unit_test(list_members),
		cmocka_unit_test(denied),
	};

	return cmocka_run_group_tests(
		tests, control_fixture_setup_dataplane, control_fixture_teardown);
}
