/* SPDX-License-Identifier: BSD-3-Clause */
/* Fragments at the bounds: how many are remembered and wait, what gives way, verdicts, and the
 * headers of IPv6. */
#include <string.h>

#include "dataplane/expire.h"
#include "tests/pipeline/fragment_rig.h"
#include "tests/pipeline/frame.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

/* A datagram has at most 64 fragments, enough for 65,535 bytes at 1,280 a packet. */
static void test_pieces(void **state)
{
	static struct fragment_rig run;
	bool held;

	(void)state;
	fragment_rig_init(&run);
	for (unsigned i = 0; i <= FRAGMENT_PIECES; i++) {
		struct piece piece = {.begin = i * 16, .end = i * 16 + 16, .more = true};

		assert_int_equal(fragment_rig_send(&run, &piece, 4, 0, &held),
			i < 64 ? DROP_NONE : DROP_FRAGMENT_LIMIT);
		assert_false(held);
	}
	assert_int_equal(
		fragment_rig_send(&run, &(struct piece){4096, 4104, .more = false}, 4, 0, &held),
		DROP_FRAGMENT_LIMIT);
	rig_fini(&run.rig);
}

/* 63 fragments of each of 8 datagrams wait, and 8 more; then there is no room for one, until the
 * first fragments come: each lets 63 go on, in a burst with the next one's. */
static void test_waiting(void **state)
{
	static struct fragment_rig run;
	struct rte_mbuf *mbufs[8], *sent[SENT_MAX];
	bool held;

	(void)state;
	fragment_rig_init(&run);
	for (unsigned i = 0; i < FRAGMENT_WAITING; i++) {
		uint16_t begin = (i / 8 + 1) * 16;
		struct piece piece = {begin, begin + 16, true, .id = i % 8};

		if (i >= 63 * 8)
			piece.id = i;
		fragment_rig_send(&run, &piece, 4, 0, &held);
		assert_true(held);
	}
	assert_int_equal(rte_mempool_in_use_count(run.rig.pool), 512);
	assert_int_equal(fragment_rig_send(&run, &(struct piece){B, .id = 9999}, 4, 0, &held),
		DROP_FRAGMENT_LIMIT);
	run.rig.worker->burst_judged = NULL;
	for (unsigned i = 0; i < 8; i++) {
		struct piece piece = {0, 16, true, .id = i};
		uint8_t frame[FRAME_SIZE];

		mbufs[i] = rig_mbuf(&run.rig, frame, piece_build(&piece, 4, frame), 0, 0);
	}
	assert_int_equal(pipeline_burst(run.rig.worker, mbufs, 8, 0, sent), 8 * 64);
	for (unsigned i = 0; i < 8; i++)
		assert_ptr_equal(sent[i * 64], mbufs[i]);
	rte_pktmbuf_free_bulk(sent, 8 * 64);
	assert_int_equal(rte_mempool_in_use_count(run.rig.pool), 8);
	assert_int_equal(pipeline_burst(run.rig.worker, NULL, 0, FRAGMENT_WAIT + 1, sent), 0);
	assert_int_equal(run.rig.worker->port_stats[0].drops[DROP_FRAGMENT_ORPHAN], 8);
	rig_fini(&run.rig);
}

/* Room is counted in buffers: packets in chains of 8 fill it with 64. */
static void test_waiting_chains(void **state)
{
	static struct fragment_rig run;
	bool held;

	(void)state;
	fragment_rig_init(&run);
	for (unsigned i = 0; i < 64; i++) {
		/* 14 + 20 + 206 bytes */
		struct piece piece = {1000, 1206, false, .id = i};

		fragment_rig_send(&run, &piece, 4, 30, &held);
		assert_true(held);
	}
	assert_int_equal(rte_mempool_in_use_count(run.rig.pool), 512);
	assert_int_equal(fragment_rig_send(&run, &(struct piece){B, .id = 9999}, 4, 0, &held),
		DROP_FRAGMENT_LIMIT);
	run.rig.worker->burst_judged = NULL;
	fragment_rig_wait(&run, FRAGMENT_WAIT + 1);
	rig_fini(&run.rig);
}

/* One bucket holds 4 datagrams; a fifth takes the place of the oldest, whose fragments that wait
 * are dropped. */
static void test_bucket(void **state)
{
	static struct fragment_rig run;
	struct hash_secret secret;
	bool held;

	(void)state;
	fragment_rig_init(&run);
	assert_int_equal(hash_secret_draw(&secret), 0);
	fragment_table_destroy(run.rig.worker->fragments);
	run.rig.worker->fragments = fragment_table_create(1, &secret);
	assert_non_null(run.rig.worker->fragments);
	run.rig.worker->burst_judged = NULL;
	for (unsigned i = 0; i < 5; i++)
		fragment_rig_send(&run, &(struct piece){B, .id = i, .ms = i}, 4, 0, &held);
	assert_int_equal(run.rig.worker->port_stats[0].drops[DROP_FRAGMENT_LIMIT], 1);
	assert_int_equal(rte_mempool_in_use_count(run.rig.pool), 4);
	for (unsigned i = 1; i < 5; i++)
		fragment_rig_send(&run, &(struct piece){A, .id = i, .ms = 10}, 4, 0, &held);
	assert_int_equal(run.passed, 8);
	rig_fini(&run.rig);
}

