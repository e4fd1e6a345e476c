/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which rule decides a packet and why the others do not: cases by hand, out of what the rules say.
 */
#include "control/policy/explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check.h"
#include "tests/unit/folder.h"
#include "tests/unit/policy_fixture.h"

enum { FIN = 1, SYN = 2, ACK = 16, TCP = 6, UDP = 17, ICMP = 1 };

struct packet {
	const char *source;
	const char *destination;
	uint16_t source_port;
	uint16_t destination_port;
	uint8_t protocol;
	uint8_t flags;
	bool to_client;
	bool established;
	bool fragment;
};

static struct explain_packet make_packet(const struct packet *packet)
{
	struct explain_packet made = {
		.tuple = {.source_port = packet->source_port,
			.destination_port = packet->destination_port,
			.protocol = packet->protocol,
			.tcp_flags = packet->flags,
			.has_ports = packet->protocol != ICMP},
		.to_client = packet->to_client,
		.established = packet->established,
		.fragment = packet->fragment,
	};
	struct prefix prefix;

	assert_int_equal(prefix_parse(packet->source, &prefix), 0);
	memcpy(made.tuple.source, prefix.address, sizeof(prefix.address));
	made.tuple.version = prefix.version;
	assert_int_equal(prefix_parse(packet->destination, &prefix), 0);
	memcpy(made.tuple.destination, prefix.address, sizeof(prefix.address));
	return made;
}

/* "stateful drop 3: stateless 10 forwards, 1 source port, 2 alerts" */
static void describe(const struct policy_document *document, const struct explanation *explanation,
	char *text, size_t size)
{
	static const char *const verdicts[] = {"pass", "drop", "reject"};
	const struct policy_rule *names[] = {document->stateless, document->stateful};
	uint32_t stateless = explanation->tried[RULE_STATELESS];
	size_t length;

	length = (size_t)snprintf(text, size, "%s %s",
		explanation->kind == RULE_STATELESS ? "stateless" : "stateful",
		verdicts[explanation->verdict]);
	if (explanation->rule == RULE_NONE)
		length += (size_t)snprintf(
			text + length, size - length, " by default %u", explanation->defaults);
	else
		length += (size_t)snprintf(text + length, size - length, " %u",
			names[explanation->kind][explanation->rule].id);
	for (uint32_t i = 0; i < stateless + explanation->tried[RULE_STATEFUL]; i++)
		length += (size_t)snprintf(text + length, size - length, "%s%u %s",
			i == 0 ? ": " : ", ",
			i < stateless ? names[RULE_STATELESS][i].id
				      : names[RULE_STATEFUL][i - stateless].id,
			explain_reason_name(explanation->reasons[i]));
}

static void check(
	const struct policy_document *document, const struct packet *packet, const char *expected)
{
	struct explain_packet made = make_packet(packet);
	struct explanation *explanation;
	char text[1024];

	assert_int_equal(explain_packet(document, &made, &explanation), 0);
	describe(document, explanation, text, sizeof(text));
	assert_string_equal(text, expected);
	free(explanation);
}

static const char stateful_rules[] =
	"pass tcp 10.0.0.0/8 any -> 192.0.2.0/24 443 (sid:1;)\\n"
	"alert tcp any any -> any [80,8080] (sid:2;)\\n"
	"drop tcp any any -> any 80 (flow:to_server,not_established;sid:3;)\\n"
	"reject ip [2001:db8::/32,!2001:db8:1::/48] any -> any any (sid:4;)\\n"
	"pass udp 10.0.0.0/8 1024:65535 <> 198.51.100.0/24 53 (sid:5;)\\n"
	"drop icmp any any -> any any (flow:to_client;sid:6;)\\n"
	"drop udp any any -> any !53 (flow:established;sid:7;)";

