/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * metrics: GET /metrics, the daemon's status and the door's own figures in the text format of
 * Prometheus, version 0.0.4.
 */
#ifndef TIDEGATE_CONTROL_HTTPD_METRICS_H
#define TIDEGATE_CONTROL_HTTPD_METRICS_H

#include "control/httpd/backend.h"
#include "control/httpd/exchange.h"
#include "control/rate_limit.h"

struct metrics {
	struct backend *backend; /* borrowed */
	bool to_all;		 /* not only to clients on this machine */
	struct rate_limit limit; /* of requests, which nobody signs */
};

/* Whether the request is for the metrics, by its path. */
bool metrics_is_asked(const struct exchange *exchange);

/* Answer it, now or when the daemon has. */
void metrics_handle(struct metrics *metrics, struct exchange *exchange);

/* The text, on the heap; NULL without memory. status is GetStatus's result, or NULL without one. */
char *metrics_text(const json_t *status, const struct server *server);

#endif
