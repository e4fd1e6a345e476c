/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/rule_api.h"

#include <stdio.h>
#include <stdlib.h>

#include "control/api_page.h"
#include "control/rule_json.h"
#include "control/wall_clock.h"

enum { SCOPE_SIZE = 32 };

/* The time of a record's clock, in seconds since the epoch, to the millisecond. */
static double wall_time(uint64_t nanoseconds)
{
	int64_t age = (int64_t)(dataplane_now() - nanoseconds) / 1000000;

	return (double)(wall_clock_milliseconds() - age) / 1000;
}

int rule_api_add_hits(json_t *object, const struct rule_hits *hits)
{
	json_t *seen = hits->last_seen != 0 ? json_real(wall_time(hits->last_seen)) : NULL;

	return json_object_update_new(object,
		json_pack("{s:I, s:I, s:o*}", "PacketCount", (json_int_t)hits->packets, "ByteCount",
			(json_int_t)hits->bytes, "LastHitTimestamp", seen));
}

/* Append an object with its counters; takes it over. Returns 0 or -1. */
static int append(json_t *list, json_t *object, const struct rule_hits *hits)
{
	if (rule_api_add_hits(object, hits) != 0) {
		json_decref(object);
		return -1;
	}
	return json_array_append_new(list, object);
}

/* What the rules from first to before end have decided, together. */
static struct rule_hits sum_hits(
	const struct policy *policy, enum rule_kind kind, uint32_t first, uint32_t end)
{
	struct rule_hits sum = {0};

	for (uint32_t i = first; i < end; i++) {
		struct rule_hits hits;

		policy_hits(policy, kind, i, &hits);
		sum.packets += hits.packets;
		sum.bytes += hits.bytes;
		if (hits.last_seen > sum.last_seen)
			sum.last_seen = hits.last_seen;
	}
	return sum;
}

/*
 * Append up to count rules from *position on, where stateful rules come after the stateless ones;
 * *position is then that of the next rule.
 */
static int append_rules(
	json_t *list, const struct generation *generation, uint32_t count, uint64_t *position)
{
	const struct policy_document *document = generation->document;
	uint32_t stateless = document->rules.stateless_count;
	uint64_t end = (uint64_t)stateless + document->rules.stateful_count;

	for (uint32_t listed = 0; listed < count && *position < end; listed++) {
		enum rule_kind kind = *position < stateless ? RULE_STATELESS : RULE_STATEFUL;
		uint32_t base = kind == RULE_STATELESS ? 0 : stateless;
		uint32_t rule = (uint32_t)*position - base;
		uint32_t next = rule_json_next(document, kind, rule);
		struct rule_hits hits = sum_hits(generation->policy, kind, rule, next);

		if (append(list, rule_json(document, kind, rule), &hits) != 0)
			return -1;
		*position = base + next;
	}
	return 0;
}

static int append_default(json_t *list, const struct generation *generation, enum rule_kind kind,
	const char *action, const char *fragment_action)
{
	struct rule_hits hits;

	policy_hits(generation->policy, kind, RULE_NONE, &hits);
	return append(list,
		json_pack("{s:s, s:s, s:s*}", "RuleKind", rule_json_kind(kind), "Action", action,
			"FragmentAction", fragment_action),
		&hits);
}

/* A configuration's own rules are stateful alone. */
json_t *rule_api_default_actions(const struct generation *generation)
{
	const struct policy_document *document = generation->document;
	const struct policy_rules *rules = &document->rules;
	char *stateless = rule_json_stateless_default(document, &rules->stateless_default);
	char *fragment = rule_json_stateless_default(document, &rules->stateless_fragment_default);
	char *stateful = rule_json_stateful_default(document, rules->stateful_default);
	json_t *list = json_array();

	if (stateless == NULL || fragment == NULL || stateful == NULL ||
		(document->file != NULL &&
			append_default(list, generation, RULE_STATELESS, stateless, fragment) !=
				0) ||
		append_default(list, generation, RULE_STATEFUL, stateful, NULL) != 0) {
		json_decref(list);
		list = NULL;
	}
	free(stateless);
	free(fragment);
	free(stateful);
	return list;
}

json_t *rule_api_metrics(const struct generation *generation)
{
	const struct policy_document *document = generation->document;
	json_t *list = json_array();

	for (uint16_t i = 0; i < document->rules.metric_count; i++) {
		const struct policy_metric *metric = &document->metrics[i];
		struct rule_hits hits;

		policy_metric_hits(generation->policy, i, &hits);
		if (append(list,
			    json_pack("{s:s*, s:s, s:s}", "RuleGroup", metric->group, "ActionName",
				    metric->action, "Dimension", metric->dimension),
			    &hits) == 0)
			continue;
		json_decref(list);
		return NULL;
	}
	return list;
}

/* What the first page has beside its rules. Returns 0 or -1. */
static int add_head(const struct generation *generation, json_t *result)
{
	return json_object_update_new(result,
		json_pack("{s:o, s:o}", "DefaultActions", rule_api_default_actions(generation),
			"Metrics", rule_api_metrics(generation)));
}

void rule_api_list(const struct publisher *publisher, const struct token_key *key,
	const struct api_input *input, struct reply *reply)
{
	const struct generation *generation = publisher_current(publisher);
	const struct policy_rules *rules = &generation->document->rules;
	json_t *list, *result;
	char scope[SCOPE_SIZE];
	uint64_t position = 0;

	snprintf(scope, sizeof(scope), "ListRules/%u", generation->names->generation);
	if (api_page_first(key, input, scope, &position, reply) != 0)
		return;
	list = json_array();
	result = json_pack("{s:I, s:f, s:O}", "Generation",
		(json_int_t)generation->names->generation, "LoadedTimestamp",
		publisher_loaded(publisher), "Rules", list);
	if ((position == 0 && add_head(generation, result) != 0) ||
		append_rules(list, generation, api_page_count(input), &position) != 0 ||
		(position < (uint64_t)rules->stateless_count + rules->stateful_count &&
			api_page_add_token(key, scope, position, result) != 0)) {
		json_decref(result);
		result = NULL;
	}
	json_decref(list);
	reply_set_result(reply, result);
}
