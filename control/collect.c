/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Overview: most operations are one pass over the tables. A flush takes two when it is decided only
 * by all that match together, how many there are or what several workers have of a conversation:
 * the first lists them, and the second removes what was listed. A flush of what an operation listed
 * begins with those flows.
 */
#include "control/collect.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdlib.h>

#include "control/flow_scope.h"
#include "control/log.h"
#include "control/pass.h"

#define MILLISECOND (NANOSECONDS / 1000)
#define TURN (2 * MILLISECOND) /* longest time on the event loop at one go */
#define CANCELED "canceled by a client - nothing was flushed"
#define GRACE (200 * MILLISECOND) /* past the time box, for the closing records */

enum {
	ASYMMETRY = 1, /* percent of conversations at two workers that is worth a warning */
};

/* What is being done for the operation that runs. */
enum stage {
	STAGE_NONE,
	STAGE_NAMED,  /* the flows of the operation that it names are being put into a set */
	STAGE_WINDOW, /* memory for the window is being brought in */
	STAGE_LIST,   /* a pass is under way, and another one is to follow */
	STAGE_CHOSEN, /* what that listed is being put into a set */
	STAGE_LAST,   /* the last pass is under way */
	STAGE_STORED, /* the result is being stored */
};

struct collector {
	struct dataplane *dataplane;
	const struct publisher *publisher;
	struct store *store;
	struct event *timer; /* pending while there is anything to do */
	struct pass_list passes;
	uint32_t last_id;

	struct operation *operation; /* that runs, or NULL */
	enum stage stage;
	struct pass *pass; /* of STAGE_LIST and STAGE_LAST; else the one to come */
	uint64_t canceled; /* when a client did; 0: none has */
};

static const struct timeval at_once = {0, 0}, soon = {0, 1000};

/* ---- the end ---- */

static void on_stored(struct operation *operation, void *context)
{
	struct collector *collector = context;

	log_write(LOG_INFO, "operation %s ended %s with %u flows%s%s", operation->id,
		operation_status_name(operation->status), operation_flow_count(operation),
		operation->message[0] != '\0' ? ": " : "", operation->message);
	if (operation_asymmetry(operation) >= ASYMMETRY)
		log_write(LOG_WARNING,
			"%" PRIu32 " of %" PRIu32 " conversations came to two workers: "
			"RSS or the cabling is asymmetric",
			operation->asymmetric, operation_flow_count(operation));
	collector->stage = STAGE_NONE;
	collector->operation = NULL;
	operation_unref(operation);
}

/* Workers that have the pass open go on with it; what it was to get is not waited for. */
static void leave_pass(struct collector *collector)
{
	struct pass *pass = collector->pass;

	collector->pass = NULL;
	if (pass == NULL)
		return;
	pass_leave(pass);
	if (collector->stage == STAGE_LIST || collector->stage == STAGE_LAST)
		pass_cancel(pass, collector->dataplane);
	else
		pass_discard(pass, collector->store); /* no worker has been asked */
}

/* The operation has finished: its outcome is decided. */
static void store_result(struct collector *collector)
{
	leave_pass(collector);
	collector->stage = STAGE_STORED;
	store_finish(collector->store, collector->operation, on_stored, collector);
}

static void give_up(struct collector *collector, int error)
{
	operation_give_up(collector->operation, "%s",
		error == -ENOMEM ? "no memory" : "the operation named could not be read");
	store_result(collector);
}

/* ---- passes ---- */

static bool takes_two_passes(const struct operation *operation)
{
	const struct operation_request *request = &operation->request;

	return request->kind == WALK_FLUSH && !request->dry_run &&
		(request->max_flows != 0 || request->joint);
}

