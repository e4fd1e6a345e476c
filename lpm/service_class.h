/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * service_class: the classes of what a tuple has beside its addresses: ports, protocol, TCP flags.
 *
 * Overview: three dimensions, of which each maps its value to the number of a class. Few classes
 * are crossed: the numbers add up to a place in a table of the classes of all combinations, so
 * that a lookup has one class to look at and not three. Where one port has too many classes it
 * stays apart, and where that is not enough all three do.
 */
#ifndef TIDEGATE_LPM_SERVICE_CLASS_H
#define TIDEGATE_LPM_SERVICE_CLASS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_common.h>

#include "lpm/lpm.h"
#include "lpm/value_class.h"

enum { SERVICE_DIMENSIONS = 3, SERVICE_GROUPS_MAX = SERVICE_DIMENSIONS };

/* Classes of dimensions that are crossed, or of one dimension. */
struct service_group {
	uint32_t *classes;
	uint32_t count;
};

struct service_class {
	struct value_class source_port; /* their numbers are multiplied, to be added up */
	struct value_class destination_port;
	struct value_class protocol;
	struct service_group groups[SERVICE_GROUPS_MAX];
	uint32_t group_count;	/* 1; 2: a port, what is left; 3: source port, destination port,
				 * protocol */
	bool source_port_apart; /* of 2 groups */
};

/* Returns 0 or -ENOMEM. */
int service_class_init(
	struct service_class *service, struct sweep *sweep, const struct layout *layout);
void service_class_fini(struct service_class *service);
size_t service_class_memory(const struct service_class *service);

/* What a value of a dimension adds to the place of a combination. */
static __rte_always_inline uint32_t service_part(
	const struct value_class *values, bool present, uint32_t value)
{
	return present && values->numbers != NULL ? values->numbers[value] : values->absent;
}

/*
 * The classes of a tuple. Without branches on what it has, as nothing can predict them.
 * group_count is that of the service, known to the compiler.
 */
static __rte_always_inline void service_class_find(const struct service_class *service,
	const struct tuple *tuple, uint32_t group_count, uint32_t *classes)
{
	uint32_t source = service_part(&service->source_port, tuple->has_ports, tuple->source_port);
	uint32_t destination =
		service_part(&service->destination_port, tuple->has_ports, tuple->destination_port);
	uint32_t value = tuple->protocol == IPPROTO_TCP ? VALUE_TCP + (uint32_t)tuple->tcp_flags
							: tuple->protocol;
	uint32_t protocol = service_part(&service->protocol, true, value);

	if (group_count == 1) {
		classes[0] = service->groups[0].classes[source + destination + protocol];
	} else if (group_count == 2) {
		uint32_t apart = service->source_port_apart ? source : destination;
		uint32_t rest = source + destination - apart;
		classes[0] = service->groups[0].classes[apart];
		classes[1] = service->groups[1].classes[rest + protocol];
	} else {
		classes[0] = service->groups[0].classes[source];
		classes[1] = service->groups[1].classes[destination];
		classes[2] = service->groups[2].classes[protocol];
	}
}

#endif
