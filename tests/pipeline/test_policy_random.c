/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The packet path against the plain reference: random policies, which change under the flows, and a
 * million packets. Each packet's reason and events and each rule's hits are to agree.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ring_elem.h>

#include "dataplane/pipeline.h"
#include "dataplane/verdict.h"
#include "tests/pipeline/random_policy.h"
#include "tests/pipeline/rig.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

enum {
	ROUNDS = 400,
	PACKETS = 2600, /* of a round, at least */
	POLICIES = 4,	/* of a round */
	CONVERSATIONS = 40,
	CAPACITY = 128,
};

/* One policy, in both forms. */
struct both {
	struct random_policy random;
	struct policy *policy;
	struct reference_policy reference;
};

struct round {
	unsigned seed;
	struct rig *rig;
	struct both policies[POLICIES];
	struct both *now;
	struct reference reference;
	struct random_conversation conversations[CONVERSATIONS];
	uint32_t packets; /* so far */
	uint16_t datagrams;
	uint64_t start; /* when no datagram of the round before is known any more */
	/* The last packet, if fragments of its datagram may follow. */
	struct frame_spec spec;
	struct reference_packet packet;
	/* The burst. */
	struct reference_packet told[BURST_MAX];
	uint64_t drops[DROP_COUNT + 1]; /* DROP_NONE: passed */
	uint32_t denied;
};

/* The next policy of the round; some generations are past where their number wraps. */
static void next_policy(struct round *round)
{
	unsigned number = round->now == NULL ? 0 : round->now - round->policies + 1;
	uint32_t generation = round->now == NULL ? UINT32_MAX - random_below(POLICIES)
						 : round->now->policy->generation + 1;
	struct both *both = &round->policies[number];

	random_policy(&both->random);
	both->reference = (struct reference_policy){.rules = &both->random.rules,
		.generation = generation,
		.kept_from = number > 0 && random_below(3) == 0 ? round->now->policy->kept_from
								: generation};
	assert_int_equal(policy_create(&both->random.rules, 1, &both->policy), 0);
	both->policy->generation = generation;
	both->policy->kept_from = both->reference.kept_from;
	round->rig->worker->policy = both->policy;
	round->now = both;
}

static void fail_packet(
	const struct round *round, const char *what, unsigned i, uint32_t is, uint32_t expected)
{
	const struct tuple *tuple = &round->told[i].tuple;
	char source[INET6_ADDRSTRLEN], destination[INET6_ADDRSTRLEN];
	int family = tuple->version == 4 ? AF_INET : AF_INET6;

	inet_ntop(family, tuple->source, source, sizeof(source));
	inet_ntop(family, tuple->destination, destination, sizeof(destination));
	fail_msg("seed %u, policy %u, packet %u: %s port %u to %s port %u, protocol %u, flags "
		 "%#x%s, %u bytes: %s %u, not %u",
		round->seed, (unsigned)(round->now - round->policies), round->packets + i, source,
		tuple->source_port, destination, tuple->destination_port, tuple->protocol,
		tuple->tcp_flags, round->told[i].fragment ? ", a fragment" : "",
		round->told[i].length, what, is, expected);
}

/* A frame, and what the reference is told of it. */
static struct rte_mbuf *next_packet(struct round *round, struct reference_packet *ret_packet)
{
	uint8_t frame[FRAME_SIZE];
	uint16_t length;

	if (round->packet.fragment && round->spec.more_fragments && random_below(2) == 0)
		random_later_fragment(&round->spec, &round->packet);
	else
		random_packet(&round->conversations[random_below(CONVERSATIONS)],
			round->datagrams++, &round->spec, &round->packet);
	length = frame_build(&round->spec, frame, &round->packet.length);
	*ret_packet = round->packet;
	return rig_mbuf(round->rig, frame, length, 0, 0);
}

/* The events that the worker told come packet by packet: take those of one. */
static void check_events(struct round *round, unsigned i)
{
	const struct reference *reference = &round->reference;
	struct event_record event;

	for (uint32_t j = 0; j < reference->event_count; j++) {
		const struct reference_event *expected = &reference->events[j];

		if (rte_ring_sc_dequeue_elem(round->rig->worker->events, &event, sizeof(event)) !=
			0)
			fail_packet(round, "events", i, j, reference->event_count);
		if (event.flow.rule != expected->rule)
			fail_packet(round, "rule of an event", i, event.flow.rule, expected->rule);
		if (event.action != expected->action)
			fail_packet(round, "action of an event", i, event.action, expected->action);
		if (event.direction != expected->direction)
			fail_packet(round, "direction of an event", i, event.direction,
				expected->direction);
		if (event.length != round->told[i].length)
			fail_packet(round, "length of an event", i, event.length,
				round->told[i].length);
	}
}

static void run_burst(struct round *round)
{
	static const unsigned sizes[] = {1, 3, 32, BURST_MAX};
	struct worker *worker = round->rig->worker;
	struct rte_mbuf *mbufs[BURST_MAX], *sent[SENT_MAX];
	unsigned count = sizes[random_below(RTE_DIM(sizes))];

	for (unsigned i = 0; i < count; i++)
		mbufs[i] = next_packet(round, &round->told[i]);
	rte_pktmbuf_free_bulk(
		sent, pipeline_burst(worker, mbufs, count, round->start + round->packets, sent));
	for (unsigned i = 0; i < count; i++) {
		enum drop_reason expected =
			reference_judge(&round->reference, &round->now->reference, &round->told[i]);

		if (worker->burst.reasons[i] != expected)
			fail_packet(round, "reason", i, worker->burst.reasons[i], expected);
		check_events(round, i);
		round->drops[expected]++;
	}
	assert_int_equal(rte_ring_count(worker->events), 0);
	round->packets += count;
}