/* Identifications that are counted up spread over the buckets, whatever the secret: of 512
 * datagrams in 1,024 buckets 0.2 are expected to find one with 4 in it. */
static void test_spread(void **state)
{
	static struct fragment_rig run;
	struct hash_secret secret;
	bool held;

	(void)state;
	for (unsigned draw = 0; draw < 50; draw++) {
		fragment_rig_init(&run);
		assert_int_equal(hash_secret_draw(&secret), 0);
		fragment_table_destroy(run.rig.worker->fragments);
		run.rig.worker->fragments = fragment_table_create(1024, &secret);
		assert_non_null(run.rig.worker->fragments);
		for (unsigned i = 0; i < FRAGMENT_WAITING; i++)
			fragment_rig_send(&run, &(struct piece){B, .id = i}, 4, 0, &held);
		assert_in_range(run.rig.worker->port_stats[0].drops[DROP_FRAGMENT_LIMIT], 0, 6);
		fragment_rig_wait(&run, FRAGMENT_WAIT + 1);
		fragment_rig_fini(&run);
	}
}

/* A table that is destroyed frees what waits. */
static void test_destroy(void **state)
{
	static struct fragment_rig run;
	bool held;

	(void)state;
	fragment_rig_init(&run);
	fragment_rig_send(&run, &(struct piece){B, .ms = 0}, 6, 0, &held);
	assert_true(held);
	fragment_table_destroy(run.rig.worker->fragments);
	run.rig.worker->fragments = NULL;
	rig_fini(&run.rig);
}

/* The first fragment is refused, as the table is full; the later ones follow it, also when there is
 * room again. */
static void test_denied(void **state)
{
	static struct fragment_rig run;
	bool held;

	(void)state;
	fragment_rig_init(&run);
	run.rig.timeouts[TIMEOUT_UDP_ESTABLISHED] = 30 * SECOND;
	/* Both ways: an unreplied flow would make room. */
	for (unsigned i = 0; i < 2 * CAPACITY; i++) {
		struct piece whole = {.begin = 0, .end = 24, .vlan = i / 2 + 1, .back = i % 2 == 1};

		assert_int_equal(fragment_rig_send(&run, &whole, 4, 0, &held), DROP_NONE);
	}
	assert_int_equal(fragment_rig_send(&run, &(struct piece){A, .ms = 5000}, 4, 0, &held),
		DROP_TABLE_FULL);
	assert_int_equal(fragment_rig_send(&run, &(struct piece){B, .ms = 6000}, 4, 0, &held),
		DROP_TABLE_FULL);
	assert_int_equal(run.rig.worker->stats.flows_refused, 1);
	for (unsigned slice = 0; slice < 1000; slice++)
		expire_slice(run.rig.worker, 31 * SECOND + slice * MILLISECOND);
	assert_int_equal(run.rig.worker->tables[0].count, 0);
	assert_int_equal(fragment_rig_send(&run, &(struct piece){C, .ms = 33000}, 4, 0, &held),
		DROP_TABLE_FULL);
	assert_int_equal(run.rig.worker->tables[0].count, 0);
	rig_fini(&run.rig);
}

/* A flow that a rule drops: the same for all fragments of a datagram, and all are counted. */
static void test_rule(void **state)
{
	static const struct match everything;
	static const enum action drop = ACTION_DROP;
	struct policy *denying = rig_policy(&everything, &drop, 1, ACTION_ALLOW, 1);
	static struct fragment_rig run;
	const struct flow_table *table;
	bool held;

	(void)state;
	fragment_rig_init(&run);
	run.rig.worker->policy = denying;
	fragment_rig_send(&run, &(struct piece){B, .ms = 0}, 4, 0, &held);
	assert_true(held);
	assert_int_equal(
		fragment_rig_send(&run, &(struct piece){A, .ms = 0}, 4, 0, &held), DROP_RULE);
	assert_int_equal(
		fragment_rig_send(&run, &(struct piece){C, .ms = 0}, 4, 0, &held), DROP_RULE);
	assert_int_equal(run.rig.worker->port_stats[0].drops[DROP_RULE], 3);
	table = &run.rig.worker->tables[0];
	assert_int_equal(table->count, 1);
	for (uint32_t position = 0; position < table->positions; position++)
		if (table->flows[position].state != FLOW_FREE)
			assert_int_equal(table->flows[position].packets[0], 3);
	fragment_rig_fini(&run);
	policy_destroy(denying);
}

