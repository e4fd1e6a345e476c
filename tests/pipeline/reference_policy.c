/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/pipeline/reference_policy.h"

#include <assert.h>
#include <string.h>

#include "tests/unit/reference_classifier.h"

enum { FIN_FLAG = 1, SYN_FLAG = 2, RST_FLAG = 4, ACK_FLAG = 16, TCP = 6, ALERTS = 16 };

static struct tuple exchanged(const struct tuple *tuple)
{
	struct tuple result = *tuple;

	memcpy(result.source, tuple->destination, sizeof(result.source));
	memcpy(result.destination, tuple->source, sizeof(result.destination));
	result.source_port = tuple->destination_port;
	result.destination_port = tuple->source_port;
	return result;
}

static bool same_ends(const struct tuple *a, const struct tuple *b)
{
	return a->version == b->version && a->protocol == b->protocol &&
		memcmp(a->source, b->source, sizeof(a->source)) == 0 &&
		memcmp(a->destination, b->destination, sizeof(a->destination)) == 0 &&
		a->source_port == b->source_port && a->destination_port == b->destination_port;
}

static bool matches(const struct match *match, const struct tuple *tuple)
{
	return reference_classifier_first(match, 1, tuple) == 0;
}

static void hit(struct reference_hits *hits, const struct reference_packet *packet)
{
	hits->packets++;
	hits->bytes += packet->length;
}

static void tell(struct reference *reference, uint32_t rule, uint8_t action, unsigned direction)
{
	assert(reference->event_count < REFERENCE_EVENTS);
	reference->events[reference->event_count++] =
		(struct reference_event){rule, action, (uint8_t)direction};
}

/* The place of the first stateless rule that matches: its index + 1, or 0. */
static uint32_t stateless_place(const struct policy_rules *rules, const struct tuple *tuple)
{
	for (uint32_t i = 0; i < rules->stateless_count; i++)
		if (matches(&rules->stateless[i].match, tuple))
			return i + 1;
	return 0;
}

/* Whether the same stateless rule is the first one with any TCP flags. */
static bool flags_do_not_matter(const struct policy_rules *rules, const struct tuple *tuple)
{
	for (uint32_t i = 0; i < rules->stateless_count; i++) {
		const struct match *match = &rules->stateless[i].match;
		struct tuple fitting = *tuple;

		if (match->flag_mask != 0)
			fitting.tcp_flags = match->flags;
		if (matches(match, &fitting))
			return match->flag_mask == 0;
	}
	return true;
}

/* The flow that a packet belongs to, or NULL. Direction 1 is to who sent the first packet. */
static struct reference_flow *find(
	struct reference *reference, const struct tuple *tuple, unsigned *ret_direction)
{
	struct tuple back = exchanged(tuple);

	for (uint32_t i = 0; i < reference->count; i++) {
		struct reference_flow *flow = &reference->flows[i];

		if (!same_ends(&flow->first, tuple) && !same_ends(&flow->first, &back))
			continue;
		*ret_direction = same_ends(&flow->first, tuple) ? 0 : 1;
		return flow;
	}
	return NULL;
}

/* A SYN on a closed connection begins another. */
static bool reopens(const struct reference_flow *flow, const struct tuple *tuple)
{
	return flow->closed &&
		(tuple->tcp_flags & (SYN_FLAG | ACK_FLAG | RST_FLAG | FIN_FLAG)) == SYN_FLAG;
}

/* Whether the packet is its flow's. Nobody answers a flow of which no packet went on: what comes
 * from its other end is a flow of its own. */
static bool belongs(
	const struct reference_flow *flow, const struct tuple *tuple, unsigned direction)
{
	return !reopens(flow, tuple) && (flow->passed || direction == 0);
}

static bool is_established(
	const struct reference_flow *flow, const struct tuple *tuple, unsigned direction)
{
	bool both_sent = flow->sent[0] && flow->sent[1];

	if (tuple->protocol == TCP)
		return both_sent && (tuple->tcp_flags & SYN_FLAG) == 0;
	return both_sent || direction == 1;
}

static bool stateful_matches(const struct stateful_rule *rule, const struct tuple *tuple,
	unsigned direction, bool established)
{
	struct tuple back = exchanged(tuple);

	if ((rule->flow & RULE_TO_SERVER) != 0 && direction == 1)
		return false;
	if ((rule->flow & RULE_TO_CLIENT) != 0 && direction == 0)
		return false;
	if ((rule->flow & RULE_ESTABLISHED) != 0 && !established)
		return false;
	if ((rule->flow & RULE_NOT_ESTABLISHED) != 0 && established)
		return false;
	return matches(&rule->match, tuple) || (rule->both && matches(&rule->match, &back));
}

