/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The RSTs of a flush, byte by byte: to both ends, at the numbers that each of them takes a RST at
 * (RFC 9293 section 3.10.7.4: the next one that it expects; section 3.10.7.3: in SYN-SENT one that
 * acknowledges the SYN), on the link of the connection's first packet.
 */
#include <string.h>

#include <rte_ring_elem.h>

#include "dataplane/walk.h"
#include "tests/pipeline/answer.h"
#include "tests/pipeline/frame.h"
#include "tests/pipeline/rig.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

enum { PACKETS_MAX = 6, RESETS_MAX = 4 };

struct segment {
	bool back; /* from the destination */
	uint8_t flags;
	uint32_t seq;
	uint32_t ack;
	uint16_t payload;
};

struct expected {
	bool to_source;
	struct answer_reset reset;
};

struct reset_case {
	const char *name;
	struct segment segments[PACKETS_MAX];
	struct expected resets[RESETS_MAX]; /* flags 0: no more */
};

#define OPEN                                                                                       \
	{false, SYN, 100, 0, 0}, {true, SYN | ACK, 300, 101, 0},                                   \
	{                                                                                          \
		false, ACK, 101, 301, 0                                                            \
	}

static const struct reset_case cases[] = {
	{"opened", {OPEN}, {{true, {RST | ACK, 301, 101}}, {false, {RST | ACK, 101, 301}}}},
	{"a SYN without an answer", {{false, SYN, 100, 0, 0}},
		{{true, {RST | ACK, 0, 101}}, {false, {RST, 101, 0}}}},
	{"a SYN that was answered", {{false, SYN, 100, 0, 0}, {true, SYN | ACK, 300, 101, 0}},
		{{true, {RST | ACK, 301, 101}}, {false, {RST | ACK, 101, 301}}}},
	/* The destination has got the data, or not yet: one RST for each. */
	{"data under way", {OPEN, {false, ACK | PSH, 101, 301, 10}},
		{{true, {RST | ACK, 301, 111}}, {false, {RST | ACK, 101, 301}},
			{false, {RST | ACK, 111, 301}}}},
	{"data under way both ways",
		{OPEN, {false, ACK | PSH, 101, 301, 10}, {true, ACK | PSH, 301, 101, 1000}},
		{{true, {RST | ACK, 301, 111}}, {true, {RST | ACK, 1301, 111}},
			{false, {RST | ACK, 101, 1301}}, {false, {RST | ACK, 111, 1301}}}},
	{"data acknowledged", {OPEN, {false, ACK | PSH, 101, 301, 10}, {true, ACK, 301, 111, 0}},
		{{true, {RST | ACK, 301, 111}}, {false, {RST | ACK, 111, 301}}}},
	{"half closed", {OPEN, {false, FIN | ACK, 101, 301, 0}, {true, ACK, 301, 102, 0}},
		{{true, {RST | ACK, 301, 102}}, {false, {RST | ACK, 102, 301}}}},
};

/* The same connection on other links. */
static const struct frame_spec links[] = {
	{TCP4},
	{.source = "2001:db8::1",
		.destination = "2001:db8::2",
		.protocol = 6,
		.source_port = 1000,
		.destination_port = 80},
	{TCP4, .vlans = {7}, .vlan_types = {0x8100}},
	{TCP4, .vlans = {7, 9}, .vlan_types = {0x88a8, 0x8100}},
	{TCP4, .vlans = {7, 9}, .vlan_types = {0x9100, 0x8100}},
};

static struct frame_spec spec_of(const struct frame_spec *link, const struct segment *segment)
{
	struct frame_spec spec = *link;

	if (segment->back) {
		spec.source = link->destination;
		spec.destination = link->source;
		spec.source_port = link->destination_port;
		spec.destination_port = link->source_port;
	}
	spec.tcp_flags = segment->flags;
	spec.seq = segment->seq;
	spec.ack = segment->ack;
	spec.payload = segment->payload;
	return spec;
}

/* Walk to the end; the RSTs of every slice stay in worker->resets. */
static struct walk_close flush(struct rig *rig, bool reset, enum walk_kind kind)
{
	struct walk_request walk = {
		.id = 1, .kind = kind, .start = SECOND, .deadline = UINT64_MAX, .reset = reset};
	struct record record;

	walk_scope_init(&walk.scope);
	assert_int_equal(rte_ring_sp_enqueue_elem(rig->worker->requests, &walk, sizeof(walk)), 0);
	while (walk_slice(rig->worker, SECOND))
		;
	do
		assert_int_equal(
			rte_ring_sc_dequeue_elem(rig->worker->records, &record, sizeof(record)), 0);
	while (record.type != RECORD_CLOSE);
	return record.close;
}

