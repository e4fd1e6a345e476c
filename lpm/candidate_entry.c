/* SPDX-License-Identifier: BSD-3-Clause */
#include "lpm/candidate_entry.h"

#include <errno.h>
#include <stdlib.h>

/* One element of a list. */
struct span {
	uint32_t low;
	uint32_t high;
	bool negated;
};

struct range {
	uint32_t low;
	uint32_t high;
};

/* A list, with an element more for everything where all are negated. */
struct spans {
	struct span list[CANDIDATE_SPANS_MAX];
	uint32_t count;
	uint32_t most; /* the highest value there is */
	bool any;
};

static bool spans_accept(const struct spans *spans, uint32_t value)
{
	bool covered = false;

	for (uint32_t i = 0; i < spans->count; i++) {
		const struct span *span = &spans->list[i];
		if (value < span->low || value > span->high)
			continue;
		if (span->negated)
			return false;
		covered = true;
	}
	return covered;
}

static int compare_values(const void *left, const void *right)
{
	const uint32_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

void candidate_sort(uint32_t *values, uint32_t count)
{
	if (count > 1)
		qsort(values, count, sizeof(*values), compare_values);
}

/* What the list accepts, as ranges that neither overlap nor touch. Returns their number. */
static uint32_t spans_ranges(const struct spans *spans, struct range ranges[CANDIDATE_RANGES_MAX])
{
	uint32_t edges[2 * CANDIDATE_SPANS_MAX], edge_count = 0, count = 0;

	for (uint32_t i = 0; i < spans->count; i++) {
		edges[edge_count++] = spans->list[i].low;
		if (spans->list[i].high < spans->most)
			edges[edge_count++] = spans->list[i].high + 1;
	}
	candidate_sort(edges, edge_count);
	for (uint32_t i = 0; i < edge_count; i++) {
		uint32_t end = i + 1 < edge_count ? edges[i + 1] - 1 : spans->most;

		/* Of equal edges the last one counts. */
		if ((i + 1 < edge_count && edges[i + 1] == edges[i]) ||
			!spans_accept(spans, edges[i]))
			continue;
		if (count > 0 && ranges[count - 1].high + 1 == edges[i])
			ranges[count - 1].high = end;
		else
			ranges[count++] = (struct range){edges[i], end};
	}
	return count;
}

static void spans_add(struct spans *spans, uint32_t low, uint32_t high, bool negated)
{
	spans->list[spans->count++] = (struct span){low, high, negated};
}

static int address_spans(struct spans *spans, const struct match_address *list, uint32_t count)
{
	*spans = (struct spans){.most = UINT32_MAX, .any = true};
	if (count >= CANDIDATE_SPANS_MAX)
		return -E2BIG;
	for (uint32_t i = 0; i < count; i++) {
		const struct prefix *prefix = &list[i].prefix;
		uint32_t low = candidates_address(prefix->address);

		spans->any = spans->any && list[i].negated;
		if (prefix->version == 4)
			spans_add(spans, low,
				low | (uint32_t)((UINT64_C(1) << (32 - prefix->depth)) - 1),
				list[i].negated);
	}
	if (spans->any)
		spans_add(spans, 0, UINT32_MAX, false);
	return 0;
}

static int port_spans(struct spans *spans, const struct match_port *list, uint32_t count)
{
	*spans = (struct spans){.most = UINT16_MAX, .any = true};
	if (count >= CANDIDATE_SPANS_MAX)
		return -E2BIG;
	for (uint32_t i = 0; i < count; i++) {
		spans->any = spans->any && list[i].negated;
		spans_add(spans, list[i].low, list[i].high, list[i].negated);
	}
	if (spans->any)
		spans_add(spans, 0, UINT16_MAX, false);
	return 0;
}

/* Put the last port of a range into the list. */
static int add_last(struct candidate_service *service, uint16_t last)
{
	uint32_t at = 0;

	while (at < service->port_count && service->port_last[at] < last)
		at++;
	if (at < service->port_count && service->port_last[at] == last)
		return 0;
	if (service->port_count == RTE_DIM(service->port_last))
		return -E2BIG;
	memmove(&service->port_last[at + 1], &service->port_last[at],
		(service->port_count++ - at) * sizeof(last));
	service->port_last[at] = last;
	return 0;
}

static int divide_ports(struct candidate_service *service, const struct match *match)
{
	for (uint32_t i = 0; i < match->source_port_count; i++) {
		const struct match_port *port = &match->source_ports[i];

		if (port->low > 0 && add_last(service, (uint16_t)(port->low - 1)) != 0)
			return -E2BIG;
		if (port->high < UINT16_MAX && add_last(service, port->high) != 0)
			return -E2BIG;
	}
	return 0;
}

static int take_protocols(struct candidate_service *service, const struct value_class *protocol,
	uint16_t bits[VALUE_PROTOCOLS])
{
	uint16_t numbers[CANDIDATES_PROTOCOLS_MAX];

	for (uint32_t value = 0; value < VALUE_PROTOCOLS; value++) {
		uint16_t number = protocol->numbers == NULL ? 0 : protocol->numbers[value];
		uint32_t class = 0;

		/* TCP is looked up by its flags. */
		if (value == IPPROTO_TCP)
			continue;
		while (class < service->protocol_count && numbers[class] != number)
			class ++;
		if (class == CANDIDATES_PROTOCOLS_MAX)
			return -E2BIG;
		if (class == service->protocol_count) {
			numbers[class] = number;
			service->protocol_values[class] = (uint16_t)value;
			service->protocol_count++;
		}
		bits[value] = (uint16_t)(1 << (CANDIDATES_PROTOCOL_SHIFT + class));
	}
	return 0;
}

int candidate_service_init(struct candidate_service *service, const struct layout *layout,
	const struct value_class *protocol, uint16_t bits[VALUE_PROTOCOLS])
{
	*service = (struct candidate_service){0};
	for (uint32_t position = 0; position < layout_positions(layout); position++)
		if (layout->matches[position] != NULL &&
			divide_ports(service, layout->matches[position]) != 0)
			return -E2BIG;
	return take_protocols(service, protocol, bits);
}

static bool accepts_protocol(const struct match *match, uint16_t value)
{
	uint8_t protocol = value < VALUE_TCP ? (uint8_t)value : IPPROTO_TCP;

	if (match->flag_mask != 0 &&
		(value < VALUE_TCP || ((value - VALUE_TCP) & match->flag_mask) != match->flags))
		return false;
	return match->protocol_count == 0 ||
		memchr(match->protocols, protocol, match->protocol_count) != NULL;
}

static uint16_t protocol_bits(const struct match *match, const struct candidate_service *service)
{
	uint32_t bits = 0;

	for (uint32_t i = 0; i < service->protocol_count; i++)
		if (accepts_protocol(match, service->protocol_values[i]))
			bits |= 1U << (CANDIDATES_PROTOCOL_SHIFT + i);
	return (uint16_t)bits;
}

static uint16_t port_bits(const struct spans *ports, const struct candidate_service *service)
{
	uint32_t bits = 0;

	for (uint32_t i = 0; i <= service->port_count; i++)
		if (spans_accept(ports, i == 0 ? 0 : service->port_last[i - 1] + 1U))
			bits |= 1U << (CANDIDATES_PORT_SHIFT + i);
	return (uint16_t)bits;
}

enum candidate_side candidate_side_of(const struct match *match)
{
	if (match->source_count == 0 && match->destination_count == 0)
		return CANDIDATE_ANY;
	return layout_by_destination(match) ? CANDIDATE_DESTINATION : CANDIDATE_SOURCE;
}

int candidate_entries(const struct match *match, const struct candidate_service *service,
	struct candidate_entry entries[CANDIDATE_ENTRIES_MAX])
{
	bool by_destination = candidate_side_of(match) == CANDIDATE_DESTINATION;
	struct range addresses[CANDIDATE_RANGES_MAX], ports[CANDIDATE_RANGES_MAX + 1];
	struct spans other, source_ports, destination_ports;
	int count = 0;

	if (address_spans(&other, by_destination ? match->sources : match->destinations,
		    by_destination ? match->source_count : match->destination_count) != 0 ||
		port_spans(&source_ports, match->source_ports, match->source_port_count) != 0 ||
		port_spans(&destination_ports, match->destination_ports,
			match->destination_port_count) != 0)
		return -E2BIG;
	uint16_t protocols = protocol_bits(match, service);
	uint16_t with_ports = port_bits(&source_ports, service);
	uint32_t address_count = spans_ranges(&other, addresses);
	uint32_t port_count = spans_ranges(&destination_ports, ports);
	/* For tuples without ports, which accept no list but those that are or begin with ANY. */
	bool portless = source_ports.any && destination_ports.any;
	ports[port_count] = (struct range){0, UINT16_MAX};
	for (uint32_t a = 0; a < address_count && protocols != 0; a++)
		for (uint32_t p = 0; p < port_count + portless; p++) {
			uint16_t bits = p < port_count ? with_ports : CANDIDATES_NO_PORTS;

			entries[count++] = (struct candidate_entry){.low = addresses[a].low,
				.high = addresses[a].high,
				.port_low = (uint16_t)ports[p].low,
				.port_high = (uint16_t)ports[p].high,
				.service = (uint16_t)(protocols | bits)};
			/* One entry is for both where the range is all ports. */
			if (portless && p < port_count && ports[p].low == 0 &&
				ports[p].high == UINT16_MAX) {
				entries[count - 1].service |= CANDIDATES_NO_PORTS;
				break;
			}
		}
	return count;
}
