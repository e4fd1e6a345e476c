/* SPDX-License-Identifier: BSD-3-Clause */
/* Captures with a window, case by case; test_window_random.c has all of it at once. */
#include "dataplane/expire.h"
#include "tests/pipeline/frame.h"
#include "tests/pipeline/window_rig.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

struct segment {
	bool back;
	uint8_t flags;
	uint32_t seq;
	uint32_t ack;
};

static void tcp(
	struct window_rig *capture, const struct segment *segments, unsigned count, uint64_t now)
{
	for (unsigned i = 0; i < count; i++) {
		struct frame_spec spec = {TCP4}, reply = {TCP4_BACK};
		struct frame_spec *frame_spec = segments[i].back ? &reply : &spec;

		frame_spec->tcp_flags = segments[i].flags;
		frame_spec->seq = segments[i].seq;
		frame_spec->ack = segments[i].ack;
		assert_int_equal(rig_send(&capture->rig, frame_spec, now), DROP_NONE);
	}
}

/* Packets before, in and after the window; WINDOW_END itself is after it. */
static void test_packets(void **state)
{
	struct window_rig capture;

	(void)state;
	window_rig_init(&capture);
	for (unsigned i = 0; i < 3; i++)
		window_rig_udp(&capture, 1, i == 1, WINDOW_BEGIN - 2);
	window_rig_udp(&capture, 2, false, WINDOW_BEGIN - 1);
	window_rig_watch(&capture);
	window_rig_udp(&capture, 1, false, WINDOW_BEGIN + 1);
	window_rig_udp(&capture, 1, true, WINDOW_END - 1);
	window_rig_udp(&capture, 3, false, WINDOW_END - 1); /* begins in it */
	window_rig_udp(&capture, 1, true, WINDOW_END);
	window_rig_udp(&capture, 3, true, WINDOW_END);
	window_rig_udp(&capture, 4, false, WINDOW_END); /* begins after it */
	walk_answer_finish(&capture.rig, &capture.answer, WINDOW_END + 5);
	assert_int_equal(capture.answer.count, 3);
	window_rig_check(&capture, 1, WINDOW_BEGIN - 2, 5, 2, WINDOW_END);
	window_rig_check(&capture, 2, WINDOW_BEGIN - 1, 1, 0, WINDOW_END);
	window_rig_check(&capture, 3, WINDOW_END - 1, 1, 1, WINDOW_END);
	assert_int_equal(window_rig_record(&capture, 1)->last_seen, WINDOW_END - 1);
	assert_int_equal(window_rig_record(&capture, 3)->state, FLOW_NEW);
	assert_int_equal(capture.answer.close.walked, capture.answer.close.positions);
	assert_int_equal(capture.answer.close.window_lost, 0);
	assert_null(capture.rig.worker->window);
	window_rig_fini(&capture);
}

/* A packet of each flow while the walk that marks is at each position, and likewise the other one.
 */
static void test_every_position(void **state)
{
	const unsigned flows = 20;
	uint64_t positions = UINT64_MAX;

	(void)state;
	for (unsigned at = 0; at <= positions; at++) {
		struct window_rig capture;

		window_rig_init(&capture);
		positions = worker_places(capture.rig.worker);
		for (unsigned i = 1; i <= flows; i++)
			window_rig_udp(&capture, i, false, WINDOW_BEGIN - i);
		window_rig_begin(&capture, at == 0 ? 1 : at);
		for (unsigned i = 1; i <= flows; i++)
			window_rig_udp(&capture, i, i % 2, WINDOW_BEGIN + i);
		while (walk_slice(capture.rig.worker, WINDOW_END - 1))
			;
		walk_slice(capture.rig.worker, WINDOW_END - 1);
		window_rig_udp(&capture, 5, false, WINDOW_END); /* the end comes with it */
		for (unsigned i = 0; i < at; i++) {
			capture.rig.worker->walk.slice = 1;
			walk_slice(capture.rig.worker, WINDOW_END + 1);
		}
		for (unsigned i = 1; i <= flows; i++)
			window_rig_udp(&capture, i, false, WINDOW_END + i);
		walk_answer_finish(&capture.rig, &capture.answer, WINDOW_END + 100);
		assert_int_equal(capture.answer.count, flows);
		for (unsigned i = 1; i <= flows; i++)
			window_rig_check(&capture, i, WINDOW_BEGIN - i, 2, 1, WINDOW_END);
		window_rig_fini(&capture);
	}
}

