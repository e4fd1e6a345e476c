/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/collect.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "control/log.h"

#define MILLISECOND (NANOSECONDS / 1000)
#define TURN (2 * MILLISECOND)	  /* longest time the rings are drained at one go */
#define GRACE (200 * MILLISECOND) /* past the time box, for the closing records */

enum { BATCH = 64 }; /* records taken at once */

/* One request that went to the workers. */
struct walk {
	uint32_t id;
	uint16_t open; /* workers that have not closed it */
	struct classifier *filter;
	struct operation *operation; /* NULL: it has ended, the records are thrown away */
	LIST_ENTRY(walk) link;
};

struct collector {
	struct dataplane *dataplane;
	const struct publisher *publisher;
	struct store *store;
	struct event *timer; /* pending while there is a walk */
	LIST_HEAD(, walk) walks;
	struct walk *running;	   /* the walk of the operation, while it is under way */
	struct operation *current; /* that runs, or whose result is being stored; or NULL */
	uint32_t last_id;
};

static const struct timeval at_once = {0, 0}, soon = {0, 1000};

static void walk_destroy(struct walk *walk)
{
	LIST_REMOVE(walk, link);
	operation_unref(walk->operation);
	classifier_destroy(walk->filter);
	free(walk);
}

static struct walk *walk_find(struct collector *collector, uint32_t id)
{
	struct walk *walk;

	LIST_FOREACH(walk, &collector->walks, link)
		if (walk->id == id)
			return walk;
	return NULL;
}

static void take_flow(const struct collector *collector, struct operation *operation,
	uint16_t worker, const struct flow_record *flow)
{
	struct rule_names *names = NULL;

	if (flow->rule != RULE_NONE)
		names = publisher_names(collector->publisher, flow->generation);
	operation_take(operation, worker, flow, names);
}

static void take_record(const struct collector *collector, struct walk *walk, uint16_t worker,
	const struct record *record)
{
	if (record->type == RECORD_FLOW) {
		if (walk->operation != NULL)
			take_flow(collector, walk->operation, worker, &record->flow);
		return;
	}
	walk->open--;
	if (walk->operation != NULL)
		operation_close_worker(walk->operation, worker, &record->close);
}

static void on_stored(struct operation *operation, void *context)
{
	struct collector *collector = context;

	log_write(LOG_INFO, "operation %s ended %s with %u flows%s%s", operation->id,
		operation_status_name(operation->status), operation_flow_count(operation),
		operation->message[0] != '\0' ? ": " : "", operation->message);
	collector->current = NULL;
	operation_unref(operation);
}

/* End the running operation; its walk stays until all workers have closed it. */
static void finish(struct collector *collector, bool canceled)
{
	struct walk *walk = collector->running;
	struct operation *operation = walk->operation;

	collector->running = NULL;
	walk->operation = NULL;
	operation_finish(operation, canceled);
	operation_unref(operation);
	store_finish(collector->store, collector->current, on_stored, collector);
}

static void finish_walks(struct collector *collector)
{
	struct walk *walk, *next;

	if (collector->running != NULL) {
		const struct operation *operation = collector->running->operation;
		uint64_t box = operation->request.time_box * MILLISECOND;

		if (collector->running->open == 0 ||
			dataplane_now() > operation->start + box + GRACE)
			finish(collector, false);
	}
	for (walk = LIST_FIRST(&collector->walks); walk != NULL; walk = next) {
		next = LIST_NEXT(walk, link);
		if (walk->open == 0)
			walk_destroy(walk);
	}
}

/* One batch of every worker; returns whether there was any record. */
static bool drain_round(struct collector *collector)
{
	struct record records[BATCH];
	bool any = false;

	for (uint16_t worker = 0; worker < dataplane_worker_count(collector->dataplane); worker++) {
		uint32_t count = dataplane_records(collector->dataplane, worker, records, BATCH);

		any = any || count > 0;
		for (uint32_t i = 0; i < count; i++) {
			struct walk *walk = walk_find(collector, records[i].id);

			if (walk != NULL)
				take_record(collector, walk, worker, &records[i]);
		}
	}
	return any;
}

