/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rule_names: what the rules of one policy are called.
 *
 * A flow's record tells its rule by kind and index, and the policy by generation. The names outlive
 * the policy: whoever shows such flows holds a reference. Immutable but for the references, which
 * are the control thread's.
 */
#ifndef TIDEGATE_CONTROL_RULE_NAMES_H
#define TIDEGATE_CONTROL_RULE_NAMES_H

#include "control/policy/policy_document.h"

struct rule_name {
	const char *name;  /* of a rule of the configuration itself; else NULL, and: */
	const char *group; /* of a policy document */
	uint32_t id;	   /* in the group: a stateless rule's priority, a stateful one's sid */
	/* Of a stateful rule of a group; see struct policy_rule. */
	uint32_t rev;
	uint32_t priority;
	const char *msg;
};

struct rule_names {
	uint32_t generation; /* of the policy; set when it is published */
	uint32_t references;
	uint32_t stateless_count;
	uint32_t stateful_count;
	uint8_t stateful_default; /* DEFAULT_… bits of the policy */
	size_t memory;		  /* bytes */
	struct rule_name names[]; /* first the stateless ones; their texts are behind them */
};

/* Copy the names out of a document; one reference, the caller's. -ENOMEM */
int rule_names_create(const struct policy_document *document, struct rule_names **ret_names);
struct rule_names *rule_names_ref(struct rule_names *names);
void rule_names_unref(struct rule_names *names);

/* The name of a rule, or NULL past the end. */
const struct rule_name *rule_names_find(
	const struct rule_names *names, enum rule_kind kind, uint32_t rule);

/* Room for a name in words; a longer one, of a group that is called by its file, is cut off. */
enum { RULE_NAMES_TEXT_SIZE = 320 };

/* "web", "priority 10 edge", "sid 7 egress". */
void rule_names_text(
	const struct rule_name *name, enum rule_kind kind, char text[RULE_NAMES_TEXT_SIZE]);

/*
 * The members of a JSON object that name a rule, as the flow API's Flow has them: "Rule", or
 * "RuleGroup" with "RulePriority" or "RuleSid". malloc'ed; NULL without memory.
 */
char *rule_names_json(const struct rule_name *name, enum rule_kind kind);

#endif
