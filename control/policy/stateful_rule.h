/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * stateful_rule: one stateful rule, from the texts of its fields and options. The API writes them
 * as members of JSON objects, Suricata as one line; both come here.
 *
 * Life-cycle: stateful_rule_start() → options, then fields → stateful_rule_finish(). Options come
 * first, so that messages about the rest can name the sid.
 */
#ifndef TIDEGATE_CONTROL_POLICY_STATEFUL_RULE_H
#define TIDEGATE_CONTROL_POLICY_STATEFUL_RULE_H

#include "control/policy/builder.h"

/* The stateful rule group that rules are read of. */
struct stateful_group {
	struct builder *builder;
	struct scope *scope; /* the group's */
	json_t *sids;	     /* set of the sids as texts */
};

enum stateful_syntax { SYNTAX_API, SYNTAX_SURICATA, SYNTAXES };

/* The fields in the order in which Suricata has them. */
enum stateful_field {
	FIELD_ACTION,
	FIELD_PROTOCOL,
	FIELD_SOURCE,
	FIELD_SOURCE_PORT,
	FIELD_DIRECTION,
	FIELD_DESTINATION,
	FIELD_DESTINATION_PORT,
	FIELDS
};

struct stateful_rule_reading {
	struct stateful_group *group;
	enum stateful_syntax syntax;
	struct stateful_entry entry;
	unsigned int options;	 /* bits of those seen */
	const char *unsupported; /* the first thing that is not supported, or NULL */
};

/* The member of the API that a field is. */
const char *stateful_rule_field_name(enum stateful_field field);

void stateful_rule_start(struct stateful_rule_reading *rule, struct stateful_group *group,
	enum stateful_syntax syntax);

/* Each returns 0, or -errno with the message written for what the reader stands at. */
int stateful_rule_field(struct stateful_rule_reading *rule, struct config_reader *reader,
	enum stateful_field field, const char *text);

/* Add the rule to the builder, or leave it out. The reader stands at the rule. */
int stateful_rule_finish(struct stateful_rule_reading *rule, struct config_reader *reader);

/* Note that the rule has something that is not supported. 0 or -ENOMEM. */
int stateful_rule_unsupported(struct stateful_rule_reading *rule, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
