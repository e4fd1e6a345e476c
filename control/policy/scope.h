/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * scope: the variables and reference sets that the lists of a rule group may name, and the lists
 * that its rules have made of them.
 *
 * Overview: a rule group's scope lies within the policy's, which has HOME_NET and EXTERNAL_NET.
 * Lists of equal text are one array, however many rules have them.
 *
 * Life-cycle: the arrays that scope_list() hands out live in the arena; the scope may go before.
 */
#ifndef TIDEGATE_CONTROL_POLICY_SCOPE_H
#define TIDEGATE_CONTROL_POLICY_SCOPE_H

#include "control/config_reader.h"
#include "control/policy/arena.h"
#include "control/policy/list.h"

enum variable_state { VARIABLE_NEW, VARIABLE_BUSY, VARIABLE_READ };

/* One variable. Its definition is read when first asked for, since it may name others. */
struct variable {
	const char *name;
	const json_t *definition;
	struct config_reader reader; /* at the definition, for messages */
	enum variable_state state;
	struct list list; /* malloc'ed */
};

struct reference_set {
	const char *name;
	struct list list; /* not the scope's */
};

struct scope {
	struct arena *arena;
	struct scope *parent; /* NULL: none */
	struct variable *variables[LIST_TYPES];
	uint32_t variable_count[LIST_TYPES];
	struct reference_set *references;
	uint32_t reference_count;
	json_t *defaults;	   /* definitions that no file has, or NULL */
	json_t *texts[LIST_TYPES]; /* index in lists by text */
	struct list *lists;
	uint32_t list_count;
};

/* Returns 0 or -ENOMEM; also then scope_fini() is due. */
int scope_init(struct scope *scope, struct arena *arena, struct scope *parent);
void scope_fini(struct scope *scope);

/* Add a variable: definition is a JSON array at which the reader stands. 0 or -ENOMEM. */
int scope_define(struct scope *scope, enum list_type type, const char *name,
	const json_t *definition, const struct config_reader *reader);

/* Add a reference set. 0 or -ENOMEM. */
int scope_refer(struct scope *scope, const char *name, const struct list *list);

/*
 * The elements of a variable of this scope or an outer one, with their negations. Returns 0,
 * -ENOENT without such a variable, or another -errno with the message written.
 */
int scope_variable(
	struct scope *scope, enum list_type type, const char *name, const struct list **ret_list);

/* Read all variables of the scope itself, for the errors that are in them. */
int scope_check(struct scope *scope);

/* The reference set, or NULL. */
const struct list *scope_reference(const struct scope *scope, const char *name);

/*
 * What a rule's text in the notation of Suricata stands for, as a match list: count 0 accepts
 * everything. A text that accepts nothing is an error. Returns 0, or -errno with the message
 * written for what the reader stands at.
 */
int scope_list(struct scope *scope, enum list_type type, struct config_reader *reader,
	const char *text, struct list *ret_list);

#endif
