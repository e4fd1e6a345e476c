/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * start_api: StartFlowCapture and StartFlowFlush.
 */
#ifndef TIDEGATE_CONTROL_START_API_H
#define TIDEGATE_CONTROL_START_API_H

#include "control/flow_api.h"
#include "control/flow_scope.h"

/* Of both; what else they take names the firewall. */
#define START_API_MEMBERS                                                                          \
	(FLOW_SCOPE_MEMBERS | MEMBER_BIT(FLOW_FILTERS) | MEMBER_BIT(TIME_BOX) |                    \
		MEMBER_BIT(DENIED_BY_POLICY) | MEMBER_BIT(CLIENT_TOKEN))
#define START_API_CAPTURE_MEMBERS                                                                  \
	(START_API_MEMBERS | MEMBER_BIT(LIMIT) | MEMBER_BIT(WINDOW) | MEMBER_BIT(SORT_BY) |        \
		MEMBER_BIT(TRANSIENT))
#define START_API_FLUSH_MEMBERS                                                                    \
	(START_API_MEMBERS | MEMBER_BIT(DRY_RUN) | MEMBER_BIT(MAX_FLOWS) |                         \
		MEMBER_BIT(OF_OPERATION) | MEMBER_BIT(REJECT))

void start_api_start(const struct flow_api *api, enum walk_kind kind, const struct api_input *input,
	struct reply *reply);

#endif
