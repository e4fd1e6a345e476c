/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * api: the flow operations of AWS Network Firewall's API, version 2020-11-12, and the actions that
 * list and describe firewall, policy and rule groups, as AWS JSON 1.0: POST / with the action in
 * X-Amz-Target. What they mean is the daemon's; what HTTP adds is here: who may call what, the
 * limits of the public API, and that a request which an SDK tries again begins nothing anew.
 */
#ifndef TIDEGATE_CONTROL_HTTPD_API_H
#define TIDEGATE_CONTROL_HTTPD_API_H

#include "control/httpd/backend.h"
#include "control/httpd/exchange.h"
#include "control/httpd/keys.h"

/* All of it is borrowed. */
struct api {
	struct backend *backend;
	struct keys *keys;
	const char *region; /* NULL without keys */
};

/* Answer a request, now or when the daemon has. */
void api_handle(const struct api *api, struct exchange *exchange);

#endif
