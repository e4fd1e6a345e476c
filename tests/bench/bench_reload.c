/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench_reload: what reloading a policy of 30,000 rules does to a worker under full load.
 *
 * Overview: a live worker on a CPU of its own forwards packets of 10,000 flows, each way, as fast
 * as it can, and may drop none. On another CPU policies are compiled, published and, once retired,
 * freed. Blocks with one reload, B, and as long ones without, A, go by turns A B B A A: the worst
 * burst of a B less that of an A is what a reload moves, the last A less the one before is noise.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_cycles.h>

#include "tests/bench/blocks.h"
#include "tests/bench/load.h"
#include "tests/bench/program.h"
#include "tests/bench/ruleset.h"

enum {
	RULES = 30000,
	FLOWS = 10000,
	PACKETS = 2 * FLOWS,
	SEED = 20261123,
	JUDGING = FLOWS / 64, /* a worker receives at most 64 at once */
};

struct bench {
	struct load load;
	struct load_tuple flows[2][FLOWS]; /* from their sources, and back */
	uint32_t next[2];
	struct stateful_rule *rules;
	double compile_ms;
	double retire_us;
};

static const struct target none = {TARGET_NONE, 0};

/* The rules, which let all pass. TCP becomes UDP, so that a packet may come again and again. */
static void make_rules(struct bench *bench, struct ruleset *ruleset)
{
	bench->rules = calloc(RULES, sizeof(*bench->rules));
	program_must(bench->rules != NULL, "no memory for the rules");
	for (unsigned i = 0; i < RULES; i++) {
		if (ruleset->rules[i].protocol == IPPROTO_TCP)
			ruleset->rules[i].protocol = IPPROTO_UDP;
		bench->rules[i].match = ruleset->matches[i];
		bench->rules[i].action = STATEFUL_PASS;
	}
}

/* A flow of each of the tuples that have ports. The second time round another port makes it another
 * flow. */
static void make_flows(struct bench *bench, const struct ruleset *ruleset)
{
	unsigned at = 0;

	for (unsigned i = 0; i < FLOWS; i++, at++) {
		struct load_tuple *there = &bench->flows[0][i];

		while (!ruleset->tuples[at % RULESET_TUPLES].has_ports)
			at++;
		const struct tuple *tuple = &ruleset->tuples[at % RULESET_TUPLES];
		memcpy(&there->source, tuple->source, sizeof(there->source));
		memcpy(&there->destination, tuple->destination, sizeof(there->destination));
		there->source_port = rte_cpu_to_be_16(tuple->source_port ^ (at / RULESET_TUPLES));
		there->destination_port = rte_cpu_to_be_16(tuple->destination_port);
		bench->flows[1][i] = (struct load_tuple){there->destination, there->source,
			there->destination_port, there->source_port};
	}
}

/* A source: the flows, over and over, each way. */
static bool next_packet(void *context, unsigned port, struct load_tuple *ret_tuple)
{
	struct bench *bench = context;

	*ret_tuple = bench->flows[port][bench->next[port]];
	bench->next[port] = (bench->next[port] + 1) % FLOWS;
	return true;
}

static struct policy *compile(const struct bench *bench)
{
	const struct policy_rules rules = {.stateful = bench->rules,
		.stateful_count = RULES,
		.stateless_default = {STATELESS_FORWARD, METRIC_NONE},
		.stateless_fragment_default = {STATELESS_FORWARD, METRIC_NONE}};
	struct policy *policy;

	program_must(policy_create(&rules, 1, &policy) == 0, "the policy does not compile");
	return policy;
}

/* A whole reload, until each flow was judged again. */
static void reload(struct bench *bench)
{
	uint64_t begin = dataplane_now(), deadline = program_deadline(), compiled, retired, token;
	struct policy *policy = compile(bench);

	compiled = dataplane_now();
	token = dataplane_publish(bench->load.dataplane, policy, POLICY_REEVALUATE);
	while (!dataplane_policy_retired(bench->load.dataplane, token))
		program_wait(deadline, "the worker does not take the new rules");
	retired = dataplane_now();
	policy_destroy(bench->load.policy);
	bench->load.policy = policy;
	load_wait(&bench->load, 2 * PACKETS);
	bench->compile_ms = (double)(compiled - begin) / 1e6;
	bench->retire_us = (double)(retired - compiled) / 1e3;
}