/* More wait too long than one slice lets go of: those left are as good as gone, all the same. */
static void test_overdue(void **state)
{
	static struct fragment_rig run;
	bool held;

	(void)state;
	fragment_rig_init(&run);
	for (unsigned i = 0; i < 100; i++)
		fragment_rig_send(&run, &(struct piece){B, .id = i}, 4, 0, &held);
	/* The last one's first fragment begins anew, and does not let it go on. */
	assert_int_equal(
		fragment_rig_send(&run, &(struct piece){A, .id = 99, .ms = 1001}, 4, 0, &held),
		DROP_NONE);
	assert_int_equal(run.passed, 1);
	assert_int_equal(
		fragment_rig_send(&run, &(struct piece){B, .id = 99, .ms = 1001}, 4, 0, &held),
		DROP_NONE);
	fragment_rig_wait(&run, 3 * SECOND);
	assert_int_equal(run.rig.worker->port_stats[0].drops[DROP_FRAGMENT_ORPHAN], 100);
	fragment_rig_fini(&run);
}

/* One of IPv6 whose first fragment has an extension header behind the fragment header. */
static uint16_t build_extended(uint16_t begin, uint8_t length_field, uint8_t *frame)
{
	const uint8_t header[16] = {
		17, length_field, 1, 4, 0, 0, 0, 0, 1000 >> 8, 1000 & 0xff, 0, 53, 0, 100};
	struct frame_spec spec = {.source = "2001:db8::1",
		.destination = "2001:db8::2",
		.protocol = 60,
		.payload = 16,
		.fragment_header = true,
		.fragment_offset = begin,
		.more_fragments = begin == 0};
	uint32_t l3;
	uint16_t length = frame_build(&spec, frame, &l3);

	if (begin == 0)
		memcpy(frame + length - 16, header, sizeof(header));
	return length;
}

/* Later fragments name the header that the cut part begins with, not the flow's protocol. */
static void test_extension(void **state)
{
	static struct fragment_rig run;
	const struct flow_table *table;
	struct rte_mbuf *mbufs[2];
	uint8_t frame[FRAME_SIZE];

	(void)state;
	fragment_rig_init(&run);
	for (unsigned i = 0; i < 2; i++)
		mbufs[i] =
			rig_mbuf(&run.rig, frame, build_extended(i == 0 ? 16 : 0, 0, frame), 0, 0);
	fragment_rig_feed(&run, mbufs, 2, 0);
	assert_int_equal(run.passed, 2);
	table = &run.rig.worker->tables[1];
	assert_int_equal(table->count, 1);
	for (uint32_t position = 0; position < table->positions; position++) {
		struct flow_record record;

		if (table->flows[position].state == FLOW_FREE)
			continue;
		flow_to_record(table, position, 0, &record);
		assert_int_equal(record.packets[0], 2);
		assert_int_equal(record.protocol, 17);
		assert_int_equal(record.source_port, 1000);
		assert_int_equal(record.destination_port, 53);
	}
	fragment_rig_fini(&run);

	/* RFC 7112 section 5: the whole chain has to be in the first one. */
	fragment_rig_init(&run);
	for (unsigned i = 0; i < 2; i++)
		mbufs[i] = rig_mbuf(&run.rig, frame, build_extended(i * 16, 4, frame), 0, 0);
	fragment_rig_feed(&run, mbufs, 2, 0);
	assert_int_equal(run.passed, 0);
	assert_int_equal(run.rig.worker->port_stats[0].drops[DROP_IPV6_EXTENSION_TRUNCATED], 2);
	fragment_rig_fini(&run);
}

/* A second fragment header would take the first one's place: RFC 8200 section 4.1 has one. */
static void test_two_headers(void **state)
{
	struct frame_spec spec = {.source = "2001:db8::1",
		.destination = "2001:db8::2",
		.protocol = 17,
		.extensions = {44},
		.extension_count = 1,
		.fragment_header = true};
	uint8_t frame[FRAME_SIZE];
	struct rig rig;
	uint16_t length;
	uint32_t l3;

	(void)state;
	rig_init(&rig, CAPACITY, NULL, NULL, 0, ACTION_ALLOW);
	length = frame_build(&spec, frame, &l3);
	/* The first one says: atomic, or that more follow. */
	for (unsigned more = 0; more < 2; more++) {
		frame[14 + 40 + 2] = 0;
		frame[14 + 40 + 3] = more;
		assert_int_equal(rig_packet(&rig, frame, length, 0), DROP_IPV6_EXTENSION_COUNT);
	}
	rig_fini(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_waiting),
		cmocka_unit_test(test_waiting_chains),
		cmocka_unit_test(test_bucket),
		cmocka_unit_test(test_spread),
		cmocka_unit_test(test_destroy),
		cmocka_unit_test(test_denied),
		cmocka_unit_test(test_rule),
		cmocka_unit_test(test_overdue),
		cmocka_unit_test(test_extension),
		cmocka_unit_test(test_two_headers),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
