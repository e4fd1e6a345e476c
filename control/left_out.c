/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/left_out.h"

#include <stdio.h>

#include "control/log.h"

enum { LINES_MAX = 20 };

static void log_one(const struct policy_left_out *one)
{
	char rule[32] = "";

	if (one->sid != 0)
		snprintf(rule, sizeof(rule), "rule sid %u of ", one->sid);
	log_write(LOG_WARNING, "policy: left out: %s%s%s: %s", rule,
		one->group != NULL ? "group " : "the policy", one->group != NULL ? one->group : "",
		one->reason);
}

void left_out_log(const struct policy_document *document)
{
	for (uint32_t i = 0; i < document->left_out_count && i < LINES_MAX; i++)
		log_one(&document->left_out[i]);
	if (document->left_out_count > LINES_MAX)
		log_write(LOG_WARNING, "policy: left out: %u more",
			document->left_out_count - LINES_MAX);
}
