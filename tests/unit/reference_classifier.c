/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/reference_classifier.h"

static bool prefix_holds(const struct prefix *prefix, const uint8_t *address, uint8_t version)
{
	if (prefix->version != version)
		return false;
	for (uint32_t bit = 0; bit < prefix->depth; bit++) {
		uint8_t mask = (uint8_t)(0x80 >> (bit % 8));
		if ((prefix->address[bit / 8] & mask) != (address[bit / 8] & mask))
			return false;
	}
	return true;
}

static bool addresses_accept(
	const struct match_address *list, uint32_t count, const uint8_t *address, uint8_t version)
{
	bool only_negated = true, held = false;

	for (uint32_t i = 0; i < count; i++) {
		bool holds = prefix_holds(&list[i].prefix, address, version);

		if (list[i].negated && holds)
			return false;
		if (!list[i].negated) {
			only_negated = false;
			held = held || holds;
		}
	}
	return only_negated || held;
}

static bool ports_accept(
	const struct match_port *list, uint32_t count, bool has_ports, uint16_t port)
{
	bool only_negated = true, held = false;

	for (uint32_t i = 0; i < count; i++) {
		bool holds = has_ports && list[i].low <= port && port <= list[i].high;

		if (list[i].negated && holds)
			return false;
		if (!list[i].negated) {
			only_negated = false;
			held = held || holds;
		}
	}
	return only_negated || held;
}

static bool protocols_accept(const uint8_t *list, uint32_t count, uint8_t protocol)
{
	for (uint32_t i = 0; i < count; i++)
		if (list[i] == protocol)
			return true;
	return count == 0;
}

static bool match_accepts(const struct match *match, const struct tuple *tuple)
{
	if (match->flag_mask != 0) {
		if (tuple->protocol != 6)
			return false;
		if ((tuple->tcp_flags & match->flag_mask) != match->flags)
			return false;
	}
	return protocols_accept(match->protocols, match->protocol_count, tuple->protocol) &&
		addresses_accept(
			match->sources, match->source_count, tuple->source, tuple->version) &&
		addresses_accept(match->destinations, match->destination_count, tuple->destination,
			tuple->version) &&
		ports_accept(match->source_ports, match->source_port_count, tuple->has_ports,
			tuple->source_port) &&
		ports_accept(match->destination_ports, match->destination_port_count,
			tuple->has_ports, tuple->destination_port);
}

int32_t reference_classifier_next(
	const struct match *matches, uint32_t count, const struct tuple *tuple, int32_t after)
{
	for (uint32_t i = after < 0 ? 0 : (uint32_t)after + 1; i < count; i++)
		if (match_accepts(&matches[i], tuple))
			return (int32_t)i;
	return -1;
}

int32_t reference_classifier_first(
	const struct match *matches, uint32_t count, const struct tuple *tuple)
{
	return reference_classifier_next(matches, count, tuple, -1);
}
