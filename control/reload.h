/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * reload: reads the configuration file again and puts its policy in force.
 *
 * Overview: a thread of its own reads, validates and compiles; the event loop goes on meanwhile,
 * and publishes what the thread made. A file that is refused changes nothing. Of a good one the
 * rules, with default_action or as policy documents, on_policy_change and idle_timeouts take
 * effect; other keys that differ from the running configuration are named and left. The result is
 * logged and kept for GetStatus.
 *
 * Synchronisation: all functions are the event loop's. The thread has its job alone, which the loop
 * leaves alone until the thread has ended.
 */
#ifndef TIDEGATE_CONTROL_RELOAD_H
#define TIDEGATE_CONTROL_RELOAD_H

#include <jansson.h>
#include <sched.h>

#include "control/config.h"
#include "control/publisher.h"

struct event_base;
struct reload;

/*
 * cpus are those that workers may have, see config_load(); running is the configuration that the
 * daemon was started with. All but cpus is to outlive it. json_object_seed() was called. Returns 0
 * or -errno.
 */
int reload_create(struct event_base *base, const char *path, const cpu_set_t *cpus,
	const struct config *running, struct publisher *publisher, struct reload **ret_reload);

/* Waits for a running reload and throws it away. */
void reload_destroy(struct reload *reload);

/* Begin one. Returns 0; -EBUSY while one is running; -errno when there can be no thread. */
int reload_start(struct reload *reload);

/* Begin one, or another one after the one that is running. What fails is logged. */
void reload_request(struct reload *reload);

/* "Policy" of GetStatus, with the result of the last reload; NULL without memory. */
json_t *reload_report(const struct reload *reload);

#endif