/* The flow of the reference at a position of the worker's. */
static const struct reference_flow *reference_flow(
	const struct round *round, const struct flow_table *table, uint32_t position)
{
	struct tuple tuple;

	verdict_tuple(table, position, &tuple);
	for (uint32_t i = 0; i < round->reference.count; i++) {
		struct reference_flow flow = round->reference.flows[i];

		flow.first.tcp_flags = 0;
		if (memcmp(&flow.first, &tuple, sizeof(tuple)) == 0)
			return &round->reference.flows[i];
	}
	return NULL;
}

/* What the policy denies of the flows that are there. */
static void check_denied(struct round *round)
{
	for (unsigned i = 0; i < 2; i++) {
		const struct flow_table *table = &round->rig->worker->tables[i];

		for (uint32_t position = 0; position < table->positions; position++) {
			const struct reference_flow *flow;
			bool expected;

			if (table->flows[position].state == FLOW_FREE)
				continue;
			flow = reference_flow(round, table, position);
			assert_non_null(flow);
			expected =
				reference_denied(&round->reference, &round->now->reference, flow);
			round->denied += expected;
			round->told[0] = (struct reference_packet){.tuple = flow->first};
			if (verdict_denied(round->now->policy, table, position) != expected)
				fail_packet(round, "flow denied", 0, !expected, expected);
		}
	}
}

static void check_hits(const struct round *round, unsigned policy, const char *of, uint32_t number,
	const struct rule_hits *hits, const struct reference_hits *expected)
{
	if (hits->packets != expected->packets || hits->bytes != expected->bytes)
		fail_msg("seed %u, policy %u: %s %u: %ju packets of %ju bytes, not %ju of %ju",
			round->seed, policy, of, number, (uintmax_t)hits->packets,
			(uintmax_t)hits->bytes, (uintmax_t)expected->packets,
			(uintmax_t)expected->bytes);
}

/* Rules are numbered from 1 on, as in the reference. */
static void check_policy(const struct round *round, unsigned i)
{
	const struct both *both = &round->policies[i];
	struct rule_hits hits;

	for (uint32_t place = 0; place <= both->random.rules.stateless_count; place++) {
		policy_hits(both->policy, RULE_STATELESS, place > 0 ? place - 1 : RULE_NONE, &hits);
		check_hits(round, i, "stateless rule", place, &hits,
			&both->reference.stateless[place]);
	}
	for (uint32_t place = 0; place <= both->random.rules.stateful_count; place++) {
		policy_hits(both->policy, RULE_STATEFUL, place > 0 ? place - 1 : RULE_NONE, &hits);
		check_hits(
			round, i, "stateful rule", place, &hits, &both->reference.stateful[place]);
	}
	for (uint16_t metric = 0; metric < REFERENCE_METRICS; metric++) {
		policy_metric_hits(both->policy, metric, &hits);
		check_hits(
			round, i, "custom action", metric, &hits, &both->reference.metrics[metric]);
	}
}

/* The tables hold the flows of the reference; empty them. */
static void end_flows(struct round *round)
{
	struct worker *worker = round->rig->worker;

	assert_int_equal(worker->tables[0].count + worker->tables[1].count, round->reference.count);
	for (unsigned i = 0; i < 2; i++)
		for (uint32_t position = 0; position < worker->tables[i].positions; position++)
			if (worker->tables[i].flows[position].state != FLOW_FREE)
				worker_end_flow(worker, &worker->tables[i], position, round->start);
}

static void run_round(struct round *round)
{
	srandom(round->seed);
	for (unsigned i = 0; i < CONVERSATIONS; i++)
		random_conversation(&round->conversations[i]);
	for (unsigned i = 0; i < POLICIES; i++) {
		next_policy(round);
		check_denied(round);
		while (round->packets < (i + 1) * PACKETS / POLICIES)
			run_burst(round);
		check_denied(round);
	}
	for (unsigned i = 0; i < POLICIES; i++) {
		check_policy(round, i);
		policy_destroy(round->policies[i].policy);
	}
	end_flows(round);
}

static void test_random(void **state)
{
	const char *text = getenv("TIDEGATE_TEST_SEED");
	unsigned seed = text != NULL ? (unsigned)strtoul(text, NULL, 10) : 20261123;
	static struct round round;
	uint64_t drops[DROP_COUNT + 1] = {0};
	uint64_t packets = 0, denied = 0;
	struct rig rig;

	(void)state;
	print_message("seeds from %u on\n", seed);
	rig_init(&rig, CAPACITY, NULL, NULL, 0, ACTION_ALLOW);
	for (unsigned i = 0; i < ROUNDS; i++) {
		memset(&round, 0, sizeof(round));
		round.seed = seed + i;
		round.rig = &rig;
		round.start = SECOND + 2 * i * FRAGMENT_LIFETIME;
		run_round(&round);
		packets += round.packets;
		denied += round.denied;
		for (unsigned reason = 0; reason <= DROP_NONE; reason++)
			drops[reason] += round.drops[reason];
	}
	print_message("%ju packets\n", (uintmax_t)packets);
	/* All that may come of a packet did so often. */
	assert_true(packets >= 1000000);
	assert_true(drops[DROP_NONE] > 10000 && drops[DROP_STATELESS_RULE] > 10000);
	assert_true(drops[DROP_STATELESS_DEFAULT] > 10000 && drops[DROP_RULE] > 10000);
	assert_true(drops[DROP_REJECT] > 10000 && drops[DROP_DEFAULT_ACTION] > 10000);
	assert_true(denied > 1000);
	rig_fini(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