static void check_reset(const struct reset_case *one, const struct frame_spec *link,
	const struct answer_sample *first, const struct expected *expected,
	const struct rte_mbuf *mbuf)
{
	uint8_t bytes[FRAME_SIZE];
	uint16_t length =
		answer_reset_write(first, link, expected->to_source, &expected->reset, bytes);

	if (mbuf->pkt_len != length || mbuf->port != (expected->to_source ? 0 : 1) ||
		memcmp(rte_pktmbuf_mtod(mbuf, const void *), bytes, length) != 0)
		fail_msg("%s: a RST that is not the expected one", one->name);
	assert_true(answer_sums_right(rte_pktmbuf_mtod(mbuf, const uint8_t *) + first->l3));
}

static void pass(struct rig *rig, const struct frame_spec *spec)
{
	assert_int_equal(rig_send(rig, spec, SECOND), DROP_NONE);
}

static void run(const struct reset_case *one, const struct frame_spec *link)
{
	struct answer_sample first;
	struct walk_close close;
	unsigned count = 0;
	struct rig rig;

	rig_init(&rig, 64, NULL, NULL, 0, ACTION_ALLOW);
	rig.worker->tcp_unchecked = false;
	for (unsigned i = 0; i < PACKETS_MAX && one->segments[i].flags != 0; i++) {
		struct frame_spec spec = spec_of(link, &one->segments[i]);

		if (i == 0)
			answer_sample_make(&spec, spec.seq, &first);
		pass(&rig, &spec);
	}
	close = flush(&rig, true, WALK_FLUSH);
	for (; count < RESETS_MAX && one->resets[count].reset.flags != 0; count++) {
		if (count >= rig.worker->reset_count)
			fail_msg("%s: %u RSTs", one->name, rig.worker->reset_count);
		check_reset(one, link, &first, &one->resets[count], rig.worker->resets[count]);
	}
	assert_int_equal(rig.worker->reset_count, count);
	assert_int_equal(close.resets, count);
	assert_int_equal(close.untold, count == 0);
	assert_int_equal(
		rig.worker->port_stats[0].tx_answers + rig.worker->port_stats[1].tx_answers, count);
	assert_int_equal(rig.worker->stats.flows_ended, 1);
	rte_pktmbuf_free_bulk(rig.worker->resets, count);
	rig_fini(&rig);
}

static void test_resets(void **state)
{
	(void)state;
	for (unsigned i = 0; i < RTE_DIM(cases); i++)
		for (unsigned j = 0; j < RTE_DIM(links); j++)
			run(&cases[i], &links[j]);
}

/* A flush without it, a capture, other protocols and connections whose numbers were not followed
 * make none. */
static void test_none(void **state)
{
	const struct frame_spec syn = {TCP4, .tcp_flags = SYN}, datagram = {UDP4};
	struct walk_close close;
	struct rig rig;

	(void)state;
	rig_init(&rig, 64, NULL, NULL, 0, ACTION_ALLOW);
	pass(&rig, &syn);
	close = flush(&rig, true, WALK_CAPTURE);
	assert_int_equal(close.resets + close.untold, 0);
	close = flush(&rig, false, WALK_FLUSH);
	assert_int_equal(close.resets + close.untold, 0);
	pass(&rig, &datagram);
	close = flush(&rig, true, WALK_FLUSH);
	assert_int_equal(close.matched, 1);
	assert_int_equal(close.untold, 1);
	assert_int_equal(rig.worker->stats.flows_ended, 2);
	pass(&rig, &syn); /* in loose tracking */
	close = flush(&rig, true, WALK_FLUSH);
	assert_int_equal(close.matched, 1);
	assert_int_equal(close.untold, 1);
	assert_int_equal(rig.worker->stats.flows_ended, 3);
	assert_int_equal(rig.worker->reset_count, 0);
	rig_fini(&rig);
}

/* More connections than there is room for RSTs in a slice: the rest comes in the next ones. */
static void test_many(void **state)
{
	enum { CONNECTIONS = 500 };
	struct walk_request walk = {.id = 1,
		.kind = WALK_FLUSH,
		.start = SECOND,
		.deadline = UINT64_MAX,
		.reset = true};
	unsigned sent = 0;
	struct rig rig;

	(void)state;
	rig_init(&rig, CONNECTIONS, NULL, NULL, 0, ACTION_ALLOW);
	rig.worker->tcp_unchecked = false;
	for (unsigned i = 0; i < CONNECTIONS; i++) {
		struct frame_spec syn = {TCP4, .tcp_flags = SYN};

		syn.source_port = 1 + i;
		/* The eighth that unreplied flows may not take goes unused. */
		pass(&rig, &syn);
	}
	walk_scope_init(&walk.scope);
	assert_int_equal(rte_ring_sp_enqueue_elem(rig.worker->requests, &walk, sizeof(walk)), 0);
	while (walk_slice(rig.worker, SECOND)) {
		assert_true(rig.worker->reset_count <= RESETS_SIZE);
		rte_pktmbuf_free_bulk(rig.worker->resets, rig.worker->reset_count);
		sent += rig.worker->reset_count;
		rig.worker->reset_count = 0;
	}
	assert_int_equal(sent, 2 * (CONNECTIONS - CONNECTIONS / 8));
	assert_int_equal(rig.worker->tables[0].count, 0);
	rig_fini(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resets),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_many),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
