/* SPDX-License-Identifier: BSD-3-Clause */
/* wait: to the end of a flow operation, with a progress line where stderr is a terminal. */
#ifndef TIDEGATE_CONTROL_CLIENT_WAIT_H
#define TIDEGATE_CONTROL_CLIENT_WAIT_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "control/client/session.h"

/*
 * Wait until the operation of query (the params of DescribeFlowOperation) is no longer in
 * progress, at most to deadline (clock_milliseconds()). Returns an enum exit_code; of an operation
 * that failed, what session_check() says, once it has told it.
 */
int wait_operation(struct session *session, const json_t *query, int64_t deadline);

/* The progress line for an answer of DescribeFlowOperation: "capture: 3 s, 120 flows, 1 of 2
 * workers done". */
void wait_progress(const json_t *answer, char *text, size_t size);

#endif
