/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The short way of plain packets against the long one, by chance: two workers get the same packets
 * at the same times under the same policies, one of them whole, and the other in buffers cut in pieces,
 * which no packet of the short way is. What they send, and all that they keep, is to be the same,
 * byte for byte.
 */
#include <stdlib.h>
#include <string.h>

#include <rte_malloc.h>

#include "dataplane/expire.h"
#include "dataplane/pipeline.h"
#include "tests/pipeline/random_policy.h"
#include "tests/pipeline/rig.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

enum {
	ROUNDS = 60,
	BURSTS = 300,	   /* of a round */
	POLICY_LAST = 100, /* bursts that a policy is in force */
	CONVERSATIONS = 40,
	CAPACITY = 64,
	PIECE_MIN = 14,
	CHECKS_ALL = CHECK_BIT(CHECK_COUNT) - 1,
};

/* Two ends that talk; of TCP, how far they are. */
struct talk {
	const char *addresses[2];
	uint16_t ports[2];
	uint8_t protocol;
	uint32_t numbers[2]; /* the next of each end */
	unsigned segments;
};

struct pair {
	unsigned seed;
	struct rig rig;
	struct worker *workers[2]; /* short way, long way */
	struct random_policy random;
	struct policy *policy;
	struct talk talks[CONVERSATIONS];
	uint64_t now;
	uint32_t generation;
	uint64_t packets, plain, passed; /* so far */
};

static bool one_in(uint32_t count)
{
	return random_below(count) == 0;
}

static void next_policy(struct pair *pair)
{
	policy_destroy(pair->policy);
	random_policy(&pair->random);
	/* Of half of them all comes to "pass", mostly by rules. */
	if (one_in(2)) {
		for (uint32_t i = 0; i < pair->random.rules.stateful_count; i++)
			pair->random.stateful[i].action =
				one_in(8) ? STATEFUL_ALERT : STATEFUL_PASS;
		for (uint32_t i = 0; i < pair->random.rules.stateless_count; i++)
			pair->random.stateless[i].verdict.action = STATELESS_FORWARD;
		pair->random.rules.stateless_default.action = STATELESS_FORWARD;
		pair->random.rules.stateful_default = 0;
	}
	assert_int_equal(policy_create(&pair->random.rules, 2, &pair->policy), 0);
	pair->policy->generation = ++pair->generation;
	pair->policy->kept_from = one_in(2) ? pair->generation : pair->generation - 1;
	for (unsigned i = 0; i < 2; i++)
		pair->workers[i]->policy = pair->policy;
}

static const char *next_address(bool ipv6)
{
	static const char *const plain[2][4] = {{"10.0.0.1", "10.0.0.255", "10.0.1.0", "192.0.2.1"},
		{"2001:db8::1", "2001:db8::2", "2001:db8:0:1::", "fd00::1"}};
	static const char *const special[2][6] = {
		{"0.0.0.0", "0.1.2.3", "127.0.0.1", "223.255.255.255", "224.0.0.1",
			"255.255.255.255"},
		{"::", "::1", "::ffff:10.0.0.1", "a00::", "fe80::1", "ff02::1"}};

	return one_in(16) ? special[ipv6][random_below(6)] : plain[ipv6][random_below(4)];
}

static void next_talk(struct talk *talk)
{
	static const uint8_t protocols[] = {6, 6, 6, 17, 17, 17, 132, 1, 58, 47};
	static const uint16_t ports[] = {0, 1, 53, 80, 1024, 65534, 65535};
	bool ipv6 = one_in(3);

	*talk = (struct talk){.protocol = protocols[random_below(RTE_DIM(protocols))]};
	for (unsigned end = 0; end < 2; end++) {
		talk->addresses[end] = next_address(ipv6);
		talk->ports[end] = ports[random_below(RTE_DIM(ports))];
		talk->numbers[end] = one_in(4) ? -random_below(1000) : (uint32_t)random();
	}
}

