/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fragments between workers: whichever one receives them, all of a datagram reach the one that owns
 * its flow, the first one before the others; by the workers' own steering, and by RSS. So do ICMP
 * errors, by the flow that they quote.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_ethdev.h>
#include <rte_malloc.h>

#include "dataplane/handover.h"
#include "dataplane/parse.h"
#include "tests/pipeline/frame.h"
#include "tests/pipeline/rig.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

enum { WORKERS = 3, DATAGRAMS = 100, PIECES = 4, PACKETS = DATAGRAMS * (PIECES + 1) };

static const uint8_t peers[2] = {1, 0};

struct crew {
	struct worker *workers[WORKERS];
	struct rte_mempool *pool;
	unsigned arrived[DATAGRAMS];		 /* fragments at their flow's owner */
	unsigned owners[DATAGRAMS];		 /* by a packet of the flow that was not cut */
	struct rte_mbuf *kept[WORKERS][PACKETS]; /* in the order of arrival */
	unsigned kept_count[WORKERS];
};

static void crew_init(struct crew *crew, enum steer steer)
{
	struct hash_secret secret, own;
	struct mark mark;

	memset(crew, 0, sizeof(*crew));
	crew->pool = rte_pktmbuf_pool_create("crew", 2047, 0, 0, 2048, SOCKET_ID_ANY);
	assert_non_null(crew->pool);
	assert_int_equal(hash_secret_draw(&secret), 0);
	assert_int_equal(hash_secret_draw(&own), 0);
	assert_int_equal(mark_register(&mark), 0);
	for (unsigned i = 0; i < WORKERS; i++) {
		struct worker *worker = rte_zmalloc(NULL, sizeof(*worker), RTE_CACHE_LINE_SIZE);

		assert_non_null(worker);
		crew->workers[i] = worker;
		worker->index = i;
		worker->worker_count = WORKERS;
		worker->peers = peers;
		worker->steer = steer;
		worker->steer_secret = secret;
		worker->mark = mark;
		worker->rss = (struct rss){.functions = RTE_ETH_RSS_IP | RTE_ETH_RSS_UDP,
			.reta_size = 128,
			.queues = WORKERS};
		rss_set_key(&worker->rss, 0x6d5a);
		worker->fragments = fragment_table_create(1024, &own);
		assert_non_null(worker->fragments);
	}
	assert_int_equal(handover_init(crew->workers, WORKERS, SOCKET_ID_ANY), 0);
}

static void crew_fini(struct crew *crew)
{
	handover_fini(crew->workers, WORKERS);
	for (unsigned i = 0; i < WORKERS; i++) {
		rte_pktmbuf_free_bulk(crew->kept[i], crew->kept_count[i]);
		fragment_table_destroy(crew->workers[i]->fragments);
		rte_free(crew->workers[i]);
	}
	assert_int_equal(rte_mempool_in_use_count(crew->pool), 0);
	rte_mempool_free(crew->pool);
}

static struct rte_mbuf *write_frame(struct crew *crew, const struct frame_spec *spec)
{
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(crew->pool);
	uint8_t frame[FRAME_SIZE];
	uint16_t length;
	uint32_t l3;

	assert_non_null(mbuf);
	length = frame_build(spec, frame, &l3);
	memcpy(rte_pktmbuf_append(mbuf, length), frame, length);
	mbuf->port = 0;
	return mbuf;
}

/* Packet number of the test: of its datagram the first PIECES are fragments, then a whole one. */
static struct frame_spec spec_of(unsigned number)
{
	unsigned datagram = number / (PIECES + 1), piece = number % (PIECES + 1);
	bool ipv4 = datagram % 2 == 0, cut = piece < PIECES;

	return (struct frame_spec){.source = ipv4 ? "10.0.0.1" : "2001:db8::1",
		.destination = ipv4 ? "10.0.0.2" : "2001:db8::2",
		.protocol = 17,
		.source_port = 1000 + datagram,
		.destination_port = 53,
		.payload = piece == 0 ? 32 : 40,
		.fragment_header = !ipv4 && cut,
		.fragment_id = datagram,
		.fragment_offset = cut ? piece * 40 : 0,
		.more_fragments = piece < PIECES - 1};
}

