/* SPDX-License-Identifier: BSD-3-Clause */
/* listener: one address or Unix socket that connections are accepted on. */
#ifndef TIDEGATE_CONTROL_HTTPD_LISTENER_H
#define TIDEGATE_CONTROL_HTTPD_LISTENER_H

#include "control/httpd/server.h"
#include "control/httpd/settings.h"

struct event_base;
struct listener;

/* Accept for the server. Returns 0, or -errno with the cause logged. */
int listener_create(struct event_base *base, const struct settings_address *address,
	struct server *server, struct listener **ret_listener);
void listener_destroy(struct listener *listener);

#endif