/* Send the prepared pass on its way. */
static void begin_pass(struct collector *collector, enum stage stage)
{
	struct operation *operation = collector->operation;
	const struct operation_request *request = &operation->request;
	bool lists = stage == STAGE_LIST || request->dry_run;
	struct walk_scope scope = request->scope;

	/* The second pass takes what the first one listed, and nothing else matters. */
	if (stage == STAGE_LAST && collector->stage == STAGE_CHOSEN)
		walk_scope_init(&scope);
	else if (request->joint)
		flow_scope_of_worker(&request->scope, &scope);
	collector->stage = stage;
	if (++collector->last_id == 0) /* a request's id is never 0 */
		collector->last_id++;
	collector->pass->id = collector->last_id;
	LIST_INSERT_HEAD(&collector->passes, collector->pass, link);
	pass_ask(collector->pass, collector->dataplane, lists ? WALK_CAPTURE : request->kind,
		&scope, publisher_current(collector->publisher)->names->generation);
}

static void begin_first_pass(struct collector *collector)
{
	collector->operation->begin = dataplane_now();
	begin_pass(collector, takes_two_passes(collector->operation) ? STAGE_LIST : STAGE_LAST);
}

/* All that matches is listed. */
static void begin_to_choose(struct collector *collector)
{
	struct operation *operation = collector->operation;
	int error;

	if (!operation_is_whole(operation)) {
		operation_give_up(operation, "nothing was flushed");
		store_result(collector);
		return;
	}
	leave_pass(collector);
	collector->stage = STAGE_CHOSEN;
	error = pass_create(collector->dataplane, operation, &collector->pass);
	if (error == 0)
		error = flow_set_create(operation_found(operation), &collector->pass->set);
	if (error != 0)
		give_up(collector, error);
}

/* ---- sets ---- */

/* The set is whole: flush what is in it, unless that is more than is allowed. */
static void flush_chosen(struct collector *collector)
{
	struct operation *operation = collector->operation;
	uint32_t max_flows = operation->request.max_flows, chosen = collector->pass->chosen;

	if (max_flows != 0 && chosen > max_flows) {
		operation_give_up(operation,
			"%" PRIu32 " flows match and MaxFlows is %" PRIu32 " - nothing was flushed",
			chosen, max_flows);
		store_result(collector);
		return;
	}
	operation_begin_again(operation);
	begin_pass(collector, STAGE_LAST);
}

/* In another thread: until on_named() the prepared pass is its. */
static int name_flow(const struct flow_record *flow, void *context)
{
	struct collector *collector = context;

	return flow_set_add(collector->pass->set, flow);
}

static void on_named(int error, void *context)
{
	struct collector *collector = context;

	if (collector->canceled != 0) {
		operation_give_up(collector->operation, CANCELED);
		store_result(collector);
	} else if (error != 0) {
		give_up(collector, error);
	} else {
		begin_first_pass(collector);
	}
}

/* ---- the event loop ---- */

static bool is_over(const struct collector *collector)
{
	uint64_t end = operation_deadline(collector->operation);

	if (collector->canceled != 0 && collector->canceled < end)
		end = collector->canceled;
	return collector->pass->open == 0 || dataplane_now() > end + GRACE;
}

/* Take the operation on, as far as it goes at once. Returns whether there is more to do at once. */
static bool advance(struct collector *collector)
{
	switch (collector->stage) {
	case STAGE_WINDOW:
		if (!pass_prepare(collector->pass))
			begin_first_pass(collector);
		return true;
	case STAGE_CHOSEN:
		if (!pass_choose(collector->pass))
			flush_chosen(collector);
		return true;
	case STAGE_LIST:
		if (is_over(collector))
			begin_to_choose(collector);
		break;
	case STAGE_LAST:
		if (is_over(collector)) {
			operation_finish(collector->operation, collector->canceled != 0);
			store_result(collector);
		}
		break;
	case STAGE_NONE:
	case STAGE_NAMED:
	case STAGE_STORED:
		break;
	}
	return false;
}

