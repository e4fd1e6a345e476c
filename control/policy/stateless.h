/* SPDX-License-Identifier: BSD-3-Clause */
/* stateless: the rules of a stateless rule group. */
#ifndef TIDEGATE_CONTROL_POLICY_STATELESS_H
#define TIDEGATE_CONTROL_POLICY_STATELESS_H

#include "control/policy/builder.h"

/* Read StatelessRulesAndCustomActions and add its rules, by priority, to the builder. Returns 0, or
 * -errno with the message written. */
int stateless_read(struct config_reader *reader, const json_t *value, struct builder *builder);

#endif
