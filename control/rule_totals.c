/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/rule_totals.h"

#include <stdlib.h>
#include <string.h>

#include "control/rule_api.h"
#include "control/rule_json.h"

/* One group; name is NULL for the configuration's own rules. */
struct total {
	const char *name;
	uint32_t rules;
	struct rule_hits hits;
};

struct totals {
	struct total *items;
	size_t count;
};

static bool is_of(const struct total *total, const char *name)
{
	if (total->name == NULL || name == NULL)
		return total->name == name;
	return strcmp(total->name, name) == 0;
}

/* That of a group, which is added when it is not there: groups of one name are one. The rules of a
 * group are mostly neighbours, so the last one found is tried first. NULL without memory. */
static struct total *find(struct totals *totals, size_t *last, const char *name)
{
	struct total *larger;

	if (*last < totals->count && is_of(&totals->items[*last], name))
		return &totals->items[*last];
	for (*last = 0; *last < totals->count; (*last)++)
		if (is_of(&totals->items[*last], name))
			return &totals->items[*last];
	larger = reallocarray(totals->items, totals->count + 1, sizeof(*larger));
	if (larger == NULL)
		return NULL;
	totals->items = larger;
	larger[totals->count] = (struct total){.name = name};
	return &larger[totals->count++];
}

static void add(struct rule_hits *sum, const struct rule_hits *hits)
{
	sum->packets += hits->packets;
	sum->bytes += hits->bytes;
	if (hits->last_seen > sum->last_seen)
		sum->last_seen = hits->last_seen;
}

/* Sum the rules of a kind up by their groups. Returns 0 or -1; totals->items is the caller's. */
static int sum_up(const struct generation *generation, enum rule_kind kind, struct totals *totals)
{
	const struct policy_document *document = generation->document;
	const struct policy_rule *rules =
		kind == RULE_STATELESS ? document->stateless : document->stateful;
	uint32_t count = kind == RULE_STATELESS ? document->rules.stateless_count
						: document->rules.stateful_count;
	size_t last = 0;

	for (uint32_t rule = 0; rule < count;) {
		struct total *total = find(totals, &last, rules[rule].group);
		uint32_t next = rule_json_next(document, kind, rule);

		if (total == NULL)
			return -1;
		total->rules++;
		for (; rule < next; rule++) {
			struct rule_hits hits;

			policy_hits(generation->policy, kind, rule, &hits);
			add(&total->hits, &hits);
		}
	}
	return 0;
}

static int append(json_t *list, enum rule_kind kind, const struct total *total)
{
	json_t *object = json_pack("{s:s, s:s*, s:I}", "RuleKind", rule_json_kind(kind),
		"RuleGroup", total->name, "Rules", (json_int_t)total->rules);

	if (rule_api_add_hits(object, &total->hits) != 0) {
		json_decref(object);
		return -1;
	}
	return json_array_append_new(list, object);
}

static int append_groups(json_t *list, const struct generation *generation, enum rule_kind kind)
{
	struct totals totals = {0};
	int result = sum_up(generation, kind, &totals);

	for (size_t i = 0; result == 0 && i < totals.count; i++)
		result = append(list, kind, &totals.items[i]);
	free(totals.items);
	return result;
}

json_t *rule_totals_report(const struct generation *generation)
{
	json_t *groups = json_array();

	if (append_groups(groups, generation, RULE_STATELESS) != 0 ||
		append_groups(groups, generation, RULE_STATEFUL) != 0) {
		json_decref(groups);
		return NULL;
	}
	return json_pack("{s:o, s:o, s:o}", "RuleGroups", groups, "DefaultActions",
		rule_api_default_actions(generation), "Metrics", rule_api_metrics(generation));
}
