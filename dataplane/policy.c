/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/policy.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/rule_list.h"

/* Whether a rule applies in a situation. */
static bool applies(const struct stateful_rule *rule, unsigned situation)
{
	uint8_t not_of = (situation & SITUATION_REVERSE) != 0 ? RULE_TO_SERVER : RULE_TO_CLIENT;

	not_of |=
		(situation & SITUATION_ESTABLISHED) != 0 ? RULE_NOT_ESTABLISHED : RULE_ESTABLISHED;
	return (rule->flow & not_of) == 0;
}

/* Whether the same rules apply in two situations. */
static bool apply_alike(const struct policy_rules *rules, unsigned a, unsigned b)
{
	for (uint32_t i = 0; i < rules->stateful_count; i++)
		if (applies(&rules->stateful[i], a) != applies(&rules->stateful[i], b))
			return false;
	return true;
}

static int compile_situation(
	const struct policy_rules *rules, unsigned situation, struct situation_rules *list)
{
	bool *chosen = calloc(rules->stateful_count + 1, sizeof(*chosen));
	int result;

	if (chosen == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < rules->stateful_count; i++)
		chosen[i] = applies(&rules->stateful[i], situation) &&
			rules->stateful[i].action != STATEFUL_ALERT;
	result = rule_list_init(&list->deciding, rules->stateful, rules->stateful_count, chosen);
	for (uint32_t i = 0; i < rules->stateful_count; i++)
		chosen[i] = applies(&rules->stateful[i], situation) &&
			rules->stateful[i].action == STATEFUL_ALERT;
	if (result == 0)
		result = rule_list_init(
			&list->alerts, rules->stateful, rules->stateful_count, chosen);
	free(chosen);
	return result;
}

/* Situations where the same rules apply share a list: without the keyword flow there is one. */
static int compile_stateful(struct policy *policy, const struct policy_rules *rules)
{
	for (unsigned situation = 0; situation < SITUATION_COUNT; situation++) {
		unsigned like = 0;
		int result;

		while (like < situation && !apply_alike(rules, like, situation))
			like++;
		if (like < situation) {
			policy->situations[situation] = policy->situations[like];
			continue;
		}
		result = compile_situation(rules, situation, &policy->lists[situation]);
		if (result != 0)
			return result;
		policy->situations[situation] = &policy->lists[situation];
	}
	for (uint32_t i = 0; i < rules->stateful_count; i++)
		policy->actions[i] = rules->stateful[i].action;
	return 0;
}

/* The match with its flags ignored. Those belong to TCP, so that it is asked for the same packets:
 * other protocols are not kept from having lasting judgements. Flags without TCP match nothing, and
 * still do. */
static void ignore_flags(struct match *match)
{
	static const uint8_t tcp = IPPROTO_TCP;

	if (match->flag_mask == 0 ||
		(match->protocol_count > 0 &&
			memchr(match->protocols, tcp, match->protocol_count) == NULL))
		return;
	match->protocols = &tcp;
	match->protocol_count = 1;
	match->flags = match->flag_mask = 0;
}

static int compile_stateless(struct policy *policy, const struct policy_rules *rules)
{
	struct match *matches = calloc(rules->stateless_count + 1, sizeof(*matches));
	bool flags = false;
	int result;

	if (matches == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < rules->stateless_count; i++) {
		matches[i] = rules->stateless[i].match;
		policy->stateless_flags[i + 1] = matches[i].flag_mask != 0;
		flags = flags || matches[i].flag_mask != 0;
		policy->stateless_verdicts[i + 1] = rules->stateless[i].verdict;
	}
	policy->stateless_verdicts[0] = rules->stateless_default;
	policy->stateless_verdicts[policy_fragment_place(policy)] =
		rules->stateless_fragment_default;
	result = rules->stateless_count == 0
		? 0
		: classifier_create(matches, rules->stateless_count, &policy->stateless);
	for (uint32_t i = 0; i < rules->stateless_count; i++)
		ignore_flags(&matches[i]);
	if (result == 0 && flags)
		result = classifier_create(
			matches, rules->stateless_count, &policy->stateless_any_flags);
	free(matches);
	return result;
}

static uint32_t places(const struct policy *policy)
{
	return policy->stateful_hits + policy->stateful_count + 1;
}

/* Cache lines of two workers' counters are not shared. */
static size_t hits_size(const struct policy *policy)
{
	return (places(policy) * sizeof(struct rule_hits) + 63) & ~(size_t)63;
}