static bool is_idle(const struct collector *collector)
{
	return LIST_EMPTY(&collector->passes) &&
		(collector->stage == STAGE_NONE || collector->stage == STAGE_STORED);
}

static void on_timer(evutil_socket_t fd, short events, void *context)
{
	struct collector *collector = context;
	uint64_t until = dataplane_now() + TURN;
	bool more;

	(void)fd;
	(void)events;
	do {
		/* While records come in the pass is not over. */
		more = pass_drain(&collector->passes, collector->dataplane, collector->publisher) ||
			advance(collector);
	} while (more && dataplane_now() < until);
	pass_discard_closed(&collector->passes, collector->pass, collector->store);
	if (!is_idle(collector))
		evtimer_add(collector->timer, more ? &at_once : &soon);
}

/* ---- life-cycle ---- */

int collect_create(struct event_base *base, struct dataplane *dataplane,
	const struct publisher *publisher, struct store *store, struct collector **ret_collector)
{
	struct collector *collector = calloc(1, sizeof(*collector));

	if (collector == NULL)
		return -ENOMEM;
	collector->dataplane = dataplane;
	collector->publisher = publisher;
	collector->store = store;
	LIST_INIT(&collector->passes);
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
	if (collector->stage == STAGE_NAMED)
		store_wait(collector->store);
	leave_pass(collector);
	pass_free_all(&collector->passes);
	operation_unref(collector->operation);
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

/* Take over the operation, prepare its first pass and, where it names another one, the set of that
 * one's flows. */
static int prepare(
	struct collector *collector, struct operation *operation, struct operation *named)
{
	int error;

	collector->operation = operation;
	collector->canceled = 0;
	error = pass_create(collector->dataplane, operation, &collector->pass);
	if (error == 0 && named != NULL)
		error = flow_set_create(operation_flow_count(named), &collector->pass->set);
	if (error == 0 && evtimer_add(collector->timer, &soon) != 0)
		error = -ENOMEM;
	if (error == 0 && named != NULL)
		error = store_visit(collector->store, named, name_flow, on_named, collector);
	if (error == 0)
		return 0;
	leave_pass(collector);
	collector->operation = NULL;
	return error;
}

int collect_start(struct collector *collector, const struct operation_request *request,
	struct classifier *filter, struct operation *named, struct operation **ret_operation)
{
	uint16_t workers = dataplane_worker_count(collector->dataplane);
	struct operation_request wanted = *request;
	struct operation *operation;
	int error;

	wanted.joint = workers > 1 && flow_scope_needs_merge(&request->scope);
	error = operation_create(&wanted, workers, flows_in_use(collector), &operation);
	if (error != 0)
		return error;
	error = prepare(collector, operation, named);
	if (error != 0) {
		operation->request.text = NULL; /* still the caller's */
		operation->request.params = NULL;
		operation_unref(operation);
		return error;
	}
	collector->pass->filter = filter;
	store_add(collector->store, operation);
	if (named != NULL)
		collector->stage = STAGE_NAMED;
	else if (request->window != 0)
		collector->stage = STAGE_WINDOW;
	else
		begin_first_pass(collector);
	*ret_operation = operation;
	return 0;
}

struct operation *collect_running(const struct collector *collector)
{
	return collector->operation;
}

void collect_cancel(struct collector *collector)
{
	switch (collector->stage) {
	case STAGE_NAMED:
		collector->canceled = dataplane_now();
		return;
	case STAGE_LIST:
	case STAGE_CHOSEN:
		operation_give_up(collector->operation, CANCELED);
		break;
	case STAGE_WINDOW:
		operation_finish(collector->operation, true);
		break;
	case STAGE_LAST:
		/* What it has removed by then is listed. */
		if (collector->canceled == 0)
			collector->canceled = dataplane_now();
		pass_cancel(collector->pass, collector->dataplane);
		return;
	case STAGE_NONE:
	case STAGE_STORED:
		return;
	}
	store_result(collector);
}
