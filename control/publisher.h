/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * publisher: the policy in force, those before it that workers may still see, and the rule names of
 * past generations.
 *
 * Life-cycle: a policy is published by one pointer store; the one before it is destroyed when no
 * worker sees it any more, which a timer asks for. Its rule names stay for the flows that it has
 * judged and that have not had a packet since, as far as PUBLISHER_GENERATIONS and PUBLISHER_MEMORY
 * allow.
 */
#ifndef TIDEGATE_CONTROL_PUBLISHER_H
#define TIDEGATE_CONTROL_PUBLISHER_H

#include <jansson.h>

#include "control/generation.h"
#include "dataplane/dataplane.h"

/* How many generations' names are kept, and how many bytes of them; the latest in any case. */
enum { PUBLISHER_GENERATIONS = 256, PUBLISHER_MEMORY = 64 << 20 };

struct event_base;
struct publisher;

/* first is what the dataplane was created with. Takes it over on success alone. -ENOMEM */
int publisher_create(struct event_base *base, struct dataplane *dataplane, struct generation *first,
	struct publisher **ret_publisher);

/* Only when the dataplane is destroyed: the policies are destroyed. */
void publisher_destroy(struct publisher *publisher);

/* Put it in force, and take it over. */
void publisher_publish(struct publisher *publisher, struct generation *generation);

/* The names of a generation's rules, or NULL when they are gone. */
struct rule_names *publisher_names(const struct publisher *publisher, uint32_t generation);

/* The generation in force; it stays until another one is published and the event loop goes on. */
const struct generation *publisher_current(const struct publisher *publisher);

/* When that came into force, in seconds since the epoch. */
double publisher_loaded(const struct publisher *publisher);

/* "Policy" of GetStatus, or NULL without memory. */
json_t *publisher_report(const struct publisher *publisher);

#endif
