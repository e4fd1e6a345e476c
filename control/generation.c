/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/generation.h"

#include <errno.h>
#include <stdlib.h>

int generation_create(
	const struct config *config, uint16_t worker_count, struct generation **ret_generation)
{
	struct generation *generation = calloc(1, sizeof(*generation));
	int error;

	if (generation == NULL)
		return -ENOMEM;
	generation->default_action = config->default_action;
	generation->change = config->on_policy_change;
	error = rule_names_create(config, &generation->names);
	if (error == 0)
		error = config_policy(config, worker_count, &generation->policy);
	if (error != 0) {
		generation_destroy(generation);
		return error;
	}
	*ret_generation = generation;
	return 0;
}

void generation_destroy(struct generation *generation)
{
	if (generation == NULL)
		return;
	policy_destroy(generation->policy);
	rule_names_unref(generation->names);
	free(generation);
}
