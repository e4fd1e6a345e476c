/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * status: the answer of GetStatus.
 */
#ifndef TIDEGATE_CONTROL_STATUS_H
#define TIDEGATE_CONTROL_STATUS_H

#include <jansson.h>

#include "control/config.h"
#include "control/xdp_sockets.h"
#include "dataplane/dataplane.h"

struct event_base;
struct status;

/* A timer of the event loop samples the workers' load every second. sockets are to
 * outlive it. Returns 0 or -ENOMEM. */
int status_create(struct event_base *base, const struct config *config, struct dataplane *dataplane,
	const struct xdp_sockets *sockets, struct status **ret_status);
void status_destroy(struct status *status);

/* The whole answer, or NULL without memory. running: FlowOperationId, or NULL when none runs. */
json_t *status_report(struct status *status, const char *running);

#endif
