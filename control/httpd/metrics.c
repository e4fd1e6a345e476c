/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/httpd/metrics.h"

#include <string.h>

#include "control/client/clock.h"
#include "control/httpd/access.h"

#define CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

bool metrics_is_asked(const struct exchange *exchange)
{
	size_t length = strcspn(exchange->target, "?");

	return length == strlen("/metrics") && memcmp(exchange->target, "/metrics", length) == 0;
}

/* Without the daemon too: that it does not answer is what tidegate_up tells. */
static void on_answered(int error, json_t *result, const json_t *refusal, void *context)
{
	struct exchange *exchange = context;

	(void)refusal;
	exchange_answer(exchange, MHD_HTTP_OK, CONTENT_TYPE,
		metrics_text(error == 0 ? result : NULL, exchange->server));
}

void metrics_handle(struct metrics *metrics, struct exchange *exchange)
{
	json_t *params;
	int error;

	exchange->action = "metrics";
	if (strcmp(exchange->request.method, MHD_HTTP_METHOD_GET) != 0) {
		exchange_fail(exchange, MHD_HTTP_METHOD_NOT_ALLOWED, "UnknownOperationException",
			"Metrics are had by GET.");
		if (exchange->response != NULL)
			MHD_add_response_header(
				exchange->response, MHD_HTTP_HEADER_ALLOW, MHD_HTTP_METHOD_GET);
		return;
	}
	if (!metrics->to_all && !access_check_local(exchange))
		return;
	if (!rate_limit_take(&metrics->limit, clock_nanoseconds())) {
		exchange_fail(exchange, MHD_HTTP_TOO_MANY_REQUESTS, "ThrottlingException",
			"Rate exceeded");
		return;
	}
	params = json_object();
	error = backend_call(metrics->backend, "GetStatus", params, on_answered, exchange);
	json_decref(params);
	if (error != 0)
		on_answered(error, NULL, NULL, exchange);
}
