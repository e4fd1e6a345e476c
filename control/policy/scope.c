/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/policy/scope.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/policy/notation.h"
#include "control/policy/range_set.h"

int scope_init(struct scope *scope, struct arena *arena, struct scope *parent)
{
	*scope = (struct scope){.arena = arena, .parent = parent};
	for (int i = 0; i < LIST_TYPES; i++) {
		scope->texts[i] = json_object();
		if (!scope->texts[i])
			return -ENOMEM;
	}
	return 0;
}

void scope_fini(struct scope *scope)
{
	for (int i = 0; i < LIST_TYPES; i++) {
		for (uint32_t j = 0; j < scope->variable_count[i]; j++)
			free(scope->variables[i][j].list.elements);
		free(scope->variables[i]);
		json_decref(scope->texts[i]);
	}
	json_decref(scope->defaults);
	free(scope->references);
	free(scope->lists);
}

int scope_define(struct scope *scope, enum list_type type, const char *name,
	const json_t *definition, const struct config_reader *reader)
{
	struct variable *variables =
		arena_grow(scope->variables[type], scope->variable_count[type], sizeof(*variables));

	if (!variables)
		return -ENOMEM;
	scope->variables[type] = variables;
	variables[scope->variable_count[type]++] =
		(struct variable){.name = name, .definition = definition, .reader = *reader};
	return 0;
}

int scope_refer(struct scope *scope, const char *name, const struct list *list)
{
	struct reference_set *references =
		arena_grow(scope->references, scope->reference_count, sizeof(*references));

	if (!references)
		return -ENOMEM;
	scope->references = references;
	references[scope->reference_count++] = (struct reference_set){name, *list};
	return 0;
}

/* Read a definition: one list of what its texts stand for. */
static int read_variable(struct scope *scope, enum list_type type, struct variable *variable)
{
	struct config_reader *reader = &variable->reader;
	size_t count = json_array_size(variable->definition);
	int ret = 0;

	variable->state = VARIABLE_BUSY;
	for (size_t i = 0; ret == 0 && i < count; i++) {
		const json_t *text = json_array_get(variable->definition, i);

		config_reader_enter_index(reader, i);
		ret = config_reader_string(reader, text);
		if (ret == 0)
			ret = notation_read(
				scope, type, reader, json_string_value(text), &variable->list);
		if (ret == 0)
			config_reader_leave(reader);
	}
	variable->state = VARIABLE_READ;
	return ret;
}

int scope_variable(
	struct scope *scope, enum list_type type, const char *name, const struct list **ret_list)
{
	for (; scope; scope = scope->parent) {
		for (uint32_t i = 0; i < scope->variable_count[type]; i++) {
			struct variable *variable = &scope->variables[type][i];
			int ret = 0;

			if (strcmp(variable->name, name) != 0)
				continue;
			if (variable->state == VARIABLE_BUSY)
				return config_reader_fail(
					&variable->reader, "$%s is defined by itself", name);
			if (variable->state == VARIABLE_NEW)
				ret = read_variable(scope, type, variable);
			*ret_list = &variable->list;
			return ret;
		}
	}
	return -ENOENT;
}

int scope_check(struct scope *scope)
{
	for (int type = 0; type < LIST_TYPES; type++) {
		for (uint32_t i = 0; i < scope->variable_count[type]; i++) {
			const struct list *list;
			int ret = scope_variable(
				scope, (enum list_type)type, scope->variables[type][i].name, &list);

			if (ret < 0)
				return ret;
		}
	}
	return 0;
}

const struct list *scope_reference(const struct scope *scope, const char *name)
{
	for (uint32_t i = 0; i < scope->reference_count; i++) {
		if (strcmp(scope->references[i].name, name) == 0)
			return &scope->references[i].list;
	}
	return NULL;
}

/* Check that the list accepts something. */
static int check(struct config_reader *reader, enum list_type type, const struct list *list)
{
	struct range_set set = {0};
	bool empty;

	/* Plain elements alone always do. */
	if (!list_has_negated(type, list))
		return 0;
	if (range_set_init(&set, type, list) < 0)
		return -ENOMEM;
	empty = range_set_is_empty(&set);
	range_set_fini(&set);
	return empty ? config_reader_fail(reader, "excludes everything") : 0;
}

/* Make the list of a text that no rule had so far. */
static int make_list(struct scope *scope, enum list_type type, struct config_reader *reader,
	const char *text, struct list *list)
{
	const struct list *reference = text[0] == '@' ? scope_reference(scope, text + 1) : NULL;
	struct list found = {0};
	int ret;

	if (reference && type == LIST_ADDRESSES) {
		*list = *reference;
		return 0;
	}
	ret = notation_read(scope, type, reader, text, &found);
	if (ret == 0) {
		list_simplify(type, &found);
		ret = check(reader, type, &found);
	}
	if (ret == 0) {
		list->count = found.count;
		list->elements = arena_copy(
			scope->arena, found.elements, found.count * list_element_size(type));
		ret = list->elements ? 0 : -ENOMEM;
	}
	free(found.elements);
	return ret;
}

int scope_list(struct scope *scope, enum list_type type, struct config_reader *reader,
	const char *text, struct list *ret_list)
{
	const json_t *known = json_object_get(scope->texts[type], text);
	struct list list = {0}, *lists;
	int ret;

	if (known) {
		*ret_list = scope->lists[json_integer_value(known)];
		return 0;
	}
	ret = make_list(scope, type, reader, text, &list);
	if (ret < 0)
		return ret;
	lists = arena_grow(scope->lists, scope->list_count, sizeof(*lists));
	if (!lists)
		return -ENOMEM;
	scope->lists = lists;
	lists[scope->list_count] = list;
	if (json_object_set_new_nocheck(
		    scope->texts[type], text, json_integer(scope->list_count++)) < 0)
		return -ENOMEM;
	*ret_list = list;
	return 0;
}