static struct rte_mbuf *build(struct crew *crew, unsigned number)
{
	struct frame_spec spec = spec_of(number);

	return write_frame(crew, &spec);
}

static void keep(struct crew *crew, unsigned worker, struct rte_mbuf **mbufs, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		crew->kept[worker][crew->kept_count[worker]++] = mbufs[i];
}

/* Empty the rings as the workers do, until nothing moves. */
static void pump(struct crew *crew)
{
	bool moved = true;

	while (moved) {
		moved = false;
		for (unsigned i = 0; i < WORKERS * WORKERS; i++) {
			struct worker *worker = crew->workers[i / WORKERS];
			struct rte_mbuf *mbufs[BURST_MAX], *own[STEERED_MAX];
			unsigned from = i % WORKERS, count;

			if (from == worker->index)
				continue;
			count = rte_ring_sc_dequeue_burst(
				worker->owned_in[from], (void **)mbufs, BURST_MAX, NULL);
			keep(crew, worker->index, mbufs, count);
			moved |= count > 0;
			count = rte_ring_sc_dequeue_burst(
				worker->fragments_in[from], (void **)mbufs, BURST_MAX, NULL);
			keep(crew, worker->index, own, handover_meet(worker, mbufs, count, 0, own));
			moved |= count > 0;
		}
	}
}

/* What a worker got: whole packets and fragments of its own flows, with their ports. */
static void check_kept(struct crew *crew, unsigned index)
{
	const struct worker *worker = crew->workers[index];

	for (unsigned i = 0; i < crew->kept_count[index]; i++) {
		struct rte_mbuf *mbuf = crew->kept[index][i];
		struct packet packet;
		const uint16_t *ports;
		unsigned datagram;

		assert_int_equal(parse_packet(mbuf, &packet), DROP_NONE);
		assert_int_equal(mark_take(&worker->mark, mbuf, &packet), packet.fragment);
		assert_false(mark_take(&worker->mark, mbuf, &packet));
		ports = packet.version == 4 ? packet.key.v4.ports : packet.key.v6.ports;
		assert_int_equal(rte_be_to_cpu_16(ports[!packet.end]), 53);
		datagram = rte_be_to_cpu_16(ports[packet.end]) - 1000;
		assert_int_equal(crew->owners[datagram], index);
		if (!packet.fragment)
			continue;
		assert_int_equal(crew->arrived[datagram] == 0, !packet.later_fragment);
		crew->arrived[datagram]++;
	}
}

static void run(enum steer steer, unsigned seed)
{
	static struct crew crew;
	unsigned order[PACKETS];

	crew_init(&crew, steer);
	for (unsigned i = 0; i < PACKETS; i++) {
		unsigned other = rand_r(&seed) % (i + 1);

		order[i] = order[other];
		order[other] = i;
	}
	for (unsigned i = 0; i < PACKETS; i++) {
		struct rte_mbuf *mbuf = build(&crew, order[i]), *own[STEERED_MAX];
		bool whole = order[i] % (PIECES + 1) == PIECES;
		unsigned receiver = rand_r(&seed) % WORKERS;
		struct packet packet;

		if (whole && steer == STEER_FRAGMENTS) {
			/* The NIC brings it where it belongs. */
			assert_int_equal(parse_packet(mbuf, &packet), DROP_NONE);
			receiver = rss_queue(&crew.workers[0]->rss, &packet);
		}
		keep(&crew, receiver, own,
			handover_steer(crew.workers[receiver], &mbuf, 1, 0, own));
		if (rand_r(&seed) % 4 == 0)
			pump(&crew);
	}
	pump(&crew);
	for (unsigned i = 0; i < WORKERS; i++) {
		for (unsigned j = 0; j < crew.kept_count[i]; j++) {
			struct packet packet;

			parse_packet(crew.kept[i][j], &packet);
			if (!packet.fragment)
				crew.owners[rte_be_to_cpu_16(packet.version == 4
							    ? packet.key.v4.ports[packet.end]
							    : packet.key.v6.ports[packet.end]) -
					1000] = i;
		}
		assert_true(crew.kept_count[i] > 0);
	}
	for (unsigned i = 0; i < WORKERS; i++)
		check_kept(&crew, i);
	for (unsigned i = 0; i < DATAGRAMS; i++)
		assert_int_equal(crew.arrived[i], PIECES);
	crew_fini(&crew);
}

