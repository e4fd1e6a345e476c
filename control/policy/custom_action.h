/* SPDX-License-Identifier: BSD-3-Clause */
/* custom_action: the actions of stateless rules, standard ones and custom ones (metrics). */
#ifndef TIDEGATE_CONTROL_POLICY_CUSTOM_ACTION_H
#define TIDEGATE_CONTROL_POLICY_CUSTOM_ACTION_H

#include "control/policy/builder.h"

/* The custom actions of one rule group, or of the policy: a part of the builder's metrics. */
struct custom_actions {
	struct builder *builder;
	uint32_t first;
	uint32_t count;
};

/*
 * Read a list of CustomAction (an array, or NULL: none) into a struct custom_actions whose builder
 * is set. 0, or -errno with the message written.
 */
int custom_action_define(
	struct config_reader *reader, const json_t *value, struct custom_actions *ret_actions);

/*
 * Read a list of actions (an array): one standard action and at most one custom one. *ret_text is
 * both of them in words. 0, or -errno with the message written.
 */
int custom_action_verdict(struct config_reader *reader, const json_t *value,
	const struct custom_actions *actions, struct stateless_verdict *ret_verdict,
	const char **ret_text);

#endif
