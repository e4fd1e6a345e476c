/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/verdict.h"

#include <string.h>

#include <rte_byteorder.h>

#include "dataplane/event.h"
#include "dataplane/rule_list.h"

/* Alerts that one judgement reports: a list may have 65,536 ALERT rules that all match. */
enum { ALERT_MAX = 16 };

/* The tuple of a key as seen from one of its ends. */
static void key_tuple(const void *key, uint8_t version, unsigned source, struct tuple *tuple)
{
	const uint16_t *ports;

	memset(tuple, 0, sizeof(*tuple));
	tuple->version = version;
	if (version == 4) {
		const struct flow_key4 *v4 = key;

		memcpy(tuple->source, &v4->addresses[source], 4);
		memcpy(tuple->destination, &v4->addresses[!source], 4);
		ports = v4->ports;
		tuple->protocol = KEY_PROTOCOL(v4->domain);
	} else {
		const struct flow_key6 *v6 = key;

		memcpy(tuple->source, v6->addresses[source], 16);
		memcpy(tuple->destination, v6->addresses[!source], 16);
		ports = v6->ports;
		tuple->protocol = KEY_PROTOCOL(v6->domain);
	}
	tuple->has_ports = packet_protocol_has_ports(tuple->protocol);
	if (tuple->has_ports) {
		tuple->source_port = rte_be_to_cpu_16(ports[source]);
		tuple->destination_port = rte_be_to_cpu_16(ports[!source]);
	}
}

void verdict_tuple(const struct flow_table *table, uint32_t position, struct tuple *tuple)
{
	key_tuple(flow_key(table, position), table->version, table->flows[position].source_end,
		tuple);
}

/* way: 1 for the one that rule_list_exchange() makes of it. */
static void packet_tuple(const struct packet *packet, unsigned way, struct tuple *tuple)
{
	key_tuple(&packet->key, packet->version, packet->end ^ way, tuple);
	tuple->tcp_flags = packet->tcp_flags;
}

/* Without the flags first: if the rule found does not look at them, no earlier rule matches
 * whatever the flags are. */
static void judge_stateless(const struct policy *policy, const struct tuple *tuple, bool fragment,
	struct stateless_judgement *judgement)
{
	const struct classifier *classifier = policy->stateless_any_flags != NULL
		? policy->stateless_any_flags
		: policy->stateless;
	int32_t rule = classifier != NULL ? classifier_first(classifier, tuple) : -1;
	bool flags = policy->stateless_flags[rule + 1];

	if (flags)
		rule = classifier_first(policy->stateless, tuple);
	judgement->lasting = !flags && !fragment;
	judgement->place = rule + 1;
	if (rule < 0 && fragment)
		judgement->place = policy_fragment_place(policy);
	judgement->action = policy->stateless_verdicts[judgement->place].action;
}

void verdict_stateless(struct worker *worker, const struct packet *packet,
	struct stateless_judgement *ret_judgement)
{
	struct tuple tuple;

	packet_tuple(packet, 0, &tuple);
	worker->burst.judged++;
	judge_stateless(worker->policy, &tuple, packet->fragment, ret_judgement);
	verdict_hit(policy_stateless_hits(worker->policy, worker->index, ret_judgement->place),
		packet, worker->burst.now);
}

enum drop_reason verdict_stateless_reason(
	const struct policy *policy, const struct stateless_judgement *judgement)
{
	bool rule = judgement->place != 0 && judgement->place != policy_fragment_place(policy);

	return rule ? DROP_STATELESS_RULE : DROP_STATELESS_DEFAULT;
}

/* Whether the policy leaves what was judged of the flow as it is: policy_change in dataplane.h. */
static bool keeps(const struct policy *policy, const struct flow *flow)
{
	return (int32_t)(flow->generation - policy->kept_from) >= 0;
}

/* Forget what policies before this one made of the flow. */
static void begin_generation(struct flow *flow, uint32_t generation)
{
	flow->generation = generation;
	flow->rule = 0;
	flow->stateless[0] = flow->stateless[1] = 0;
	flow->passes = 0;
	flow->judged = 0;
	flow->decision = DECISION_NONE;
	flow->stateless_actions = 0;
}

/* What the entry knows of a packet's stateless judgement, or what the rules say now. */
static void recall_stateless(struct worker *worker, struct flow *flow, const struct packet *packet,
	const struct stateless_judgement *known, struct stateless_judgement *judgement)
{
	unsigned direction = track_direction(flow, packet);
	unsigned action = flow->stateless_actions >> 2 * direction & 3;

	if (known != NULL) {
		*judgement = *known;
	} else if (action != 0 && !packet->fragment) {
		*judgement =
			(struct stateless_judgement){flow->stateless[direction], action - 1, true};
		verdict_hit(policy_stateless_hits(worker->policy, worker->index, judgement->place),
			packet, worker->burst.now);
		return;
	} else {
		verdict_stateless(worker, packet, judgement);
	}
	if (judgement->lasting) {
		flow->stateless[direction] = judgement->place;
		flow->stateless_actions |= (judgement->action + 1) << 2 * direction;
	}
}