/* A segment of a connection that both ends open and then use, and now and then another one. */
static void next_segment(struct talk *talk, unsigned from, struct frame_spec *spec)
{
	static const uint8_t handshake[] = {SYN, SYN | ACK, ACK};

	if (talk->segments < RTE_DIM(handshake)) {
		spec->tcp_flags = handshake[talk->segments];
		spec->tcp_scale = talk->segments < 2 && one_in(2) ? 1 + random_below(15) : 0;
		spec->payload = 0;
	} else if (!one_in(32)) {
		spec->tcp_flags = one_in(4) ? ACK | PSH : ACK;
	}
	spec->seq = talk->numbers[from];
	spec->ack = talk->numbers[!from];
	spec->window = one_in(4) ? random_below(UINT16_MAX) : 0;
	spec->tcp_stamp = one_in(4) ? (uint32_t)random() : 0;
	if (one_in(16))
		spec->seq += random_below(200000) - 100000;
	else
		talk->numbers[from] += spec->payload + ((spec->tcp_flags & (SYN | FIN)) != 0);
	if (one_in(16))
		spec->ack += random_below(200000) - 100000;
	talk->segments++;
}

/* What is not plain, or is wrong: one thing about a packet. */
static void deviate(struct frame_spec *spec)
{
	switch (random_below(12)) {
	case 0:
		spec->sum_delta = 1 << random_below(16);
		break;
	case 1:
		spec->ip_sum_delta = 1 << random_below(16);
		break;
	case 2:
		spec->udp_without_sum = true;
		break;
	case 3:
		spec->total_length_delta = (int)random_below(41) - 20;
		break;
	case 4:
		spec->udp_length_delta = (int)random_below(41) - 20;
		break;
	case 5:
		spec->cut = PIECE_MIN + 1 + random_below(60);
		break;
	case 6:
		spec->padding = 1 + random_below(30);
		break;
	case 7:
		spec->ipv4_options = 4 * (1 + random_below(3));
		break;
	case 8:
		spec->vlans[0] = 1 + random_below(2);
		break;
	case 9:
		spec->tcp_words = random_below(16);
		break;
	case 10:
		spec->more_fragments = true;
		spec->fragment_header = true;
		spec->payload &= ~7;
		break;
	case 11:
		spec->fragment_offset = 8 * random_below(4);
		spec->fragment_header = true;
		break;
	}
}

/* Fill a datagram of IPv6 that goes without a sum so that 0 is right for one. */
static void make_zero_right(const struct frame_spec *spec, uint8_t *frame)
{
	uint8_t *ip = frame + 14, *udp = ip + 40, *payload = udp + 8;
	uint16_t length = 8 + spec->payload;
	uint16_t sum = ~frame_sum(udp, length, frame_sum(ip + 8, 32, 17 + length));

	payload[0] = sum >> 8;
	payload[1] = sum & 0xff;
}

static uint16_t next_frame(struct pair *pair, uint8_t frame[FRAME_SIZE])
{
	struct talk *talk = &pair->talks[random_below(CONVERSATIONS)];
	bool opening = talk->protocol == 6 && talk->segments < 3;
	unsigned from = opening ? talk->segments % 2 : random_below(2);
	struct frame_spec spec = {
		.source = talk->addresses[from],
		.destination = talk->addresses[!from],
		.protocol = talk->protocol,
		.source_port = talk->ports[from],
		.destination_port = talk->ports[!from],
		.tcp_flags = random_below(256),
		.payload = random_below(one_in(8) ? 1400 : 80),
		.hop_limit = 1 + random_below(255),
		.sums = true,
	};
	uint16_t length;
	uint32_t l3;

	if (talk->protocol == 6)
		next_segment(talk, from, &spec);
	if (one_in(200))
		next_talk(talk);
	if (one_in(16))
		deviate(&spec);
	memset(frame, 0, FRAME_SIZE);
	length = frame_build(&spec, frame, &l3);
	if (spec.udp_without_sum && spec.protocol == 17 && spec.payload >= 2 &&
		strchr(spec.source, ':') != NULL)
		make_zero_right(&spec, frame);
	return length;
}

/* What a device says of a packet's checksums. */
static uint64_t next_device(void)
{
	static const uint64_t flags[] = {RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD,
		RTE_MBUF_F_RX_IP_CKSUM_GOOD, RTE_MBUF_F_RX_L4_CKSUM_GOOD,
		RTE_MBUF_F_RX_IP_CKSUM_BAD, RTE_MBUF_F_RX_L4_CKSUM_BAD,
		RTE_MBUF_F_RX_L4_CKSUM_NONE};

	return one_in(4) ? flags[random_below(RTE_DIM(flags))] : 0;
}

