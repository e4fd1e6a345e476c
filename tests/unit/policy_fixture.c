/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/policy_fixture.h"

#include "tests/unit/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const group_files[POLICY_FIXTURE_GROUPS] = {
	"g.json", "h.json", "i.json", "j.json"};

static void put(FILE *file, const char *text)
{
	for (; *text != '\0'; text++)
		fputc(*text == '`' ? '"' : *text, file);
}

void policy_fixture_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	put(file, text);
	assert_int_equal(fclose(file), 0);
}

/* Keep the documents as an input of tests/fuzz/fuzz_policy, if the environment names a
 * directory. */
static void keep_seed(const struct policy_fixture *fixture)
{
	const char *directory = getenv("TIDEGATE_SEEDS");
	char path[4096];
	FILE *file;

	if (!directory)
		return;
	snprintf(path, sizeof(path), "%s/XXXXXX", directory);
	file = fdopen(mkstemp(path), "w");
	assert_non_null(file);
	put(file, fixture->prefixes ? fixture->prefixes : "");
	fputs("\n---\n", file);
	put(file, fixture->policy);
	for (int i = 0; i < POLICY_FIXTURE_GROUPS && fixture->groups[i]; i++) {
		fputs("\n---\n", file);
		put(file, fixture->groups[i]);
	}
	assert_int_equal(fclose(file), 0);
}

int policy_fixture_try(const struct policy_fixture *fixture, struct policy_document **ret_document,
	char message[POLICY_MESSAGE_SIZE])
{
	const struct policy_prefix_list list = {"list", "list.txt"};
	struct policy_files files = {
		.policy = "p.json", .rule_groups = group_files, .prefix_lists = &list};

	keep_seed(fixture);
	policy_fixture_write("p.json", fixture->policy);
	while (files.rule_group_count < POLICY_FIXTURE_GROUPS &&
		fixture->groups[files.rule_group_count]) {
		policy_fixture_write(group_files[files.rule_group_count],
			fixture->groups[files.rule_group_count]);
		files.rule_group_count++;
	}
	if (fixture->prefixes) {
		policy_fixture_write("list.txt", fixture->prefixes);
		files.prefix_list_count = 1;
	}
	return policy_document_load(
		&files, fixture->skip, ret_document, message, POLICY_MESSAGE_SIZE);
}

struct policy_document *policy_fixture_load(const struct policy_fixture *fixture)
{
	struct policy_document *document = NULL;
	char message[POLICY_MESSAGE_SIZE];

	if (policy_fixture_try(fixture, &document, message) < 0)
		fail_msg("%s", message);
	return document;
}

void policy_fixture_refused(const struct policy_fixture *fixture, const char *message)
{
	char actual[POLICY_MESSAGE_SIZE], expected[POLICY_MESSAGE_SIZE];
	struct policy_document *document;

	snprintf(expected, sizeof(expected), "%s", message);
	for (char *at = expected; (at = strchr(at, '`'));)
		*at = '"';
	assert_int_equal(policy_fixture_try(fixture, &document, actual), -EINVAL);
	assert_string_equal(actual, expected);
}

void policy_fixture_check(const struct policy_fixture_error *errors, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct policy_fixture fixture = {
			.policy = errors[i].policy, .groups = {errors[i].group}};

		policy_fixture_refused(&fixture, errors[i].message);
	}
}
