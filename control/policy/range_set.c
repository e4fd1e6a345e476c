/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/policy/range_set.h"

#include <errno.h>
#include <stdlib.h>

#include "lpm/lpm.h"

/* Behind the highest port: the value of a packet that has none. */
enum { NO_PORT = UINT16_MAX + 1 };

static const struct range whole_addresses[] = {
	{.low = 0, .high = UINT32_MAX, .space = 4},
	{.low = 0, .high = ~(unsigned __int128)0, .space = 6},
};
static const struct range whole_ports[] = {{.low = 0, .high = NO_PORT}};

static struct range address_range(const struct prefix *prefix)
{
	unsigned int bits = prefix->version == 4 ? 32 : 128;
	unsigned __int128 low = 0, hosts = 0;

	for (unsigned int i = 0; i < bits / 8; i++)
		low = low << 8 | prefix->address[i];
	if (prefix->depth < bits)
		hosts = ~(unsigned __int128)0 >> (128 - bits + prefix->depth);
	return (struct range){low, low + hosts, prefix->version};
}

static int compare(const void *left, const void *right)
{
	const struct range *a = left, *b = right;

	if (a->space != b->space)
		return a->space < b->space ? -1 : 1;
	return (a->low > b->low) - (a->low < b->low);
}

/* Sort, and join what touches or overlaps. Returns how many are left. */
static uint32_t join(struct range *ranges, uint32_t count)
{
	uint32_t last = 0;

	if (count == 0)
		return 0;
	qsort(ranges, count, sizeof(*ranges), compare);
	for (uint32_t i = 1; i < count; i++) {
		/* low - 1 is no wrap: where low is 0, so is the one of the range before. */
		if (ranges[i].space == ranges[last].space &&
			(ranges[i].low == 0 || ranges[i].low - 1 <= ranges[last].high)) {
			if (ranges[i].high > ranges[last].high)
				ranges[last].high = ranges[i].high;
		} else {
			ranges[++last] = ranges[i];
		}
	}
	return last + 1;
}

/* What of the plain ranges no negated one holds; both are joined. result has room for both. */
static uint32_t subtract(const struct range *plain, uint32_t plain_count,
	const struct range *negated, uint32_t negated_count, struct range *result)
{
	uint32_t count = 0, at = 0;

	for (uint32_t i = 0; i < plain_count; i++) {
		struct range rest = plain[i];
		bool left = true;

		while (at < negated_count &&
			(negated[at].space < rest.space ||
				(negated[at].space == rest.space && negated[at].high < rest.low)))
			at++;
		/* The last one may reach into the next plain range: at stays on it. */
		for (uint32_t j = at; left && j < negated_count && negated[j].space == rest.space &&
			negated[j].low <= rest.high;
			j++) {
			if (negated[j].low > rest.low)
				result[count++] =
					(struct range){rest.low, negated[j].low - 1, rest.space};
			left = negated[j].high < rest.high;
			rest.low = negated[j].high + 1;
		}
		if (left)
			result[count++] = rest;
	}
	return count;
}

/* Put the plain elements to the front of ranges, the negated ones to its end. */
static uint32_t split(enum list_type type, const struct list *list, struct range *ranges)
{
	const struct match_address *addresses = list->elements;
	const struct match_port *ports = list->elements;
	uint32_t plain = 0, negated = list->count;

	for (uint32_t i = 0; i < list->count; i++) {
		bool is_negated = type == LIST_PORTS ? ports[i].negated : addresses[i].negated;

		ranges[is_negated ? --negated : plain++] = type == LIST_PORTS
			? (struct range){ports[i].low, ports[i].high, 0}
			: address_range(&addresses[i].prefix);
	}
	return plain;
}

int range_set_init(struct range_set *set, enum list_type type, const struct list *list)
{
	const struct range *whole = type == LIST_PORTS ? whole_ports : whole_addresses;
	uint32_t whole_count = type == LIST_PORTS ? 1 : 2;
	struct range *ranges = calloc((size_t)list->count + 1, sizeof(*ranges));
	uint32_t plain, negated;

	set->ranges = calloc((size_t)list->count + whole_count, sizeof(*set->ranges));
	if (!ranges || !set->ranges) {
		free(ranges);
		free(set->ranges);
		return -ENOMEM;
	}
	plain = split(type, list, ranges);
	negated = join(ranges + plain, list->count - plain);
	if (plain == 0)
		set->count = subtract(whole, whole_count, ranges, negated, set->ranges);
	else
		set->count =
			subtract(ranges, join(ranges, plain), ranges + plain, negated, set->ranges);
	free(ranges);
	return 0;
}

void range_set_fini(struct range_set *set)
{
	free(set->ranges);
}

/* How many ranges begin at or before the value. */
static uint32_t begun(const struct range_set *set, uint8_t space, unsigned __int128 value)
{
	const struct range key = {.low = value, .space = space};
	uint32_t low = 0, high = set->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (compare(&set->ranges[middle], &key) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool range_set_covers(const struct range_set *outer, const struct range_set *inner)
{
	const struct range *range = inner->ranges, *end = inner->ranges + inner->count;

	while (range < end) {
		uint32_t found = begun(outer, range->space, range->low);
		const struct range *around = outer->ranges + found;

		if (found == 0)
			return false;
		around--;
		if (around->space != range->space || around->high < range->high)
			return false;
		/* On to what begins behind it; of those before only the last may reach over. */
		range = inner->ranges + begun(inner, around->space, around->high);
		if (range[-1].high > around->high)
			return false;
	}
	return true;
}

bool range_set_is_empty(const struct range_set *set)
{
	for (uint32_t i = 0; i < set->count; i++) {
		if (set->ranges[i].low < NO_PORT || set->ranges[i].space != 0)
			return false;
	}
	return true;
}
