/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * established: packets of flows that are established, through pipeline_burst(), and what they cost.
 *
 * Usage: established udp4|tcp4|udp6|tcp6 FLOWS BURSTS
 *
 * All checks are on, TCP's too, and a rule passes the flows. FLOWS of them get packets each way, until
 * no rule is asked any more; then come BURSTS bursts of 64, the frames of 64 bytes with their FCS, each
 * burst by one port. Prints the packets of these bursts and the cycles that the pipeline took for one,
 * the median of the bursts. Each of them is one call of measured(), for callgrind's --toggle-collect;
 * the secret of the hash is a fixed one, so that its counts are the same each time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_ip.h>
#include <rte_malloc.h>

#include "dataplane/pipeline.h"
#include "tests/pipeline/frame.h"
#include "tests/pipeline/rig.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

enum {
	BURST = 64,
	FRAME_MIN = 60, /* without the FCS */
	FRAME_MAX = 80,
	ETHERNET = 14,
	STEP = 7919, /* a prime: flows that come one after another are not neighbours */
};

#define UDP6_BACK                                                                                  \
	.source = "2001:db8::2", .destination = "2001:db8::1", .protocol = 17, .source_port = 53,  \
	.destination_port = 1000
#define TCP6                                                                                       \
	.source = "2001:db8::1", .destination = "2001:db8::2", .protocol = 6, .source_port = 1000, \
	.destination_port = 80
#define TCP6_BACK                                                                                  \
	.source = "2001:db8::2", .destination = "2001:db8::1", .protocol = 6, .source_port = 80,   \
	.destination_port = 1000

static const struct {
	const char *name;
	struct frame_spec frames[2]; /* each way */
} kinds[] = {
	{"udp4", {{UDP4, .payload = 18}, {UDP4_BACK, .payload = 18}}},
	{"tcp4",
		{{TCP4, .tcp_flags = ACK, .seq = 2, .ack = 2},
			{TCP4_BACK, .tcp_flags = ACK, .seq = 2, .ack = 2}}},
	{"udp6", {{UDP6}, {UDP6_BACK}}},
	{"tcp6",
		{{TCP6, .tcp_flags = ACK, .seq = 2, .ack = 2},
			{TCP6_BACK, .tcp_flags = ACK, .seq = 2, .ack = 2}}},
};

struct bench {
	struct rig rig;
	struct frame_spec frames[2];
	struct rte_mbuf *mbufs[BURST];
	uint32_t flows;
	uint32_t next;
	uint64_t now;
};

/* The number of the flow goes into the client's address, and the checksums are made right. */
static void finish_frame(uint8_t *frame, bool reverse, uint32_t flow)
{
	uint8_t *ip = frame + ETHERNET;
	bool ipv4 = ip[0] >> 4 == 4;
	uint8_t *transport =
		ip + (ipv4 ? sizeof(struct rte_ipv4_hdr) : sizeof(struct rte_ipv6_hdr));
	bool tcp = ip[ipv4 ? 9 : 6] == 6;
	uint8_t *address = ipv4 ? ip + (reverse ? 16 : 12) : ip + (reverse ? 24 : 8) + 12;
	uint16_t sum;

	address[0] = 11; /* never the server's */
	for (unsigned i = 1; i < 4; i++)
		address[i] = flow >> 8 * (3 - i);
	memset(transport + (tcp ? 16 : 6), 0, 2);
	if (ipv4) {
		memset(ip + 10, 0, 2);
		sum = rte_ipv4_cksum((struct rte_ipv4_hdr *)ip);
		memcpy(ip + 10, &sum, 2);
		sum = rte_ipv4_udptcp_cksum((struct rte_ipv4_hdr *)ip, transport);
	} else {
		sum = rte_ipv6_udptcp_cksum((struct rte_ipv6_hdr *)ip, transport);
	}
	memcpy(transport + (tcp ? 16 : 6), &sum, 2);
}

/* The next flows' frames. */
static void prepare(struct bench *bench, const struct frame_spec *spec, bool reverse)
{
	static uint8_t frame[FRAME_SIZE];
	uint32_t l3;
	uint16_t length = frame_build(spec, frame, &l3);

	assert_true(length <= FRAME_MAX);
	for (unsigned i = 0; i < BURST; i++) {
		struct rte_mbuf *mbuf = bench->mbufs[i];

		rte_pktmbuf_reset(mbuf);
		memcpy(rte_pktmbuf_append(mbuf, RTE_MAX(length, FRAME_MIN)), frame,
			RTE_MAX(length, FRAME_MIN));
		finish_frame(rte_pktmbuf_mtod(mbuf, uint8_t *), reverse, bench->next);
		mbuf->port = reverse;
		bench->next = (bench->next + STEP) % bench->flows;
	}
}

