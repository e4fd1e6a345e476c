/* SPDX-License-Identifier: BSD-3-Clause */
/* ListRules and ExplainPacket: whole answers of policies by hand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check.h"
#include "tests/unit/control_fixture.h"
#include "tests/unit/folder.h"
#include "tests/unit/policy_fixture.h"

/* result is text, but for the members of it that clocks and keys make. */
static void check_result(json_t *answer, const char *text)
{
	json_t *result = json_object_get(answer, "result");
	json_error_t error;
	json_t *expected;
	char *copy = strdup(text);

	for (char *at = copy; (at = strchr(at, '`')) != NULL;)
		*at = '"';
	expected = json_loads(copy, 0, &error);
	if (expected == NULL)
		fail_msg("%s: %s", copy, error.text);
	json_object_del(result, "LoadedTimestamp");
	json_object_del(result, "NextToken");
	if (!json_equal(result, expected))
		fail_msg("%s", json_dumps(answer, JSON_INDENT(1)));
	json_decref(expected);
	json_decref(answer);
	free(copy);
}

/* The token of a result, for the params of the next page. On the heap. */
static char *with_token(const json_t *answer, const char *params)
{
	char *text;

	assert_true(asprintf(&text, "%s\"NextToken\":\"%s\"}", params,
			    control_fixture_text(answer, "NextToken")) > 0);
	return text;
}

#define ADDRESSES                                                                                  \
	"{\"SourceAddress\":{\"AddressDefinition\":\"192.0.2.1\"},\"DestinationAddress\":"         \
	"{\"AddressDefinition\":\"192.0.2.2\"},\"SourcePort\":\"1\",\"Protocol\":\"6\","

/* A TCP packet with further members. */
static json_t *explain(const struct control_fixture *fixture, const char *members)
{
	char params[512];

	snprintf(params, sizeof(params), ADDRESSES "%s}", members);
	return control_fixture_call(fixture, "ExplainPacket", params);
}

#define PORT_2 "\"DestinationPort\":\"2\""

static void own_rules(void **state)
{
	check_result(control_fixture_call(*state, "ListRules", "{}"),
		"{`Generation`: 0, `Metrics`: [], `DefaultActions`: "
		"[{`RuleKind`: `stateful`, `Action`: `allow`, `PacketCount`: 0, `ByteCount`: 0}], "
		"`Rules`: [{`RuleKind`: `stateful`, `Rule`: `web \\\"in\\\"`, `Action`: `allow`, "
		"`PacketCount`: 0, `ByteCount`: 0}]}");
	check_result(explain(*state, PORT_2),
		"{`Verdict`: `passed`, `DecidedBy`: {`RuleKind`: `stateful`, "
		"`Rule`: `web \\\"in\\\"`, `Action`: `allow`}, `TCPFlags`: [`SYN`], `Alerts`: [], "
		"`EarlierCount`: 0, `Reasons`: {}, `Earlier`: [], `Truncated`: false, "
		"`Generation`: 0}");
	check_result(explain(*state, PORT_2 ",\"Direction\":\"to_client\""),
		"{`Verdict`: `passed`, `DecidedBy`: {`RuleKind`: `stateful`, "
		"`DefaultAction`: `allow`}, `TCPFlags`: [`SYN`, `ACK`], `Alerts`: [], "
		"`EarlierCount`: 1, `Reasons`: {`flow direction`: 1}, `Earlier`: "
		"[{`RuleKind`: `stateful`, `Rule`: `web \\\"in\\\"`, `Action`: `allow`, "
		"`Reason`: `flow direction`}], `Truncated`: false, `Generation`: 0}");
}

#define FLAGS(flag) "{`Flags`: [`" flag "`], `Masks`: [`" flag "`]}"

static const char policy[] =
	"{`StatelessDefaultActions`: [`aws:forward_to_sfe`], "
	"`StatelessFragmentDefaultActions`: [`aws:drop`, `Count`], "
	"`StatelessCustomActions`: [{`ActionName`: `Count`, `ActionDefinition`: "
	"{`PublishMetricAction`: {`Dimensions`: [{`Value`: `fragments`}]}}}], " STRICT ", "
	"`StatefulDefaultActions`: [`aws:drop_strict`, `aws:alert_strict`], "
	"`StatelessRuleGroupReferences`: [{`ResourceArn`: `" STATELESS_ARN(
		"g") "`, "
		     "`Priority`: 1}], `StatefulRuleGroupReferences`: [{`ResourceArn`: `" STATEFUL_ARN(
			     "h") "`, "
				  "`Priority`: 1}]}";

