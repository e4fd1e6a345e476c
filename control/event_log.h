/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * event_log: the events of the workers as lines of a file, see docs/event-log.md.
 *
 * Overview: a timer takes the events out of the workers' rings, for a bounded time a turn. A token
 * bucket lets the configured number a second through to a file, which a thread of its own writes;
 * what is beyond is counted, and the counts are told in a line of their own, once a second at most.
 * Without a file the events are thrown away: a worker never finds its ring full for long.
 *
 * Synchronisation: all functions are the event loop's.
 */
#ifndef TIDEGATE_CONTROL_EVENT_LOG_H
#define TIDEGATE_CONTROL_EVENT_LOG_H

#include <jansson.h>

#include "control/config.h"
#include "control/publisher.h"

struct event_base;
struct event_log;

/* All that is given is borrowed. Returns 0, or -errno when there is no memory, thread or file. */
int event_log_create(struct event_base *base, const struct config *config,
	struct dataplane *dataplane, const struct publisher *publisher, struct event_log **ret_log);

/* Takes the events that are left, the workers having stopped, and writes all that waits. */
void event_log_destroy(struct event_log *log);

/* Open the file's path anew: somebody may have moved the file away. */
void event_log_reopen(struct event_log *log);

/* Write events, as far as the rate allows at the dataplane's time now. */
void event_log_write(
	struct event_log *log, const struct event_record *events, uint32_t count, uint64_t now);

/* Write the line of totals if any event was left out since the last one, and that was a second ago.
 */
void event_log_tell(struct event_log *log, uint64_t now);

/* "EventLog" of GetStatus, or NULL without memory. */
json_t *event_log_report(const struct event_log *log);

#endif
