/* SPDX-License-Identifier: BSD-3-Clause */
/* The examples of docs/policy.md load, and do what the text beside them says. */
#include "tests/unit/check.h"

#include <stdio.h>
#include <string.h>

#include "control/config.h"
#include "tests/unit/folder.h"
#include "tests/unit/policy_fixture.h"

/* Copy the block that begins with "```json NAME" to the file. */
static void extract(const char *name, const char *path)
{
	FILE *docs = fopen(TIDEGATE_SOURCE_ROOT "/docs/policy.md", "r");
	FILE *file = fopen(path, "w");
	char line[4096], begin[64];
	bool inside = false, found = false;

	assert_non_null(docs);
	assert_non_null(file);
	snprintf(begin, sizeof(begin), "```json %s\n", name);
	while (fgets(line, sizeof(line), docs)) {
		if (inside && strcmp(line, "```\n") == 0)
			inside = false;
		if (inside)
			fputs(line, file);
		if (strcmp(line, begin) == 0)
			inside = found = true;
	}
	assert_true(found);
	assert_int_equal(fclose(file), 0);
	fclose(docs);
}

static void example(void **state)
{
	static const char *const groups[] = {"edge.json", "egress.json"};
	const struct policy_files files = {
		.policy = "policy.json", .rule_groups = groups, .rule_group_count = 2};
	char message[POLICY_MESSAGE_SIZE] = "";
	struct policy_document *document;

	(void)state;
	extract("policy", "policy.json");
	extract("edge", "edge.json");
	extract("egress", "egress.json");
	if (policy_document_load(&files, false, &document, message, sizeof(message)) < 0)
		fail_msg("%s", message);
	assert_int_equal(document->rules.stateless_count, 1);
	assert_string_equal(document->stateless[0].action, "aws:drop, CountTelnet");
	assert_string_equal(document->metrics[0].dimension, "telnet");
	assert_int_equal(document->rules.stateful_count, 3);
	assert_string_equal(document->stateful[0].msg, "web");
	assert_int_equal(document->rules.stateful[0].match.source_count, 2);
	assert_int_equal(document->rules.stateful[0].match.destination_count, 2);
	assert_true(document->rules.stateful[0].match.destinations[1].negated);
	assert_int_equal(document->rules.stateful[2].action, STATEFUL_REJECT);
	assert_int_equal(document->rules.stateful[2].flow, RULE_TO_SERVER);
	assert_int_equal(
		document->rules.stateful_default, DEFAULT_DROP_STRICT | DEFAULT_ALERT_STRICT);
	assert_int_equal(document->rules.stream_exception, STREAM_REJECT);
	assert_int_equal(document->tcp_idle_timeout, 600);
	policy_document_destroy(document);
}

/* The message that the page shows comes of the change that it tells of. */
static void message(void **state)
{
	static const char *const groups[] = {"edge.json", "egress.json"};
	const struct policy_files files = {
		.policy = "policy.json", .rule_groups = groups, .rule_group_count = 2};
	char text[8192] = "", line[POLICY_MESSAGE_SIZE], docs[65536];
	struct policy_document *document;
	char *protocol;
	FILE *file;

	(void)state;
	extract("policy", "policy.json");
	extract("edge", "edge.json");
	extract("egress", "egress.json");
	file = fopen("edge.json", "r");
	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	protocol = strstr(text, "[6]");
	assert_non_null(protocol);
	memmove(protocol + 5, protocol + 3, strlen(protocol + 3) + 1);
	memcpy(protocol, "[256]", 5);
	policy_fixture_write("edge.json", text);
	assert_int_not_equal(policy_document_load(&files, false, &document, line, sizeof(line)), 0);
	file = fopen(TIDEGATE_SOURCE_ROOT "/docs/policy.md", "r");
	assert_non_null(file);
	docs[fread(docs, 1, sizeof(docs) - 1, file)] = '\0';
	fclose(file);
	if (!strstr(docs, line))
		fail_msg("not in docs/policy.md: %s", line);
}

/* The configuration of the page loads these documents, once they are where it says. */
static void configuration(void **state)
{
	static const char installed[] = "/etc/tidegate";
	char message[CONFIG_MESSAGE_SIZE], text[4096] = "";
	struct config *config;
	FILE *file;

	extract("policy", "policy.json");
	extract("edge", "edge.json");
	extract("egress", "egress.json");
	extract("configuration", "tidegate.json");
	file = fopen("tidegate.json", "r");
	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	file = fopen("tidegate.json", "w");
	assert_non_null(file);
	for (char *at = text, *next; at; at = next) {
		next = strstr(at, installed);
		fprintf(file, "%.*s%s", next ? (int)(next - at) : (int)strlen(at), at,
			next ? (const char *)*state : "");
		if (next)
			next += strlen(installed);
	}
	fclose(file);
	if (config_load("tidegate.json", NULL, &config, message, sizeof(message)) < 0)
		fail_msg("%s", message);
	assert_int_equal(config->document->rules.stateless_count, 1);
	assert_int_equal(config->document->rules.stateful_count, 3);
	config_destroy(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(configuration),
		cmocka_unit_test(example),
		cmocka_unit_test(message),
	};

	return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
