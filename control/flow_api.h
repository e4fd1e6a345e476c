/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * flow_api: the actions of the flow API, and the others of the control socket.
 */
#ifndef TIDEGATE_CONTROL_FLOW_API_H
#define TIDEGATE_CONTROL_FLOW_API_H

#include <jansson.h>

#include "control/collect.h"
#include "control/config.h"
#include "control/event_log.h"
#include "control/reload.h"
#include "control/reply.h"
#include "control/status.h"
#include "control/store.h"
#include "control/token.h"

/* What the actions work on; all of it is borrowed. */
struct flow_api {
	const struct config *config;
	struct store *store;
	struct collector *collector;
	const struct publisher *publisher;
	struct status *status;
	struct reload *reload;
	struct event_log *event_log;
	struct token_key token_key;
};

/* Carry out one action. params may be NULL for none; the reply is empty. */
void flow_api_call(
	const struct flow_api *api, const char *action, json_t *params, struct reply *reply);

/*
 * Tell the name of action number, and what it takes, as bits of enum api_member. Returns whether
 * there are so many actions.
 */
bool flow_api_action(size_t number, const char **ret_name, uint64_t *ret_members);

#endif
