/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/rule_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int rule_names_create(const struct config *config, struct rule_names **ret_names)
{
	size_t begin = sizeof(struct rule_names) + config->rule_count * sizeof(size_t);
	size_t memory = begin;
	struct rule_names *names;
	char *at;

	for (uint32_t i = 0; i < config->rule_count; i++)
		memory += strlen(config_rule_name(config, i)) + 1;
	names = calloc(1, memory);
	if (names == NULL)
		return -ENOMEM;
	names->references = 1;
	names->count = config->rule_count;
	names->memory = memory;
	at = (char *)names + begin;
	for (uint32_t i = 0; i < config->rule_count; i++) {
		names->offsets[i] = (size_t)(at - (char *)names);
		at = stpcpy(at, config_rule_name(config, i)) + 1;
	}
	*ret_names = names;
	return 0;
}

struct rule_names *rule_names_ref(struct rule_names *names)
{
	names->references++;
	return names;
}

void rule_names_unref(struct rule_names *names)
{
	if (names != NULL && --names->references == 0)
		free(names);
}

const char *rule_names_find(const struct rule_names *names, uint32_t rule)
{
	return rule < names->count ? (const char *)names + names->offsets[rule] : NULL;
}
