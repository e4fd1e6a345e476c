/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * collect: carries an operation out: asks every worker, takes in what their record rings bring, and
 * ends the operation when all have closed, or some time after its time box. The next one may begin
 * once its result is stored.
 *
 * Overview: a timer of the event loop drains the rings in turns of bounded length, so that requests
 * of clients are answered in between. An operation may end before a worker has closed its walk (the
 * worker stalls, a client cancels); what that worker still sends is thrown away, and the filter
 * that it uses is freed when it closes.
 */
#ifndef TIDEGATE_CONTROL_COLLECT_H
#define TIDEGATE_CONTROL_COLLECT_H

#include "control/operation.h"
#include "control/publisher.h"
#include "control/store.h"
#include "dataplane/dataplane.h"

struct event_base;
struct collector;

/* Dataplane, publisher and store are to outlive it. Returns 0 or -errno. */
int collect_create(struct event_base *base, struct dataplane *dataplane,
	const struct publisher *publisher, struct store *store, struct collector **ret_collector);

/* Only when no worker runs any more: the filters are freed. */
void collect_destroy(struct collector *collector);

/*
 * Begin an operation and put it into the store. There must be none running. filter may be NULL:
 * every flow. named: the operation whose flows it is about, or NULL. Takes over the filter, and
 * request->text and request->params, on success alone. Returns 0 or -errno.
 */
int collect_start(struct collector *collector, const struct operation_request *request,
	struct classifier *filter, struct operation *named, struct operation **ret_operation);

/* The operation that is running, or whose result is being stored; or NULL. */
struct operation *collect_running(const struct collector *collector);

/* End the running operation with what has come in; nothing when its result is being stored. */
void collect_cancel(struct collector *collector);

#endif
