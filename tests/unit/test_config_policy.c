/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The keys `policy` and `event_log`: every way in which they can be wrong, and policies out of
 * their documents. In the texts here % stands for the directory of the test.
 */
#include "tests/unit/config_fixture.h"
#include "tests/unit/folder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check.h"

#define POLICY(members) "{`policy`: {\n" members "}" AND_PORTS
#define X4096 X256 X256 X256 X256 X256 X256 X256 X256 X256 X256 X256 X256 X256 X256 X256 X256

static const struct config_fixture_error bad[] = {
	{"{`policy`: `/p.json`" AND_PORTS, ":1: policy: must be an object, not a string"},
	{POLICY(""), ":1: policy.file: is required"},
	{POLICY("`files`: []"), ":2: policy.files: unknown key"},
	{POLICY("`file`: 1"), ":2: policy.file: must be a string, not an integer"},
	{POLICY("`file`: `p.json`"),
		":2: policy.file: must be the absolute path of a file, not `p.json`"},
	{POLICY("`file`: `/etc/`"),
		":2: policy.file: must be the absolute path of a file, not `/etc/`"},
	{POLICY("`file`: `/`"), ":2: policy.file: must be 2 to 4095 bytes long, not 1"},
	{POLICY("`file`: `/" X4096 "`"), ":2: policy.file: must be 2 to 4095 bytes long, not 4097"},
	{POLICY("`file`: `/p`,\n`rule_groups`: `/g`"),
		":3: policy.rule_groups: must be an array, not a string"},
	{POLICY("`file`: `/p`,\n`rule_groups`: [`/g`,\n5]"),
		":4: policy.rule_groups[1]: must be a string, not an integer"},
	{POLICY("`file`: `/p`,\n`rule_groups`: [`/g`,\n`./g`]"),
		":4: policy.rule_groups[1]: must be the absolute path of a file, not `./g`"},
	{POLICY("`file`: `/p`,\n`prefix_lists`: [`/l`]"),
		":3: policy.prefix_lists: must be an object, not an array"},
	{POLICY("`file`: `/p`,\n`prefix_lists`: {`a`: `/l`,\n`b`: null}"),
		":4: policy.prefix_lists.b: must be a string, not null"},
	{POLICY("`file`: `/p`,\n`prefix_lists`: {`a`:\n`l.txt`}"),
		":4: policy.prefix_lists.a: must be the absolute path of a file, not `l.txt`"},
	{POLICY("`file`: `/p`,\n`prefix_lists`: {``: `/l`}"),
		":3: policy.prefix_lists.: a prefix list has a name"},
	{POLICY("`file`: `/p`,\n`skip_unsupported`: 1"),
		":3: policy.skip_unsupported: must be true or false, not an integer"},
	/* What the documents say is not said beside them. */
	{"{`policy`: {`file`: `/p`},\n`rules`: []" AND_PORTS,
		":2: rules: `policy` and `rules` exclude each other"},
	{"{`default_action`: `drop`,\n`policy`: {`file`: `/p`}" AND_PORTS,
		":1: default_action: `policy` and `default_action` exclude each other"},
	{"{`policy`: {`file`: `/p`},\n`idle_timeouts`: {`icmp`: 1,\n`tcp_established`: 350}" AND_PORTS,
		":3: idle_timeouts.tcp_established: is the policy's "
		"FlowTimeouts.TcpIdleTimeoutSeconds"},
	/* Errors of the configuration come before those of the documents. */
	{"{`policy`: {`file`: `/none`},\n`socket_path`: `run/s`" AND_PORTS,
		":2: socket_path: must be the absolute path of a file, not `run/s`"},
	/* The event log. */
	{"{`event_log`: `/e`" AND_PORTS, ":1: event_log: must be an object, not a string"},
	{"{`event_log`: {}" AND_PORTS, ":1: event_log.path: is required"},
	{"{`event_log`: {\n`path`: `e.json`}" AND_PORTS,
		":2: event_log.path: must be the absolute path of a file, not `e.json`"},
	{"{`event_log`: {`path`: `/e`,\n`events_per_second`: 0}" AND_PORTS,
		":2: event_log.events_per_second: must be 1 to 100000, not 0"},
	{"{`event_log`: {`path`: `/e`,\n`events_per_second`: 100001}" AND_PORTS,
		":2: event_log.events_per_second: must be 1 to 100000, not 100001"},
	{"{`event_log`: {`path`: `/e`, `rate`: 1}" AND_PORTS, ":1: event_log.rate: unknown key"},
};

