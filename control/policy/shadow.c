/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/policy/shadow.h"

#include <errno.h>
#include <stdlib.h>

#include "control/policy/arena.h"
#include "control/policy/shadow_index.h"

struct search {
	const struct policy_document *document;
	struct shadow_boxes boxes; /* of the rules of one kind */
	struct shadow_index index; /* those before the rule at hand that decide */
	struct shadow *shadows;
	uint32_t count;
};

static const struct match *stateless_match(const void *rules, uint32_t index)
{
	return &((const struct stateless_rule *)rules)[index].match;
}

static const struct match *stateful_match(const void *rules, uint32_t index)
{
	return &((const struct stateful_rule *)rules)[index].match;
}

static int add(struct search *search, bool stateful, uint32_t rule, uint32_t by)
{
	struct shadow *shadows = arena_grow(search->shadows, search->count, sizeof(*shadows));

	if (!shadows)
		return -ENOMEM;
	search->shadows = shadows;
	shadows[search->count++] = (struct shadow){stateful, rule, by};
	return 0;
}

static int find_stateless(struct search *search)
{
	const struct policy_rules *rules = &search->document->rules;
	const struct policy_rule *names = search->document->stateless;
	uint32_t count = rules->stateless_count;
	int ret = shadow_boxes_init(&search->boxes, count, stateless_match, rules->stateless);

	if (ret == 0)
		ret = shadow_index_init(&search->index, &search->boxes);
	for (uint32_t first = 0, end; ret == 0 && first < count; first = end) {
		uint32_t by = shadow_index_find(&search->index, first);
		bool shadowed = by != SHADOW_INDEX_NONE;

		/* Its neighbours of other TCPFlags are the same rule. */
		for (end = first + 1; end < count && names[end].group == names[first].group &&
			names[end].id == names[first].id;
			end++)
			shadowed = shadowed &&
				shadow_index_find(&search->index, end) != SHADOW_INDEX_NONE;
		if (shadowed)
			ret = add(search, false, first, by);
		for (uint32_t i = first; ret == 0 && i < end; i++)
			ret = shadow_index_add(&search->index, i);
	}
	return ret;
}

static int find_stateful(struct search *search)
{
	const struct policy_rules *rules = &search->document->rules;
	uint32_t count = rules->stateful_count;
	int ret = shadow_boxes_init(&search->boxes, count, stateful_match, rules->stateful);

	if (ret == 0)
		ret = shadow_index_init(&search->index, &search->boxes);
	for (uint32_t i = 0; ret == 0 && i < count; i++) {
		search->boxes.boxes[i].flow = rules->stateful[i].flow;
		search->boxes.boxes[i].both = rules->stateful[i].both;
	}
	for (uint32_t i = 0; ret == 0 && i < count; i++) {
		uint32_t by = shadow_index_find(&search->index, i);

		if (by != SHADOW_INDEX_NONE)
			ret = add(search, true, i, by);
		if (ret == 0 && rules->stateful[i].action != STATEFUL_ALERT)
			ret = shadow_index_add(&search->index, i);
	}
	return ret;
}

/* Find by one of the two, and let go of what it has made. */
static int find(struct search *search, int (*function)(struct search *search))
{
	int ret;

	search->boxes = (struct shadow_boxes){0};
	search->index = (struct shadow_index){0};
	ret = function(search);
	shadow_index_fini(&search->index);
	shadow_boxes_fini(&search->boxes);
	return ret;
}

int shadow_find(
	const struct policy_document *document, struct shadow **ret_shadows, uint32_t *ret_count)
{
	struct search search = {.document = document};
	int ret = find(&search, find_stateless);

	if (ret == 0)
		ret = find(&search, find_stateful);
	if (ret < 0) {
		free(search.shadows);
		return ret;
	}
	*ret_shadows = search.shadows;
	*ret_count = search.count;
	return 0;
}
