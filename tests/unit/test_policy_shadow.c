/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Shadowed rules: cases by hand, then random policies, where every packet of a small world that a
 * listed rule accepts must be one that the rule named for it accepts too, and decides.
 */
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/policy/shadow.h"
#include "tests/unit/folder.h"
#include "tests/unit/policy_fixture.h"
#include "tests/unit/reference_classifier.h"

static struct policy_document *load(const char *rules)
{
	char group[8192];
	const struct policy_fixture fixture = {.policy = STRICT_POLICY, .groups = {group}};

	assert_in_range(snprintf(group, sizeof(group),
				"{`StatefulRuleOptions`: {`RuleOrder`: `STRICT_ORDER`}, "
				"`RulesSource`: {`RulesString`: `%s`}}",
				rules),
		1, sizeof(group) - 1);
	return policy_fixture_load(&fixture);
}

static void pairs(void **state)
{
	static const struct {
		const char *first;
		const char *second;
		bool shadowed;
	} cases[] = {
		{"drop ip any any -> any any", "pass tcp 10.0.0.0/8 any -> any 80", true},
		{"alert ip any any -> any any", "pass ip any any -> any any", false},
		{"drop ip any any -> any any", "alert ip any any -> any any", true},
		{"drop tcp any any -> any any", "pass ip any any -> any any", false},
		{"drop tcp any any -> any any", "pass tcp any any -> any any", true},
		{"drop tcp any any -> any any", "pass icmp any any -> any any", false},
		{"drop ip 10.0.0.0/8 any -> any any", "pass ip 10.1.0.0/16 any -> any any", true},
		{"drop ip 10.1.0.0/16 any -> any any", "pass ip 10.0.0.0/8 any -> any any", false},
		{"drop ip [10.0.0.0/9,10.128.0.0/9] any -> any any",
			"pass ip 10.0.0.0/8 any -> any any", true},
		{"drop ip [10.0.0.0/8,!10.1.0.0/16] any -> any any",
			"pass ip 10.1.0.0/24 any -> any any", false},
		{"drop ip [10.0.0.0/8,!10.1.0.0/16] any -> any any",
			"pass ip 10.2.0.0/24 any -> any any", true},
		{"drop ip !10.1.0.0/16 any -> any any", "pass ip 2001:db8::/32 any -> any any",
			true},
		{"drop ip 0.0.0.0/0 any -> any any", "pass ip any any -> any any", false},
		{"drop ip 0.0.0.0/0 any -> any any", "pass ip ::/0 any -> any any", false},
		{"drop ip ::/0 any -> any any", "pass ip 2001:db8::1 any -> any any", true},
		{"drop tcp any any -> any 80:90", "pass tcp any any -> any [80,85:90]", true},
		{"drop tcp any any -> any 80:90", "pass tcp any any -> any [80,91]", false},
		{"drop tcp any any -> any [1:65535,0]", "pass tcp any any -> any any", false},
		{"drop tcp any any -> any !80", "pass tcp any any -> any 81", true},
		{"drop tcp any any -> any !80", "pass tcp any any -> any any", false},
		{"drop tcp any any -> any any (flow:to_server;sid:1;)",
			"pass tcp any any -> any any", false},
		{"drop tcp any any -> any any (flow:to_server;sid:1;)",
			"pass tcp any any -> any any (flow:to_server,established;sid:2;)", true},
		{"drop tcp any any -> any any (flow:established;sid:1;)",
			"pass tcp any any -> any any (flow:to_server,not_established;sid:2;)",
			false},
		{"drop tcp 10.0.0.0/8 any <> 11.0.0.0/8 any",
			"pass tcp 11.0.0.1 any -> 10.0.0.1 any", true},
		{"drop tcp 10.0.0.0/8 any -> 11.0.0.0/8 any",
			"pass tcp 10.0.0.1 any <> 11.0.0.1 any", false},
		{"drop tcp 10.0.0.0/8 any <> 11.0.0.0/8 any",
			"pass tcp 11.0.0.1 any <> 10.0.0.1 any", true},
		{"drop tcp [10.0.0.0/8,11.0.0.0/8] any -> [10.0.0.0/8,11.0.0.0/8] any",
			"pass tcp 11.0.0.1 any <> 10.0.0.1 any", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct policy_document *document;
		struct shadow *shadows = NULL;
		uint32_t count = 0;
		char rules[1024];

		snprintf(rules, sizeof(rules), "%s%s\\n%s%s", cases[i].first,
			strchr(cases[i].first, '(') ? "" : " (sid:1;)", cases[i].second,
			strchr(cases[i].second, '(') ? "" : " (sid:2;)");
		document = load(rules);
		assert_int_equal(shadow_find(document, &shadows, &count), 0);
		if (count != cases[i].shadowed)
			fail_msg("%s / %s: %u", cases[i].first, cases[i].second, count);
		if (count > 0) {
			assert_true(shadows[0].stateful);
			assert_int_equal(shadows[0].rule, 1);
			assert_int_equal(shadows[0].by, 0);
		}
		free(shadows);
		policy_document_destroy(document);
	}
}

#define STATELESS_RULE(priority, match)                                                            \
	"{`Priority`: " priority ", `RuleDefinition`: {`MatchAttributes`: {" match                 \
	"}, `Actions`: [`aws:pass`]}}"
#define FLAGS(flags) "`TCPFlags`: [" flags "]"
#define SYN "{`Flags`: [`SYN`], `Masks`: [`SYN`]}"
#define SYN_ONLY "{`Flags`: [`SYN`], `Masks`: [`SYN`, `ACK`]}"
#define RST "{`Flags`: [`RST`], `Masks`: [`RST`]}"

/* A rule with several TCPFlags is shadowed when all of it is. */
static void stateless(void **state)
{
	static const char group[] =
		"{`RulesSource`: {`StatelessRulesAndCustomActions`: {`StatelessRules`: [" STATELESS_RULE(
			"1", FLAGS(SYN)) ", " STATELESS_RULE("2",
			FLAGS(SYN_ONLY ", " RST)) ", " STATELESS_RULE("3",
			FLAGS(RST ", " SYN_ONLY)) ", " STATELESS_RULE("4",
			"`Protocols`: [6]") ", " STATELESS_RULE("5", FLAGS(SYN)) "]}}}";
	const struct policy_fixture fixture = {.policy = STATELESS_POLICY, .groups = {group}};
	struct policy_document *document = policy_fixture_load(&fixture);
	struct shadow *shadows = NULL;
	uint32_t count = 0;

	(void)state;
	assert_int_equal(document->rules.stateless_count, 7);
	assert_int_equal(shadow_find(document, &shadows, &count), 0);
	assert_int_equal(count, 2);
	assert_false(shadows[0].stateful);
	assert_int_equal(document->stateless[shadows[0].rule].id, 3);
	assert_int_equal(document->stateless[shadows[0].by].id, 2);
	assert_int_equal(document->stateless[shadows[1].rule].id, 5);
	assert_int_equal(document->stateless[shadows[1].by].id, 1);
	free(shadows);
	policy_document_destroy(document);
}

static const char *pick(const char *const *texts)
{
	size_t count = 0;

	while (texts[count])
		count++;
	return texts[(size_t)rand() % count];
}

/* The packets of the small world. */
enum {
	ADDRESSES = 5,
	PORTS = 4,
	PROTOCOLS = 3,
	FLOWS = 4,
	PACKETS = ADDRESSES * ADDRESSES * PORTS * PORTS * PROTOCOLS * FLOWS
};

static struct tuple packet(unsigned int number, uint8_t *ret_flow)
{
	static const uint8_t addresses[ADDRESSES][16] = {
		{10, 0, 0, 1}, {10, 0, 1, 1}, {10, 1, 0, 1}, {11, 0, 0, 1}, {12, 0, 0, 1}};
	static const uint16_t ports[PORTS] = {0, 80, 81, 443};
	static const uint8_t protocols[PROTOCOLS] = {6, 17, 1};
	static const uint8_t flows[FLOWS] = {RULE_TO_SERVER | RULE_ESTABLISHED,
		RULE_TO_SERVER | RULE_NOT_ESTABLISHED, RULE_TO_CLIENT | RULE_ESTABLISHED,
		RULE_TO_CLIENT | RULE_NOT_ESTABLISHED};
	struct tuple tuple = {.version = 4};

	memcpy(tuple.source, addresses[number % ADDRESSES], 16);
	number /= ADDRESSES;
	memcpy(tuple.destination, addresses[number % ADDRESSES], 16);
	number /= ADDRESSES;
	tuple.protocol = protocols[number % PROTOCOLS];
	number /= PROTOCOLS;
	*ret_flow = flows[number % FLOWS];
	number /= FLOWS;
	tuple.has_ports = tuple.protocol != 1;
	if (tuple.has_ports) {
		tuple.source_port = ports[number % PORTS];
		tuple.destination_port = ports[number / PORTS];
	}
	return tuple;
}

static bool accepts(const struct stateful_rule *rule, const struct tuple *tuple, uint8_t flow)
{
	struct tuple other = *tuple;

	if ((rule->flow & 3 && !(rule->flow & flow & 3)) ||
		(rule->flow & 12 && !(rule->flow & flow & 12)))
		return false;
	memcpy(other.source, tuple->destination, 16);
	memcpy(other.destination, tuple->source, 16);
	other.source_port = tuple->destination_port;
	other.destination_port = tuple->source_port;
	return reference_classifier_first(&rule->match, 1, tuple) == 0 ||
		(rule->both && reference_classifier_first(&rule->match, 1, &other) == 0);
}

enum { RULES = 12 };

/* Which packets each rule accepts. */
static bool worlds[RULES][PACKETS];

static bool covers(int outer, int inner)
{
	for (int i = 0; i < PACKETS; i++) {
		if (worlds[inner][i] && !worlds[outer][i])
			return false;
	}
	return true;
}

static struct policy_document *random_policy(void)
{
	static const char *const actions[] = {"pass", "drop", "reject", "alert", NULL};
	static const char *const protocols[] = {"ip", "tcp", "udp", "ip", NULL};
	static const char *const addresses[] = {"any", "10.0.0.0/8", "10.0.0.0/16", "10.0.0.0/24",
		"!10.0.0.0/16", "[10.0.0.0/8,11.0.0.1]", "[10.0.0.0/8,!10.0.0.0/24]",
		"[10.0.0.0/8,11.0.0.0/8]", NULL};
	static const char *const ports[] = {"any", "any", "80", "80:90", "!80", "[80,443]", NULL};
	static const char *const directions[] = {"->", "->", "<>", NULL};
	static const char *const flows[] = {"", "", "flow:to_server;", "flow:established;",
		"flow:to_client,not_established;", NULL};
	char rules[4096] = "";

	for (int i = 0; i < RULES; i++)
		snprintf(rules + strlen(rules), sizeof(rules) - strlen(rules),
			"%s %s %s %s %s %s %s (%ssid:%d;)\\n", pick(actions), pick(protocols),
			pick(addresses), pick(ports), pick(directions), pick(addresses),
			pick(ports), pick(flows), i + 1);
	return load(rules);
}

static void random_policies(void **state)
{
	const unsigned int seed = 20240503;
	uint32_t found = 0;

	(void)state;
	srand(seed);
	for (int round = 0; round < 100; round++) {
		struct policy_document *document = random_policy();
		const struct stateful_rule *rules = document->rules.stateful;
		struct shadow *shadows = NULL;
		uint32_t count = 0;

		for (int i = 0; i < RULES; i++) {
			for (unsigned int j = 0; j < PACKETS; j++) {
				uint8_t flow;
				const struct tuple tuple = packet(j, &flow);

				worlds[i][j] = accepts(&rules[i], &tuple, flow);
			}
		}
		assert_int_equal(shadow_find(document, &shadows, &count), 0);
		for (uint32_t i = 0; i < count; i++) {
			const struct shadow *shadow = &shadows[i];

			if (shadow->by >= shadow->rule ||
				rules[shadow->by].action == STATEFUL_ALERT ||
				!covers((int)shadow->by, (int)shadow->rule))
				fail_msg("seed %u, round %d: %u by %u", seed, round, shadow->rule,
					shadow->by);
		}
		found += count;
		free(shadows);
		policy_document_destroy(document);
	}
	/* So that the loop above has not been idle. */
	assert_in_range(found, 50, 100 * RULES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs),
		cmocka_unit_test(stateless),
		cmocka_unit_test(random_policies),
	};

	return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
