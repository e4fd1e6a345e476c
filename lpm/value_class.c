/* SPDX-License-Identifier: BSD-3-Clause */
#include "lpm/value_class.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

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

static bool accepts_tcp(const struct match *match)
{
	return match->protocol_count == 0 ||
		memchr(match->protocols, IPPROTO_TCP, match->protocol_count) != NULL;
}

/* What looks at flags comes by put_flags(). */
static int add_protocols(struct sweep *sweep, const struct match *match)
{
	if (match->flag_mask != 0)
		return 0;
	if (match->protocol_count == 0) {
		sweep_include(sweep);
		return 0;
	}
	for (uint32_t i = 0; i < match->protocol_count; i++)
		if (sweep_add(sweep, false, match->protocols[i],
			    (uint128)match->protocols[i] + 1) != 0)
			return -ENOMEM;
	return accepts_tcp(match) ? sweep_add(sweep, false, VALUE_TCP, 0) : 0;
}

static int add_values(struct sweep *sweep, enum dimension dimension, const struct match *match)
{
	switch (dimension) {
	case DIMENSION_SOURCE_PORT:
		return add_ports(sweep, match->source_ports, match->source_port_count);
	case DIMENSION_DESTINATION_PORT:
		return add_ports(sweep, match->destination_ports, match->destination_port_count);
	default:
		return add_protocols(sweep, match);
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

/* Put those matches into the working set that look at flags and accept these, and no others. */
static void put_flags(struct bitset_builder *bitsets, const struct layout *layout, uint32_t flags)
{
	for (uint32_t position = 0; position < layout_positions(layout); position++) {
		const struct match *match = layout->matches[position];
		if (match != NULL && match->flag_mask != 0 && accepts_tcp(match))
			bitset_put(bitsets, position / 64, UINT64_C(1) << (position % 64),
				(flags & match->flag_mask) == match->flags);
	}
}

/*
 * The classes of TCP by flags. What a mask selects is no range, so each value's set is made for
 * itself, from that of TCP, which is the set that the sweep ends with.
 */
static int find_flags(
	struct sweep *sweep, const struct layout *layout, uint32_t classes[VALUE_FLAGS])
{
	for (uint32_t flags = 0; flags < VALUE_FLAGS; flags++) {
		put_flags(sweep->bitsets, layout, flags);
		if (bitset_intern(sweep->bitsets, &classes[flags]) != 0)
			return -ENOMEM;
	}
	return 0;
}

static int compare_classes(const void *left, const void *right)
{
	const uint32_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

/* Collect the classes of the values, each once and in ascending order. */
static int collect_classes(struct value_class *values, const struct sweep *sweep,
	const uint32_t *flags, uint32_t flag_count)
{
	size_t count = 0;

	/* One more is for the class of a tuple without the field. */
	values->classes =
		malloc((sweep->interval_count + flag_count + 1) * sizeof(*values->classes));
	if (values->classes == NULL)
		return -ENOMEM;
	/* Past the values there may be one more interval. */
	for (size_t i = 0; i < sweep->interval_count; i++)
		if (sweep->starts[i] < values->value_count)
			values->classes[count++] = sweep->classes[i];
	for (uint32_t i = 0; i < flag_count; i++)
		values->classes[count++] = flags[i];
	qsort(values->classes, count, sizeof(*values->classes), compare_classes);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || values->classes[i] != values->classes[i - 1])
			values->classes[values->class_count++] = values->classes[i];
	return 0;
}

/* The number of a class among those collected, or their count. */
static uint32_t number_of(const struct value_class *values, uint32_t count, uint32_t class)
{
	const uint32_t *found =
		bsearch(&class, values->classes, count, sizeof(*values->classes), compare_classes);

	return found == NULL ? count : (uint32_t)(found - values->classes);
}

/* Set count numbers. The inner loop is of a constant length, to become vector operations. */
static void fill(uint16_t *numbers, uint32_t count, uint16_t number)
{
	enum { STEP = 32 };

	for (; count >= STEP; count -= STEP, numbers += STEP)
		for (uint32_t i = 0; i < STEP; i++)
			numbers[i] = number;
	for (uint32_t i = 0; i < count; i++)
		numbers[i] = number;
}

/* Spread the numbers of the intervals' classes over their values, then those of the flags. */
static int number_values(struct value_class *values, const struct sweep *sweep,
	const uint32_t *flags, uint32_t flag_count, uint32_t absent)
{
	uint32_t count = values->class_count, value = 0;

	values->absent = number_of(values, count, absent);
	if (values->absent == count)
		values->classes[values->class_count++] = absent;
	if (values->class_count == 1)
		return 0;
	values->numbers = memory_table(values->value_count * sizeof(*values->numbers));
	if (values->numbers == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < sweep->interval_count; i++) {
		bool last = i + 1 == sweep->interval_count;
		uint32_t end = last ? values->value_count : (uint32_t)sweep->starts[i + 1];
		uint16_t number = (uint16_t)number_of(values, count, sweep->classes[i]);
		fill(values->numbers + value, end - value, number);
		value = end;
	}
	for (uint32_t i = 0; i < flag_count; i++)
		values->numbers[VALUE_TCP + i] = (uint16_t)number_of(values, count, flags[i]);
	return 0;
}

int value_class_init(struct value_class *values, struct sweep *sweep, const struct layout *layout,
	enum dimension dimension)
{
	bool protocol = dimension == DIMENSION_PROTOCOL;
	uint32_t flag_count = protocol && layout->flags ? VALUE_FLAGS : 0;
	uint32_t flags[VALUE_FLAGS], absent;

	*values = (struct value_class){.value_count = protocol ? VALUE_PROTOCOLS : VALUE_PORTS};
	sweep_begin(sweep);
	int result = add_lists(sweep, layout, dimension);
	if (result == 0)
		result = sweep_base(sweep, &absent);
	if (result == 0)
		result = sweep_run(sweep);
	if (result == 0 && flag_count > 0)
		result = find_flags(sweep, layout, flags);
	if (result == 0)
		result = collect_classes(values, sweep, flags, flag_count);
	if (result == 0)
		result = number_values(values, sweep, flags, flag_count, absent);
	if (result != 0)
		value_class_fini(values);
	return result;
}

void value_class_fini(struct value_class *values)
{
	free(values->numbers);
	free(values->classes);
	*values = (struct value_class){0};
}

size_t value_class_memory(const struct value_class *values)
{
	return values->numbers == NULL ? 0 : values->value_count * sizeof(*values->numbers);
}
