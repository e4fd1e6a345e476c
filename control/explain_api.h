/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * explain_api: ExplainPacket, which rule in force decides a packet, and why those before it do not.
 *
 * It is worked out on the event loop: some milliseconds for the most rules there can be.
 */
#ifndef TIDEGATE_CONTROL_EXPLAIN_API_H
#define TIDEGATE_CONTROL_EXPLAIN_API_H

#include "control/explain_input.h"
#include "control/publisher.h"
#include "control/token.h"

#define EXPLAIN_API_MEMBERS (EXPLAIN_INPUT_MEMBERS | MEMBERS_PAGE)

void explain_api_explain(const struct publisher *publisher, const struct token_key *key,
	const struct api_input *input, struct reply *reply);

#endif
