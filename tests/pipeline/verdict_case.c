/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/pipeline/verdict_case.h"

#include <string.h>

#include <rte_ring_elem.h>

#include "dataplane/pipeline.h"
#include "tests/unit/check.h"

enum { CAPACITY = 64 };

/* One case under way. */
struct run {
	const struct verdict_case *one;
	unsigned burst;
	struct rig rig;
	struct policy *policies[VERDICT_POLICIES];
	uint8_t frames[VERDICT_PACKETS][FRAME_SIZE];
	uint16_t lengths[VERDICT_PACKETS];
	uint32_t l3_lengths[VERDICT_PACKETS];
};

static unsigned policy_count(const struct verdict_case *one)
{
	return one->policy_count > 0 ? one->policy_count : 1;
}

static void begin(struct run *run)
{
	const struct verdict_case *one = run->one;

	rig_init(&run->rig, CAPACITY, NULL, NULL, 0, ACTION_ALLOW);
	run->rig.peers[1] = 0;
	for (unsigned i = 0; i < policy_count(one); i++) {
		assert_int_equal(policy_create(&one->policies[i].rules, 1, &run->policies[i]), 0);
		run->policies[i]->generation = i;
		run->policies[i]->kept_from =
			one->policies[i].keep ? run->policies[i - 1]->kept_from : i;
	}
	for (unsigned i = 0; i < one->packet_count; i++)
		run->lengths[i] =
			frame_build(&one->packets[i].frame, run->frames[i], &run->l3_lengths[i]);
}

/* What was sent for a packet begins at sent[]; returns how much that is. */
static unsigned check_sent(const struct run *run, unsigned i, struct rte_mbuf **sent)
{
	const struct verdict_packet *packet = &run->one->packets[i];
	uint8_t copy[FRAME_SIZE];

	if (packet->dropped) {
		for (unsigned j = 0; j < packet->answers; j++)
			assert_int_equal(sent[j]->port, j == 0 ? packet->port : !packet->port);
		return packet->answers;
	}
	assert_int_equal(sent[0]->port, !packet->port);
	assert_int_equal(rte_pktmbuf_pkt_len(sent[0]), run->lengths[i]);
	assert_memory_equal(rte_pktmbuf_read(sent[0], 0, run->lengths[i], copy), run->frames[i],
		run->lengths[i]);
	return 1;
}

/* One burst from a packet on, of packets under the same policy. Returns its end. */
static unsigned run_burst(struct run *run, unsigned first)
{
	const struct verdict_case *one = run->one;
	struct rte_mbuf *mbufs[BURST_MAX], *sent[SENT_MAX];
	struct worker *worker = run->rig.worker;
	unsigned count = 0, told = 0;
	uint16_t result;

	worker->policy = run->policies[one->packets[first].policy];
	for (unsigned i = first; i < one->packet_count && count < run->burst &&
		one->packets[i].policy == one->packets[first].policy;
		i++, count++)
		mbufs[count] = rig_mbuf(
			&run->rig, run->frames[i], run->lengths[i], one->packets[i].port, 0);
	result = pipeline_burst(worker, mbufs, count, SECOND, sent);
	for (unsigned i = 0; i < count; i++) {
		const struct verdict_packet *packet = &one->packets[first + i];
		enum drop_reason expected = packet->dropped ? packet->reason : DROP_NONE;

		if (worker->burst.reasons[i] != expected)
			fail_msg("%s: packet %u: reason %u, not %u", one->name, first + i,
				worker->burst.reasons[i], expected);
	}
	for (unsigned i = 0; i < count; i++)
		told += check_sent(run, first + i, sent + told);
	assert_int_equal(result, told);
	rte_pktmbuf_free_bulk(sent, result);
	return first + count;
}

