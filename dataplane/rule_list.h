/* SPDX-License-Identifier: BSD-3-Clause */
/* rule_list: some of a policy's stateful rules, compiled, and what they say of a packet. */
#ifndef TIDEGATE_DATAPLANE_RULE_LIST_H
#define TIDEGATE_DATAPLANE_RULE_LIST_H

#include "dataplane/policy.h"

/* Compile the rules whose bit in chosen[] is set. Returns what classifier_create() returns. */
int rule_list_init(struct rule_list *list, const struct stateful_rule *rules, uint32_t count,
	const bool *chosen);
void rule_list_fini(struct rule_list *list);
size_t rule_list_memory(const struct rule_list *list);

/* A tuple with source and destination exchanged. */
void rule_list_exchange(const struct tuple *tuple, struct tuple *ret_exchanged);

/* Index of the first rule that matches, or -1; exchanged is the tuple the other way round. */
int32_t rule_list_first(
	const struct rule_list *list, const struct tuple *tuple, const struct tuple *exchanged);

/* Whether a rule is in the list and matches. */
bool rule_list_matches(const struct rule_list *list, const struct tuple *tuple,
	const struct tuple *exchanged, uint32_t rule);

/* Goes over all rules that match, in their order. */
struct rule_cursor {
	int32_t match; /* of the classifier, the next to tell; -1: none */
	int32_t exchanged_match;
};

void rule_cursor_begin(struct rule_cursor *cursor, const struct rule_list *list,
	const struct tuple *tuple, const struct tuple *exchanged);

/* Index of the next rule, each once, or -1. The tuples are those of rule_cursor_begin(). */
int32_t rule_cursor_next(struct rule_cursor *cursor, const struct rule_list *list,
	const struct tuple *tuple, const struct tuple *exchanged);

#endif
