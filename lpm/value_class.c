/* SPDX-License-Identifier: BSD-3-Clause */
#include "lpm/value_class.h"

#include <errno.h>
#include <stdlib.h>

#include "lpm/memory.h"

static int add_ports(struct sweep *sweep, const struct match_port *list, uint32_t count)
{
	bool any = true;

	for (uint32_t i = 0; i < count; i++) {
		any = any && list[i].negated;
		if (sweep_add(sweep, list[i].negated, list[i].low, (uint128)list[i].high + 1) != 0)
			return -ENOMEM;
	}
	if (any)
		sweep_include(sweep);
	return 0;
}

static int add_protocols(struct sweep *sweep, const uint8_t *list, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (sweep_add(sweep, false, list[i], (uint128)list[i] + 1) != 0)
			return -ENOMEM;
	if (count == 0)
		sweep_include(sweep);
	return 0;
}

/* How many values a dimension has. */
static uint32_t value_count(enum dimension dimension)
{
	bool port = dimension == DIMENSION_SOURCE_PORT || dimension == DIMENSION_DESTINATION_PORT;

	return port ? UINT16_MAX + 1 : UINT8_MAX + 1;
}

static int add_values(struct sweep *sweep, enum dimension dimension, const struct match *match)
{
	switch (dimension) {
	case DIMENSION_SOURCE_PORT:
		return add_ports(sweep, match->source_ports, match->source_port_count);
	case DIMENSION_DESTINATION_PORT:
		return add_ports(sweep, match->destination_ports, match->destination_port_count);
	case DIMENSION_PROTOCOL:
		return add_protocols(sweep, match->protocols, match->protocol_count);
	default: /* flags: what looks at none is included, the others come by fill_flags() */
		if (match->flag_mask == 0)
			sweep_include(sweep);
		return 0;
	}
}

static int add_lists(struct sweep *sweep, const struct layout *layout, enum dimension dimension)
{
	for (uint32_t position = 0; position < layout_positions(layout); position++) {
		const struct match *match = layout->matches[position];
		if (match == NULL)
			continue;
		if (sweep_open_list(sweep) != 0 || add_values(sweep, dimension, match) != 0 ||
			sweep_join(sweep, position) != 0)
			return -ENOMEM;
	}
	return 0;
}

/* The values that a mask selects are no ranges, so each value's set is made for itself. */
static int fill_flags(
	struct value_class *values, struct bitset_builder *bitsets, const struct layout *layout)
{
	for (uint32_t value = 0; value < values->absent; value++) {
		for (uint32_t position = 0; position < layout_positions(layout); position++) {
			const struct match *match = layout->matches[position];
			if (match != NULL && match->flag_mask != 0)
				bitset_put(bitsets, position / 64, UINT64_C(1) << (position % 64),
					(value & match->flag_mask) == match->flags);
		}
		if (bitset_intern(bitsets, &values->classes[value]) != 0)
			return -ENOMEM;
	}
	return 0;
}

/* Spread the intervals' classes over their values. */
static int fill_intervals(struct value_class *values, struct sweep *sweep)
{
	if (sweep_run(sweep) != 0)
		return -ENOMEM;
	uint32_t value = 0;
	for (size_t i = 0; i < sweep->interval_count; i++) {
		bool last = i + 1 == sweep->interval_count;
		uint32_t end = last ? values->absent : (uint32_t)sweep->starts[i + 1];
		for (; value < end; value++)
			values->classes[value] = sweep->classes[i];
	}
	return 0;
}

int value_class_init(struct value_class *values, struct sweep *sweep, const struct layout *layout,
	enum dimension dimension)
{
	values->absent = value_count(dimension);
	values->classes = memory_table((values->absent + 1) * sizeof(*values->classes));
	if (values->classes == NULL)
		return -ENOMEM;
	sweep_begin(sweep);
	int result = add_lists(sweep, layout, dimension);
	if (result == 0)
		result = sweep_base(sweep, &values->classes[values->absent]);
	if (result == 0 && dimension == DIMENSION_FLAGS)
		result = fill_flags(values, sweep->bitsets, layout);
	else if (result == 0)
		result = fill_intervals(values, sweep);
	if (result != 0)
		value_class_fini(values);
	return result;
}

void value_class_fini(struct value_class *values)
{
	free(values->classes);
	*values = (struct value_class){0};
}

size_t value_class_memory(const struct value_class *values)
{
	return values->classes == NULL ? 0 : (values->absent + 1) * sizeof(*values->classes);
}