/* A packet for both, as it is and in pieces. */
static void next_packet(struct pair *pair, struct rte_mbuf *ret_mbufs[2])
{
	uint8_t frame[FRAME_SIZE];
	uint16_t length = next_frame(pair, frame), port = random_below(2);
	uint16_t piece = PIECE_MIN + random_below(RTE_MIN(length - PIECE_MIN, 80));
	uint64_t device = next_device();

	ret_mbufs[0] = rig_mbuf(&pair->rig, frame, length, port, 0);
	ret_mbufs[1] = rig_mbuf(&pair->rig, frame, length, port, piece);
	for (unsigned i = 0; i < 2; i++)
		ret_mbufs[i]->ol_flags |= device;
}

static void check_sent(struct rte_mbuf *const *sent[2], uint16_t count)
{
	for (uint16_t i = 0; i < count; i++) {
		const struct rte_mbuf *a = sent[0][i], *b = sent[1][i];
		uint8_t scratch[2][FRAME_SIZE];

		assert_int_equal(a->port, b->port);
		assert_int_equal(a->pkt_len, b->pkt_len);
		assert_memory_equal(rte_pktmbuf_read(a, 0, a->pkt_len, scratch[0]),
			rte_pktmbuf_read(b, 0, b->pkt_len, scratch[1]), a->pkt_len);
	}
}

static void count_plain(struct pair *pair)
{
	const struct burst *bursts[2] = {&pair->workers[0]->burst, &pair->workers[1]->burst};

	for (unsigned i = 0; i < bursts[0]->count; i++) {
		const struct packet *packet = &bursts[0]->packets[i];
		bool plain = packet->version != 0 && packet->plain;

		assert_int_equal(bursts[0]->reasons[i], bursts[1]->reasons[i]);
		assert_false(bursts[1]->packets[i].version != 0 && bursts[1]->packets[i].plain);
		pair->plain += plain;
		pair->passed += plain && bursts[0]->reasons[i] == DROP_NONE;
	}
}

#define ASSERT_SAME(a, b, count) assert_memory_equal(a, b, (count) * sizeof(*(a)))

static void check_table(const struct flow_table *a, const struct flow_table *b)
{
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->unreplied.oldest, b->unreplied.oldest);
	assert_int_equal(a->unreplied.newest, b->unreplied.newest);
	assert_int_equal(a->unreplied.count, b->unreplied.count);
	ASSERT_SAME(a->flows, b->flows, CAPACITY);
	ASSERT_SAME(a->connections, b->connections, CAPACITY);
	ASSERT_SAME(a->paths, b->paths, CAPACITY);
	ASSERT_SAME(a->unreplied.links, b->unreplied.links, CAPACITY);
	assert_memory_equal(a->keys, b->keys, (size_t)CAPACITY * a->key_size);
}

static void check_workers(const struct pair *pair)
{
	const struct worker *a = pair->workers[0], *b = pair->workers[1];
	const struct policy_rules *rules = &pair->random.rules;
	struct rule_hits *const *hits = pair->policy->hits;

	check_table(&a->tables[0], &b->tables[0]);
	check_table(&a->tables[1], &b->tables[1]);
	ASSERT_SAME(&a->stats, &b->stats, 1);
	ASSERT_SAME(a->port_stats, b->port_stats, 2);
	assert_int_equal(rte_ring_count(a->events), rte_ring_count(b->events));
	ASSERT_SAME(hits[0], hits[1], pair->policy->stateful_hits + rules->stateful_count + 1);
}

/* Events and records are others' to look at. */
static void empty_rings(struct pair *pair)
{
	for (unsigned i = 0; i < 2; i++) {
		struct event_record event;
		struct record record;

		while (rte_ring_sc_dequeue_elem(pair->workers[i]->events, &event, sizeof(event)) ==
			0)
			;
		while (rte_ring_sc_dequeue_elem(
			       pair->workers[i]->records, &record, sizeof(record)) == 0)
			;
	}
}

