/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/bench/aging.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <rte_byteorder.h>
#include <rte_cycles.h>
#include <rte_ip.h>

#include "dataplane/expire.h"
#include "dataplane/pipeline.h"
#include "tests/bench/program.h"
#include "tests/pipeline/frame.h"
#include "tests/pipeline/rig.h"

enum {
	SOURCE_OFFSET = 14 + 12,
	BURST = 64,
	SLICES_MAX = 4000000,
	/* Shorter slices have no context switch in them. */
	SWITCH_US = 10,
};

struct aging {
	const struct aging_config *config;
	struct aging_result *result;
	struct rig rig;
	uint8_t frames[2][FRAME_SIZE]; /* from the source and back */
	uint16_t length;
	uint32_t next_active;
	long switches;
};

static uint32_t stride(const struct aging *aging)
{
	return aging->config->flows / aging->config->active;
}

/* One packet of each of count flows, the first and every step-th behind it, by a side. */
static void send_flows(
	struct aging *aging, uint32_t first, uint32_t step, unsigned count, bool back, uint64_t now)
{
	struct rte_mbuf *mbufs[BURST], *sent[SENT_MAX];
	uint8_t *frame = aging->frames[back];

	for (unsigned i = 0; i < count; i++) {
		uint32_t flow =
			(uint32_t)(((uint64_t)first + (uint64_t)i * step) % aging->config->flows);
		uint32_t address = rte_cpu_to_be_32(RTE_IPV4(10, 0, 0, 0) + flow);

		memcpy(frame + SOURCE_OFFSET + (back ? 4 : 0), &address, sizeof(address));
		mbufs[i] = rig_mbuf(&aging->rig, frame, aging->length, 0, 0);
	}
	rte_pktmbuf_free_bulk(
		sent, pipeline_burst(aging->rig.worker, mbufs, (uint16_t)count, now, sent));
}

/* Called for each flow that leaves. */
static void flow_ended(const struct flow_record *record, void *context)
{
	struct aging *aging = context;
	double late = (double)(record->captured - record->last_seen - aging->config->timeout) / 1e6;
	uint32_t address;

	memcpy(&address, record->source, sizeof(address));
	if ((rte_be_to_cpu_32(address) & 0xffffff) % stride(aging) == 0)
		aging->result->active_ended++;
	if (late > aging->result->latest_ms)
		aging->result->latest_ms = late;
	aging->result->ended++;
}

/* The flows in the order of their positions, then their last packets in another one. Returns the
 * time of the last. */
static uint64_t fill(struct aging *aging)
{
	enum { STEP = 618041 };
	const struct aging_config *config = aging->config;
	uint64_t now = SECOND;

	for (uint32_t i = 0; i < config->flows; i += BURST) {
		unsigned count = RTE_MIN(config->flows - i, (uint32_t)BURST);

		send_flows(aging, i, 1, count, false, now);
		send_flows(aging, i, 1, count, true, now);
	}
	for (uint32_t i = 0; i < config->flows; i += BURST) {
		now = SECOND + (uint64_t)i * config->spread / config->flows;
		send_flows(aging, (uint32_t)((uint64_t)i * STEP % config->flows), STEP,
			RTE_MIN(config->flows - i, (uint32_t)BURST), false, now);
	}
	return now;
}

static bool was_switched(struct aging *aging)
{
	long before = aging->switches;
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	aging->switches = usage.ru_nvcsw + usage.ru_nivcsw;
	return aging->switches != before;
}

/* One slice, and a burst of active flows behind it. */
static void step(struct aging *aging, uint64_t now)
{
	struct aging_result *result = aging->result;
	uint32_t before = result->ended;
	uint64_t begin = rte_rdtsc();
	double us;

	expire_slice(aging->rig.worker, now);
	us = (double)(rte_rdtsc() - begin) * 1e6 / (double)rte_get_tsc_hz();
	if (!(us > SWITCH_US && was_switched(aging)) && result->ended > before &&
		result->slices < SLICES_MAX)
		result->slice_us[result->slices++] = us;
	send_flows(aging, aging->next_active, stride(aging), BURST, false, now);
	aging->next_active = (aging->next_active + BURST * stride(aging)) % aging->config->flows;
}

static int compare_doubles(const void *left, const void *right)
{
	const double *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

/* Wait as often as there were slices, each time for the median one's time. */
static void measure_noise(struct aging *aging)
{
	struct aging_result *result = aging->result;
	double tick_us = 1e6 / (double)rte_get_tsc_hz(), wait_us = 0;
	uint32_t count = 0;

	if (result->slices > 0)
		wait_us = result->slice_us[result->slices / 2];
	while (count < result->slices) {
		uint64_t begin = rte_rdtsc();
		double us;

		do {
			us = (double)(rte_rdtsc() - begin) * tick_us;
		} while (us < wait_us);
		if (!(us > SWITCH_US && was_switched(aging)))
			result->noise_us[count++] = us;
	}
	qsort(result->noise_us, count, sizeof(*result->noise_us), compare_doubles);
}

static void init(struct aging *aging)
{
	const struct frame_spec there = {UDP4, .payload = 18}, back = {UDP4_BACK, .payload = 18};
	uint32_t l3;

	aging->length = frame_build(&there, aging->frames[0], &l3);
	frame_build(&back, aging->frames[1], &l3);
	rig_init(&aging->rig, aging->config->flows, NULL, NULL, 0, ACTION_ALLOW);
	for (unsigned i = 0; i < TIMEOUT_COUNT; i++)
		aging->rig.timeouts[i] = aging->config->timeout;
	aging->result->slice_us = malloc(SLICES_MAX * sizeof(*aging->result->slice_us));
	aging->result->noise_us = malloc(SLICES_MAX * sizeof(*aging->result->noise_us));
	program_must(aging->result->slice_us != NULL && aging->result->noise_us != NULL,
		"no memory for times");
	aging->rig.worker->flow_ended = flow_ended;
	aging->rig.worker->flow_ended_context = aging;
}

void aging_run(const struct aging_config *config, struct aging_result *ret_result)
{
	struct aging *aging = calloc(1, sizeof(*aging));
	uint64_t now, end;

	program_must(aging != NULL, "no memory");
	*ret_result = (struct aging_result){0};
	aging->config = config;
	aging->result = ret_result;
	init(aging);
	now = fill(aging);
	/* Until the first is due nothing happens but that active flows have packets. */
	aging->rig.worker->expire_last = now;
	end = now + config->timeout + 2 * SECOND;
	for (uint32_t i = 0; i < config->active; i += BURST)
		send_flows(aging, i * stride(aging), stride(aging), BURST, false, now);
	while (now < end && ret_result->ended < config->flows - config->active)
		step(aging, now += config->step);
	qsort(ret_result->slice_us, ret_result->slices, sizeof(*ret_result->slice_us),
		compare_doubles);
	measure_noise(aging);
	aging->rig.worker->flow_ended = NULL;
	rig_fini(&aging->rig);
	free(aging);
}
