/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/rule_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Compile the chosen rules; exchanged: only those that also match with their ends exchanged. */
static int compile(const struct stateful_rule *rules, uint32_t count, const bool *chosen,
	bool exchanged, struct classifier **ret_classifier, uint32_t **ret_rules,
	uint32_t *ret_count)
{
	struct match *matches = calloc(count + 1, sizeof(*matches));
	uint32_t *indexes = calloc(count + 1, sizeof(*indexes));
	uint32_t used = 0;
	int result = -ENOMEM;

	if (matches == NULL || indexes == NULL)
		goto free_arrays;
	for (uint32_t i = 0; i < count; i++) {
		if (!chosen[i] || (exchanged && !rules[i].both))
			continue;
		matches[used] = rules[i].match;
		indexes[used++] = i;
	}
	result = 0;
	if (used > 0)
		result = classifier_create(matches, used, ret_classifier);
	if (result == 0 && used > 0) {
		*ret_rules = indexes;
		*ret_count = used;
		indexes = NULL;
	}
free_arrays:
	free(indexes);
	free(matches);
	return result;
}

int rule_list_init(struct rule_list *list, const struct stateful_rule *rules, uint32_t count,
	const bool *chosen)
{
	int result;

	memset(list, 0, sizeof(*list));
	result =
		compile(rules, count, chosen, false, &list->classifier, &list->rules, &list->count);
	if (result == 0)
		result = compile(rules, count, chosen, true, &list->exchanged,
			&list->exchanged_rules, &list->exchanged_count);
	if (result != 0)
		rule_list_fini(list);
	return result;
}

void rule_list_fini(struct rule_list *list)
{
	classifier_destroy(list->classifier);
	classifier_destroy(list->exchanged);
	free(list->rules);
	free(list->exchanged_rules);
	memset(list, 0, sizeof(*list));
}

size_t rule_list_memory(const struct rule_list *list)
{
	size_t memory = ((size_t)list->count + list->exchanged_count) * sizeof(list->rules[0]);

	if (list->classifier != NULL)
		memory += classifier_memory(list->classifier);
	if (list->exchanged != NULL)
		memory += classifier_memory(list->exchanged);
	return memory;
}

void rule_list_exchange(const struct tuple *tuple, struct tuple *ret_exchanged)
{
	*ret_exchanged = *tuple;
	memcpy(ret_exchanged->source, tuple->destination, sizeof(tuple->destination));
	memcpy(ret_exchanged->destination, tuple->source, sizeof(tuple->source));
	ret_exchanged->source_port = tuple->destination_port;
	ret_exchanged->destination_port = tuple->source_port;
}

/* The lower one of two indexes, where -1 is none. */
static int32_t lower(int32_t a, int32_t b)
{
	return (uint32_t)a < (uint32_t)b ? a : b;
}

/* The rule of a match, or -1. */
static int32_t rule_of(const uint32_t *rules, int32_t match)
{
	return match < 0 ? -1 : (int32_t)rules[match];
}

void rule_cursor_begin(struct rule_cursor *cursor, const struct rule_list *list,
	const struct tuple *tuple, const struct tuple *exchanged)
{
	cursor->match = list->classifier != NULL ? classifier_first(list->classifier, tuple) : -1;
	cursor->exchanged_match =
		list->exchanged != NULL ? classifier_first(list->exchanged, exchanged) : -1;
}

int32_t rule_cursor_next(struct rule_cursor *cursor, const struct rule_list *list,
	const struct tuple *tuple, const struct tuple *exchanged)
{
	int32_t own = rule_of(list->rules, cursor->match);
	int32_t other = rule_of(list->exchanged_rules, cursor->exchanged_match);
	int32_t rule = lower(own, other);

	if (rule < 0)
		return -1;
	/* A rule may match either way; it is told once. */
	if (own == rule)
		cursor->match = classifier_next(list->classifier, tuple, cursor->match);
	if (other == rule)
		cursor->exchanged_match =
			classifier_next(list->exchanged, exchanged, cursor->exchanged_match);
	return rule;
}

int32_t rule_list_first(
	const struct rule_list *list, const struct tuple *tuple, const struct tuple *exchanged)
{
	struct rule_cursor cursor;

	rule_cursor_begin(&cursor, list, tuple, exchanged);
	return lower(rule_of(list->rules, cursor.match),
		rule_of(list->exchanged_rules, cursor.exchanged_match));
}

/* Whether the rule is one of these, ascending, and the classifier's match for it accepts the tuple.
 */
static bool matches(const struct classifier *classifier, const uint32_t *rules, uint32_t count,
	const struct tuple *tuple, uint32_t rule)
{
	uint32_t low = 0, high = count;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (rules[middle] < rule)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && rules[low] == rule &&
		classifier_next(classifier, tuple, (int32_t)low - 1) == (int32_t)low;
}

bool rule_list_matches(const struct rule_list *list, const struct tuple *tuple,
	const struct tuple *exchanged, uint32_t rule)
{
	return matches(list->classifier, list->rules, list->count, tuple, rule) ||
		matches(list->exchanged, list->exchanged_rules, list->exchanged_count, exchanged,
			rule);
}