static void test_bad_files(void **state)
{
	(void)state;
	config_fixture_check(bad, sizeof(bad) / sizeof(bad[0]));
}

static void test_event_log(void **state)
{
	struct config *config = config_fixture_load("{`event_log`: {`path`: `/e`}" AND_PORTS);

	(void)state;
	assert_string_equal(config->event_log_path, "/e");
	assert_int_equal(config->event_log_rate, 1000);
	config_destroy(config);
	config = config_fixture_load("{`event_log`: {`path`: `/var/log/tidegate/events.json`,"
				     "`events_per_second`: 100000}" AND_PORTS);
	assert_string_equal(config->event_log_path, "/var/log/tidegate/events.json");
	assert_int_equal(config->event_log_rate, 100000);
	config_destroy(config);
}

/* ---- policies ---- */

#define STATEFUL(rule) "{`RulesSource`: {`RulesString`: `" rule "`}}"

static const char policy[] =
	"{`StatelessDefaultActions`: [`aws:forward_to_sfe`],\n"
	"`StatelessFragmentDefaultActions`: [`aws:drop`],\n"
	"`StatelessRuleGroupReferences`: [{`ResourceArn`: `arn:aws:x:stateless-rulegroup/edge`,\n"
	"`Priority`: 1}],\n"
	"`StatefulRuleGroupReferences`: [{`ResourceArn`: `arn:aws:x:stateful-rulegroup/egress`}],\n"
	"`StatefulEngineOptions`: {`FlowTimeouts`: {`TcpIdleTimeoutSeconds`: 600}}}";

static const char edge[] =
	"{`RulesSource`: {`StatelessRulesAndCustomActions`: {`StatelessRules`: [\n"
	"{`Priority`: 10, `RuleDefinition`: {`Actions`: [`aws:drop`], `MatchAttributes`: {\n"
	"`Protocols`: [17]}}}]}}}";

static const char egress[] =
	"{`RuleVariables`: {`IPSets`: {`LISTED`: {`Definition`: [`192.0.2.0/24`]}}},\n"
	"`ReferenceSets`: {`IPSetReferences`: {`blocked`: {`ReferenceArn`: `arn:aws:x:prefix-list/bl`}}},\n"
	"`RulesSource`: {`RulesString`:\n"
	"`drop tcp any any -> @blocked any (msg:\\\"listed\\\"; sid:7; rev:2;)`}}";

/* A copy with the directory for each %. */
static char *place(const char *text, const char *directory)
{
	char *placed = NULL;
	size_t size;
	FILE *out = open_memstream(&placed, &size);

	assert_non_null(out);
	for (; *text != '\0'; text++) {
		if (*text == '%')
			fputs(directory, out);
		else
			fputc(*text, out);
	}
	assert_int_equal(fclose(out), 0);
	return placed;
}

#define GOOD                                                                                       \
	"{`policy`: {`file`: `%/policy.json`, `rule_groups`: [`%/edge.json`, `%/egress.json`],"    \
	"`prefix_lists`: {`bl`: `%/bl.txt`}}" AND_PORTS

static void write_documents(const char *egress_text)
{
	config_fixture_write_text("policy.json", policy);
	config_fixture_write_text("edge.json", edge);
	config_fixture_write_text("egress.json", egress_text);
	config_fixture_write_text("bl.txt", "203.0.113.0/24\n2001:db8::/32\n");
}

