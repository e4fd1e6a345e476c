/* SPDX-License-Identifier: BSD-3-Clause */
/* rule_option: the options of a stateful rule, such as sid:5 and flow:to_server,established. */
#ifndef TIDEGATE_CONTROL_POLICY_RULE_OPTION_H
#define TIDEGATE_CONTROL_POLICY_RULE_OPTION_H

#include "control/policy/stateful_rule.h"

/*
 * Read one option, "keyword" or "keyword:value"; the text is written into. One that needs a
 * packet's payload makes the rule an unsupported one. Returns 0, or -errno with the message
 * written.
 */
int rule_option_read(struct stateful_rule_reading *rule, struct config_reader *reader, char *text);

/* Whether the rule has had this keyword, one of those that are supported. */
bool rule_option_seen(const struct stateful_rule_reading *rule, const char *keyword);

#endif
