/* SPDX-License-Identifier: BSD-3-Clause */
/* Live workers on DPDK's ring ports: life-cycle, handing over between workers, counters, full
 * rings. */
#include <string.h>

#include <rte_eal.h>
#include <rte_eth_ring.h>
#include <rte_malloc.h>

#include "dataplane/clock.h"
#include "dataplane/dataplane.h"
#include "dataplane/handover.h"
#include "tests/pipeline/frame.h"
#include "tests/pipeline/rig.h"
#include "tests/unit/check.h"

enum { FLOWS = 400, ROUNDS = 5, SMALL_RING = 64, LARGE_RING = 4096, DEADLINE_SECONDS = 20 };

static const struct match everything;

/* Two ports made of rings that the test holds the other ends of. */
struct wires {
	struct rte_ring *in[2];
	struct rte_ring *out[2];
	struct rte_mempool *pool;
	struct policy *policy;
	struct dataplane *dataplane;
};

static void wires_init(struct wires *wires, const char *name, unsigned out_size, uint16_t workers)
{
	struct dataplane_config config = {.peers = {1, 0},
		.port_count = 2,
		.worker_count = workers,
		.worker_cpus = {0, 1},
		.idle_sleep_us = 50,
		.flows = {.capacity = 1024, .pass_non_ip = true}};
	char message[256] = "";

	wires->pool =
		rte_pktmbuf_pool_create(name, 8191, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	assert_non_null(wires->pool);
	for (unsigned i = 0; i < 2; i++) {
		char text[32];

		snprintf(text, sizeof(text), "%s-in%u", name, i);
		wires->in[i] = rte_ring_create(text, LARGE_RING, SOCKET_ID_ANY, 0);
		snprintf(text, sizeof(text), "%s-out%u", name, i);
		wires->out[i] = rte_ring_create(text, out_size, SOCKET_ID_ANY, 0);
		assert_non_null(wires->in[i]);
		assert_non_null(wires->out[i]);
		snprintf(text, sizeof(text), "%s%u", name, i);
		assert_true(rte_eth_from_rings(text, &wires->in[i], 1, &wires->out[i], 1, 0) >= 0);
		snprintf(config.ports[i].name, sizeof(config.ports[i].name), "port%u", i);
		snprintf(config.ports[i].device, sizeof(config.ports[i].device), "net_ring_%s",
			text);
	}
	for (unsigned i = 0; i < TIMEOUT_COUNT; i++)
		config.flows.timeouts[i] = 1000;
	wires->policy = rig_policy(NULL, NULL, 0, ACTION_ALLOW, workers);
	if (dataplane_create(&config, wires->policy, message, sizeof(message), &wires->dataplane) <
			0 ||
		dataplane_start(wires->dataplane, message, sizeof(message)) < 0)
		fail_msg("%s", message);
}

static unsigned drain_free(struct rte_ring *ring)
{
	unsigned count = 0;
	void *mbuf;

	for (; rte_ring_dequeue(ring, &mbuf) == 0; count++)
		rte_pktmbuf_free(mbuf);
	return count;
}

static void wires_fini(struct wires *wires)
{
	dataplane_stop(wires->dataplane);
	dataplane_destroy(wires->dataplane);
	policy_destroy(wires->policy);
	for (unsigned i = 0; i < 2; i++) {
		drain_free(wires->in[i]);
		drain_free(wires->out[i]);
		rte_ring_free(wires->in[i]);
		rte_ring_free(wires->out[i]);
	}
	rte_mempool_free(wires->pool);
}

/* A UDP packet of flow number, from its source (by port 0) or back (by port 1). */
static void inject(struct wires *wires, unsigned number, bool back)
{
	struct frame_spec spec = {.source = "10.0.0.1",
		.destination = "10.0.0.2",
		.protocol = 17,
		.source_port = 1000 + number,
		.destination_port = 53,
		.payload = 10};
	struct frame_spec reply = {.source = "10.0.0.2",
		.destination = "10.0.0.1",
		.protocol = 17,
		.source_port = 53,
		.destination_port = 1000 + number,
		.payload = 20};
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(wires->pool);
	uint8_t frame[FRAME_SIZE];
	uint16_t length;
	uint32_t l3;

	assert_non_null(mbuf);
	length = frame_build(back ? &reply : &spec, frame, &l3);
	memcpy(rte_pktmbuf_append(mbuf, length), frame, length);
	assert_int_equal(rte_ring_enqueue(wires->in[back], mbuf), 0);
}

static uint64_t drops_of(const struct port_status *status)
{
	uint64_t drops = 0;

	for (unsigned i = 0; i < DROP_COUNT; i++)
		drops += status->drops[i];
	return drops;
}

/* Wait until all that a port received was sent by the other or dropped. */
static void wait_forwarded(
	struct wires *wires, unsigned port, uint64_t received, struct port_status status[2])
{
	uint64_t deadline = clock_now() + DEADLINE_SECONDS * NANOSECONDS;

	for (;;) {
		dataplane_port_status(wires->dataplane, port, &status[0]);
		dataplane_port_status(wires->dataplane, !port, &status[1]);
		if (status[0].rx_packets == received &&
			status[1].tx_packets + drops_of(&status[0]) == received)
			return;
		if (clock_now() > deadline)
			fail_msg("received %lu, sent %lu, dropped %lu of %lu", status[0].rx_packets,
				status[1].tx_packets, drops_of(&status[0]), received);
		rte_delay_us_sleep(100);
	}
}

static void test_tx_full(void **state)
{
	struct port_status status[2];
	struct wires wires;

	(void)state;
	wires_init(&wires, "small", SMALL_RING, 1);
	for (unsigned i = 0; i < 100; i++)
		inject(&wires, i, false);
	wait_forwarded(&wires, 0, 100, status);
	/* A ring of 64 holds 63. */
	assert_int_equal(status[1].tx_packets, SMALL_RING - 1);
	assert_int_equal(status[0].drops[DROP_TX_FULL], 100 - (SMALL_RING - 1));
	assert_int_equal(status[0].rx_bytes, 100 * 52);
	assert_int_equal(status[1].tx_bytes, (SMALL_RING - 1) * 52);
	assert_int_equal(drain_free(wires.out[1]), SMALL_RING - 1);
	wires_fini(&wires);
}

/* Take all records of a capture of everything; counts by flow number. */
static void capture(
	struct wires *wires, uint16_t workers, struct flow_record *flows, unsigned *counts)
{
	struct walk_request request = {.id = 3,
		.kind = WALK_CAPTURE,
		.start = dataplane_now(),
		.deadline = dataplane_now() + DEADLINE_SECONDS * NANOSECONDS};
	struct classifier *filter;
	unsigned closes = 0;

	assert_int_equal(classifier_create(&everything, 1, &filter), 0);
	request.filter = filter;
	walk_scope_init(&request.scope);
	for (uint16_t worker = 0; worker < workers; worker++)
		assert_int_equal(dataplane_request(wires->dataplane, worker, &request), 0);
	while (closes < workers) {
		for (uint16_t worker = 0; worker < workers; worker++) {
			struct record record;

			if (dataplane_records(wires->dataplane, worker, &record, 1) == 0)
				continue;
			assert_int_equal(record.id, 3);
			assert_int_equal(record.worker, worker);
			if (record.type == RECORD_CLOSE) {
				assert_int_equal(record.close.walked, record.close.positions);
				closes++;
			} else {
				flows[record.flow.source_port - 1000] = record.flow;
				counts[record.flow.source_port - 1000]++;
			}
		}
		assert_true(dataplane_now() < request.deadline);
	}
	classifier_destroy(filter);
}

/* Ports with one queue each, two workers: each flow is one worker's, and whole. */
static void test_two_workers(void **state)
{
	static struct flow_record flows[FLOWS];
	static unsigned counts[FLOWS];
	struct worker_status first, second;
	struct port_status status[2];
	struct wires wires;

	(void)state;
	wires_init(&wires, "large", LARGE_RING, 2);
	for (unsigned round = 1; round <= ROUNDS; round++) {
		for (unsigned i = 0; i < FLOWS; i++)
			inject(&wires, i, false);
		wait_forwarded(&wires, 0, round * FLOWS, status);
		for (unsigned i = 0; i < FLOWS; i++)
			inject(&wires, i, true);
		wait_forwarded(&wires, 1, round * FLOWS, status);
	}
	assert_int_equal(drops_of(&status[0]) + drops_of(&status[1]), 0);
	assert_int_equal(drain_free(wires.out[0]), ROUNDS * FLOWS);
	assert_int_equal(drain_free(wires.out[1]), ROUNDS * FLOWS);

	capture(&wires, 2, flows, counts);
	for (unsigned i = 0; i < FLOWS; i++) {
		assert_int_equal(counts[i], 1);
		assert_memory_equal(flows[i].packets, ((uint64_t[2]){ROUNDS, ROUNDS}),
			sizeof(flows[i].packets));
		assert_memory_equal(flows[i].bytes, ((uint64_t[2]){ROUNDS * 38, ROUNDS * 48}),
			sizeof(flows[i].bytes));
		assert_int_equal(flows[i].state, FLOW_ESTABLISHED);
	}
	dataplane_worker_status(wires.dataplane, 0, &first);
	dataplane_worker_status(wires.dataplane, 1, &second);
	assert_int_equal(first.flows_ipv4 + second.flows_ipv4, FLOWS);
	/* 400 fair coins: below 100 on one side has a chance under 10^-24. */
	assert_true(first.flows_ipv4 > 100 && second.flows_ipv4 > 100);
	wires_fini(&wires);
}

/* The worker has had the time to take a packet or a request. */
static void wait_polls(struct wires *wires)
{
	struct worker_status status, now;

	dataplane_worker_status(wires->dataplane, 0, &status);
	for (now = status; now.polls < status.polls + 100;)
		dataplane_worker_status(wires->dataplane, 0, &now);
}

static void take_record(struct wires *wires, struct record *record)
{
	while (dataplane_records(wires->dataplane, 0, record, 1) == 0)
		;
}

/* A window of a live worker, and one that is canceled. */
static void test_window(void **state)
{
	struct walk_request request = {.id = 5, .deadline = UINT64_MAX};
	struct record record;
	struct wires wires;

	(void)state;
	wires_init(&wires, "window", LARGE_RING, 1);
	walk_scope_init(&request.scope);
	inject(&wires, 0, false);
	wait_polls(&wires);
	for (; request.id < 7; request.id++) {
		assert_int_equal(dataplane_window_create(wires.dataplane, 0, &request.window), 0);
		request.start = dataplane_now();
		request.window_end = request.id == 5 ? request.start + NANOSECONDS : UINT64_MAX;
		assert_int_equal(dataplane_request(wires.dataplane, 0, &request), 0);
		wait_polls(&wires);
		if (request.id == 5) {
			for (unsigned i = 0; i < 7; i++)
				inject(&wires, 0, false);
			take_record(&wires, &record);
			assert_int_equal(record.flow.packets[0], 8);
			assert_int_equal(record.flow.window_packets, 7);
			assert_int_equal(record.flow.window_bytes, 7 * 38);
		}
		dataplane_cancel(wires.dataplane, 0, request.id);
		take_record(&wires, &record);
		assert_int_equal(record.type, RECORD_CLOSE);
		assert_int_equal(record.id, request.id);
		window_destroy(request.window);
	}
	wires_fini(&wires);
}

/* Policies change under traffic: no packet is lost but to a policy, each old one is retired. */
static void test_publish(void **state)
{
	uint64_t deadline, token, dropped = 0;
	struct port_status status[2];
	struct policy *policies[2];
	struct wires wires;

	(void)state;
	wires_init(&wires, "publish", LARGE_RING, 2);
	for (unsigned round = 1; round <= 20; round++) {
		enum action action = round % 2 == 1 ? ACTION_DROP : ACTION_ALLOW;

		policies[round % 2] = rig_policy(NULL, NULL, 0, action, 2);
		token = dataplane_publish(wires.dataplane, policies[round % 2], POLICY_REEVALUATE);
		deadline = clock_now() + DEADLINE_SECONDS * NANOSECONDS;
		while (!dataplane_policy_retired(wires.dataplane, token))
			assert_true(clock_now() < deadline);
		/* From here on no worker sees the one before. */
		policy_destroy(round == 1 ? NULL : policies[(round - 1) % 2]);
		for (unsigned i = 0; i < FLOWS; i++)
			inject(&wires, i, false);
		wait_forwarded(&wires, 0, round * FLOWS, status);
		dropped += action == ACTION_DROP ? FLOWS : 0;
		assert_int_equal(status[0].drops[DROP_DEFAULT_ACTION], dropped);
		assert_int_equal(drops_of(&status[0]), dropped);
		drain_free(wires.out[1]);
	}
	wires_fini(&wires);
	policy_destroy(policies[0]);
}

/* A worker that does not take what it is handed: the packets past its ring are counted, not lost.
 */
static void test_handover_full(void **state)
{
	static struct worker workers[2];
	struct worker *both[2] = {&workers[0], &workers[1]};
	static const uint8_t peers[2] = {1, 0};
	struct rte_mempool *pool =
		rte_pktmbuf_pool_create("handover", 4095, 0, 0, 2048, SOCKET_ID_ANY);
	struct frame_spec spec = {.source = "10.0.0.1",
		.destination = "10.0.0.2",
		.protocol = 17,
		.destination_port = 53};
	struct hash_secret secret;
	uint64_t kept = 0, drops;
	uint8_t frame[FRAME_SIZE];

	(void)state;
	assert_non_null(pool);
	assert_int_equal(hash_secret_draw(&secret), 0);
	for (unsigned i = 0; i < 2; i++) {
		workers[i].index = i;
		workers[i].worker_count = 2;
		workers[i].steer = STEER_ALL;
		workers[i].peers = peers;
		workers[i].steer_secret = secret;
	}
	assert_int_equal(handover_init(both, 2, SOCKET_ID_ANY), 0);
	for (unsigned i = 0; i < 4000; i++) {
		struct rte_mbuf *mbuf = rte_pktmbuf_alloc(pool), *own[STEERED_MAX];
		uint16_t length;
		uint32_t l3;

		spec.source_port = i;
		length = frame_build(&spec, frame, &l3);
		memcpy(rte_pktmbuf_append(mbuf, length), frame, length);
		mbuf->port = 0;
		if (handover_steer(&workers[0], &mbuf, 1, 0, own) == 1) {
			rte_pktmbuf_free(mbuf);
			kept++;
		}
	}
	/* About half are the other's: more than its ring of 1,023 holds. */
	drops = 4000 - kept - 1023;
	assert_int_equal(rte_ring_count(workers[0].owned_out[1]), 1023);
	assert_int_equal(workers[0].port_stats[0].drops[DROP_HANDOVER_FULL], drops);

	for (unsigned i = 0; i < 2000; i++) {
		struct rte_mbuf *mbuf = rte_pktmbuf_alloc(pool);

		assert_non_null(mbuf);
		mbuf->port = 1; /* to send by: received by port 0 */
		handover_send(&workers[0], 1, &mbuf, 1);
	}
	assert_int_equal(rte_ring_count(workers[0].send_out[1]), 1023);
	assert_int_equal(workers[0].port_stats[0].drops[DROP_HANDOVER_FULL], drops + 2000 - 1023);
	handover_fini(both, 2);
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
	rte_mempool_free(pool);
}

int main(void)
{
	char *arguments[] = {"test", "--no-huge", "--no-shconf", "--no-pci", "--no-telemetry",
		"-m512", "--lcores=0@(0,1),1@0,2@1", "--log-level=error"};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tx_full),
		cmocka_unit_test(test_two_workers),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_publish),
		cmocka_unit_test(test_handover_full),
	};

	if (rte_eal_init(RTE_DIM(arguments), arguments) < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
