/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * policy: the rules of a dataplane, compiled. Immutable once published; workers only read it.
 */
#ifndef TIDEGATE_DATAPLANE_POLICY_H
#define TIDEGATE_DATAPLANE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/dataplane.h"

struct policy {
	struct classifier *classifier;
	uint32_t generation; /* set when it is published; flows remember whose they are */
	bool keep_flows;     /* flows of earlier generations keep their verdicts */
	uint32_t rule_count;
	enum action default_action;
	uint8_t actions[]; /* enum action, by rule */
};

#endif
