/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/pass.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum {
	BATCH = 64,	    /* records taken at once */
	CHOOSE_BATCH = 512, /* flows put into a set at once */
};

static int make_windows(struct dataplane *dataplane, struct pass *pass)
{
	uint16_t count = dataplane_worker_count(dataplane);

	pass->windows = calloc(count, sizeof(struct window *));
	if (pass->windows == NULL)
		return -ENOMEM;
	pass->window_count = count;
	for (uint16_t i = 0; i < count; i++) {
		int error = dataplane_window_create(dataplane, i, &pass->windows[i]);

		if (error != 0)
			return error;
	}
	return 0;
}

static void destroy(void *memory)
{
	struct pass *pass = memory;

	for (uint16_t i = 0; i < pass->window_count; i++)
		window_destroy(pass->windows[i]);
	free(pass->windows);
	flow_set_destroy(pass->set);
	classifier_destroy(pass->filter);
	free(pass);
}

int pass_create(struct dataplane *dataplane, struct operation *operation, struct pass **ret_pass)
{
	struct pass *pass = calloc(1, sizeof(*pass));
	int error = 0;

	if (pass == NULL)
		return -ENOMEM;
	if (operation->request.window != 0)
		error = make_windows(dataplane, pass);
	if (error != 0) {
		destroy(pass);
		return error;
	}
	pass->operation = operation_ref(operation);
	*ret_pass = pass;
	return 0;
}

bool pass_prepare(struct pass *pass)
{
	if (pass->prepared < pass->window_count && !window_prepare(pass->windows[pass->prepared]))
		pass->prepared++;
	return pass->prepared < pass->window_count;
}

bool pass_choose(struct pass *pass)
{
	const struct operation *operation = pass->operation;
	uint32_t count = operation_found(operation);

	for (unsigned int i = 0; i < CHOOSE_BATCH && pass->looked_at < count; i++) {
		const struct flow_record *flow = merge_flow(operation->flows, pass->looked_at++);

		if (!walk_scope_accepts(&operation->request.scope, flow, operation->start))
			continue;
		flow_set_add(pass->set, flow);
		pass->chosen++;
	}
	return pass->looked_at < count;
}

void pass_discard(struct pass *pass, struct store *store)
{
	assert(pass->operation == NULL);
	store_discard(store, pass, destroy);
}

void pass_cancel(const struct pass *pass, struct dataplane *dataplane)
{
	for (uint16_t i = 0; i < dataplane_worker_count(dataplane); i++)
		dataplane_cancel(dataplane, i, pass->id);
}

void pass_leave(struct pass *pass)
{
	operation_unref(pass->operation);
	pass->operation = NULL;
}

void pass_ask(struct pass *pass, struct dataplane *dataplane, enum walk_kind kind,
	const struct walk_scope *scope, uint32_t generation)
{
	struct operation *operation = pass->operation;
	struct walk_request request = {
		.id = pass->id,
		.kind = kind,
		.filter = pass->filter,
		.set = pass->set,
		.scope = *scope,
		.start = operation->start,
		.deadline = operation_deadline(operation),
		.window_end = operation->begin + operation->request.window * NANOSECONDS,
		.denied = operation->request.denied,
		.reset = operation->request.reset,
	};

	/* Not by the policy before: a worker may not have seen this one yet. */
	if (request.denied)
		request.generation = generation;
	for (uint16_t i = 0; i < operation->worker_count; i++) {
		if (pass->windows != NULL)
			request.window = pass->windows[i];
		if (dataplane_request(dataplane, i, &request) == 0)
			pass->open++;
		else
			operation_refuse(operation, i);
	}
}

static struct pass *find(const struct pass_list *passes, uint32_t id)
{
	struct pass *pass;

	LIST_FOREACH(pass, passes, link)
		if (pass->id == id)
			return pass;
	return NULL;
}

static void take(struct pass *pass, const struct publisher *publisher, const struct record *record)
{
	struct rule_names *names = NULL;

	if (record->type == RECORD_CLOSE)
		pass->open--;
	if (pass->operation == NULL)
		return;
	if (record->type == RECORD_CLOSE) {
		operation_close_worker(pass->operation, record->worker, &record->close);
		return;
	}
	if (record->flow.rule != RULE_NONE)
		names = publisher_names(publisher, record->flow.generation);
	operation_take(pass->operation, record->worker, &record->flow, names);
}

bool pass_drain(
	struct pass_list *passes, struct dataplane *dataplane, const struct publisher *publisher)
{
	struct record records[BATCH];
	bool any = false;

	for (uint16_t worker = 0; worker < dataplane_worker_count(dataplane); worker++) {
		uint32_t count = dataplane_records(dataplane, worker, records, BATCH);

		any = any || count > 0;
		for (uint32_t i = 0; i < count; i++) {
			struct pass *pass = find(passes, records[i].id);

			if (pass != NULL)
				take(pass, publisher, &records[i]);
		}
	}
	return any;
}

void pass_discard_closed(struct pass_list *passes, const struct pass *but, struct store *store)
{
	struct pass *pass, *next;

	for (pass = LIST_FIRST(passes); pass != NULL; pass = next) {
		next = LIST_NEXT(pass, link);
		if (pass->open != 0 || pass == but)
			continue;
		LIST_REMOVE(pass, link);
		pass_discard(pass, store);
	}
}

void pass_free_all(struct pass_list *passes)
{
	struct pass *pass;

	while ((pass = LIST_FIRST(passes)) != NULL) {
		LIST_REMOVE(pass, link);
		pass_leave(pass);
		destroy(pass);
	}
}
