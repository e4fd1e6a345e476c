/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/pipeline/scenario.h"

#include "dataplane/pipeline.h"
#include "tests/unit/check.h"

enum { CAPACITY = 64 };

struct built {
	uint8_t bytes[SCENARIO_PACKETS][FRAME_SIZE];
	uint16_t lengths[SCENARIO_PACKETS];
};

static void check_sent(struct rte_mbuf *mbuf, const struct scenario *scenario,
	const struct built *built, unsigned i)
{
	uint8_t copy[FRAME_SIZE];

	assert_int_equal(mbuf->port, !scenario->packets[i].port);
	assert_int_equal(rte_pktmbuf_pkt_len(mbuf), built->lengths[i]);
	assert_memory_equal(rte_pktmbuf_read(mbuf, 0, built->lengths[i], copy), built->bytes[i],
		built->lengths[i]);
	rte_pktmbuf_free(mbuf);
}

/* Up to size packets from begin on that come at the same time; returns where they end. */
static unsigned run_burst(struct rig *rig, const struct scenario *scenario,
	const struct built *built, unsigned begin, unsigned size, uint16_t segment)
{
	struct rte_mbuf *mbufs[BURST_MAX], *sent[SENT_MAX];
	uint32_t second = scenario->packets[begin].second;
	unsigned count = 0, passed = 0;
	uint16_t result;

	for (unsigned i = begin;
		count < size && i < scenario->packet_count && scenario->packets[i].second == second;
		i++)
		mbufs[count++] = rig_mbuf(rig, built->bytes[i], built->lengths[i],
			scenario->packets[i].port, segment);
	result = pipeline_burst(rig->worker, mbufs, count, second * SECOND, sent);
	for (unsigned i = 0; i < count; i++) {
		const struct scenario_packet *packet = &scenario->packets[begin + i];
		enum drop_reason expected = packet->dropped ? packet->reason : DROP_NONE;

		if (rig->worker->burst.reasons[i] != expected)
			fail_msg("%s: packet %u: reason %u, not %u", scenario->name, begin + i,
				rig->worker->burst.reasons[i], expected);
		if (expected == DROP_NONE)
			check_sent(sent[passed++], scenario, built, begin + i);
	}
	assert_int_equal(result, passed);
	return begin + count;
}

static void check_flow(const struct flow *flow, const struct scenario *scenario)
{
	if (flow->state != scenario->state)
		fail_msg("%s: state %u, not %u", scenario->name, flow->state, scenario->state);
	for (unsigned i = 0; i < 2; i++)
		if (flow->bytes[i] != scenario->bytes[i])
			fail_msg("%s: %lu bytes, not %lu", scenario->name, flow->bytes[i],
				scenario->bytes[i]);
}

static void check_flows(struct rig *rig, const struct scenario *scenario)
{
	uint64_t total[2] = {0, 0};

	if (scenario->state != FLOW_FREE)
		assert_int_equal(scenario->flows[0] + scenario->flows[1], 1);

	for (unsigned i = 0; i < 2; i++) {
		const struct flow_table *table = &rig->worker->tables[i];

		if (table->count != scenario->flows[i])
			fail_msg("%s: %u flows of table %u, not %u", scenario->name, table->count,
				i, scenario->flows[i]);
		for (uint32_t position = 0; position < table->positions; position++) {
			if (table->flows[position].state == FLOW_FREE)
				continue;
			if (scenario->state != FLOW_FREE)
				check_flow(&table->flows[position], scenario);
			total[0] += table->flows[position].packets[0];
			total[1] += table->flows[position].packets[1];
		}
	}
	if (total[0] != scenario->total[0] || total[1] != scenario->total[1])
		fail_msg("%s: %lu and %lu packets, not %lu and %lu", scenario->name, total[0],
			total[1], scenario->total[0], scenario->total[1]);
}

static void check_drops(const struct rig *rig, const struct scenario *scenario)
{
	uint64_t drops[2][DROP_COUNT] = {0};

	for (unsigned i = 0; i < scenario->packet_count; i++)
		if (scenario->packets[i].dropped)
			drops[scenario->packets[i].port][scenario->packets[i].reason]++;
	for (unsigned port = 0; port < 2; port++)
		assert_memory_equal(
			rig->worker->port_stats[port].drops, drops[port], sizeof(drops[port]));
}

/* A packet more than are counted would not be sent. */
static void check_count(const struct scenario *scenario)
{
	unsigned count = scenario->packet_count;
	const struct frame_spec *next;

	if (count == 0)
		fail_msg("%s: no packets", scenario->name);
	if (count == SCENARIO_PACKETS)
		return;
	next = &scenario->packets[count].frame;
	if (next->source != NULL || next->ethertype != 0)
		fail_msg("%s: more than %u packets", scenario->name, count);
}

static void run(const struct scenario *scenario, unsigned burst, uint16_t segment)
{
	static struct built built;
	struct rig rig;

	rig_init(&rig, CAPACITY, scenario->matches, scenario->actions, scenario->rule_count,
		scenario->default_action);
	rig.worker->checks = scenario->checks;
	rig.worker->pass_non_ip = !scenario->drop_non_ip;
	rig.worker->tcp_unchecked = !scenario->tracked;
	for (unsigned i = 0; i < scenario->packet_count; i++) {
		struct frame_spec spec = scenario->packets[i].frame;
		uint32_t l3;

		spec.sums = true;
		built.lengths[i] = frame_build(&spec, built.bytes[i], &l3);
	}
	for (unsigned i = 0; i < scenario->packet_count;)
		i = run_burst(&rig, scenario, &built, i, burst, segment);
	check_flows(&rig, scenario);
	check_drops(&rig, scenario);
	rig_fini(&rig);
}

void scenarios_run(const struct scenario *scenarios, unsigned count)
{
	static const unsigned bursts[] = {1, 3, 32};

	for (unsigned i = 0; i < count; i++) {
		check_count(&scenarios[i]);
		for (unsigned j = 0; j < RTE_DIM(bursts); j++)
			for (uint16_t segment = 0; segment <= 7; segment += 7)
				run(&scenarios[i], bursts[j], segment);
	}
}