static void run_burst(struct pair *pair)
{
	static const unsigned sizes[] = {1, 3, 32, BURST_MAX};
	struct rte_mbuf *mbufs[2][BURST_MAX], *sent[2][SENT_MAX];
	unsigned count = sizes[random_below(RTE_DIM(sizes))];
	uint16_t sent_count[2];

	for (unsigned i = 0; i < count; i++) {
		struct rte_mbuf *both[2];

		next_packet(pair, both);
		mbufs[0][i] = both[0];
		mbufs[1][i] = both[1];
	}
	/* Now and then so late that flows are over. */
	pair->now += one_in(16) ? random_below(40) * SECOND : random_below(1000000);
	for (unsigned i = 0; i < 2; i++) {
		sent_count[i] =
			pipeline_burst(pair->workers[i], mbufs[i], count, pair->now, sent[i]);
		expire_slice(pair->workers[i], pair->now);
	}
	assert_int_equal(sent_count[0], sent_count[1]);
	check_sent((struct rte_mbuf *const *[2]){sent[0], sent[1]}, sent_count[0]);
	count_plain(pair);
	check_workers(pair);
	empty_rings(pair);
	rte_pktmbuf_free_bulk(sent[0], sent_count[0]);
	rte_pktmbuf_free_bulk(sent[1], sent_count[1]);
	pair->packets += count;
}

/* The other worker is like the rig's, with its own counters in policies. */
static void pair_init(struct pair *pair)
{
	struct worker *other = rte_zmalloc("other", sizeof(*other), RTE_CACHE_LINE_SIZE);

	rig_init(&pair->rig, CAPACITY, NULL, NULL, 0, ACTION_ALLOW);
	pair->workers[0] = pair->rig.worker;
	pair->workers[1] = other;
	assert_non_null(other);
	other->timeouts = pair->rig.timeouts;
	other->peers = pair->rig.peers;
	other->pool = pair->rig.pool;
	other->index = 1;
	other->port_count = 2;
	other->worker_count = 1;
	assert_int_equal(worker_init(other, "other", CAPACITY, SOCKET_ID_ANY), 0);
	for (unsigned i = 0; i < 2; i++)
		other->tables[i].secret = pair->workers[0]->tables[i].secret;
}

static void pair_fini(struct pair *pair)
{
	/* No fragment waits any more. */
	for (unsigned i = 0; i < 2; i++) {
		struct rte_mbuf *sent[SENT_MAX];

		rte_pktmbuf_free_bulk(sent,
			pipeline_burst(pair->workers[i], NULL, 0, pair->now + 2 * FRAGMENT_LIFETIME,
				sent));
	}
	worker_fini(pair->workers[1]);
	rte_free(pair->workers[1]);
	rig_fini(&pair->rig);
}

static void run_round(struct pair *pair, unsigned seed)
{
	uint32_t checks;
	bool unchecked;

	srandom(seed);
	checks = one_in(2) ? CHECKS_ALL : random_below(CHECKS_ALL + 1);
	unchecked = one_in(4);
	for (unsigned i = 0; i < 2; i++) {
		pair->workers[i]->checks = checks;
		pair->workers[i]->tcp_unchecked = unchecked;
		pair->workers[i]->pass_non_ip = true;
	}
	for (unsigned i = 0; i < TIMEOUT_COUNT; i++)
		pair->rig.timeouts[i] = (1 + random_below(30)) * SECOND;
	for (unsigned i = 0; i < CONVERSATIONS; i++)
		next_talk(&pair->talks[i]);
	for (unsigned i = 0; i < BURSTS; i++) {
		if (i % POLICY_LAST == 0)
			next_policy(pair);
		run_burst(pair);
	}
}

static void test_random(void **state)
{
	const char *text = getenv("TIDEGATE_TEST_SEED");
	unsigned seed = text != NULL ? (unsigned)strtoul(text, NULL, 10) : 20261124;
	static struct pair pair = {.now = SECOND};

	(void)state;
	pair_init(&pair);
	for (unsigned i = 0; i < ROUNDS; i++) {
		print_message("seed %u\n", seed + i);
		run_round(&pair, seed + i);
	}
	print_message("%ju packets, %ju plain, %ju of these passed\n", (uintmax_t)pair.packets,
		(uintmax_t)pair.plain, (uintmax_t)pair.passed);
	assert_true(pair.plain > 100000 && pair.passed > 50000);
	policy_destroy(pair.policy);
	pair_fini(&pair);
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