static void stateful(void **state)
{
	static const struct {
		struct packet packet;
		const char *expected;
	} cases[] = {
		{{"10.1.2.3", "192.0.2.7", 5000, 443, TCP, SYN, 0, 0, 0}, "stateful pass 1"},
		{{"11.1.2.3", "192.0.2.7", 5000, 80, TCP, SYN, 0, 0, 0},
			"stateful drop 3: 1 source address, 2 matches but alerts only"},
		{{"10.1.2.3", "192.0.3.7", 5000, 443, TCP, SYN, 0, 0, 0},
			"stateful pass by default 0: 1 destination address, 2 destination port, "
			"3 destination port, 4 source address, 5 destination address, 6 protocol, "
			"7 protocol"},
		/* The field of a rule that is looked at first is the one that is told. */
		{{"10.1.2.3", "192.0.2.7", 5000, 443, UDP, 0, 0, 0, 0},
			"stateful pass by default 0: 1 protocol, 2 destination port, "
			"3 destination port, 4 source address, 5 destination address, 6 protocol, "
			"7 flow state"},
		{{"10.1.2.3", "192.0.2.7", 5000, 80, TCP, ACK, 0, 1, 0},
			"stateful pass by default 0: 1 destination port, 2 matches but alerts only, "
			"3 flow state, 4 source address, 5 destination address, 6 protocol, "
			"7 protocol"},
		{{"10.1.2.3", "192.0.2.7", 5000, 80, TCP, SYN | ACK, 1, 0, 0},
			"stateful pass by default 0: 1 destination port, 2 matches but alerts only, "
			"3 flow direction, 4 source address, 5 destination address, 6 protocol, "
			"7 protocol"},
		{{"2001:db8:2::1", "::1", 1, 2, UDP, 0, 0, 0, 0},
			"stateful reject 4: 1 source address, 2 destination port, "
			"3 destination port"},
		{{"2001:db8:1::1", "::1", 0, 0, ICMP, 0, 1, 0, 0},
			"stateful drop 6: 1 source address, 2 destination port, "
			"3 destination port, 4 source address, 5 source address"},
		{{"2001:db8:1::1", "::1", 0, 0, ICMP, 0, 0, 0, 0},
			"stateful pass by default 0: 1 source address, 2 destination port, "
			"3 destination port, 4 source address, 5 source address, "
			"6 flow direction, 7 protocol"},
		/* <>: as it is, and with its ends exchanged. */
		{{"10.0.0.1", "198.51.100.9", 1024, 53, UDP, 0, 0, 0, 0},
			"stateful pass 5: 1 destination address, 2 destination port, "
			"3 destination port, 4 source address"},
		{{"198.51.100.9", "10.0.0.1", 53, 1024, UDP, 0, 1, 1, 0},
			"stateful pass 5: 1 source address, 2 destination port, "
			"3 destination port, 4 source address"},
		/* Exchanged it comes as far as to the port that the rule has for the source. */
		{{"198.51.100.9", "10.0.0.1", 53, 1023, UDP, 0, 1, 1, 0},
			"stateful drop 7: 1 source address, 2 destination port, "
			"3 destination port, 4 source address, 5 source port, 6 protocol"},
		{{"10.0.0.1", "198.51.100.9", 1024, 53, TCP, SYN, 0, 0, 0},
			"stateful pass by default 0: 1 destination address, 2 destination port, "
			"3 destination port, 4 source address, 5 protocol, 6 protocol, "
			"7 destination port"},
	};
	char group[2048];
	const struct policy_fixture fixture = {.policy = STRICT_POLICY, .groups = {group}};
	struct policy_document *document;

	(void)state;
	snprintf(group, sizeof(group),
		"{`StatefulRuleOptions`: {`RuleOrder`: `STRICT_ORDER`}, "
		"`RulesSource`: {`RulesString`: `%s`}}",
		stateful_rules);
	document = policy_fixture_load(&fixture);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(document, &cases[i].packet, cases[i].expected);
	policy_document_destroy(document);
}

#define STATELESS_RULE(priority, match, action)                                                    \
	"{`Priority`: " priority ", `RuleDefinition`: {`MatchAttributes`: {" match                 \
	"}, `Actions`: [`" action "`]}}"
#define ADDRESS(text) "[{`AddressDefinition`: `" text "`}]"
#define PORTS(from, to) "[{`FromPort`: " from ", `ToPort`: " to "}]"

static const char stateless_group[] =
	"{`RulesSource`: {`StatelessRulesAndCustomActions`: {`StatelessRules`: [" STATELESS_RULE(
		"10",
		"`Sources`: " ADDRESS("10.0.0.0/8") ", `Destinations`: " ADDRESS(
			"192.0.2.0/24") ", `SourcePorts`: " PORTS("1024",
			"65535") ", `DestinationPorts`: " PORTS("22",
			"23") ", `Protocols`: [6], "
			      "`TCPFlags`: [{`Flags`: [`SYN`], `Masks`: [`SYN`, `ACK`]}, "
			      "{`Flags`: [`FIN`], `Masks`: [`FIN`]}]",
		"aws:drop") ", " STATELESS_RULE("20", "`Sources`: " ADDRESS("10.9.0.0/16"),
		"aws:forward_to_sfe") ", " STATELESS_RULE("30", "`Protocols`: [6]",
		"aws:pass") "]}}}";

static const char stateful_group[] =
	"{`StatefulRuleOptions`: {`RuleOrder`: `STRICT_ORDER`}, `RulesSource`: {`RulesString`: "
	"`reject tcp any any -> any 25 (sid:25;)`}}";