/* Whether one of two default actions applies: always, or where the flow is established. */
static bool default_has(
	const struct policy *policy, unsigned situation, unsigned strict, unsigned established)
{
	unsigned applies = (situation & SITUATION_ESTABLISHED) != 0 ? strict | established : strict;

	return (policy->stateful_default & applies) != 0;
}

static bool default_drops(const struct policy *policy, unsigned situation)
{
	return default_has(policy, situation, DEFAULT_DROP_STRICT, DEFAULT_DROP_ESTABLISHED);
}

static bool default_alerts(const struct policy *policy, unsigned situation)
{
	return default_has(policy, situation, DEFAULT_ALERT_STRICT, DEFAULT_ALERT_ESTABLISHED);
}

/* Whether an ALERT rule was told of the flow before, in another situation that it applies in too.
 */
static bool is_told(const struct policy *policy, const struct flow *flow, unsigned situation,
	const struct tuple tuples[2], uint32_t rule)
{
	for (unsigned other = 0; other < SITUATION_COUNT; other++) {
		unsigned way = (other ^ situation) & SITUATION_REVERSE;

		if ((flow->judged >> other & 1) != 0 &&
			rule_list_matches(&policy->situations[other]->alerts, &tuples[way],
				&tuples[!way], rule))
			return true;
	}
	return false;
}

/* Report and count the ALERT rules that match before the one that decides (-1: none does), each
 * once a flow. */
static void report_alerts(struct worker *worker, const struct flow_table *table, uint32_t position,
	unsigned i, unsigned situation, const struct tuple tuples[2], int32_t decided)
{
	const struct policy *policy = worker->policy;
	const struct rule_list *alerts = &policy->situations[situation]->alerts;
	struct rule_cursor cursor;
	unsigned count = 0;

	rule_cursor_begin(&cursor, alerts, &tuples[0], &tuples[1]);
	while (count < ALERT_MAX) {
		int32_t rule = rule_cursor_next(&cursor, alerts, &tuples[0], &tuples[1]);

		if (rule < 0 || (decided >= 0 && rule > decided))
			break;
		count++;
		if (is_told(policy, &table->flows[position], situation, tuples, rule))
			continue;
		verdict_hit(policy_stateful_hits(policy, worker->index, rule + 1),
			&worker->burst.packets[i], worker->burst.now);
		event_report(worker, table, position, i, rule, STATEFUL_ALERT);
	}
}

static void decide(struct worker *worker, struct flow_table *table, uint32_t position, unsigned i,
	uint32_t rule)
{
	struct flow *flow = &table->flows[position];
	uint8_t action = worker->policy->actions[rule];

	flow->rule = rule + 1;
	flow->decision = action + 1;
	if (action != STATEFUL_PASS)
		event_report(worker, table, position, i, rule, action);
}

/*
 * A reply is the first packet of its flow that is judged, as it happens when the policy changes:
 * what the rules say of the source's packets decides. Else a rule that lets clients connect to a
 * server would not let the server speak until its client does. Whether it is decided now.
 */
static bool judge_source(
	struct worker *worker, struct flow_table *table, uint32_t position, unsigned i)
{
	const struct policy *policy = worker->policy;
	const struct flow *flow = &table->flows[position];
	unsigned situation = verdict_established(flow) ? SITUATION_ESTABLISHED : 0;
	struct stateless_judgement stateless;
	struct tuple tuple, exchanged;
	int32_t rule;

	verdict_tuple(table, position, &tuple);
	tuple.tcp_flags = RTE_TCP_ACK_FLAG;
	judge_stateless(policy, &tuple, false, &stateless);
	if (stateless.action != STATELESS_FORWARD)
		return false;
	rule_list_exchange(&tuple, &exchanged);
	rule = rule_list_first(&policy->situations[situation]->deciding, &tuple, &exchanged);
	if (rule < 0)
		return false;
	decide(worker, table, position, i, rule);
	return true;
}

/* Have the stateful rules judge the situation of a flow for the first time. */
static void judge_situation(struct worker *worker, struct flow_table *table, uint32_t position,
	unsigned i, unsigned situation)
{
	const unsigned of_source = 1 << 0 | 1 << SITUATION_ESTABLISHED;
	const struct policy *policy = worker->policy;
	const struct situation_rules *rules = policy->situations[situation];
	struct flow *flow = &table->flows[position];
	struct tuple tuples[2];
	int32_t rule;

	if ((situation & SITUATION_REVERSE) != 0 && (flow->judged & of_source) == 0 &&
		judge_source(worker, table, position, i))
		return;
	for (unsigned way = 0; way < 2; way++)
		packet_tuple(&worker->burst.packets[i], way, &tuples[way]);
	rule = rule_list_first(&rules->deciding, &tuples[0], &tuples[1]);
	report_alerts(worker, table, position, i, situation, tuples, rule);
	flow->judged |= 1 << situation;
	if (rule >= 0)
		decide(worker, table, position, i, rule);
	else if (default_alerts(policy, situation))
		event_report(worker, table, position, i, RULE_NONE,
			default_drops(policy, situation) ? STATEFUL_DROP : STATEFUL_ALERT);
}

