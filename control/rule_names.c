/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/rule_names.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

struct copied {
	const char *text;
	const char *copy;
};

/* Where texts are put; without a place they are only counted. */
struct texts {
	char *at;
	size_t size;
	struct copied name; /* the last of its kind: a rule's name, or its group's */
	struct copied msg;
};

/* A copy of a text. Neighbouring rules are mostly of one group, and share its. */
static const char *put(struct texts *texts, struct copied *last, const char *text)
{
	size_t size = strlen(text) + 1;

	if (last->text == NULL || strcmp(last->text, text) != 0) {
		last->text = text;
		last->copy = texts->at != NULL ? memcpy(texts->at + texts->size, text, size) : NULL;
		texts->size += size;
	}
	return last->copy;
}

static void put_names(struct texts *texts, const struct policy_rule *rules, uint32_t count,
	struct rule_name *names)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct policy_rule *rule = &rules[i];
		struct rule_name name = {
			.id = rule->id, .rev = rule->rev, .priority = rule->priority};

		if (rule->group == NULL)
			name.name = put(texts, &texts->name, rule->msg);
		else
			name.group = put(texts, &texts->name, rule->group);
		if (rule->group != NULL && rule->msg != NULL)
			name.msg = put(texts, &texts->msg, rule->msg);
		if (names != NULL)
			names[i] = name;
	}
}

static void put_all(
	struct texts *texts, const struct policy_document *document, struct rule_name *names)
{
	uint32_t stateless = document->rules.stateless_count;

	put_names(texts, document->stateless, stateless, names);
	put_names(texts, document->stateful, document->rules.stateful_count,
		names != NULL ? names + stateless : NULL);
}

int rule_names_create(const struct policy_document *document, struct rule_names **ret_names)
{
	size_t count = (size_t)document->rules.stateless_count + document->rules.stateful_count;
	size_t begin = sizeof(struct rule_names) + count * sizeof(struct rule_name);
	struct texts counted = {.at = NULL}, written = {.at = NULL};
	struct rule_names *names;

	put_all(&counted, document, NULL);
	names = calloc(1, begin + counted.size);
	if (names == NULL)
		return -ENOMEM;
	names->references = 1;
	names->stateless_count = document->rules.stateless_count;
	names->stateful_count = document->rules.stateful_count;
	names->stateful_default = document->rules.stateful_default;
	names->memory = begin + counted.size;
	written.at = (char *)names + begin;
	put_all(&written, document, names->names);
	*ret_names = names;
	return 0;
}

struct rule_names *rule_names_ref(struct rule_names *names)
{
	names->references++;
	return names;
}

void rule_names_unref(struct rule_names *names)
{
	if (names != NULL && --names->references == 0)
		free(names);
}

const struct rule_name *rule_names_find(
	const struct rule_names *names, enum rule_kind kind, uint32_t rule)
{
	if (kind == RULE_STATELESS)
		return rule < names->stateless_count ? &names->names[rule] : NULL;
	return rule < names->stateful_count ? &names->names[names->stateless_count + rule] : NULL;
}

void rule_names_text(
	const struct rule_name *name, enum rule_kind kind, char text[RULE_NAMES_TEXT_SIZE])
{
	if (name->name != NULL)
		snprintf(text, RULE_NAMES_TEXT_SIZE, "%s", name->name);
	else
		snprintf(text, RULE_NAMES_TEXT_SIZE, "%s %u %s",
			kind == RULE_STATELESS ? "priority" : "sid", name->id, name->group);
}

char *rule_names_json(const struct rule_name *name, enum rule_kind kind)
{
	const char *id = kind == RULE_STATELESS ? "RulePriority" : "RuleSid";
	json_t *object;
	char *text;

	if (name->name != NULL)
		object = json_pack("{s:s}", "Rule", name->name);
	else
		object =
			json_pack("{s:I, s:s}", id, (json_int_t)name->id, "RuleGroup", name->group);
	text = object != NULL ? json_dumps(object, JSON_EMBED | JSON_COMPACT) : NULL;
	json_decref(object);
	return text;
}