static bool default_is(
	const struct policy_rules *rules, uint8_t strict, uint8_t of_established, bool established)
{
	return (rules->stateful_default & strict) != 0 ||
		((rules->stateful_default & of_established) != 0 && established);
}

static bool default_drops(const struct policy_rules *rules, bool established)
{
	return default_is(rules, DEFAULT_DROP_STRICT, DEFAULT_DROP_ESTABLISHED, established);
}

/* Walk the stateful rules up to the one that decides. */
static void judge_situation(struct reference *reference, struct reference_policy *policy,
	struct reference_flow *flow, const struct reference_packet *packet, unsigned direction,
	bool established)
{
	const struct policy_rules *rules = policy->rules;
	unsigned alerts = 0;

	for (uint32_t i = 0; i < rules->stateful_count; i++) {
		const struct stateful_rule *rule = &rules->stateful[i];

		if (!stateful_matches(rule, &packet->tuple, direction, established))
			continue;
		if (rule->action == STATEFUL_ALERT) {
			if (alerts++ < ALERTS && !flow->told[i]) {
				tell(reference, i, STATEFUL_ALERT, direction);
				hit(&policy->stateful[i + 1], packet);
			}
			flow->told[i] = true;
			continue;
		}
		flow->decided = true;
		flow->rule = i;
		flow->action = rule->action;
		if (rule->action != STATEFUL_PASS)
			tell(reference, i, rule->action, direction);
		return;
	}
	if (default_is(rules, DEFAULT_ALERT_STRICT, DEFAULT_ALERT_ESTABLISHED, established))
		tell(reference, RULE_NONE,
			default_drops(rules, established) ? STATEFUL_DROP : STATEFUL_ALERT,
			direction);
}

/* A reply is judged before any packet of the source: what the source may do decides. */
static void judge_source(struct reference *reference, const struct policy_rules *rules,
	struct reference_flow *flow, unsigned direction)
{
	struct tuple source = flow->first;
	uint32_t place;

	if (source.protocol == TCP)
		source.tcp_flags = ACK_FLAG;
	place = stateless_place(rules, &source);
	if ((place > 0 ? rules->stateless[place - 1].verdict : rules->stateless_default).action !=
		STATELESS_FORWARD)
		return;
	for (uint32_t i = 0; i < rules->stateful_count && !flow->decided; i++) {
		const struct stateful_rule *rule = &rules->stateful[i];

		if (rule->action == STATEFUL_ALERT ||
			!stateful_matches(rule, &source, 0, flow->sent[0] && flow->sent[1]))
			continue;
		flow->decided = true;
		flow->rule = i;
		flow->action = rule->action;
		if (rule->action != STATEFUL_PASS)
			tell(reference, i, rule->action, direction);
	}
}

static enum drop_reason judge_stateful(struct reference *reference, struct reference_policy *policy,
	struct reference_flow *flow, const struct reference_packet *packet, unsigned direction)
{
	bool established = is_established(flow, &packet->tuple, direction);
	bool *judged = &flow->judged[direction + 2 * established];

	if (!flow->decided && direction == 1 && !flow->judged[0] && !flow->judged[2] && !*judged)
		judge_source(reference, policy->rules, flow, direction);
	if (!flow->decided && !*judged) {
		judge_situation(reference, policy, flow, packet, direction, established);
		*judged = true;
	}
	hit(&policy->stateful[flow->decided ? flow->rule + 1 : 0], packet);
	if (!flow->decided)
		return default_drops(policy->rules, established) ? DROP_DEFAULT_ACTION : DROP_NONE;
	if (flow->action == STATEFUL_PASS)
		return DROP_NONE;
	return flow->action == STATEFUL_REJECT ? DROP_REJECT : DROP_RULE;
}

/* The packet is part of its flow, and is dropped for a reason or goes on. */
static void track(struct reference_flow *flow, const struct tuple *tuple, unsigned direction,
	enum drop_reason reason)
{
	flow->sent[direction] = true;
	flow->passed = flow->passed || reason == DROP_NONE;
	if (tuple->protocol != TCP)
		return;
	if ((tuple->tcp_flags & FIN_FLAG) != 0)
		flow->fin[direction] = true;
	if ((tuple->tcp_flags & RST_FLAG) != 0 || (flow->fin[0] && flow->fin[1]))
		flow->closed = true;
}

