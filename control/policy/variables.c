/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/policy/variables.h"

#include <errno.h>
#include <string.h>

#include "control/policy/store.h"

/* Longest name. */
enum { NAME_MAX_LENGTH = 32 };

struct variables {
	struct scope *scope;
	enum list_type type;
	struct reference_files *references;
	const char *name; /* of the one at hand */
};

/* Read each member of an object of named sets by the table. */
static int read_sets(struct config_reader *reader, const json_t *value,
	const struct config_key *members, struct variables *variables)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	static const char others[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
	/* jansson iterates by a pointer that it may write through, and does not. */
	json_t *object = (json_t *)value;

	for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
		const char *name = json_object_iter_key(at);
		int ret;

		config_reader_enter_key(reader, name);
		if (!*name || !strchr(letters, *name) || name[strspn(name, others)] != '\0' ||
			strlen(name) > NAME_MAX_LENGTH)
			return config_reader_fail(reader,
				"the name must be a letter and up to %d letters, digits and _",
				NAME_MAX_LENGTH - 1);
		variables->name = name;
		ret = config_reader_object(reader, members, json_object_iter_value(at), variables);
		if (ret < 0)
			return ret;
		config_reader_leave(reader);
	}
	return 0;
}

static int store_definition(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct variables *variables = target;

	(void)key;
	return scope_define(variables->scope, variables->type, variables->name, value, reader);
}

static const struct config_key set_members[] = {
	{.name = "Definition",
		.type = CONFIG_ARRAY,
		.required = true,
		.low = 1,
		.high = STORE_ARRAY_MAX,
		.store = store_definition},
	{.name = NULL},
};

int variables_define(
	struct config_reader *reader, const json_t *value, struct scope *scope, enum list_type type)
{
	struct variables variables = {.scope = scope, .type = type};

	return read_sets(reader, value, set_members, &variables);
}

static int store_reference(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct variables *variables = target;
	struct list list;
	int ret = config_reader_string(reader, value);

	(void)key;
	if (ret == 0)
		ret = reference_set_find(
			variables->references, reader, json_string_value(value), &list);
	return ret < 0 ? ret : scope_refer(variables->scope, variables->name, &list);
}

static const struct config_key reference_members[] = {
	{.name = "ReferenceArn", .type = CONFIG_MIXED, .required = true, .store = store_reference},
	{.name = NULL},
};

int variables_refer(struct config_reader *reader, const json_t *value, struct scope *scope,
	struct reference_files *references)
{
	struct variables variables = {.scope = scope, .references = references};

	return read_sets(reader, value, reference_members, &variables);
}

int variables_define_defaults(struct config_reader *reader, struct scope *scope)
{
	/* HOME_NET as in the configuration that Suricata comes with; EXTERNAL_NET as in AWS Network
	 * Firewall: whatever the policy's HOME_NET is not. */
	static const char defaults[] =
		"{\"HOME_NET\": {\"Definition\": [\"192.168.0.0/16\", \"10.0.0.0/8\", "
		"\"172.16.0.0/12\"]}, \"EXTERNAL_NET\": {\"Definition\": [\"!$HOME_NET\"]}}";

	scope->defaults = json_loads(defaults, 0, NULL);
	if (!scope->defaults)
		return -ENOMEM;
	if (scope->variable_count[LIST_ADDRESSES] > 0)
		json_object_del(scope->defaults, "HOME_NET");
	return variables_define(reader, scope->defaults, scope, LIST_ADDRESSES);
}
