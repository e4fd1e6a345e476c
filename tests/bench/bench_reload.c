/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench_reload: what reloading a policy of 30,000 rules does to a worker under full load.
 *
 * Overview: a dataplane of two ports and one live worker on a CPU of its own. The ports are made of
 * two rings: what one port receives from a ring the other one sends into the same ring. So the
 * packets of 10,000 flows, one each way, go round as fast as the worker can, and none may be
 * missing at the end. On another CPU policies are compiled, published and, once retired, freed.
 * Blocks with one reload, B, and as long ones without, A, go by turns A B B A A: the worst burst of
 * a B less that of an A is what a reload moves, the last A less the one before is noise.
 */
#include <arpa/inet.h>
#include <getopt.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_eth_ring.h>
#include <rte_mbuf.h>

#include "dataplane/dataplane.h"
#include "tests/bench/burst_times.h"
#include "tests/bench/measure.h"
#include "tests/bench/report.h"
#include "tests/bench/ruleset.h"
#include "tests/pipeline/frame.h"

enum {
	RULES = 30000,
	FLOWS = 10000,
	PACKETS = 2 * FLOWS,
	RING_SIZE = 16384,
	SEED = 20261123,
	BLOCKS = 5, /* A B B A A */
	PAIRS_MAX = 100,
	JUDGING = FLOWS / 64, /* a worker receives at most 64 at once */
};

/* Two ports and the worker between them. */
struct circuit {
	struct rte_ring *rings[2]; /* of packets from the flows' sources, and of those back */
	struct rte_mempool *pool;
	struct dataplane *dataplane;
	struct ruleset *ruleset;
	struct stateful_rule *rules;
	struct policy *policy; /* in force */
	struct burst_times times;
	double compile_ms;
	double retire_us;
};

static void must(bool done, const char *what)
{
	if (done)
		return;
	fprintf(stderr, "bench_reload: %s\n", what);
	exit(EXIT_FAILURE);
}

/* The rules, which let all pass. TCP becomes UDP, so that a packet may come again and again. */
static void make_rules(struct circuit *circuit)
{
	circuit->ruleset = ruleset_create(RULES, 4, SEED);
	circuit->rules = calloc(RULES, sizeof(*circuit->rules));
	must(circuit->ruleset != NULL && circuit->rules != NULL, "no memory for the rules");
	for (unsigned i = 0; i < RULES; i++) {
		if (circuit->ruleset->rules[i].protocol == IPPROTO_TCP)
			circuit->ruleset->rules[i].protocol = IPPROTO_UDP;
		circuit->rules[i].match = circuit->ruleset->matches[i];
		circuit->rules[i].action = STATEFUL_PASS;
	}
}

static struct policy *compile(const struct circuit *circuit)
{
	const struct policy_rules rules = {.stateful = circuit->rules,
		.stateful_count = RULES,
		.stateless_default = {STATELESS_FORWARD, METRIC_NONE},
		.stateless_fragment_default = {STATELESS_FORWARD, METRIC_NONE}};
	struct policy *policy;

	must(policy_create(&rules, 1, &policy) == 0, "the policy does not compile");
	return policy;
}

