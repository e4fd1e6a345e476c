/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_checks.h"

#include "control/config.h"

/* The key's offset is the check's number. */
static int store_check(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	uint32_t *checks = target;

	(void)reader;
	if (json_is_true(value))
		*checks |= CHECK_BIT(key->offset);
	return 0;
}

#define CHECK_MEMBER(symbol, key, text)                                                            \
	{.name = key,                                                                              \
		.type = CONFIG_BOOLEAN,                                                            \
		.fallback = "true",                                                                \
		.help = text,                                                                      \
		.store = store_check,                                                              \
		.offset = CHECK_##symbol},

const struct config_key config_checks_members[] = {CHECKS(CHECK_MEMBER){.name = NULL}};

#undef CHECK_MEMBER

int config_checks_store(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct config *config = target;

	return config_reader_object(reader, key->members, value, &config->dataplane.flows.checks);
}