static void forget_judgement(struct reference_flow *flow, uint32_t generation)
{
	flow->generation = generation;
	flow->decided = false;
	memset(flow->judged, 0, sizeof(flow->judged));
	memset(flow->told, 0, sizeof(flow->told));
}

/* What an earlier policy made of the flow, for its reason. */
static enum drop_reason kept_reason(const struct reference_flow *flow)
{
	if (!flow->dropped)
		return DROP_NONE;
	if (!flow->decided || flow->action == STATEFUL_PASS)
		return DROP_DEFAULT_ACTION;
	return flow->action == STATEFUL_REJECT ? DROP_REJECT : DROP_RULE;
}

/* Begin a flow, in the entry of the one that is over, if there is one. */
static struct reference_flow *begin(struct reference *reference, struct reference_flow *over,
	const struct tuple *tuple, uint32_t generation)
{
	if (over == NULL) {
		assert(reference->count < REFERENCE_FLOWS);
		over = &reference->flows[reference->count++];
	}
	*over = (struct reference_flow){.first = *tuple, .generation = generation};
	return over;
}

/* A later fragment that may pass follows its datagram's first one. */
static bool follows(const struct reference *reference, const struct reference_packet *packet,
	enum drop_reason reason)
{
	return packet->later && reason == DROP_NONE && reference->first != DROP_NONE;
}

static enum drop_reason judge(struct reference *reference, struct reference_policy *policy,
	const struct reference_packet *packet)
{
	const struct policy_rules *rules = policy->rules;
	const struct tuple *tuple = &packet->tuple;
	unsigned direction = 0;
	struct reference_flow *flow = find(reference, tuple, &direction);
	bool goes_on = flow != NULL && belongs(flow, tuple, direction);
	uint32_t place = stateless_place(rules, tuple);
	struct stateless_verdict verdict = rules->stateless_default;
	enum drop_reason reason = DROP_NONE;

	reference->event_count = 0;
	if (goes_on && flow->generation != policy->generation) {
		/* Generations are numbered modulo 2^32. */
		if (flow->generation - policy->kept_from < UINT32_MAX / 2) {
			reason = kept_reason(flow);
			if (follows(reference, packet, reason))
				return reference->first;
			track(flow, tuple, direction, reason);
			return reason;
		}
		forget_judgement(flow, policy->generation);
	}
	if (place > 0)
		verdict = rules->stateless[place - 1].verdict;
	else if (packet->fragment)
		verdict = rules->stateless_fragment_default;
	hit(&policy->stateless[place], packet);
	if (verdict.metric != METRIC_NONE)
		hit(&policy->metrics[verdict.metric], packet);
	if (verdict.action == STATELESS_DROP) {
		/* What is dropped for its flags, or as a fragment, says nothing of the flow. */
		if (goes_on && !packet->fragment && flags_do_not_matter(rules, tuple))
			flow->dropped = true;
		return place > 0 ? DROP_STATELESS_RULE : DROP_STATELESS_DEFAULT;
	}
	if (!goes_on) {
		if (follows(reference, packet, DROP_NONE))
			return reference->first;
		flow = begin(reference, flow, tuple, policy->generation);
		direction = 0;
	}
	if (verdict.action == STATELESS_FORWARD)
		reason = judge_stateful(reference, policy, flow, packet, direction);
	flow->dropped = reason != DROP_NONE;
	if (follows(reference, packet, reason))
		return reference->first;
	track(flow, tuple, direction, reason);
	return reason;
}

enum drop_reason reference_judge(struct reference *reference, struct reference_policy *policy,
	const struct reference_packet *packet)
{
	enum drop_reason reason = judge(reference, policy, packet);

	if (packet->fragment && !packet->later)
		reference->first = reason;
	return reason;
}

bool reference_denied(const struct reference *reference, const struct reference_policy *policy,
	const struct reference_flow *flow)
{
	struct reference trial = *reference;
	struct reference_policy anew = *policy;
	struct reference_packet packet = {.tuple = flow->first};
	bool both_sent = flow->sent[0] && flow->sent[1];

	if (flow->dropped)
		return false;
	anew.kept_from = anew.generation;
	if (!both_sent && !flags_do_not_matter(policy->rules, &packet.tuple))
		return false;
	if (packet.tuple.protocol == TCP)
		packet.tuple.tcp_flags = ACK_FLAG;
	if (reference_judge(&trial, &anew, &packet) != DROP_NONE)
		return true;
	packet.tuple = exchanged(&packet.tuple);
	return both_sent && reference_judge(&trial, &anew, &packet) != DROP_NONE;
}