/* Why a flow's packets in a situation that was judged are dropped, or DROP_NONE. */
static enum drop_reason judged_reason(
	const struct policy *policy, const struct flow *flow, unsigned situation)
{
	switch ((enum decision)flow->decision) {
	case DECISION_PASS:
		return DROP_NONE;
	case DECISION_DROP:
		return DROP_RULE;
	case DECISION_REJECT:
		return DROP_REJECT;
	case DECISION_NONE:
		break;
	}
	return default_drops(policy, situation) ? DROP_DEFAULT_ACTION : DROP_NONE;
}

/* The verdict of an earlier policy, of which only the outcome is known. */
static enum drop_reason kept_reason(const struct flow *flow)
{
	if (!flow->dropped)
		return DROP_NONE;
	if (flow->decision == DECISION_REJECT)
		return DROP_REJECT;
	return flow->decision == DECISION_DROP ? DROP_RULE : DROP_DEFAULT_ACTION;
}

/* Situations that pass are looked at again: a rule may have decided for them too, and their next
 * packet is the flow's last judgement. */
static void note_drop(struct flow *flow)
{
	flow->dropped = 1;
	flow->passes = 0;
}

enum drop_reason verdict_packet(struct worker *worker, struct flow_table *table, uint32_t position,
	unsigned i, const struct stateless_judgement *judgement)
{
	const struct policy *policy = worker->policy;
	const struct packet *packet = &worker->burst.packets[i];
	struct flow *flow = &table->flows[position];
	unsigned situation = verdict_situation(flow, packet);
	struct stateless_judgement stateless;
	enum drop_reason reason = DROP_NONE;

	if (flow->generation != policy->generation) {
		if (keeps(policy, flow) && !flow->related)
			return kept_reason(flow);
		begin_generation(flow, policy->generation);
	}
	flow->related = false;
	recall_stateless(worker, flow, packet, judgement, &stateless);
	if (stateless.action == STATELESS_DROP) {
		if (stateless.lasting)
			note_drop(flow);
		return verdict_stateless_reason(policy, &stateless);
	}
	if (stateless.action == STATELESS_FORWARD) {
		if (flow->decision == DECISION_NONE && (flow->judged >> situation & 1) == 0)
			judge_situation(worker, table, position, i, situation);
		reason = judged_reason(policy, flow, situation);
		verdict_hit(policy_stateful_hits(policy, worker->index, flow->rule), packet,
			worker->burst.now);
	}
	if (reason != DROP_NONE) {
		note_drop(flow);
		return reason;
	}
	flow->dropped = 0;
	if (stateless.lasting)
		flow->passes |= 1 << situation;
	return DROP_NONE;
}

/* Whether packets of a tuple would be dropped. *decision: of the flow, as far as it is known. */
static bool tuple_denied(const struct policy *policy, const struct tuple *tuple, unsigned situation,
	enum decision *decision)
{
	const struct rule_list *deciding = &policy->situations[situation]->deciding;
	struct stateless_judgement stateless;
	struct tuple exchanged;

	judge_stateless(policy, tuple, false, &stateless);
	if (stateless.action == STATELESS_PASS)
		return false;
	/* What flags the next packet has is known of established connections alone. */
	if (!stateless.lasting && (situation & SITUATION_ESTABLISHED) == 0)
		return false;
	if (stateless.action == STATELESS_DROP)
		return true;
	if (*decision == DECISION_NONE) {
		int32_t rule;

		rule_list_exchange(tuple, &exchanged);
		rule = rule_list_first(deciding, tuple, &exchanged);
		if (rule < 0)
			return default_drops(policy, situation);
		*decision = policy->actions[rule] + 1;
	}
	return *decision != DECISION_PASS;
}

bool verdict_denied(const struct policy *policy, const struct flow_table *table, uint32_t position)
{
	const struct flow *flow = &table->flows[position];
	unsigned established = verdict_established(flow) ? SITUATION_ESTABLISHED : 0;
	enum decision decision =
		flow->generation == policy->generation ? flow->decision : DECISION_NONE;
	struct tuple forward, reverse;

	if (flow->dropped || flow->related)
		return false;
	verdict_tuple(table, position, &forward);
	forward.tcp_flags = RTE_TCP_ACK_FLAG;
	if (tuple_denied(policy, &forward, established, &decision))
		return true;
	if (established == 0)
		return false;
	rule_list_exchange(&forward, &reverse);
	return tuple_denied(policy, &reverse, established | SITUATION_REVERSE, &decision);
}

bool verdict_passes(const struct policy *policy, const struct flow_table *table, uint32_t position)
{
	const struct flow *flow = &table->flows[position];

	return !flow->dropped && (keeps(policy, flow) || !verdict_denied(policy, table, position));
}

void verdict_count_related(
	struct worker *worker, const struct flow *flow, const struct packet *packet)
{
	const struct policy *policy = worker->policy;
	uint32_t place = flow->generation == policy->generation ? flow->rule : 0;

	verdict_hit(policy_stateful_hits(policy, worker->index, place), packet, worker->burst.now);
}
