/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * loop: the control thread's event loop, from its creation to SIGTERM or SIGINT; SIGHUP reloads
 * and opens the event log anew.
 *
 * A signal that comes between loop_create() and loop_run() is not lost: it counts when the loop
 * runs.
 */
#ifndef TIDEGATE_CONTROL_LOOP_H
#define TIDEGATE_CONTROL_LOOP_H

struct event_base;
struct event_log;
struct loop;
struct reload;
struct server;

/* Catches the signals from here on; after loop_destroy() they are ignored. -ENOMEM */
int loop_create(struct loop **ret_loop);
void loop_destroy(struct loop *loop);

struct event_base *loop_base(struct loop *loop);

/* Serve until a signal; then drain the server, for a second at most. Returns 0, or -EIO when the
 * loop itself fails. */
int loop_run(struct loop *loop, struct server *server, struct reload *reload,
	struct event_log *event_log);

#endif
