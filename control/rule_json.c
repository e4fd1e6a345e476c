/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/rule_json.h"

#include <stdio.h>
#include <string.h>

const char *rule_json_kind(enum rule_kind kind)
{
	return kind == RULE_STATELESS ? "stateless" : "stateful";
}

json_t *rule_json(const struct policy_document *document, enum rule_kind kind, uint32_t rule)
{
	const struct policy_rule *one =
		kind == RULE_STATELESS ? &document->stateless[rule] : &document->stateful[rule];

	if (one->group == NULL)
		return json_pack("{s:s, s:s, s:s}", "RuleKind", rule_json_kind(kind), "Rule",
			one->msg, "Action", one->action);
	return json_pack("{s:s, s:s, s:I, s:o*, s:s*, s:s}", "RuleKind", rule_json_kind(kind),
		"RuleGroup", one->group, kind == RULE_STATELESS ? "RulePriority" : "RuleSid",
		(json_int_t)one->id, "Rev", one->rev != 0 ? json_integer(one->rev) : NULL, "Msg",
		one->msg, "Action", one->action);
}

uint32_t rule_json_next(const struct policy_document *document, enum rule_kind kind, uint32_t rule)
{
	const struct policy_rule *rules = document->stateless;
	uint32_t next = rule + 1;

	while (kind == RULE_STATELESS && next < document->rules.stateless_count &&
		rules[next].group == rules[rule].group && rules[next].id == rules[rule].id)
		next++;
	return next;
}

char *rule_json_stateless_default(
	const struct policy_document *document, const struct stateless_verdict *verdict)
{
	static const char *const names[] = {
		[STATELESS_PASS] = "aws:pass",
		[STATELESS_DROP] = "aws:drop",
		[STATELESS_FORWARD] = "aws:forward_to_sfe",
	};
	char *text;

	if (verdict->metric == METRIC_NONE)
		return strdup(names[verdict->action]);
	if (asprintf(&text, "%s, %s", names[verdict->action],
		    document->metrics[verdict->metric].action) < 0)
		return NULL;
	return text;
}

char *rule_json_stateful_default(const struct policy_document *document, uint8_t bits)
{
	static const struct {
		uint8_t bit;
		const char *name;
	} names[] = {
		{DEFAULT_DROP_STRICT, "aws:drop_strict"},
		{DEFAULT_DROP_ESTABLISHED, "aws:drop_established"},
		{DEFAULT_ALERT_STRICT, "aws:alert_strict"},
		{DEFAULT_ALERT_ESTABLISHED, "aws:alert_established"},
	};
	char text[128] = "";

	if (document->file == NULL)
		return strdup(bits & DEFAULT_DROP_STRICT ? "drop" : "allow");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t length = strlen(text);

		if (bits & names[i].bit)
			snprintf(text + length, sizeof(text) - length, "%s%s",
				length > 0 ? ", " : "", names[i].name);
	}
	return strdup(text[0] != '\0' ? text : "pass");
}
