/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench_expiry: idle flows leave a table of a million in time, and hardly hold up the packets.
 *
 * Overview: first a worker at full load, among whose packets are the first and only ones of RATE
 * flows a second. In blocks A no flow ever times out; in blocks B all of those do that have been
 * idle for long enough, also the ones that A left. Then, by a clock of its own, each flow's delay
 * and each slice's time: with due times spread over some seconds and a tenth of the flows active
 * amid the others, and with all flows due at once.
 */
#include <stdlib.h>

#include <rte_cycles.h>

#include "tests/bench/blocks.h"
#include "tests/bench/load.h"
#include "tests/bench/program.h"
#include "tests/bench/aging.h"

enum {
	FLOWS = 1000000,
	ACTIVE = 600000, /* of the live worker */
	RATE = 50000,	 /* idle flows that are made a second */
	IDLE_SECONDS = 2,
	AGING_ACTIVE = 100000,
};

static const struct target none = {TARGET_NONE, 0};

/* A source: the active flows, and now and then the first packet of an idle one. */
struct mix {
	struct load_cycle active;
	uint32_t made;	   /* the number of the next idle one */
	uint64_t interval; /* TSC cycles */
	uint64_t due;
};

static bool mix_next(void *context, unsigned port, struct load_tuple *ret_tuple)
{
	struct mix *mix = context;
	struct load_cycle flow = {.first = mix->made, .count = 1, .left = {1, 1}};

	if (port == 1 || rte_rdtsc() < mix->due)
		return load_cycle_next(&mix->active, port, ret_tuple);
	mix->due += mix->interval;
	mix->made++;
	return load_cycle_next(&flow, port, ret_tuple);
}

static uint64_t flows_ended(const struct load *load)
{
	struct worker_status status;

	dataplane_worker_status(load->dataplane, 0, &status);
	return status.flows_ended;
}

static void set_timeouts(struct load *load, uint32_t seconds)
{
	for (unsigned i = 0; i < TIMEOUT_COUNT; i++)
		dataplane_set_timeout(load->dataplane, i, seconds);
}

/* Idle flows are made all the time. A block is as long as a sweep of the table. */
static void run_blocks(struct load *load, struct report *report, unsigned pairs)
{
	const uint64_t for_ever[2] = {UINT64_MAX, UINT64_MAX};
	const struct burst_block *blocks = burst_times_ahead(&load->times);
	struct mix mix = {.interval = rte_get_tsc_hz() / RATE, .made = ACTIVE};
	const struct load_source source = {mix_next, &mix};
	uint64_t before;

	load_open(load, 0, ACTIVE, true);
	load_cycle_init(&mix.active, 0, ACTIVE, for_ever);
	mix.due = rte_rdtsc();
	load_switch(load, &source);
	/* Until the first of them have been idle for the timeout. */
	rte_delay_us_sleep(IDLE_SECONDS * 1000000);
	before = flows_ended(load);
	for (unsigned i = 0; i < pairs * BLOCKS; i++) {
		set_timeouts(load, blocks_with_task(i) ? IDLE_SECONDS : TIMEOUT_NEVER);
		burst_times_next(&load->times);
		rte_delay_us_sleep(1000000);
	}
	burst_times_next(&load->times);
	blocks_report_ratio(report, "expiry.throughput_ratio", "Mpps", blocks, pairs, blocks_rate,
		(struct target){TARGET_AT_LEAST, 0.97});
	blocks_report_moved(
		report, "expiry.worst_gap_us", "expiring", blocks, pairs, blocks_worst_us, none);
	blocks_report_moved(
		report, "expiry.p999_gap_us", "expiring", blocks, pairs, blocks_p999_us, none);
	report_value(report, "expiry.flows_per_second",
		(double)(flows_ended(load) - before) / (2 * pairs), "flows/s", none);
}

static void report_aging(struct report *report, const char *name, const struct aging_config *config)
{
	const struct target in_time = {TARGET_AT_MOST, 1000}, slice = {TARGET_AT_MOST, 20};
	/* The longest one is the machine's, as the noise beside it tells. */
	const struct {
		const char *suffix;
		double share;
		struct target target;
	} quantiles[] = {
		{"p50", 0.5, none}, {"p99", 0.99, none}, {"p999", 0.999, slice}, {"max", 1, none}};
	struct aging_result result;
	char full[64];

	aging_run(config, &result);
	program_must(result.slices > 0 && result.ended == config->flows - config->active &&
			result.active_ended == 0,
		"not the idle flows have left");
	snprintf(full, sizeof(full), "expiry.latest_ms.%s", name);
	report_value(report, full, result.latest_ms, "ms", in_time);
	for (unsigned i = 0; i < RTE_DIM(quantiles); i++) {
		unsigned index = (unsigned)(quantiles[i].share * (result.slices - 1));

		snprintf(full, sizeof(full), "expiry.slice_us_%s.%s", quantiles[i].suffix, name);
		report_value(report, full, result.slice_us[index], "us", quantiles[i].target);
		snprintf(full, sizeof(full), "expiry.slice_us_%s_noise.%s", quantiles[i].suffix,
			name);
		report_value(report, full, result.noise_us[index], "us", none);
	}
	free(result.slice_us);
	free(result.noise_us);
}

int main(int argument_count, char **arguments)
{
	const struct load_config config = {.capacity = FLOWS,
		.timeout = TIMEOUT_NEVER,
		.blocks = 10 * BLOCKS + 1,
		.memory_megabytes = 2048};
	struct aging_config spread = {.flows = FLOWS, .active = AGING_ACTIVE, .step = 10000},
			    at_once = spread;
	static struct load load;
	struct program program;

	program_begin(&program, argument_count, arguments);
	spread.spread = (program.quick ? 1 : 10) * NANOSECONDS;
	spread.timeout = spread.spread + NANOSECONDS / 2;
	at_once.timeout = NANOSECONDS / 2;
	load_init(&load, &config);
	run_blocks(&load, &program.report, program.quick ? 2 : 10);
	load_stop(&load);
	report_value(&program.report, "expiry.lost_packets", (double)load_dropped(&load), "packets",
		(struct target){TARGET_AT_MOST, 0});
	report_aging(&program.report, "spread", &spread);
	report_aging(&program.report, "at_once", &at_once);
	load_fini(&load);
	program_end(&program);
	return EXIT_SUCCESS;
}
