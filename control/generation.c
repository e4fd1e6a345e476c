/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/generation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int generation_create(
	struct config *config, uint16_t worker_count, struct generation **ret_generation)
{
	struct generation *generation = calloc(1, sizeof(*generation));
	int error;

	if (generation == NULL)
		return -ENOMEM;
	generation->change = config->on_policy_change;
	memcpy(generation->timeouts, config->dataplane.flows.timeouts,
		sizeof(generation->timeouts));
	error = rule_names_create(config->document, &generation->names);
	if (error == 0)
		error = policy_create(&config->document->rules, worker_count, &generation->policy);
	if (error != 0) {
		generation_destroy(generation);
		return error;
	}
	generation->document = config->document;
	config->document = NULL;
	*ret_generation = generation;
	return 0;
}

void generation_destroy(struct generation *generation)
{
	if (generation == NULL)
		return;
	policy_destroy(generation->policy);
	policy_document_destroy(generation->document);
	rule_names_unref(generation->names);
	free(generation);
}

void generation_describe(const struct generation *generation, char *text, size_t size)
{
	const struct policy_document *document = generation->document;
	const struct policy_rules *rules = &document->rules;

	if (document->file != NULL)
		snprintf(text, size, "%u stateless and %u stateful rules of %s",
			rules->stateless_count, rules->stateful_count, document->file);
	else
		snprintf(text, size, "%u rules, default action %s", rules->stateful_count,
			rules->stateful_default & DEFAULT_DROP_STRICT ? "drop" : "allow");
}