/* Flows that expire: before the window, in it and after it, and the next of the tuple. UDP waits 30
 * s, so the window is a long one. */
static void test_expiry(void **state)
{
	const struct flow_record *record;
	struct window_rig capture;

	(void)state;
	window_rig_init(&capture);
	capture.request.window_end = 100 * SECOND;
	capture.rig.timeouts[TIMEOUT_UDP_NEW] = 5 * SECOND;
	window_rig_udp(
		&capture, 1, false, WINDOW_BEGIN - 5 * SECOND - 1); /* over, though in the table */
	window_rig_udp(&capture, 2, false, WINDOW_BEGIN - 5 * SECOND); /* just not over */
	window_rig_udp(&capture, 3, false, WINDOW_BEGIN - 1);
	window_rig_watch(&capture);
	window_rig_udp(&capture, 3, false, 40 * SECOND); /* the next one */
	for (uint64_t now = 41 * SECOND; now < 44 * SECOND; now += SECOND / 10)
		expire_slice(capture.rig.worker, now);
	window_rig_udp(&capture, 4, false, 95 * SECOND - 1); /* is over at the end, and was open */
	walk_answer_finish(&capture.rig, &capture.answer, 200 * SECOND);
	assert_int_equal(capture.answer.count, 4);
	assert_null(window_rig_record(&capture, 1));
	window_rig_check(&capture, 2, WINDOW_BEGIN - 5 * SECOND, 1, 0, 41 * SECOND);
	window_rig_check(&capture, 4, 95 * SECOND - 1, 1, 1, 100 * SECOND);
	/* In the order in which they ended. */
	assert_int_equal(capture.answer.flows[0].source_port, 3);
	assert_int_equal(capture.answer.flows[0].window_packets, 0);
	record = &capture.answer.flows[capture.answer.flows[2].source_port == 3 ? 2 : 3];
	assert_int_equal(record->first_seen, 40 * SECOND);
	assert_int_equal(record->window_packets, 1);
	window_rig_fini(&capture);
}

/* TCP as it is: closed before; closed in the window, and after it. */
static void test_closed(void **state)
{
	static const struct segment connection[] = {{.flags = SYN, .seq = 100, .ack = 0},
		{.back = true, .flags = SYN | ACK, .seq = 500, .ack = 101},
		{.flags = ACK, .seq = 101, .ack = 501}};
	static const struct segment end[] = {{.flags = FIN | ACK, .seq = 101, .ack = 501},
		{.back = true, .flags = FIN | ACK, .seq = 501, .ack = 102},
		{.flags = ACK, .seq = 102, .ack = 502}};
	/* A SYN no higher than the last number, that the server has no memory of. */
	static const struct segment again[] = {{.flags = SYN, .seq = 90},
		{.back = true, .flags = SYN | ACK, .seq = 900, .ack = 91}};
	static const struct {
		unsigned
			closed; /* 0: in the window, 1: before, 2: before, and opened again in it */
		uint32_t count;
		uint64_t in_window;
		uint8_t state;
	} cases[] = {{0, 1, 3, FLOW_CLOSED}, {1, 0, 0, 0}, {2, 1, 2, FLOW_ESTABLISHED}};

	(void)state;
	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		struct window_rig capture;

		window_rig_init(&capture);
		capture.rig.worker->tcp_unchecked = false;
		tcp(&capture, connection, RTE_DIM(connection), WINDOW_BEGIN - 2);
		if (cases[i].closed > 0)
			tcp(&capture, end, RTE_DIM(end), WINDOW_BEGIN - 1);
		window_rig_watch(&capture);
		if (cases[i].closed == 0)
			tcp(&capture, end, RTE_DIM(end), WINDOW_BEGIN + 1);
		if (cases[i].closed == 2)
			tcp(&capture, again, RTE_DIM(again), WINDOW_BEGIN + 1);
		/* What opens after the window does not make it one of it. */
		if (cases[i].closed == 1)
			tcp(&capture, again, RTE_DIM(again), WINDOW_END);
		walk_answer_finish(&capture.rig, &capture.answer, WINDOW_END + 1);
		assert_int_equal(capture.answer.count, cases[i].count);
		if (cases[i].count > 0) {
			assert_int_equal(
				capture.answer.flows[0].window_packets, cases[i].in_window);
			assert_int_equal(capture.answer.flows[0].state, cases[i].state);
		}
		window_rig_fini(&capture);
	}
}