/* By default ICMP goes on to the stateful rules, or what is a fragment is dropped. */
#define BOTH_POLICY(defaults)                                                                      \
	"{`StatelessDefaultActions`: [`aws:forward_to_sfe`], "                                     \
	"`StatelessFragmentDefaultActions`: [`aws:drop`], " STRICT ", " defaults                   \
	"`StatelessRuleGroupReferences`: [{`ResourceArn`: `" STATELESS_ARN(                        \
		"g") "`, `Priority`: "                                                             \
		     "1}], "                                                                       \
		     "`StatefulRuleGroupReferences`: [{`ResourceArn`: `" STATEFUL_ARN(             \
			     "h") "`, `Priority`: 1}]}"

static void stateless(void **state)
{
	static const struct {
		struct packet packet;
		const char *expected;
	} cases[] = {
		{{"10.1.1.1", "192.0.2.1", 1024, 22, TCP, SYN, 0, 0, 0}, "stateless drop 10"},
		/* The second of two TCPFlags is a rule of its own here. */
		{{"10.1.1.1", "192.0.2.1", 1024, 22, TCP, FIN | ACK, 0, 1, 0},
			"stateless drop 10: 10 TCP flags"},
		{{"10.1.1.1", "192.0.2.1", 1024, 22, TCP, SYN | ACK, 0, 1, 0},
			"stateless pass 30: 10 TCP flags, 10 TCP flags, 20 source address"},
		{{"10.1.1.1", "192.0.2.1", 1023, 22, TCP, SYN, 0, 0, 0},
			"stateless pass 30: 10 source port, 10 source port, 20 source address"},
		{{"11.1.1.1", "192.0.3.1", 9, 24, TCP, SYN, 0, 0, 0},
			"stateless pass 30: 10 source address, 10 source address, "
			"20 source address"},
		/* Stateless rules do not look at whether it is a fragment, only their default
		 * does. */
		{{"11.1.1.1", "192.0.3.1", 9, 24, TCP, SYN, 0, 0, 1},
			"stateless pass 30: 10 source address, 10 source address, "
			"20 source address"},
		{{"11.1.1.1", "192.0.3.1", 0, 0, ICMP, 0, 0, 0, 1},
			"stateless drop by default 0: 10 source address, 10 source address, "
			"20 source address, 30 protocol"},
		{{"11.1.1.1", "192.0.3.1", 0, 0, ICMP, 0, 0, 0, 0},
			"stateful pass by default 0: 10 source address, 10 source address, "
			"20 source address, 30 protocol, 25 destination port"},
		{{"10.9.1.1", "192.0.2.1", 9, 25, TCP, SYN, 0, 0, 1},
			"stateful reject 25: 10 source port, 10 source port, "
			"20 matches and forwards to the stateful rules"},
		{{"10.9.1.1", "192.0.2.1", 1024, 22, UDP, 0, 0, 0, 0},
			"stateful pass by default 0: 10 protocol, 10 protocol, "
			"20 matches and forwards to the stateful rules, 25 destination port"},
	};
	const struct policy_fixture fixture = {
		.policy = BOTH_POLICY(""), .groups = {stateless_group, stateful_group}};
	struct policy_document *document = policy_fixture_load(&fixture);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(document, &cases[i].packet, cases[i].expected);
	policy_document_destroy(document);
}

/* What happens to a packet that no stateful rule decides. */
static void defaults(void **state)
{
	static const struct {
		const char *policy;
		bool established;
		const char *verdict; /* after "stateful " */
	} cases[] = {
		{BOTH_POLICY(""), false, "pass by default 0"},
		{BOTH_POLICY("`StatefulDefaultActions`: [`aws:drop_strict`], "), false,
			"drop by default 1"},
		{BOTH_POLICY("`StatefulDefaultActions`: [`aws:drop_strict`], "), true,
			"drop by default 1"},
		{BOTH_POLICY("`StatefulDefaultActions`: [`aws:drop_established`], "), false,
			"pass by default 0"},
		{BOTH_POLICY("`StatefulDefaultActions`: [`aws:drop_established`, "
			     "`aws:alert_established`], "),
			true, "drop by default 10"},
		{BOTH_POLICY("`StatefulDefaultActions`: [`aws:alert_strict`, "
			     "`aws:alert_established`], "),
			false, "pass by default 4"},
		{BOTH_POLICY("`StatefulDefaultActions`: [`aws:alert_strict`, "
			     "`aws:drop_established`], "),
			true, "drop by default 6"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct policy_fixture fixture = {
			.policy = cases[i].policy, .groups = {stateless_group, stateful_group}};
		struct policy_document *document = policy_fixture_load(&fixture);
		const struct packet packet = {"10.9.1.1", "192.0.2.1", 9, 26, TCP, ACK, false,
			cases[i].established, false};
		char expected[256];

		snprintf(expected, sizeof(expected),
			"stateful %s: 10 source port, 10 source port, "
			"20 matches and forwards to the stateful rules, 25 destination port",
			cases[i].verdict);
		check(document, &packet, expected);
		policy_document_destroy(document);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stateful),
		cmocka_unit_test(stateless),
		cmocka_unit_test(defaults),
	};

	return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