/* The blocks of all pairs, one after the other, behind a block of warming up. */
static void run_blocks(struct bench *bench, unsigned pairs, double *compile_ms, double *retire_us)
{
	reload(bench);
	for (unsigned i = 0; i < pairs * BLOCKS; i++) {
		burst_times_next(&bench->load.times);
		if (blocks_with_task(i)) {
			reload(bench);
		} else {
			rte_delay_us_sleep((unsigned)(bench->compile_ms * 1e3));
			load_wait(&bench->load, 2 * PACKETS);
		}
		compile_ms[i / BLOCKS] = bench->compile_ms;
		retire_us[i / BLOCKS] = bench->retire_us;
	}
	/* The worker writes to none of them from here on. */
	burst_times_next(&bench->load.times);
}

/* After a reload each flow is judged again, once or each way: in JUDGING bursts at least. Half as
 * many are slower than this one, which other programs on the machine hardly move. */
static double judging_us(const struct burst_block *block)
{
	double slower = (double)JUDGING / 2 / (double)(block->bursts - block->interrupted);

	return burst_times_quantile(block, 1 - slower) / 1e3;
}

static void run(struct bench *bench, struct report *report, unsigned pairs)
{
	const struct target bound = {TARGET_AT_MOST, 20}, no_loss = {TARGET_AT_MOST, 0};
	const struct burst_block *blocks = burst_times_ahead(&bench->load.times);
	double compile_ms[BLOCKS_PAIRS_MAX], retire_us[BLOCKS_PAIRS_MAX], interrupted = 0;
	struct worker_status status;

	run_blocks(bench, pairs, compile_ms, retire_us);
	load_stop(&bench->load);
	dataplane_worker_status(bench->load.dataplane, 0, &status);
	for (unsigned i = 0; i < pairs * BLOCKS; i++)
		interrupted += (double)blocks[i].interrupted;
	printf("%u rules, %lu flows, %lu packets, %u reloads\n", RULES, status.flows_ipv4,
		status.packets, 2 * pairs);
	blocks_report_moved(report, "reload.worst_burst_us", "reloading", blocks, pairs,
		blocks_worst_us, bound);
	blocks_report_moved(
		report, "reload.p999_burst_us", "reloading", blocks, pairs, blocks_p999_us, none);
	blocks_report_moved(
		report, "reload.judging_burst_us", "reloading", blocks, pairs, judging_us, none);
	report_values(report, "reload.compile_ms", compile_ms, pairs, "ms", none);
	report_values(report, "reload.retire_us", retire_us, pairs, "us", none);
	report_value(report, "reload.interrupted_bursts", interrupted, "bursts", none);
	report_value(report, "reload.lost_packets", (double)load_dropped(&bench->load), "packets",
		no_loss);
}

int main(int argument_count, char **arguments)
{
	struct load_config config = {.capacity = 16384, .timeout = TIMEOUT_NEVER};
	static struct bench bench;
	const struct load_source source = {next_packet, &bench};
	struct ruleset *ruleset;
	struct program program;
	unsigned pairs;

	program_begin(&program, argument_count, arguments);
	pairs = program.quick ? BLOCKS_PAIRS_MAX / 10 : BLOCKS_PAIRS_MAX;
	config.blocks = pairs * BLOCKS + 1;
	ruleset = ruleset_create(RULES, 4, SEED);
	program_must(ruleset != NULL, "no memory for the rules");
	make_rules(&bench, ruleset);
	make_flows(&bench, ruleset);
	load_init(&bench.load, &config);
	load_switch(&bench.load, &source);
	load_wait(&bench.load, 2 * PACKETS);
	run(&bench, &program.report, pairs);
	load_fini(&bench.load);
	free(bench.rules);
	ruleset_destroy(ruleset);
	program_end(&program);
	return EXIT_SUCCESS;
}