static void test_documents(void **state)
{
	char *text = place(GOOD, *state), *file = place("%/policy.json", *state);
	const struct policy_document *document;
	const struct match *match;
	struct config *config;

	write_documents(egress);
	config = config_fixture_load(text);
	document = config->document;
	assert_string_equal(document->file, file);
	assert_int_equal(document->rules.stateless_count, 1);
	assert_string_equal(document->stateless[0].group, "edge");
	assert_int_equal(document->stateless[0].id, 10);
	assert_int_equal(document->rules.stateless[0].verdict.action, STATELESS_DROP);
	assert_int_equal(document->rules.stateless_default.action, STATELESS_FORWARD);
	assert_int_equal(document->rules.stateless_fragment_default.action, STATELESS_DROP);
	assert_int_equal(document->rules.stateful_count, 1);
	assert_string_equal(document->stateful[0].group, "egress");
	assert_int_equal(document->stateful[0].id, 7);
	assert_string_equal(document->stateful[0].msg, "listed");
	match = &document->rules.stateful[0].match;
	assert_int_equal(match->destination_count, 2);
	assert_int_equal(match->destinations[1].prefix.version, 6);
	assert_int_equal(match->destinations[1].prefix.depth, 32);
	assert_int_equal(config->dataplane.flows.timeouts[TIMEOUT_TCP_ESTABLISHED], 600);
	assert_int_equal(config->dataplane.flows.timeouts[TIMEOUT_TCP_NEW], 120);
	config_destroy(config);
	free(file);
	free(text);
}

static void test_left_out(void **state)
{
	char *text = place("{`policy`: {`file`: `%/policy.json`, `rule_groups`: [`%/edge.json`, "
			   "`%/egress.json`], `skip_unsupported`: true}" AND_PORTS,
		*state);
	const struct policy_document *document;
	struct config *config;

	write_documents(STATEFUL("drop http any any -> any any (sid:8;)"));
	config = config_fixture_load(text);
	document = config->document;
	assert_int_equal(document->rules.stateful_count, 0);
	assert_int_equal(document->left_out_count, 1);
	assert_string_equal(document->left_out[0].group, "egress");
	assert_int_equal(document->left_out[0].sid, 8);
	config_destroy(config);
	free(text);
}

/* Documents that are refused, with the message from behind the directory on. */
static const struct {
	const char *egress; /* NULL: the file is not there */
	int error;
	const char *message;
} bad_documents[] = {
	{NULL, -ENOENT, "/egress.json: No such file or directory"},
	{"", -EINVAL, "/egress.json:1: the file is empty"},
	{"{\n`RulesSource`:\n`x`}", -EINVAL,
		"/egress.json:3: RulesSource: must be an object, not a string (group `egress`)"},
	{STATEFUL("drop tcp any any -> any 65536 (sid:9;)"), -EINVAL,
		"/egress.json:1: RulesSource.RulesString.line 1.DestinationPort: `65536`: ports "
		"are 0 to 65535, and a range begins with the lower one (rule sid 9 of group "
		"`egress`)"},
};

static void test_bad_documents(void **state)
{
	char *text = place(GOOD, *state);

	for (size_t i = 0; i < sizeof(bad_documents) / sizeof(bad_documents[0]); i++) {
		char message[CONFIG_MESSAGE_SIZE];

		snprintf(message, sizeof(message), "%s%s", (const char *)*state,
			bad_documents[i].message);
		write_documents(bad_documents[i].egress ? bad_documents[i].egress : "");
		if (!bad_documents[i].egress)
			assert_int_equal(remove("egress.json"), 0);
		config_fixture_write_text(FILE_NAME, text);
		assert_true(config_fixture_refuses(FILE_NAME, bad_documents[i].error, message));
	}
	free(text);
}

/* As many rule groups as there may be are read, and one more is not. */
static void test_most_groups(void **state)
{
	enum { MOST = 1024 };
	char *text;
	size_t size;
	FILE *out;

	(void)state;
	for (int count = MOST; count <= MOST + 1; count++) {
		out = open_memstream(&text, &size);
		fprintf(out, "{`policy`: {`file`: `/p`, `rule_groups`: [`/none`");
		for (int i = 1; i < count; i++)
			fprintf(out, ", `/none`");
		fprintf(out, "]}" AND_PORTS);
		assert_int_equal(fclose(out), 0);
		config_fixture_write_text(FILE_NAME, text);
		if (count == MOST)
			assert_true(config_fixture_refuses(
				FILE_NAME, -ENOENT, "/none: No such file or directory"));
		else
			assert_true(config_fixture_refuses(FILE_NAME, -EINVAL,
				FILE_NAME ":1: policy.rule_groups: must have 0 to 1024 elements, "
					  "not 1025"));
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_files),
		cmocka_unit_test(test_event_log),
		cmocka_unit_test(test_documents),
		cmocka_unit_test(test_left_out),
		cmocka_unit_test(test_bad_documents),
		cmocka_unit_test(test_most_groups),
	};

	return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
