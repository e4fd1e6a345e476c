/* SPDX-License-Identifier: BSD-3-Clause */
/* rule_json: what a rule or default action of a policy is called, as JSON. */
#ifndef TIDEGATE_CONTROL_RULE_JSON_H
#define TIDEGATE_CONTROL_RULE_JSON_H

#include <jansson.h>

#include "control/policy/policy_document.h"

/* RuleKind, what the rule is called, and Action. NULL without memory. */
json_t *rule_json(const struct policy_document *document, enum rule_kind kind, uint32_t rule);

/* The rule that comes after this one; the neighbours of one stateless rule's TCPFlags are one. */
uint32_t rule_json_next(const struct policy_document *document, enum rule_kind kind, uint32_t rule);

/* "stateless" or "stateful" */
const char *rule_json_kind(enum rule_kind kind);

/* "aws:drop", with the name of its custom action "aws:drop, Count". On the heap, NULL without
 * memory. */
char *rule_json_stateless_default(
	const struct policy_document *document, const struct stateless_verdict *verdict);

/*
 * The names of stateful default actions: bits are some of rules.stateful_default. "aws:drop_strict,
 * aws:alert_strict"; without any "pass"; of a configuration's own rules "drop" or "allow". On the
 * heap, NULL without memory.
 */
char *rule_json_stateful_default(const struct policy_document *document, uint8_t bits);

#endif
