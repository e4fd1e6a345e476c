/* SPDX-License-Identifier: BSD-3-Clause */
/* Captures with a window that cannot go on: a full record ring, a deadline, a cancel. */
#include <rte_ring_elem.h>

#include "dataplane/expire.h"
#include "tests/pipeline/window_rig.h"
#include "tests/unit/check.h"
#include "tests/unit/eal.h"

/* A full ring stops the walk; what ends meanwhile is counted. */
static void test_full_ring(void **state)
{
	struct record other = {.id = 77, .type = RECORD_FLOW};
	struct window_rig capture;

	(void)state;
	window_rig_init(&capture);
	capture.rig.timeouts[TIMEOUT_UDP_NEW] = 15 * SECOND;
	window_rig_udp(&capture, 1, false, 1 * SECOND);
	window_rig_udp(&capture, 2, false, 9 * SECOND);
	window_rig_udp(&capture, 3, false, 9 * SECOND);
	window_rig_watch(&capture);
	while (rte_ring_sp_enqueue_elem(capture.rig.worker->records, &other, sizeof(other)) == 0)
		;
	for (uint64_t now = 17 * SECOND; now < 18 * SECOND + 1; now += SECOND / 10)
		expire_slice(capture.rig.worker, now);
	assert_int_equal(capture.rig.worker->tables[0].count, 2);
	/* Up to the first flow; from there on nothing can be done. */
	assert_true(walk_slice(capture.rig.worker, WINDOW_END));
	for (unsigned i = 0; i < 100; i++)
		assert_false(walk_slice(capture.rig.worker, WINDOW_END));
	assert_int_equal(window_rig_udp(&capture, 2, false, WINDOW_END + 1), DROP_NONE);
	while (rte_ring_count(capture.rig.worker->records) > 0)
		rte_ring_sc_dequeue_elem(capture.rig.worker->records, &other, sizeof(other));
	walk_answer_finish(&capture.rig, &capture.answer, WINDOW_END + 2);
	assert_int_equal(capture.answer.count, 2);
	assert_int_equal(capture.answer.close.window_lost, 1);
	assert_int_equal(capture.answer.close.walked, capture.answer.close.positions);
	window_rig_check(&capture, 2, 9 * SECOND, 1, 0, WINDOW_END);
	window_rig_fini(&capture);
}

/* A deadline or a cancel in each of the stages; then the request that waited has its turn. */
static void test_interrupted(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		struct walk_request next = walk_everything(2, WINDOW_BEGIN);
		struct walk_answer answer = {.id = 2};
		unsigned stage = i % 3;
		struct window_rig capture;
		uint64_t now = stage == 2 ? WINDOW_END + 1 : WINDOW_BEGIN;

		window_rig_init(&capture);
		window_rig_udp(&capture, 1, false, WINDOW_BEGIN - 1);
		capture.request.deadline = i < 3 ? now + 1 : UINT64_MAX;
		window_rig_begin(&capture, stage == 0 ? 10 : worker_places(capture.rig.worker));
		walk_ask(&capture.rig, &next);
		if (stage == 2) {
			/* The packet comes with the end; an entry a slice. */
			window_rig_udp(&capture, 1, false, WINDOW_END);
			capture.rig.worker->walk.slice = 1;
			walk_slice(capture.rig.worker, WINDOW_END);
		}
		if (i >= 3)
			capture.rig.worker->canceled = 1;
		walk_slice(capture.rig.worker, now + 1);
		walk_answer_drain(&capture.rig, &capture.answer);
		assert_int_equal(capture.answer.closes, 1);
		assert_true(capture.answer.close.walked < capture.answer.close.positions);
		assert_true(stage == 2 || capture.answer.close.walked == 0);
		assert_null(capture.rig.worker->window);
		window_rig_udp(&capture, 2, false, now + 2);
		walk_answer_finish(&capture.rig, &answer, now + 3);
		assert_int_equal(answer.count, 2);
		assert_int_equal(answer.flows[0].window_packets, 0);
		walk_answer_fini(&answer);
		window_rig_fini(&capture);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full_ring),
		cmocka_unit_test(test_interrupted),
	};

	if (test_eal_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