static int allocate(struct policy *policy)
{
	uint32_t stateless_places = policy->stateless_count + 2;

	policy->stateful_hits = stateless_places;
	policy->stateless_flags = calloc(stateless_places, sizeof(*policy->stateless_flags));
	policy->stateless_verdicts = calloc(stateless_places, sizeof(*policy->stateless_verdicts));
	policy->actions = calloc(policy->stateful_count + 1, sizeof(*policy->actions));
	if (policy->stateless_flags == NULL || policy->stateless_verdicts == NULL ||
		policy->actions == NULL)
		return -ENOMEM;
	for (unsigned worker = 0; worker < policy->worker_count; worker++) {
		policy->hits[worker] = aligned_alloc(64, hits_size(policy));
		if (policy->hits[worker] == NULL)
			return -ENOMEM;
		memset(policy->hits[worker], 0, hits_size(policy));
	}
	return 0;
}

int policy_create(
	const struct policy_rules *rules, uint16_t worker_count, struct policy **ret_policy)
{
	struct policy *policy;
	int result;

	if (rules->stateless_count > POLICY_STATELESS_MAX ||
		rules->stateful_count > POLICY_STATEFUL_MAX)
		return -E2BIG;
	policy = calloc(1, sizeof(*policy));
	if (policy == NULL)
		return -ENOMEM;
	policy->stateless_count = rules->stateless_count;
	policy->stateful_count = rules->stateful_count;
	policy->stateful_default = rules->stateful_default;
	policy->stream_exception = rules->stream_exception;
	policy->worker_count = worker_count;
	result = allocate(policy);
	if (result == 0)
		result = compile_stateless(policy, rules);
	if (result == 0)
		result = compile_stateful(policy, rules);
	if (result != 0) {
		policy_destroy(policy);
		return result;
	}
	*ret_policy = policy;
	return 0;
}

void policy_destroy(struct policy *policy)
{
	if (policy == NULL)
		return;
	for (unsigned worker = 0; worker < policy->worker_count; worker++)
		free(policy->hits[worker]);
	for (unsigned i = 0; i < SITUATION_COUNT; i++) {
		rule_list_fini(&policy->lists[i].deciding);
		rule_list_fini(&policy->lists[i].alerts);
	}
	classifier_destroy(policy->stateless_any_flags);
	classifier_destroy(policy->stateless);
	free(policy->actions);
	free(policy->stateless_verdicts);
	free(policy->stateless_flags);
	free(policy);
}

static size_t optional_memory(const struct classifier *classifier)
{
	return classifier != NULL ? classifier_memory(classifier) : 0;
}

size_t policy_memory(const struct policy *policy, enum rule_kind kind)
{
	size_t counters = policy->worker_count * sizeof(struct rule_hits);
	size_t memory;

	if (kind == RULE_STATELESS)
		return policy->stateful_hits *
			(counters + sizeof(policy->stateless_flags[0]) +
				sizeof(policy->stateless_verdicts[0])) +
			optional_memory(policy->stateless) +
			optional_memory(policy->stateless_any_flags);
	memory = (policy->stateful_count + 1) * (counters + sizeof(policy->actions[0]));
	for (unsigned i = 0; i < SITUATION_COUNT; i++)
		memory += rule_list_memory(&policy->lists[i].deciding) +
			rule_list_memory(&policy->lists[i].alerts);
	return memory;
}

/* Add the counters at a place, counted from the first of all. */
static void add_hits(const struct policy *policy, uint32_t place, struct rule_hits *sum)
{
	for (unsigned worker = 0; worker < policy->worker_count; worker++) {
		const struct rule_hits *hits = &policy->hits[worker][place];

		sum->packets += hits->packets;
		sum->bytes += hits->bytes;
		if (hits->last_seen > sum->last_seen)
			sum->last_seen = hits->last_seen;
	}
}

void policy_hits(
	const struct policy *policy, enum rule_kind kind, uint32_t rule, struct rule_hits *ret_hits)
{
	uint32_t place = rule == RULE_NONE ? 0 : rule + 1;

	memset(ret_hits, 0, sizeof(*ret_hits));
	add_hits(policy, kind == RULE_STATELESS ? place : policy->stateful_hits + place, ret_hits);
	if (kind == RULE_STATELESS && rule == RULE_NONE)
		add_hits(policy, policy_fragment_place(policy), ret_hits);
}

void policy_metric_hits(const struct policy *policy, uint16_t metric, struct rule_hits *ret_hits)
{
	memset(ret_hits, 0, sizeof(*ret_hits));
	for (uint32_t place = 0; place < policy->stateful_hits; place++)
		if (policy->stateless_verdicts[place].metric == metric)
			add_hits(policy, place, ret_hits);
}