static void check_hits(const struct run *run, unsigned policy, const char *of, unsigned place,
	const struct rule_hits *hits, const struct verdict_hits *expected)
{
	if (hits->packets != expected->packets || hits->bytes != expected->bytes)
		fail_msg("%s: policy %u: %s %u: %ju packets of %ju bytes, not %ju of %ju",
			run->one->name, policy, of, place, (uintmax_t)hits->packets,
			(uintmax_t)hits->bytes, (uintmax_t)expected->packets,
			(uintmax_t)expected->bytes);
	assert_int_equal(hits->last_seen, hits->packets > 0 ? SECOND : 0);
}

static void check_policy(const struct run *run, unsigned i)
{
	const struct verdict_policy *expected = &run->one->policies[i];
	const struct policy *policy = run->policies[i];
	struct rule_hits hits;

	for (unsigned place = 0; place <= expected->rules.stateless_count; place++) {
		policy_hits(policy, RULE_STATELESS, place > 0 ? place - 1 : RULE_NONE, &hits);
		check_hits(run, i, "stateless rule", place, &hits, &expected->stateless[place]);
	}
	for (unsigned place = 0; place <= expected->rules.stateful_count; place++) {
		policy_hits(policy, RULE_STATEFUL, place > 0 ? place - 1 : RULE_NONE, &hits);
		check_hits(run, i, "stateful rule", place, &hits, &expected->stateful[place]);
	}
	for (unsigned metric = 0; metric < VERDICT_METRICS; metric++) {
		policy_metric_hits(policy, metric, &hits);
		check_hits(run, i, "custom action", metric, &hits, &expected->metrics[metric]);
	}
}

static void check_events(const struct run *run)
{
	const struct verdict_case *one = run->one;
	struct event_record event;
	unsigned count = 0;

	while (rte_ring_sc_dequeue_elem(run->rig.worker->events, &event, sizeof(event)) == 0) {
		const struct verdict_event *expected = &one->events[count];

		if (count == one->event_count || event.flow.rule != expected->rule ||
			event.action != expected->action ||
			event.direction != expected->direction ||
			event.length != run->l3_lengths[expected->packet])
			fail_msg("%s: event %u: rule %d, action %u, direction %u, length %u",
				one->name, count, (int)event.flow.rule, event.action,
				event.direction, event.length);
		assert_int_equal(event.flow.rule_kind, RULE_STATEFUL);
		assert_int_equal(event.port, one->packets[expected->packet].port);
		assert_int_equal(event.tcp_flags, one->packets[expected->packet].frame.tcp_flags);
		count++;
	}
	assert_int_equal(count, one->event_count);
	assert_int_equal(run->rig.worker->stats.events_lost, 0);
}

static void check_flows(const struct run *run)
{
	const struct verdict_case *one = run->one;
	const struct flow_table *tables = run->rig.worker->tables;

	for (unsigned i = 0; i < 2; i++) {
		if (tables[i].count != one->flows[i])
			fail_msg("%s: %u IPv%u flows", one->name, tables[i].count,
				tables[i].version);
		for (uint32_t position = 0; position < tables[i].positions; position++)
			if (one->flow_packets[0] > 0 &&
				tables[i].flows[position].state != FLOW_FREE)
				assert_memory_equal(tables[i].flows[position].packets,
					one->flow_packets, sizeof(one->flow_packets));
	}
}

static void run_case(const struct verdict_case *one, unsigned burst)
{
	static struct run run;

	memset(&run, 0, sizeof(run));
	run.one = one;
	run.burst = burst;
	begin(&run);
	for (unsigned i = 0; i < one->packet_count;)
		i = run_burst(&run, i);
	for (unsigned i = 0; i < policy_count(one); i++)
		check_policy(&run, i);
	check_events(&run);
	check_flows(&run);
	for (unsigned i = 0; i < policy_count(one); i++)
		policy_destroy(run.policies[i]);
	rig_fini(&run.rig);
}

void verdict_case_run(const struct verdict_case *cases, unsigned count)
{
	static const unsigned bursts[] = {1, 3, 32};

	for (unsigned i = 0; i < count; i++)
		for (unsigned j = 0; j < RTE_DIM(bursts); j++)
			run_case(&cases[i], bursts[j]);
}
