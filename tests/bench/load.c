/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/bench/load.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "tests/bench/program.h"

/* Writes the frames. Each port has its own instance, the worker is the same. */
static uint16_t receive(uint16_t device, uint16_t queue, struct rte_mbuf **mbufs, uint16_t count,
	uint16_t most, void *context)
{
	const struct load_port *port = context;
	struct load *load = port->load;
	/* Pairs with the store in load_switch(). */
	const struct load_source *source =
		atomic_load_explicit(&load->source, memory_order_acquire);
	uint16_t written = 0;

	(void)device;
	(void)queue;
	(void)most;
	/* Pairs with the load in load_switch(). By the last port, when no one has the other. */
	if (port->index == 1 && source != atomic_load_explicit(&load->seen, memory_order_relaxed))
		atomic_store_explicit(&load->seen, source, memory_order_release);
	while (source != NULL && written < count) {
		struct load_tuple tuple;
		uint8_t *frame = rte_pktmbuf_mtod(mbufs[written], uint8_t *);

		if (!source->next(source->context, port->index, &tuple))
			break;
		load_frame_write(frame, &tuple);
		written++;
	}
	rte_pktmbuf_free_bulk(mbufs + written, count - written);
	return written;
}

/* The first and the last CPU that the process may use. The caller keeps to the first. */
static uint16_t choose_cpus(void)
{
	uint16_t first = 0, last = CPU_SETSIZE - 1;
	cpu_set_t cpus;

	program_must(sched_getaffinity(0, sizeof(cpus), &cpus) == 0 && CPU_COUNT(&cpus) > 1,
		"two CPUs are needed");
	while (!CPU_ISSET(first, &cpus))
		first++;
	while (!CPU_ISSET(last, &cpus))
		last--;
	CPU_ZERO(&cpus);
	CPU_SET(first, &cpus);
	program_must(sched_setaffinity(0, sizeof(cpus), &cpus) == 0, "no CPU can be chosen");
	return last;
}

static struct policy *pass_everything(void)
{
	const struct policy_rules rules = {.stateless_default = {STATELESS_FORWARD, METRIC_NONE},
		.stateless_fragment_default = {STATELESS_FORWARD, METRIC_NONE}};
	struct policy *policy;

	program_must(policy_create(&rules, 1, &policy) == 0, "the policy does not compile");
	return policy;
}

static void attach(struct load *load, const struct dataplane_config *config)
{
	for (unsigned i = 0; i < 2; i++) {
		char name[PORT_NAME_SIZE];
		uint16_t device;

		snprintf(name, sizeof(name), "%.*s", (int)strcspn(config->ports[i].device, ","),
			config->ports[i].device);
		load->ports[i] = (struct load_port){.load = load, .index = i};
		program_must(rte_eth_dev_get_port_by_name(name, &device) == 0 &&
				rte_eth_add_rx_callback(device, 0, receive, &load->ports[i]) !=
					NULL &&
				burst_times_attach(&load->times, device) == 0,
			"receive callbacks are not possible");
	}
}

void load_init(struct load *load, const struct load_config *load_config)
{
	static struct dataplane_config config = {.peers = {1, 0},
		.port_count = 2,
		.worker_count = 1,
		.ports = {{"null0", "net_null0,size=60"}, {"null1", "net_null1,size=60"}}};
	const struct dataplane_eal_config eal = {.program = program_invocation_short_name,
		.dataplane = &config,
		.memory_megabytes = load_config->memory_megabytes,
		.hugepages = getenv("BENCH_HUGEPAGES") != NULL,
		.quiet = true};
	char message[256] = "";

	static_assert(LOAD_FRAME == 60, "the size of net_null's packets");
	*load = (struct load){.policy = load_config->policy};
	config.worker_cpus[0] = choose_cpus();
	config.flows.capacity = load_config->capacity;
	for (unsigned i = 0; i < TIMEOUT_COUNT; i++)
		config.flows.timeouts[i] = load_config->timeout;
	if (load->policy == NULL)
		load->policy = pass_everything();
	program_must(dataplane_init(&eal) == 0, "DPDK does not start");
	program_must(burst_times_init(&load->times, load_config->blocks + 1) == 0,
		"no memory for times");
	program_must(dataplane_create(&config, load->policy, message, sizeof(message),
			     &load->dataplane) == 0,
		message);
	attach(load, &config);
	program_must(dataplane_start(load->dataplane, message, sizeof(message)) == 0, message);
}

void load_stop(struct load *load)
{
	dataplane_stop(load->dataplane);
}

void load_fini(struct load *load)
{
	dataplane_destroy(load->dataplane);
	policy_destroy(load->policy);
	burst_times_fini(&load->times);
}

void load_switch(struct load *load, const struct load_source *source)
{
	uint64_t deadline = program_deadline();

	/* Pairs with the load in receive(). */
	atomic_store_explicit(&load->source, source, memory_order_release);
	/* Pairs with the store in receive(). */
	while (atomic_load_explicit(&load->seen, memory_order_acquire) != source)
		program_wait(deadline, "the worker does not poll");
}

uint64_t load_received(const struct load *load)
{
	struct port_status status[2];

	for (uint16_t i = 0; i < 2; i++)
		dataplane_port_status(load->dataplane, i, &status[i]);
	return status[0].rx_packets + status[1].rx_packets;
}

uint64_t load_dropped(const struct load *load)
{
	struct port_status status;
	uint64_t drops = 0;

	for (uint16_t port = 0; port < 2; port++) {
		dataplane_port_status(load->dataplane, port, &status);
		for (unsigned i = 0; i < DROP_COUNT; i++)
			drops += status.drops[i];
	}
	return drops;
}

static void wait_received(const struct load *load, uint64_t end)
{
	uint64_t deadline = program_deadline();

	while (load_received(load) < end) {
		program_wait(deadline, "the worker does not forward");
		rte_delay_us_sleep(100);
	}
}

void load_wait(const struct load *load, uint64_t packets)
{
	wait_received(load, load_received(load) + packets);
}

/* A packet of each flow by one of the ports. */
static void send_once(struct load *load, uint32_t first, uint32_t count, unsigned port)
{
	const uint64_t packets[2] = {port == 0 ? count : 0, port == 1 ? count : 0};
	struct load_cycle cycle;
	const struct load_source source = {load_cycle_next, &cycle};
	uint64_t before;

	load_cycle_init(&cycle, first, count, packets);
	load_switch(load, NULL);
	before = load_received(load);
	load_switch(load, &source);
	wait_received(load, before + count);
	load_switch(load, NULL);
}

void load_open(struct load *load, uint32_t first, uint32_t count, bool replied)
{
	/* Not all at once: the table does not hold as many unreplied flows as others. */
	enum { STRIDE = 65536 };

	for (uint32_t done = 0; done < count; done += STRIDE) {
		uint32_t some = RTE_MIN(count - done, (uint32_t)STRIDE);

		send_once(load, first + done, some, 0);
		if (!replied)
			continue;
		send_once(load, first + done, some, 1);
		/* The last ones for which the rules are asked. */
		send_once(load, first + done, some, 0);
		send_once(load, first + done, some, 1);
	}
}