static void make_ports(struct circuit *circuit, struct dataplane_config *config, int devices[2])
{
	circuit->pool = rte_pktmbuf_pool_create(
		"loop", PACKETS, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	must(circuit->pool != NULL, "no memory for packets");
	for (unsigned i = 0; i < 2; i++) {
		circuit->rings[i] =
			rte_ring_create(i == 0 ? "there" : "back", RING_SIZE, SOCKET_ID_ANY, 0);
		must(circuit->rings[i] != NULL, "no memory for rings");
	}
	for (unsigned i = 0; i < 2; i++) {
		struct dataplane_port_config *port = &config->ports[i];

		snprintf(port->name, sizeof(port->name), "loop%u", i);
		snprintf(port->device, sizeof(port->device), "net_ring_%s", port->name);
		devices[i] = rte_eth_from_rings(
			port->name, &circuit->rings[i], 1, &circuit->rings[!i], 1, 0);
		must(devices[i] >= 0, "a port of rings cannot be made");
	}
}

static void circuit_init(struct circuit *circuit, uint16_t cpu, uint32_t blocks)
{
	struct dataplane_config config = {.peers = {1, 0},
		.port_count = 2,
		.worker_count = 1,
		.worker_cpus = {cpu},
		.flows = {.capacity = RING_SIZE}};
	char message[256];
	int devices[2];

	for (unsigned i = 0; i < TIMEOUT_COUNT; i++)
		config.flows.timeouts[i] = TIMEOUT_NEVER;
	make_rules(circuit);
	circuit->policy = compile(circuit);
	make_ports(circuit, &config, devices);
	must(burst_times_init(&circuit->times, blocks) == 0, "no memory for times");
	must(dataplane_create(
		     &config, circuit->policy, message, sizeof(message), &circuit->dataplane) == 0,
		message);
	for (unsigned i = 0; i < 2; i++)
		must(burst_times_attach(&circuit->times, (uint16_t)devices[i]) == 0,
			"receive callbacks are not possible");
	must(dataplane_start(circuit->dataplane, message, sizeof(message)) == 0, message);
}

/* The packets that all ports received. */
static uint64_t received(const struct circuit *circuit)
{
	struct port_status status[2];

	for (uint16_t i = 0; i < 2; i++)
		dataplane_port_status(circuit->dataplane, i, &status[i]);
	return status[0].rx_packets + status[1].rx_packets;
}

/* Wait until so many packets more were received. */
static void wait_received(const struct circuit *circuit, uint64_t more)
{
	uint64_t end = received(circuit) + more, deadline = dataplane_now() + 20 * NANOSECONDS;

	while (received(circuit) < end) {
		must(dataplane_now() < deadline, "the worker does not forward");
		rte_delay_us_sleep(100);
	}
}

/* Put one packet of each flow into the ring of packets from the sources, or of those back. */
static void fill(struct circuit *circuit, bool back)
{
	const struct tuple *tuples = circuit->ruleset->tuples;
	unsigned at = 0;

	for (unsigned i = 0; i < FLOWS; i++, at++) {
		char ends[2][INET_ADDRSTRLEN];
		uint8_t frame[FRAME_SIZE];
		uint32_t l3;

		while (!tuples[at % RULESET_TUPLES].has_ports)
			at++;
		const struct tuple *tuple = &tuples[at % RULESET_TUPLES];
		/* The second time round another port makes it another flow. */
		uint16_t ports[2] = {
			tuple->source_port ^ (at / RULESET_TUPLES), tuple->destination_port};
		inet_ntop(AF_INET, tuple->source, ends[0], sizeof(ends[0]));
		inet_ntop(AF_INET, tuple->destination, ends[1], sizeof(ends[1]));
		struct frame_spec spec = {.source = ends[back],
			.destination = ends[!back],
			.protocol = IPPROTO_UDP,
			.source_port = ports[back],
			.destination_port = ports[!back],
			.payload = 18};
		struct rte_mbuf *mbuf = rte_pktmbuf_alloc(circuit->pool);
		must(mbuf != NULL, "no packet buffer");
		uint16_t length = frame_build(&spec, frame, &l3);
		memcpy(rte_pktmbuf_append(mbuf, length), frame, length);
		must(rte_ring_enqueue(circuit->rings[back], mbuf) == 0, "a ring is full");
	}
	wait_received(circuit, PACKETS);
}

/* Packets that are not where they were put. Called once the worker is stopped; what it received it
 * then has sent or dropped. */
static unsigned lost(const struct circuit *circuit)
{
	uint64_t sent = 0, drops = 0;

	for (uint16_t port = 0; port < 2; port++) {
		struct port_status status;

		dataplane_port_status(circuit->dataplane, port, &status);
		sent += status.tx_packets;
		for (unsigned i = 0; i < DROP_COUNT; i++)
			drops += status.drops[i];
	}
	must(received(circuit) == sent + drops, "packets in are not packets out and drops");
	return PACKETS - rte_ring_count(circuit->rings[0]) - rte_ring_count(circuit->rings[1]);
}

static void circuit_fini(struct circuit *circuit)
{
	void *mbuf = NULL;

	dataplane_destroy(circuit->dataplane);
	policy_destroy(circuit->policy);
	burst_times_fini(&circuit->times);
	for (unsigned i = 0; i < 2; i++) {
		while (rte_ring_dequeue(circuit->rings[i], &mbuf) == 0)
			rte_pktmbuf_free(mbuf);
		rte_ring_free(circuit->rings[i]);
	}
	rte_mempool_free(circuit->pool);
	free(circuit->rules);
	ruleset_destroy(circuit->ruleset);
}

/* A whole reload, until each flow was judged again. */
static void reload(struct circuit *circuit)
{
	uint64_t begin = dataplane_now(), compiled, retired, token;
	struct policy *policy = compile(circuit);

	compiled = dataplane_now();
	token = dataplane_publish(circuit->dataplane, policy, POLICY_REEVALUATE);
	while (!dataplane_policy_retired(circuit->dataplane, token))
		rte_pause();
	retired = dataplane_now();
	policy_destroy(circuit->policy);
	circuit->policy = policy;
	wait_received(circuit, 2 * PACKETS);
	circuit->compile_ms = (double)(compiled - begin) / 1e6;
	circuit->retire_us = (double)(retired - compiled) / 1e3;
}

/* The blocks of all pairs, one after the other, behind a block of warming up. */
static void run_blocks(
	struct circuit *circuit, unsigned pairs, double *compile_ms, double *retire_us)
{
	reload(circuit);
	for (unsigned i = 0; i < pairs * BLOCKS; i++) {
		burst_times_next(&circuit->times);
		if (i % BLOCKS == 1 || i % BLOCKS == 2) {
			reload(circuit);
		} else {
			rte_delay_us_sleep((unsigned)(circuit->compile_ms * 1e3));
			wait_received(circuit, 2 * PACKETS);
		}
		compile_ms[i / BLOCKS] = circuit->compile_ms;
		retire_us[i / BLOCKS] = circuit->retire_us;
	}
	/* The worker writes to none of them from here on. */
	burst_times_next(&circuit->times);
}

static double worst_us(const struct burst_block *block)
{
	return block->worst / 1e3;
}

static double p999_us(const struct burst_block *block)
{
	return burst_times_quantile(block, 0.999) / 1e3;
}

/* After a reload each flow is judged again, once or each way: in JUDGING bursts at least. Half as
 * many are slower than this one, which other programs on the machine hardly move. */
static double judging_us(const struct burst_block *block)
{
	double slower = (double)JUDGING / 2 / (double)(block->bursts - block->interrupted);

	return burst_times_quantile(block, 1 - slower) / 1e3;
}

/* Report one figure of the bursts: without reloads, with one, what that moves, and by chance. */
static void report_bursts(struct report *report, const char *name, const struct burst_block *blocks,
	unsigned pairs, double figure(const struct burst_block *block), struct target target)
{
	double quiet[PAIRS_MAX], reloading[PAIRS_MAX], moved[PAIRS_MAX], noise[PAIRS_MAX];
	const struct target none = {TARGET_NONE, 0};
	const struct {
		const char *suffix;
		double *values;
		struct target target;
	} rows[] = {{"quiet", quiet, none}, {"reloading", reloading, none},
		{"moved", moved, target}, {"noise", noise, none}};

	for (unsigned i = 0; i < pairs; i++, blocks += BLOCKS) {
		quiet[i] = (figure(&blocks[0]) + figure(&blocks[3])) / 2;
		reloading[i] = (figure(&blocks[1]) + figure(&blocks[2])) / 2;
		moved[i] = reloading[i] - quiet[i];
		noise[i] = figure(&blocks[4]) - figure(&blocks[3]);
	}
	for (unsigned i = 0; i < RTE_DIM(rows); i++) {
		struct spread spread = measure_spread(rows[i].values, pairs);
		char full[64];

		snprintf(full, sizeof(full), "reload.%s_burst_us_%s", name, rows[i].suffix);
		printf("%-34s %7.2f (%.2f to %.2f)\n", full, spread.value, spread.low, spread.high);
		report_figure(report, full, spread, "us", rows[i].target);
	}
}

static void report_value(struct report *report, const char *name, double *values, size_t count,
	const char *unit, struct target target)
{
	struct spread spread = measure_spread(values, count);

	printf("%-34s %7.4g (%.4g to %.4g) %s\n", name, spread.value, spread.low, spread.high,
		unit);
	report_figure(report, name, spread, unit, target);
}

static void run(struct report *report, unsigned pairs, uint16_t cpu)
{
	struct circuit circuit = {0};
	const struct target none = {TARGET_NONE, 0}, no_loss = {TARGET_AT_MOST, 0},
			    bound = {TARGET_AT_MOST, 20};
	double compile_ms[PAIRS_MAX], retire_us[PAIRS_MAX], missing, interrupted = 0, rate;
	struct worker_status status;
	uint64_t begin, before;

	circuit_init(&circuit, cpu, pairs * BLOCKS + 2);
	fill(&circuit, false);
	fill(&circuit, true);
	begin = dataplane_now();
	before = received(&circuit);
	run_blocks(&circuit, pairs, compile_ms, retire_us);
	rate = (double)(received(&circuit) - before) * 1e3 / (double)(dataplane_now() - begin);
	dataplane_stop(circuit.dataplane);
	dataplane_worker_status(circuit.dataplane, 0, &status);
	missing = lost(&circuit);
	for (unsigned i = 1; i <= pairs * BLOCKS; i++)
		interrupted += (double)circuit.times.blocks[i].interrupted;
	printf("%u rules, %lu flows, %lu packets, %.2f million a second, %u reloads\n", RULES,
		status.flows_ipv4, status.packets, rate, 2 * pairs);
	report_bursts(report, "worst", circuit.times.blocks + 1, pairs, worst_us, bound);
	report_bursts(report, "p999", circuit.times.blocks + 1, pairs, p999_us, none);
	report_bursts(report, "judging", circuit.times.blocks + 1, pairs, judging_us, none);
	report_value(report, "reload.compile_ms", compile_ms, pairs, "ms", none);
	report_value(report, "reload.retire_us", retire_us, pairs, "us", none);
	report_value(report, "reload.interrupted_bursts", &interrupted, 1, "bursts", none);
	report_value(report, "reload.lost_packets", &missing, 1, "packets", no_loss);
	circuit_fini(&circuit);
}

/* Start DPDK on two CPUs of those that the process may use: the first for the control thread, the
 * last for the worker, which is returned. */
static uint16_t init(void)
{
	char lcores[64];
	char *arguments[] = {"bench_reload", "--no-huge", "--no-shconf", "--no-pci",
		"--no-telemetry", "-m512", "--log-level=error", lcores};
	cpu_set_t cpus;
	int first = 0, last = CPU_SETSIZE - 1;

	must(sched_getaffinity(0, sizeof(cpus), &cpus) == 0 && CPU_COUNT(&cpus) > 1,
		"two CPUs are needed");
	while (!CPU_ISSET(first, &cpus))
		first++;
	while (!CPU_ISSET(last, &cpus))
		last--;
	snprintf(lcores, sizeof(lcores), "--lcores=0@%d,1@%d", first, last);
	must(rte_eal_init(RTE_DIM(arguments), arguments) >= 0, "DPDK does not start");
	return (uint16_t)last;
}

int main(int argument_count, char **arguments)
{
	static const struct option options[] = {
		{"json", required_argument, NULL, 'j'}, {"quick", no_argument, NULL, 'q'}, {0}};
	struct report report;
	const char *json = NULL;
	unsigned pairs = PAIRS_MAX;
	int option;

	while ((option = getopt_long(argument_count, arguments, "", options, NULL)) != -1) {
		if (option == 'j') {
			json = optarg;
		} else if (option == 'q') {
			pairs = PAIRS_MAX / 10;
		} else {
			fprintf(stderr, "usage: bench_reload [--quick] [--json FILE]\n");
			return 2;
		}
	}
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	must(report_open(&report, json) == 0, "the JSON file cannot be written");
	run(&report, pairs, init());
	must(report_close(&report) == 0, "the JSON file cannot be written");
	return EXIT_SUCCESS;
}
