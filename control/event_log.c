/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/event_log.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdlib.h>

#include "control/eve.h"
#include "control/event_file.h"
#include "control/rate_limit.h"
#include "control/wall_clock.h"

#define TURN (NANOSECONDS / 500) /* longest time the rings are drained at one go */

/* How far the clocks may part, nanoseconds, before times are converted anew. */
#define EPOCH_TOLERANCE ((int64_t)NANOSECONDS / 100)

enum { BATCH = 64 }; /* events taken at once */

static_assert((int)EVE_LINE_SIZE <= (int)EVENT_FILE_LINE, "a line fits");

struct event_log {
	const struct config *config;
	struct dataplane *dataplane;
	const struct publisher *publisher;
	struct event *timer;
	struct event_file *file; /* NULL: no log */
	struct rate_limit limit;
	int64_t epoch;	     /* the dataplane's time 0 on the wall clock, nanoseconds */
	uint64_t started;    /* dataplane_now() */
	uint64_t passed;     /* events given to the file */
	uint64_t unwritable; /* without memory for their line */
	uint64_t suppressed;
	uint64_t told;	  /* events left out, in the last line of totals */
	uint64_t told_at; /* when that was */
};

static const struct timeval at_once = {0, 0}, soon = {0, 20000};

static struct eve_signature signature_of(
	const struct event_log *log, const struct flow_record *flow)
{
	const struct rule_names *names = publisher_names(log->publisher, flow->generation);
	const struct rule_name *name;

	if (flow->rule == RULE_NONE)
		return *eve_default(names != NULL ? names->stateful_default : DEFAULT_ALERT_STRICT);
	name = names != NULL ? rule_names_find(names, RULE_STATEFUL, flow->rule) : NULL;
	if (name == NULL)
		return (struct eve_signature){"rule of an earlier policy", 0, 0, EVE_SEVERITY};
	if (name->name != NULL)
		return (struct eve_signature){name->name, 0, 0, EVE_SEVERITY};
	return (struct eve_signature){
		name->msg != NULL ? name->msg : "", name->id, name->rev, name->priority};
}

static void write_event(struct event_log *log, const struct event_record *event)
{
	struct eve_signature signature = signature_of(log, &event->flow);
	const char *port = log->config->dataplane.ports[event->port].name;
	char line[EVE_LINE_SIZE];
	int length = eve_alert(event, &signature, port, log->epoch, line, sizeof(line));

	if (length < 0) {
		log->unwritable++;
		return;
	}
	log->passed++;
	event_file_put(log->file, line, (size_t)length);
}

void event_log_write(
	struct event_log *log, const struct event_record *events, uint32_t count, uint64_t now)
{
	int64_t epoch = wall_clock_nanoseconds() - (int64_t)now;

	if (log->file == NULL)
		return;
	/* The events of a flow agree on its start, until the wall clock was set. */
	if (llabs(epoch - log->epoch) > EPOCH_TOLERANCE)
		log->epoch = epoch;
	for (uint32_t i = 0; i < count; i++) {
		if (rate_limit_take(&log->limit, now))
			write_event(log, &events[i]);
		else
			log->suppressed++;
	}
}

static uint64_t lost_by_workers(const struct event_log *log)
{
	uint64_t lost = 0;

	for (uint16_t i = 0; i < dataplane_worker_count(log->dataplane); i++) {
		struct worker_status status;

		dataplane_worker_status(log->dataplane, i, &status);
		lost += status.events_lost;
	}
	return lost;
}

static void totals(const struct event_log *log, uint64_t now, struct eve_stats *ret_totals)
{
	struct event_file_totals file = {0};

	if (log->file != NULL)
		event_file_totals(log->file, &file);
	*ret_totals = (struct eve_stats){
		/* Among the lines lost may be some of totals. */
		.alerts = log->passed > file.lost ? log->passed - file.lost : 0,
		.lost = lost_by_workers(log) + log->unwritable + file.lost,
		.suppressed = log->suppressed,
		.uptime = (now - log->started) / NANOSECONDS,
	};
}

static void tell(struct event_log *log, uint64_t now)
{
	char line[EVE_LINE_SIZE];
	struct eve_stats stats;
	int length;

	totals(log, now, &stats);
	if (stats.lost + stats.suppressed == log->told)
		return;
	length = eve_stats(&stats, wall_clock_nanoseconds(), line, sizeof(line));
	event_file_put(log->file, line, (size_t)length);
	log->told = stats.lost + stats.suppressed;
	log->told_at = now;
}

void event_log_tell(struct event_log *log, uint64_t now)
{
	if (log->file != NULL && now - log->told_at >= NANOSECONDS)
		tell(log, now);
}

/* One batch of every worker; returns whether any had a whole one. */
static bool drain_round(struct event_log *log)
{
	struct event_record events[BATCH];
	bool more = false;

	for (uint16_t worker = 0; worker < dataplane_worker_count(log->dataplane); worker++) {
		uint32_t count = dataplane_events(log->dataplane, worker, events, BATCH);

		if (count > 0)
			event_log_write(log, events, count, dataplane_now());
		more = more || count == BATCH;
	}
	return more;
}

static void on_timer(evutil_socket_t fd, short events, void *context)
{
	struct event_log *log = context;
	uint64_t until = dataplane_now() + TURN;
	bool more;

	(void)fd;
	(void)events;
	do
		more = drain_round(log);
	while (more && dataplane_now() < until);
	event_log_tell(log, dataplane_now());
	evtimer_add(log->timer, more ? &at_once : &soon);
}

int event_log_create(struct event_base *base, const struct config *config,
	struct dataplane *dataplane, const struct publisher *publisher, struct event_log **ret_log)
{
	struct event_log *log = calloc(1, sizeof(*log));
	int error = -ENOMEM;

	if (log == NULL)
		return -ENOMEM;
	log->config = config;
	log->dataplane = dataplane;
	log->publisher = publisher;
	log->started = dataplane_now();
	rate_limit_init(&log->limit, config->event_log_rate, log->started);
	log->timer = evtimer_new(base, on_timer, log);
	if (log->timer == NULL)
		goto free_log;
	if (evtimer_add(log->timer, &soon) != 0)
		goto free_timer;
	if (config->event_log_path != NULL) {
		error = event_file_create(config->event_log_path, &log->file);
		if (error != 0)
			goto free_timer;
	}
	*ret_log = log;
	return 0;

free_timer:
	event_free(log->timer);
free_log:
	free(log);
	return error;
}

void event_log_destroy(struct event_log *log)
{
	if (log == NULL)
		return;
	event_free(log->timer);
	while (drain_round(log))
		;
	if (log->file != NULL)
		tell(log, dataplane_now());
	event_file_destroy(log->file);
	free(log);
}

void event_log_reopen(struct event_log *log)
{
	if (log->file != NULL)
		event_file_reopen(log->file);
}

json_t *event_log_report(const struct event_log *log)
{
	struct eve_stats stats;

	totals(log, dataplane_now(), &stats);
	return json_pack("{s:s*, s:I, s:I, s:I}", "Path", log->config->event_log_path,
		"EventsWritten", (json_int_t)stats.alerts, "EventsSuppressed",
		(json_int_t)stats.suppressed, "EventsLost", (json_int_t)stats.lost);
}
