/* SPDX-License-Identifier: BSD-3-Clause */
/* stateful: the rules of a stateful rule group in the form of StatefulRules. */
#ifndef TIDEGATE_CONTROL_POLICY_STATEFUL_H
#define TIDEGATE_CONTROL_POLICY_STATEFUL_H

#include "control/policy/stateful_rule.h"

/* Read an array of StatefulRule and add its rules to the builder. Returns 0, or -errno with the
 * message written. */
int stateful_read(struct config_reader *reader, const json_t *value, struct stateful_group *group);

#endif
