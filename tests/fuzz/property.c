/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/fuzz/property.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/policy/shadow.h"

void property_check(bool holds, const char *what, const char *message)
{
	if (holds)
		return;
	fprintf(stderr, "does not hold: %s: \"%s\"\n", what, message);
	abort();
}

static size_t count_lines(const char *text)
{
	size_t lines = 1;

	for (; *text != '\0'; text++)
		lines += *text == '\n';
	return lines;
}

/* Whether what is behind the file's name is ":LINE: text", or says that there is no prefix. */
static bool names_line(const char *rest, const char *text)
{
	char *end;
	unsigned long line;

	if (strncmp(rest, ": holds no prefix", 17) == 0)
		return true;
	if (rest[0] != ':' || !isdigit((unsigned char)rest[1]))
		return false;
	line = strtoul(rest + 1, &end, 10);
	return strncmp(end, ": ", 2) == 0 && end[2] != '\0' && line >= 1 &&
		line <= count_lines(text);
}

void property_refused(int result, const char *message, const char *const *paths,
	const char *const *texts, size_t count)
{
	bool named = false;

	property_check(result == -EINVAL, "what is refused is -EINVAL", strerror(-result));
	property_check(
		strlen(message) < POLICY_MESSAGE_SIZE - 1, "a message is not cut off", message);
	for (size_t i = 0; i < count && !named; i++)
		named = strncmp(message, paths[i], strlen(paths[i])) == 0 &&
			names_line(message + strlen(paths[i]), texts[i]);
	property_check(named, "a message begins with a file and a line of it", message);
}

/* Whether the descriptions are whole: reads every byte, for the sanitizers. */
static bool are_described(const struct policy_rule *rules, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (strlen(rules[i].group) == 0 || strlen(rules[i].action) == 0 ||
			rules[i].id == 0 || (rules[i].msg && strlen(rules[i].msg) == SIZE_MAX))
			return false;
	}
	return true;
}

static void check_shadows(const struct policy_document *document)
{
	struct shadow *shadows = NULL;
	uint32_t count = 0;

	property_check(shadow_find(document, &shadows, &count) == 0, "shadows are found", "");
	for (uint32_t i = 0; i < count; i++) {
		uint32_t rules = shadows[i].stateful ? document->rules.stateful_count
						     : document->rules.stateless_count;

		property_check(shadows[i].by < shadows[i].rule && shadows[i].rule < rules,
			"a shadowed rule comes behind what covers it", "");
	}
	free(shadows);
}

void property_accepted(const struct policy_document *document)
{
	const struct policy_rules *rules = &document->rules;
	struct policy *policy;
	int result = policy_create(rules, 1, &policy);

	property_check(result == 0, "what is accepted compiles", strerror(-result));
	policy_destroy(policy);
	property_check(are_described(document->stateless, rules->stateless_count) &&
			are_described(document->stateful, rules->stateful_count),
		"rules are described", "");
	check_shadows(document);
}

void property_alike(const struct policy_document *one, const struct policy_document *other)
{
	property_check(one->rules.stateless_count == other->rules.stateless_count &&
			one->rules.stateful_count == other->rules.stateful_count &&
			one->rules.metric_count == other->rules.metric_count &&
			one->left_out_count == other->left_out_count,
		"nothing is left out of what is supported", "");
}