/* A function of its own, for callgrind. */
__attribute__((noinline)) static uint16_t measured(struct bench *bench, struct rte_mbuf **sent)
{
	return pipeline_burst(bench->rig.worker, bench->mbufs, BURST, bench->now, sent);
}

static uint64_t pass_burst(struct bench *bench, const struct frame_spec *spec, bool reverse,
	uint16_t (*run)(struct bench *bench, struct rte_mbuf **sent))
{
	struct rte_mbuf *sent[SENT_MAX];
	uint64_t begin, end;

	prepare(bench, spec, reverse);
	bench->now += 1000;
	begin = rte_rdtsc_precise();
	assert_int_equal(run(bench, sent), BURST);
	end = rte_rdtsc_precise();
	return end - begin;
}

static uint16_t warm(struct bench *bench, struct rte_mbuf **sent)
{
	return pipeline_burst(bench->rig.worker, bench->mbufs, BURST, bench->now, sent);
}

static void pass_all(struct bench *bench, const struct frame_spec *spec, bool reverse)
{
	for (uint32_t done = 0; done < bench->flows; done += BURST)
		pass_burst(bench, spec, reverse, warm);
}

static void open_flows(struct bench *bench)
{
	if (bench->frames[0].protocol == 6) {
		struct frame_spec syn = bench->frames[0], answer = bench->frames[1];

		syn.tcp_flags = SYN;
		syn.seq = 1;
		answer.tcp_flags = SYN | ACK;
		answer.seq = 1;
		pass_all(bench, &syn, false);
		pass_all(bench, &answer, true);
	}
	for (unsigned round = 0; round < 2; round++) {
		pass_all(bench, &bench->frames[0], false);
		pass_all(bench, &bench->frames[1], true);
	}
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void bench_init(struct bench *bench, const struct frame_spec frames[2], uint32_t flows)
{
	static const uint8_t protocols[] = {6, 17};
	static const struct match match = {.protocols = protocols, .protocol_count = 2};
	static const enum action pass = ACTION_ALLOW;
	struct worker *worker;

	memset(bench, 0, sizeof(*bench));
	memcpy(bench->frames, frames, sizeof(bench->frames));
	bench->flows = flows;
	bench->now = SECOND;
	rig_init(&bench->rig, flows + flows / 4, &match, &pass, 1, ACTION_DROP);
	worker = bench->rig.worker;
	worker->tcp_unchecked = false;
	worker->checks = CHECK_BIT(CHECK_COUNT) - 1;
	for (unsigned i = 0; i < HASH_WORDS_MAX + 1; i++)
		worker->tables[0].secret.words[i] = worker->tables[1].secret.words[i] =
			UINT64_C(0x9e3779b97f4a7c15) * (i + 1);
	assert_int_equal(rte_pktmbuf_alloc_bulk(bench->rig.pool, bench->mbufs, BURST), 0);
}

static void run(struct bench *bench, unsigned bursts)
{
	uint64_t *times = malloc(bursts * sizeof(*times));

	assert_non_null(times);
	open_flows(bench);
	for (unsigned i = 0; i < bursts; i++)
		times[i] = pass_burst(bench, &bench->frames[i & 1], i & 1, measured);
	qsort(times, bursts, sizeof(*times), compare);
	printf("packets %u cycles %.1f\n", bursts * BURST, (double)times[bursts / 2] / BURST);
	free(times);
}

int main(int argc, char **argv)
{
	static struct bench bench;
	unsigned kind = 0;

	while (argc == 4 && kind < RTE_DIM(kinds) && strcmp(kinds[kind].name, argv[1]) != 0)
		kind++;
	if (argc != 4 || kind == RTE_DIM(kinds) || atoi(argv[2]) <= 0 || atoi(argv[3]) <= 0) {
		fprintf(stderr, "usage: established udp4|tcp4|udp6|tcp6 FLOWS BURSTS\n");
		return 2;
	}
	if (test_eal_init() < 0)
		return 1;
	bench_init(&bench, kinds[kind].frames, atoi(argv[2]));
	run(&bench, atoi(argv[3]));
	rte_pktmbuf_free_bulk(bench.mbufs, BURST);
	rig_fini(&bench.rig);
	return 0;
}
