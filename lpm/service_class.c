/* SPDX-License-Identifier: BSD-3-Clause */
#include "lpm/service_class.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The most combinations of a group: value_class.numbers are 16 bits, and each takes a bitset. */
enum { COMBINATIONS_MAX = 4096 };

/* Multiply the numbers of the classes. */
static void scale(struct value_class *values, uint32_t stride)
{
	uint32_t count = values->numbers == NULL ? 0 : values->value_count;
	uint16_t *numbers = values->numbers;

	/* The inner loop is of a constant length: the compiler makes vector operations of it. */
	static_assert(VALUE_PORTS % VALUE_PROTOCOLS == 0, "no rest");
	for (; count > 0; count -= VALUE_PROTOCOLS, numbers += VALUE_PROTOCOLS)
		for (uint32_t i = 0; i < VALUE_PROTOCOLS; i++)
			numbers[i] = (uint16_t)(numbers[i] * stride);
	values->absent *= stride;
}

/* Make a group of the classes of these dimensions; it takes over their lists. */
static int make_group(struct service_class *service, struct bitset_builder *bitsets,
	struct value_class **dimensions, uint32_t count)
{
	struct service_group *group = &service->groups[service->group_count++];
	uint32_t stride = dimensions[0]->class_count;

	group->classes = dimensions[0]->classes;
	group->count = stride;
	dimensions[0]->classes = NULL;
	for (uint32_t d = 1; d < count; d++, stride = group->count) {
		struct value_class *values = dimensions[d];
		uint32_t *classes = reallocarray(
			group->classes, (size_t)stride * values->class_count, sizeof(*classes));
		if (classes == NULL)
			return -ENOMEM;
		group->classes = classes;
		scale(values, stride);
		/* The first row is the classes so far: it is crossed last. */
		for (uint32_t row = values->class_count; row-- > 0;)
			for (uint32_t i = 0; i < stride; i++)
				if (bitset_meet(bitsets, classes[i], values->classes[row],
					    &classes[row * stride + i]) != 0)
					return -ENOMEM;
		group->count = stride * values->class_count;
	}
	return 0;
}

static int make_groups(struct service_class *service, struct bitset_builder *bitsets)
{
	struct value_class *source = &service->source_port,
			   *destination = &service->destination_port;
	struct value_class *values[] = {source, destination, &service->protocol};

	service->source_port_apart = source->class_count > destination->class_count;
	if (!service->source_port_apart) {
		values[0] = destination;
		values[1] = source;
	}
	uint64_t fewer = (uint64_t)values[1]->class_count * values[2]->class_count;
	if (fewer * values[0]->class_count <= COMBINATIONS_MAX)
		return make_group(service, bitsets, values, 3);
	if (fewer <= COMBINATIONS_MAX) {
		int result = make_group(service, bitsets, &values[0], 1);
		return result != 0 ? result : make_group(service, bitsets, &values[1], 2);
	}
	values[0] = source;
	values[1] = destination;
	for (uint32_t d = 0; d < SERVICE_DIMENSIONS; d++)
		if (make_group(service, bitsets, &values[d], 1) != 0)
			return -ENOMEM;
	return 0;
}

int service_class_init(
	struct service_class *service, struct sweep *sweep, const struct layout *layout)
{
	int result = value_class_init(&service->source_port, sweep, layout, DIMENSION_SOURCE_PORT);
	if (result == 0)
		result = value_class_init(
			&service->destination_port, sweep, layout, DIMENSION_DESTINATION_PORT);
	if (result == 0)
		result = value_class_init(&service->protocol, sweep, layout, DIMENSION_PROTOCOL);
	if (result == 0)
		result = make_groups(service, sweep->bitsets);
	return result;
}

void service_class_fini(struct service_class *service)
{
	value_class_fini(&service->source_port);
	value_class_fini(&service->destination_port);
	value_class_fini(&service->protocol);
	for (uint32_t g = 0; g < SERVICE_GROUPS_MAX; g++)
		free(service->groups[g].classes);
}

size_t service_class_memory(const struct service_class *service)
{
	size_t memory = value_class_memory(&service->source_port) +
		value_class_memory(&service->destination_port) +
		value_class_memory(&service->protocol);

	for (uint32_t g = 0; g < service->group_count; g++)
		memory += service->groups[g].count * sizeof(*service->groups[g].classes);
	return memory;
}
