/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * policy_fixture: policies from texts. In the texts a backtick stands for a double quote. Files are
 * written into a directory of the test's own: p.json, and the rule groups g.json, h.json and so on.
 */
#ifndef TIDEGATE_TESTS_UNIT_POLICY_FIXTURE_H
#define TIDEGATE_TESTS_UNIT_POLICY_FIXTURE_H

#include <stdbool.h>

#include "control/policy/policy_document.h"

/* ARNs of the groups by their files' names. */
#define STATELESS_ARN(name) "arn:aws:network-firewall:eu-1:1:stateless-rulegroup/" name
#define STATEFUL_ARN(name) "arn:aws:network-firewall:eu-1:1:stateful-rulegroup/" name

/* Members that every policy needs. */
#define DEFAULTS                                                                                   \
	"`StatelessDefaultActions`: [`aws:forward_to_sfe`], "                                      \
	"`StatelessFragmentDefaultActions`: [`aws:drop`]"

#define STRICT "`StatefulEngineOptions`: {`RuleOrder`: `STRICT_ORDER`}"

/* Policies of the one group g. */
#define STATELESS_POLICY                                                                           \
	"{" DEFAULTS ", `StatelessRuleGroupReferences`: [{`ResourceArn`: `" STATELESS_ARN(         \
		"g") "`, "                                                                         \
		     "`Priority`: 1}]}"
#define STATEFUL_POLICY                                                                            \
	"{" DEFAULTS ", `StatefulRuleGroupReferences`: [{`ResourceArn`: `" STATEFUL_ARN("g") "`}]}"
#define STRICT_POLICY                                                                              \
	"{" DEFAULTS ", " STRICT ", `StatefulRuleGroupReferences`: [{`ResourceArn`: "              \
	"`" STATEFUL_ARN("g") "`, `Priority`: 1}]}"

enum { POLICY_FIXTURE_GROUPS = 4 };

struct policy_fixture {
	const char *policy;
	const char *groups[POLICY_FIXTURE_GROUPS]; /* up to NULL */
	const char *prefixes; /* of the prefix list "list"; NULL: none is given */
	bool skip;
};

/* Write a text to a file. */
void policy_fixture_write(const char *path, const char *text);

/* Load the policy: the result of policy_document_load(), message in any case. */
int policy_fixture_try(const struct policy_fixture *fixture, struct policy_document **ret_document,
	char message[POLICY_MESSAGE_SIZE]);

/* Load the policy, or fail the test with the message. */
struct policy_document *policy_fixture_load(const struct policy_fixture *fixture);

/* The policy is refused with this message. */
void policy_fixture_refused(const struct policy_fixture *fixture, const char *message);

struct policy_fixture_error {
	const char *policy;
	const char *group; /* NULL: none */
	const char *message;
};

/* Each of the policies is refused with its message. */
void policy_fixture_check(const struct policy_fixture_error *errors, size_t count);

#endif