static void test_steered(void **state)
{
	(void)state;
	run(STEER_ALL, time(NULL));
}

static void test_rss(void **state)
{
	(void)state;
	run(STEER_FRAGMENTS, time(NULL));
}

/* A malformed first fragment goes to its datagram, too, and takes it along. */
static void test_malformed(void **state)
{
	static struct crew crew;
	uint64_t drops = 0;

	(void)state;
	crew_init(&crew, STEER_FRAGMENTS);
	for (unsigned i = 0; i < 40; i++) {
		struct rte_mbuf *mbuf = build(&crew, i / 4 * (PIECES + 1) + i % 4);
		struct rte_mbuf *own[STEERED_MAX];
		unsigned header = i / 4 % 2 == 0 ? 14 + 20 : 14 + 40 + 8;

		/* UDP's length: below its header's. */
		if (i % 4 == 0)
			memset(rte_pktmbuf_mtod_offset(mbuf, uint8_t *, header + 4), 0, 2);
		assert_int_equal(handover_steer(crew.workers[i % WORKERS], &mbuf, 1, 0, own), 0);
		pump(&crew);
	}
	for (unsigned i = 0; i < WORKERS; i++) {
		assert_int_equal(crew.kept_count[i], 0);
		drops += crew.workers[i]->port_stats[0].drops[DROP_UDP_LENGTH];
	}
	assert_int_equal(drops, 40);
	crew_fini(&crew);
}

/* The worker that a packet comes to, when receiver has it first. */
static unsigned arrives_at(struct crew *crew, struct rte_mbuf *mbuf, unsigned receiver)
{
	struct rte_mbuf *own[STEERED_MAX];
	unsigned before[WORKERS], at = 0;

	memcpy(before, crew->kept_count, sizeof(before));
	keep(crew, receiver, own, handover_steer(crew->workers[receiver], &mbuf, 1, 0, own));
	pump(crew);
	while (crew->kept_count[at] == before[at])
		at++;
	return at;
}

/* An ICMP error comes to the owner of the flow that it quotes; RSS takes it elsewhere. */
static void test_errors(void **state)
{
	static const enum steer steers[] = {STEER_ALL, STEER_FRAGMENTS};
	static struct crew crew;

	(void)state;
	for (unsigned i = 0; i < 2 * DATAGRAMS; i++) {
		unsigned whole = i / 2 * (PIECES + 1) + PIECES;
		struct frame_spec quoted = spec_of(whole);
		bool ipv4 = i / 2 % 2 == 0;
		struct frame_spec error = {
			.source = ipv4 ? "10.9.9.9" : "2001:db8:9::9",
			.destination = quoted.source,
			.protocol = ipv4 ? 1 : 58,
			.icmp_type = ICMP_TYPE(ipv4 ? 3 : 1),
			.quote = &quoted,
		};
		struct rte_mbuf *mbuf;
		struct packet packet;
		unsigned receiver = 0;

		crew_init(&crew, steers[i % 2]);
		mbuf = build(&crew, whole);
		assert_int_equal(parse_packet(mbuf, &packet), DROP_NONE);
		if (steers[i % 2] == STEER_FRAGMENTS)
			receiver = rss_queue(&crew.workers[0]->rss, &packet);
		assert_int_equal(arrives_at(&crew, write_frame(&crew, &error), i % WORKERS),
			arrives_at(&crew, mbuf, receiver));
		crew_fini(&crew);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steered),
		cmocka_unit_test(test_rss),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_errors),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
