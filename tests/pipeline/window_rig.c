/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/pipeline/window_rig.h"

#include "tests/pipeline/frame.h"
#include "tests/unit/check.h"

enum drop_reason window_rig_udp(
	struct window_rig *capture, uint16_t number, bool back, uint64_t now)
{
	struct frame_spec spec = {.source = back ? "10.0.0.2" : "10.0.0.1",
		.destination = back ? "10.0.0.1" : "10.0.0.2",
		.protocol = 17,
		.source_port = back ? 53 : number,
		.destination_port = back ? number : 53,
		.payload = WINDOW_RIG_PAYLOAD};

	return rig_send(&capture->rig, &spec, now);
}

void window_rig_init(struct window_rig *capture)
{
	*capture = (struct window_rig){.request = walk_everything(1, WINDOW_BEGIN)};
	rig_init(&capture->rig, WINDOW_RIG_CAPACITY, NULL, NULL, 0, ACTION_ALLOW);
	assert_int_equal(window_create(worker_places(capture->rig.worker), &capture->window), 0);
	capture->request.window = capture->window;
	capture->request.window_end = WINDOW_END;
	capture->answer.id = 1;
}

void window_rig_fini(struct window_rig *capture)
{
	window_destroy(capture->window);
	walk_answer_fini(&capture->answer);
	rig_fini(&capture->rig);
}

void window_rig_begin(struct window_rig *capture, unsigned positions)
{
	walk_ask(&capture->rig, &capture->request);
	assert_true(walk_slice(capture->rig.worker, WINDOW_BEGIN));
	for (unsigned i = 0; i < positions; i++) {
		capture->rig.worker->walk.slice = 1;
		walk_slice(capture->rig.worker, WINDOW_BEGIN);
	}
}

void window_rig_watch(struct window_rig *capture)
{
	window_rig_begin(capture, worker_places(capture->rig.worker));
	/* There is nothing to do until the window's end. */
	assert_false(walk_slice(capture->rig.worker, WINDOW_BEGIN));
	assert_false(walk_slice(capture->rig.worker, WINDOW_END - 1));
}

const struct flow_record *window_rig_record(const struct window_rig *capture, uint16_t port)
{
	const struct flow_record *found = NULL;

	for (uint32_t i = 0; i < capture->answer.count; i++) {
		if (capture->answer.flows[i].source_port != port)
			continue;
		assert_null(found);
		found = &capture->answer.flows[i];
	}
	return found;
}

void window_rig_check(const struct window_rig *capture, uint16_t port, uint64_t first_seen,
	uint64_t packets, uint64_t in_window, uint64_t captured)
{
	const struct flow_record *record = window_rig_record(capture, port);

	assert_non_null(record);
	assert_int_equal(record->first_seen, first_seen);
	assert_int_equal(record->packets[0] + record->packets[1], packets);
	assert_int_equal(record->bytes[0] + record->bytes[1], packets * 100);
	assert_int_equal(record->window_packets, in_window);
	assert_int_equal(record->window_bytes, in_window * 100);
	assert_int_equal(record->captured, captured);
}
