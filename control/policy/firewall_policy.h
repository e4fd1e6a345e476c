/* SPDX-License-Identifier: BSD-3-Clause */
/* firewall_policy: the firewall policy file: defaults, options, and which rule groups are used. */
#ifndef TIDEGATE_CONTROL_POLICY_FIREWALL_POLICY_H
#define TIDEGATE_CONTROL_POLICY_FIREWALL_POLICY_H

#include "control/policy/custom_action.h"
#include "control/policy/group_reference.h"
#include "control/policy/resource.h"

struct firewall_policy {
	struct resource resource; /* first: resource_store_body() finds it there */
	struct builder *builder;
	struct group_references stateless;
	struct group_references stateful;
	struct custom_actions actions; /* of the default actions */
	struct stateless_verdict stateless_default;
	struct stateless_verdict stateless_fragment_default;
	uint8_t stateful_default;      /* DEFAULT_… bits */
	unsigned int rule_order;       /* 1: STRICT_ORDER */
	unsigned int stream_exception; /* enum stream_exception */
	uint32_t tcp_idle_timeout;     /* seconds */
};

/*
 * Read a file; it may refer to the groups. What it says of variables and rule order goes to the
 * builder. Returns 0, or -errno with the message written; also then firewall_policy_close() is due.
 */
int firewall_policy_open(struct firewall_policy *policy, struct builder *builder,
	struct rule_group *groups, uint32_t group_count, const char *path, char *message,
	size_t size);
void firewall_policy_close(struct firewall_policy *policy);

#endif
