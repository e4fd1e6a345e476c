/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * inventory: the documents of a policy as the API's describe and list actions tell of them.
 */
#ifndef TIDEGATE_CONTROL_POLICY_INVENTORY_H
#define TIDEGATE_CONTROL_POLICY_INVENTORY_H

#include "control/policy/firewall_policy.h"

enum {
	INVENTORY_NAME_SIZE = 128 + 1,
	/* Bytes of a document. The API's longest RulesString takes half of the first; the second
	 * is parsed for each answer. */
	INVENTORY_GROUP_MAX = 4 << 20,
	INVENTORY_POLICY_MAX = 256 << 10,
	INVENTORY_TOKEN_SIZE = 37, /* a UUID as text */
};

/* The name of a resource from a text: what the API's names cannot have becomes '-'. */
void inventory_name(const char *text, char name[INVENTORY_NAME_SIZE]);

/* The UUID that a text always has (RFC 4122, version 5, in the namespace that is all zero). */
void inventory_token(const char *text, char token[INVENTORY_TOKEN_SIZE]);

/* Note the policy and the rule groups that it refers to, all of which were read. 0 or -ENOMEM. */
int inventory_make(const struct firewall_policy *policy, struct policy_document *document);

#endif