static const char stateless[] =
	"{`RulesSource`: {`StatelessRulesAndCustomActions`: {"
	"`CustomActions`: [{`ActionName`: `Odd`, `ActionDefinition`: {`PublishMetricAction`: "
	"{`Dimensions`: [{`Value`: `odd flags`}]}}}], `StatelessRules`: ["
	"{`Priority`: 7, `RuleDefinition`: {`MatchAttributes`: {`TCPFlags`: [" FLAGS("RST") ", " FLAGS(
		"FIN") ", " FLAGS("URG") "]}, `Actions`: [`aws:drop`, `Odd`]}}, "
					 "{`Priority`: 9, `RuleDefinition`: {`MatchAttributes`: {`Protocols`: [1]}, "
					 "`Actions`: [`aws:pass`]}}]}}}";

static const char stateful[] =
	"{`StatefulRuleOptions`: {`RuleOrder`: `STRICT_ORDER`}, `RulesSource`: {`RulesString`: "
	"`alert tcp any any -> any any (msg:\\`seen\\`; sid:3; rev:2;)\\n"
	"reject tcp any any -> any 25 (sid:4;)`}}";

#define ROW_7                                                                                      \
	"`RuleKind`: `stateless`, `RuleGroup`: `g`, `RulePriority`: 7, "                           \
	"`Action`: `aws:drop, Odd`"
#define ROW_9                                                                                      \
	"`RuleKind`: `stateless`, `RuleGroup`: `g`, `RulePriority`: 9, "                           \
	"`Action`: `aws:pass`"
#define ROW_3                                                                                      \
	"`RuleKind`: `stateful`, `RuleGroup`: `h`, `RuleSid`: 3, `Rev`: 2, "                       \
	"`Msg`: `seen`, `Action`: `alert`"
#define ROW_4 "`RuleKind`: `stateful`, `RuleGroup`: `h`, `RuleSid`: 4, `Action`: `reject`"
#define ZERO ", `PacketCount`: 0, `ByteCount`: 0"

static const char *directory; /* of the policy's files, where the test works */

/* Put the policy above in force. */
static void publish(const struct control_fixture *fixture)
{
	char message[CONFIG_MESSAGE_SIZE] = "";
	struct generation *generation;
	struct config *config = NULL;
	char *text;

	policy_fixture_write("p.json", policy);
	policy_fixture_write("g.json", stateless);
	policy_fixture_write("h.json", stateful);
	assert_true(asprintf(&text,
			    "{`ports`: [{`name`: `left`, `device`: `net_null0,no-rx=1`}, "
			    "{`name`: `right`, `device`: `net_null1,no-rx=1`}], "
			    "`flows_per_worker`: 1024, `memory`: {`hugepages`: false}, `policy`: "
			    "{`file`: `%s/p.json`, `rule_groups`: [`%s/g.json`, `%s/h.json`]}}",
			    directory, directory, directory) > 0);
	policy_fixture_write("config.json", text);
	free(text);
	config_load("config.json", NULL, &config, message, sizeof(message));
	assert_string_equal(message, "");
	assert_int_equal(
		generation_create(config, fixture->config->dataplane.worker_count, &generation), 0);
	config_destroy(config);
	publisher_publish(fixture->publisher, generation);
}

/* Pages of three rules: the third begins at the last one. */
static void documents(void **state)
{
	json_t *answer = control_fixture_call(*state, "ListRules", "{\"MaxResults\":1}");
	char *params;

	assert_null(json_object_get(json_object_get(answer, "result"), "NextToken"));
	json_decref(answer);
	publish(*state);
	answer = control_fixture_call(*state, "ListRules", "{\"MaxResults\":3}");
	params = with_token(answer, "{\"MaxResults\":3,");
	check_result(answer,
		"{`Generation`: 1, `DefaultActions`: [{`RuleKind`: `stateless`, "
		"`Action`: `aws:forward_to_sfe`, `FragmentAction`: `aws:drop, Count`" ZERO "}, "
		"{`RuleKind`: `stateful`, `Action`: `aws:drop_strict, aws:alert_strict`" ZERO
		"}], `Metrics`: [{`ActionName`: `Count`, `Dimension`: `fragments`" ZERO "}, "
		"{`RuleGroup`: `g`, `ActionName`: `Odd`, `Dimension`: `odd flags`" ZERO "}], "
		"`Rules`: [{" ROW_7 ZERO "}, {" ROW_9 ZERO "}, {" ROW_3 ZERO "}]}");
	check_result(control_fixture_call(*state, "ListRules", params),
		"{`Generation`: 1, `Rules`: [{" ROW_4 ZERO "}]}");
	/* Another policy, though it is the same: another list. */
	publish(*state);
	answer = control_fixture_call(*state, "ListRules", params);
	control_fixture_refused(answer, params, "NextToken is none that this list returned");
	json_decref(answer);
	free(params);
}