static void on_timer(evutil_socket_t fd, short events, void *context)
{
	struct collector *collector = context;
	uint64_t until = dataplane_now() + TURN;
	bool more;

	(void)fd;
	(void)events;
	do
		more = drain_round(collector);
	while (more && dataplane_now() < until);
	finish_walks(collector);
	if (!LIST_EMPTY(&collector->walks))
		evtimer_add(collector->timer, more ? &at_once : &soon);
}

int collect_create(struct event_base *base, struct dataplane *dataplane,
	const struct publisher *publisher, struct store *store, struct collector **ret_collector)
{
	struct collector *collector = calloc(1, sizeof(*collector));

	if (collector == NULL)
		return -ENOMEM;
	collector->dataplane = dataplane;
	collector->publisher = publisher;
	collector->store = store;
	LIST_INIT(&collector->walks);
	collector->timer = evtimer_new(base, on_timer, collector);
	if (collector->timer == NULL) {
		free(collector);
		return -ENOMEM;
	}
	*ret_collector = collector;
	return 0;
}

void collect_destroy(struct collector *collector)
{
	if (collector == NULL)
		return;
	while (!LIST_EMPTY(&collector->walks))
		walk_destroy(LIST_FIRST(&collector->walks));
	operation_unref(collector->current);
	event_free(collector->timer);
	free(collector);
}

/* Flows in all tables: as many may be in the result. */
static uint64_t flows_in_use(const struct collector *collector)
{
	uint64_t flows = 0;

	for (uint16_t i = 0; i < dataplane_worker_count(collector->dataplane); i++) {
		struct worker_status status;

		dataplane_worker_status(collector->dataplane, i, &status);
		flows += status.flows_ipv4 + status.flows_ipv6;
	}
	return flows;
}

static void ask_workers(struct collector *collector, struct walk *walk)
{
	const struct operation *operation = walk->operation;
	struct walk_request request = {
		.id = walk->id,
		.kind = operation->request.kind,
		.filter = walk->filter,
		.start = operation->start,
		.scope = operation->request.scope,
		.deadline = operation->start + operation->request.time_box * MILLISECOND,
		.denied = operation->request.denied,
	};

	/* Not by the policy before: a worker may not have seen this one yet. */
	if (request.denied)
		request.generation = publisher_current(collector->publisher)->names->generation;
	for (uint16_t i = 0; i < operation->worker_count; i++) {
		if (dataplane_request(collector->dataplane, i, &request) == 0)
			walk->open++;
		else
			operation_refuse(walk->operation, i);
	}
}

int collect_start(struct collector *collector, const struct operation_request *request,
	struct classifier *filter, struct operation **ret_operation)
{
	struct operation *operation;
	struct walk *walk;
	int error;

	walk = calloc(1, sizeof(*walk));
	if (walk == NULL)
		return -ENOMEM;
	error = operation_create(request, dataplane_worker_count(collector->dataplane),
		flows_in_use(collector), &operation);
	if (error == 0 && evtimer_add(collector->timer, &soon) != 0) {
		operation->request.text = NULL; /* still the caller's */
		operation->request.params = NULL;
		operation_unref(operation);
		error = -ENOMEM;
	}
	if (error != 0) {
		free(walk);
		return error;
	}
	if (++collector->last_id == 0) /* a walk's id is never 0 */
		collector->last_id++;
	walk->id = collector->last_id;
	walk->filter = filter;
	walk->operation = operation;
	LIST_INSERT_HEAD(&collector->walks, walk, link);
	collector->running = walk;
	collector->current = operation_ref(operation);
	store_add(collector->store, operation);
	ask_workers(collector, walk);
	*ret_operation = operation;
	return 0;
}

struct operation *collect_running(const struct collector *collector)
{
	return collector->current;
}

void collect_cancel(struct collector *collector)
{
	if (collector->running != NULL)
		finish(collector, true);
}
