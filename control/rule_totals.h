/* SPDX-License-Identifier: BSD-3-Clause */
/* rule_totals: what the rules of each group have decided, together. */
#ifndef TIDEGATE_CONTROL_RULE_TOTALS_H
#define TIDEGATE_CONTROL_RULE_TOTALS_H

#include <jansson.h>

#include "control/generation.h"

/* "RuleTotals" of GetStatus: RuleGroups, and DefaultActions and Metrics as ListRules has them. NULL
 * without memory. */
json_t *rule_totals_report(const struct generation *generation);

#endif