static const struct {
	const char *members; /* of explain() */
	const char *result;  /* all but Truncated and Generation */
} answers[] = {
	/* The second of three TCPFlags decides: the first is no rule of its own. */
	{PORT_2 ",\"TCPFlags\":[\"FIN\",\"ACK\"]",
		"`Verdict`: `dropped`, `DecidedBy`: {" ROW_7 "}, `TCPFlags`: [`FIN`, `ACK`], "
		"`Alerts`: [], `EarlierCount`: 0, `Reasons`: {}, `Earlier`: []"},
	{"\"DestinationPort\":\"25\"",
		"`Verdict`: `rejected`, `DecidedBy`: {" ROW_4 "}, `TCPFlags`: [`SYN`], "
		"`Alerts`: [{" ROW_3 "}], `EarlierCount`: 3, `Reasons`: {`TCP flags`: 1, "
		"`protocol`: 1, `matches but alerts only`: 1}, `Earlier`: [{" ROW_3
		", `Reason`: `matches but alerts only`}, {" ROW_9 ", `Reason`: `protocol`}, {" ROW_7
		", `Reason`: `TCP flags`}]"},
	{PORT_2 ",\"Established\":true",
		"`Verdict`: `dropped`, `DecidedBy`: {`RuleKind`: `stateful`, "
		"`DefaultAction`: `aws:drop_strict`}, `TCPFlags`: [`ACK`], `Alerts`: [{" ROW_3
		"}, {`RuleKind`: `stateful`, `DefaultAction`: `aws:alert_strict`}], "
		"`EarlierCount`: 4, `Reasons`: {`TCP flags`: 1, `protocol`: 1, "
		"`destination port`: 1, `matches but alerts only`: 1}, `Earlier`: [{" ROW_4
		", `Reason`: `destination port`}, {" ROW_3
		", `Reason`: `matches but alerts only`}, {" ROW_9 ", `Reason`: `protocol`}, {" ROW_7
		", `Reason`: `TCP flags`}]"},
	{PORT_2 ",\"Fragment\":true",
		"`Verdict`: `dropped`, `DecidedBy`: {`RuleKind`: `stateless`, "
		"`FragmentDefaultAction`: `aws:drop, Count`}, `TCPFlags`: [`SYN`], `Alerts`: [], "
		"`EarlierCount`: 2, `Reasons`: {`TCP flags`: 1, `protocol`: 1}, `Earlier`: [{" ROW_9
		", `Reason`: `protocol`}, {" ROW_7 ", `Reason`: `TCP flags`}]"},
};

static void explanations(void **state)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		char *result;

		assert_true(asprintf(&result, "{%s, `Truncated`: false, `Generation`: 2}",
				    answers[i].result) > 0);
		check_result(explain(*state, answers[i].members), result);
		free(result);
	}
}

/* Pages of the rules before, back from the one that decides. */
static void explanation_pages(void **state)
{
	static const char *const reasons[] = {
		"destination port", "matches but alerts only", "protocol", "TCP flags"};
	json_t *answer, *result, *list;
	char *next, *other;

	answer = explain(*state, "\"DestinationPort\":\"80\",\"MaxResults\":3");
	result = json_object_get(answer, "result");
	list = json_object_get(result, "Earlier");
	assert_int_equal(json_array_size(list), 3);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(
			json_string_value(json_object_get(json_array_get(list, i), "Reason")),
			reasons[i]);
	assert_true(json_is_true(json_object_get(result, "Truncated")));
	next = with_token(answer, ADDRESSES "\"DestinationPort\":\"80\",\"MaxResults\":3,");
	other = with_token(answer, ADDRESSES "\"DestinationPort\":\"81\",\"MaxResults\":3,");
	json_decref(answer);
	answer = control_fixture_call(*state, "ExplainPacket", next);
	result = json_object_get(answer, "result");
	list = json_object_get(result, "Earlier");
	assert_int_equal(json_array_size(list), 1);
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(list, 0), "Reason")), reasons[3]);
	assert_false(json_is_true(json_object_get(result, "Truncated")));
	assert_null(json_object_get(result, "NextToken"));
	json_decref(answer);
	/* A token of another packet. */
	answer = control_fixture_call(*state, "ExplainPacket", other);
	control_fixture_refused(answer, other, "NextToken is none that this list returned");
	json_decref(answer);
	free(next);
	free(other);
}

static struct control_fixture fixture;

static int setup(void **state)
{
	if (folder_enter(state) != 0)
		return -1;
	directory = *state;
	control_fixture_init_dataplane(&fixture);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	control_fixture_fini(*state);
	*state = (void *)directory;
	return folder_leave(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_rules),
		cmocka_unit_test(documents),
		cmocka_unit_test(explanations),
		cmocka_unit_test(explanation_pages),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
