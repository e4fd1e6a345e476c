/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/publisher.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>

#include "control/wall_clock.h"

struct publisher {
	struct dataplane *dataplane;
	struct event *timer; /* pending while retired has any */
	struct generation *current;
	STAILQ_HEAD(, generation) retired; /* in the order of their tokens */
	int64_t loaded;			   /* milliseconds since the epoch */
	/* Names of the last name_count generations, by generation modulo PUBLISHER_GENERATIONS. */
	struct rule_names *names[PUBLISHER_GENERATIONS];
	uint32_t name_count;
	size_t name_memory;
};

static const struct timeval step = {0, 10000};

static struct rule_names **names_slot(struct publisher *publisher, uint32_t generation)
{
	return &publisher->names[generation % PUBLISHER_GENERATIONS];
}

static void forget_oldest(struct publisher *publisher)
{
	uint32_t latest = publisher->current->names->generation;
	struct rule_names **slot = names_slot(publisher, latest - publisher->name_count + 1);

	publisher->name_memory -= (*slot)->memory;
	publisher->name_count--;
	rule_names_unref(*slot);
	*slot = NULL;
}

/* Make a generation the current one. */
static void enter(struct publisher *publisher, struct generation *generation)
{
	struct rule_names *names = generation->names;

	if (publisher->name_count == PUBLISHER_GENERATIONS)
		forget_oldest(publisher);
	*names_slot(publisher, names->generation) = rule_names_ref(names);
	publisher->name_count++;
	publisher->name_memory += names->memory;
	publisher->current = generation;
	while (publisher->name_memory > PUBLISHER_MEMORY && publisher->name_count > 1)
		forget_oldest(publisher);
	publisher->loaded = wall_clock_milliseconds();
}

static void on_timer(evutil_socket_t fd, short events, void *context)
{
	struct publisher *publisher = context;
	struct generation *oldest;

	(void)fd;
	(void)events;
	while ((oldest = STAILQ_FIRST(&publisher->retired)) != NULL &&
		dataplane_policy_retired(publisher->dataplane, oldest->retired)) {
		STAILQ_REMOVE_HEAD(&publisher->retired, link);
		generation_destroy(oldest);
	}
	if (oldest != NULL)
		evtimer_add(publisher->timer, &step);
}

int publisher_create(struct event_base *base, struct dataplane *dataplane, struct generation *first,
	struct publisher **ret_publisher)
{
	struct publisher *publisher = calloc(1, sizeof(*publisher));

	if (publisher == NULL)
		return -ENOMEM;
	publisher->timer = evtimer_new(base, on_timer, publisher);
	if (publisher->timer == NULL) {
		free(publisher);
		return -ENOMEM;
	}
	publisher->dataplane = dataplane;
	STAILQ_INIT(&publisher->retired);
	enter(publisher, first);
	*ret_publisher = publisher;
	return 0;
}

void publisher_destroy(struct publisher *publisher)
{
	struct generation *generation;

	if (publisher == NULL)
		return;
	while ((generation = STAILQ_FIRST(&publisher->retired)) != NULL) {
		STAILQ_REMOVE_HEAD(&publisher->retired, link);
		generation_destroy(generation);
	}
	while (publisher->name_count > 0)
		forget_oldest(publisher);
	generation_destroy(publisher->current);
	event_free(publisher->timer);
	free(publisher);
}

void publisher_publish(struct publisher *publisher, struct generation *generation)
{
	struct generation *last = publisher->current;

	/* The dataplane counts in the same way. */
	generation->names->generation = last->names->generation + 1;
	last->retired =
		dataplane_publish(publisher->dataplane, generation->policy, generation->change);
	for (enum timeout i = 0; i < TIMEOUT_COUNT; i++)
		dataplane_set_timeout(publisher->dataplane, i, generation->timeouts[i]);
	STAILQ_INSERT_TAIL(&publisher->retired, last, link);
	enter(publisher, generation);
	evtimer_add(publisher->timer, &step);
}

struct rule_names *publisher_names(const struct publisher *publisher, uint32_t generation)
{
	if (publisher->current->names->generation - generation >= publisher->name_count)
		return NULL;
	return publisher->names[generation % PUBLISHER_GENERATIONS];
}

const struct generation *publisher_current(const struct publisher *publisher)
{
	return publisher->current;
}

double publisher_loaded(const struct publisher *publisher)
{
	return (double)publisher->loaded / 1000;
}

/* Add what documents have, or the configuration's own rules. */
static int report_form(const struct policy_document *document, json_t *report)
{
	bool drop = document->rules.stateful_default & DEFAULT_DROP_STRICT;
	json_t *members;

	if (document->file != NULL)
		members = json_pack("{s:s, s:I}", "File", document->file, "LeftOut",
			(json_int_t)document->left_out_count);
	else
		members = json_pack("{s:s}", "DefaultAction", drop ? "drop" : "allow");
	return json_object_update_new(report, members);
}

json_t *publisher_report(const struct publisher *publisher)
{
	const struct generation *current = publisher->current;
	json_int_t stateless = current->document->rules.stateless_count;
	json_int_t stateful = current->document->rules.stateful_count;
	json_t *report = json_pack("{s:I, s:I, s:I, s:I, s:f}", "Generation",
		(json_int_t)current->names->generation, "Rules", stateless + stateful,
		"StatelessRules", stateless, "StatefulRules", stateful, "LoadedTimestamp",
		publisher_loaded(publisher));

	if (report != NULL && report_form(current->document, report) != 0) {
		json_decref(report);
		return NULL;
	}
	return report;
}
