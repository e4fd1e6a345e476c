/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * api_target: what a request is about: this firewall, and one of its operations.
 */
#ifndef TIDEGATE_CONTROL_API_TARGET_H
#define TIDEGATE_CONTROL_API_TARGET_H

#include "control/api_member.h"
#include "control/config.h"
#include "control/reply.h"
#include "control/store.h"

/* Whether the request is for this firewall. Returns 0, or -1 with the reply a
 * ResourceNotFoundException. */
int api_target_check(
	const struct config *config, const struct api_input *input, struct reply *reply);

/* Whether a member, where it is given, is our own; own may be NULL: none is. Returns 0, or -1 with
 * the same reply. */
int api_target_resource(const struct api_input *input, enum api_member member, const char *own,
	struct reply *reply);

/* The operation that a member names, or NULL with the reply a ResourceNotFoundException. */
struct operation *api_target_operation(const struct store *store, const struct api_input *input,
	enum api_member member, struct reply *reply);

/* Both: the operation of this firewall that FlowOperationId names, or NULL with the same reply. */
struct operation *api_target_find(const struct config *config, const struct store *store,
	const struct api_input *input, struct reply *reply);

/* Answer with the firewall, the operation and its status: the result of actions that begin or end
 * one. */
void api_target_answer(
	const struct config *config, const struct operation *operation, struct reply *reply);

#endif