/* Filter and scope count for flows that end in the window, too. */
static void test_scope(void **state)
{
	static const struct match_port port_1 = {1, 1, false};
	static const struct match from_1 = {.source_ports = &port_1, .source_port_count = 1};
	struct classifier *filter;

	(void)state;
	assert_int_equal(classifier_create(&from_1, 1, &filter), 0);
	for (unsigned i = 0; i < 3; i++) {
		struct window_rig capture;

		window_rig_init(&capture);
		capture.rig.timeouts[TIMEOUT_UDP_NEW] = SECOND;
		capture.request.filter = i == 1 ? filter : NULL;
		capture.request.scope.minimum_packets = i == 2 ? 2 : 0;
		window_rig_watch(&capture);
		window_rig_udp(&capture, 1, false, WINDOW_BEGIN + 1);
		window_rig_udp(&capture, 2, false, WINDOW_BEGIN + 1);
		window_rig_udp(&capture, 2, false, WINDOW_BEGIN + 2);
		for (uint64_t now = WINDOW_BEGIN + SECOND; now < WINDOW_END; now += SECOND / 10)
			expire_slice(capture.rig.worker, now);
		assert_int_equal(capture.rig.worker->tables[0].count, 0);
		walk_answer_finish(&capture.rig, &capture.answer, WINDOW_END);
		assert_int_equal(capture.answer.count, i == 0 ? 2 : 1);
		assert_true(i == 0 || capture.answer.flows[0].source_port == i);
		window_rig_fini(&capture);
	}
	classifier_destroy(filter);
}

/* A table that is full: flows evicted from it are told, once. */
static void test_eviction(void **state)
{
	struct window_rig capture;

	(void)state;
	window_rig_init(&capture);
	for (unsigned i = 1; i <= WINDOW_RIG_CAPACITY; i++)
		window_rig_udp(&capture, i, false, WINDOW_BEGIN - 1);
	window_rig_begin(&capture, 10);
	for (unsigned i = WINDOW_RIG_CAPACITY + 1; i <= 4 * WINDOW_RIG_CAPACITY; i++)
		assert_int_equal(window_rig_udp(&capture, i, false, WINDOW_BEGIN + 1), DROP_NONE);
	walk_answer_finish(&capture.rig, &capture.answer, WINDOW_END);
	/* Seven eighths are for the unreplied: the first eighth was gone before. */
	assert_int_equal(capture.answer.count, 4 * WINDOW_RIG_CAPACITY - WINDOW_RIG_CAPACITY / 8);
	for (unsigned i = WINDOW_RIG_CAPACITY / 8 + 1; i <= 4 * WINDOW_RIG_CAPACITY; i++) {
		bool before = i <= WINDOW_RIG_CAPACITY,
		     still = i > 4 * WINDOW_RIG_CAPACITY - WINDOW_RIG_CAPACITY / 8 * 7;

		window_rig_check(&capture, i, before ? WINDOW_BEGIN - 1 : WINDOW_BEGIN + 1, 1,
			!before, still ? WINDOW_END : WINDOW_BEGIN + 1);
	}
	window_rig_fini(&capture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packets),
		cmocka_unit_test(test_every_position),
		cmocka_unit_test(test_expiry),
		cmocka_unit_test(test_closed),
		cmocka_unit_test(test_scope),
		cmocka_unit_test(test_eviction),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
