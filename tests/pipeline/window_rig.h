/* SPDX-License-Identifier: BSD-3-Clause */
/* window_rig: a rig with a request for a window, from 10 s to 20 s. Its packets are of UDP. */
#ifndef TIDEGATE_TESTS_PIPELINE_WINDOW_RIG_H
#define TIDEGATE_TESTS_PIPELINE_WINDOW_RIG_H

#include "tests/pipeline/walk_answer.h"

enum { WINDOW_RIG_CAPACITY = 64, WINDOW_RIG_PAYLOAD = 72 }; /* UDP of IPv4: 100 bytes */

#define WINDOW_BEGIN (10 * SECOND)
#define WINDOW_END (20 * SECOND)

struct window_rig {
	struct rig rig;
	struct window *window;
	struct walk_request request;
	struct walk_answer answer;
};

void window_rig_init(struct window_rig *capture);
void window_rig_fini(struct window_rig *capture);

/* A packet of a flow by its number, which is its port, from its source or back. */
enum drop_reason window_rig_udp(
	struct window_rig *capture, uint16_t number, bool back, uint64_t now);

/* The window begins, and the walk that marks goes on so many positions. */
void window_rig_begin(struct window_rig *capture, unsigned positions);

/* The same with the whole walk that marks. */
void window_rig_watch(struct window_rig *capture);

/* The one record with this source port, or NULL. */
const struct flow_record *window_rig_record(const struct window_rig *capture, uint16_t port);

/* Assert that there is one, and its members; of its packets so many are of the window. */
void window_rig_check(const struct window_rig *capture, uint16_t port, uint64_t first_seen,
	uint64_t packets, uint64_t in_window, uint64_t captured);

#endif
