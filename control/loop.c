/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "control/event_log.h"
#include "control/log.h"
#include "control/reload.h"
#include "control/server.h"

/* How long clients may take for the answers under way. */
static const struct timeval drain_time = {1, 0};

static const int signals[] = {SIGTERM, SIGINT, SIGHUP};

enum { SIGNAL_COUNT = sizeof(signals) / sizeof(signals[0]) };

struct loop {
	struct event_base *base;
	struct event *signals[SIGNAL_COUNT];
	struct server *server; /* set while the loop runs */
	struct reload *reload; /* likewise */
	struct event_log *event_log;
	bool stopping;
};

static void on_signal(evutil_socket_t number, short events, void *context)
{
	struct loop *loop = context;

	(void)events;
	if (loop->stopping)
		return;
	if (number == SIGHUP) {
		event_log_reopen(loop->event_log);
		reload_request(loop->reload);
		return;
	}
	loop->stopping = true;
	log_write(LOG_NOTICE, "stopping on SIG%s", sigabbrev_np(number));
	event_base_loopexit(loop->base, &drain_time);
	server_drain(loop->server);
}

int loop_create(struct loop **ret_loop)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (loop == NULL)
		return -ENOMEM;
	loop->base = event_base_new();
	if (loop->base == NULL)
		goto fail;
	for (int i = 0; i < SIGNAL_COUNT; i++) {
		/* What loop_destroy() goes back to: one signal more must not kill a process that
		 * ends. */
		signal(signals[i], SIG_IGN);
		loop->signals[i] = evsignal_new(loop->base, signals[i], on_signal, loop);
		if (loop->signals[i] == NULL || event_add(loop->signals[i], NULL) != 0)
			goto fail;
	}
	*ret_loop = loop;
	return 0;

fail:
	loop_destroy(loop);
	return -ENOMEM;
}

void loop_destroy(struct loop *loop)
{
	if (loop == NULL)
		return;
	for (int i = 0; i < SIGNAL_COUNT; i++)
		if (loop->signals[i] != NULL)
			event_free(loop->signals[i]);
	if (loop->base != NULL)
		event_base_free(loop->base);
	free(loop);
}

struct event_base *loop_base(struct loop *loop)
{
	return loop->base;
}

int loop_run(struct loop *loop, struct server *server, struct reload *reload,
	struct event_log *event_log)
{
	loop->event_log = event_log;
	loop->reload = reload;
	loop->server = server;
	return event_base_dispatch(loop->base) < 0 ? -EIO : 0;
}
