/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/policy/stateless_match.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "control/policy/list.h"
#include "control/policy/store.h"

/* Read an array by read_one into zeroed elements of size bytes in the arena. */
struct elements {
	char *at;
	size_t size;
	int (*read_one)(struct config_reader *reader, const json_t *value, void *element);
};

static int read_element(
	struct config_reader *reader, const json_t *value, size_t index, void *context)
{
	const struct elements *elements = context;

	return elements->read_one(reader, value, elements->at + index * elements->size);
}

static int read_elements(struct config_reader *reader, const json_t *value,
	struct stateless_match *attributes, struct elements elements, void **ret_array,
	uint32_t *ret_count)
{
	*ret_count = (uint32_t)json_array_size(value);
	if (*ret_count == 0)
		return 0;
	elements.at = arena_alloc(attributes->arena, *ret_count * elements.size);
	if (!elements.at)
		return -ENOMEM;
	*ret_array = elements.at;
	return store_elements(reader, value, read_element, &elements);
}

static int store_definition(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	char why[LIST_WHY_SIZE];
	int ret = config_reader_string(reader, value);

	(void)key;
	if (ret == 0 &&
		list_parse_element(LIST_ADDRESSES, json_string_value(value), target, why) < 0)
		ret = config_reader_fail(reader, "%s", why);
	return ret;
}

static const struct config_key address_members[] = {
	{.name = "AddressDefinition",
		.type = CONFIG_MIXED,
		.required = true,
		.store = store_definition},
	{.name = NULL},
};

static int read_address(struct config_reader *reader, const json_t *value, void *element)
{
	return config_reader_object(reader, address_members, value, element);
}

static int store_addresses(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct stateless_match *attributes = target;
	struct match *match = &attributes->match;
	bool source = strcmp(key->name, "Sources") == 0;
	struct list list = {0};
	int ret = read_elements(reader, value, attributes,
		(struct elements){NULL, sizeof(struct match_address), read_address}, &list.elements,
		&list.count);

	if (ret < 0)
		return ret;
	list_simplify(LIST_ADDRESSES, &list);
	*(source ? &match->sources : &match->destinations) = list.elements;
	*(source ? &match->source_count : &match->destination_count) = list.count;
	return 0;
}

struct port_range {
	uint32_t low;
	uint32_t high;
};

static const struct config_key port_members[] = {
	{.name = "FromPort",
		.type = CONFIG_INTEGER,
		.required = true,
		.high = UINT16_MAX,
		.store = config_reader_store_number,
		.offset = offsetof(struct port_range, low)},
	{.name = "ToPort",
		.type = CONFIG_INTEGER,
		.required = true,
		.high = UINT16_MAX,
		.store = config_reader_store_number,
		.offset = offsetof(struct port_range, high)},
	{.name = NULL},
};

static int read_port(struct config_reader *reader, const json_t *value, void *element)
{
	struct match_port *port = element;
	struct port_range range;
	int ret = config_reader_object(reader, port_members, value, &range);

	if (ret == 0 && range.low > range.high)
		ret = config_reader_fail(
			reader, "FromPort %u is above ToPort %u", range.low, range.high);
	if (ret < 0)
		return ret;
	*port = (struct match_port){(uint16_t)range.low, (uint16_t)range.high, false};
	return 0;
}

static int store_ports(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct stateless_match *attributes = target;
	struct match *match = &attributes->match;
	bool source = strcmp(key->name, "SourcePorts") == 0;
	struct list list = {0};
	int ret = read_elements(reader, value, attributes,
		(struct elements){NULL, sizeof(struct match_port), read_port}, &list.elements,
		&list.count);

	if (ret < 0)
		return ret;
	list_simplify(LIST_PORTS, &list);
	*(source ? &match->source_ports : &match->destination_ports) = list.elements;
	*(source ? &match->source_port_count : &match->destination_port_count) = list.count;
	return 0;
}

static int read_protocol(struct config_reader *reader, const json_t *value, void *element)
{
	*(uint8_t *)element = (uint8_t)json_integer_value(value);
	return config_reader_integer(reader, value, 0, UINT8_MAX);
}

static int store_protocols(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct stateless_match *attributes = target;
	struct match *match = &attributes->match;
	void *protocols = NULL;
	int ret = read_elements(reader, value, attributes,
		(struct elements){NULL, sizeof(uint8_t), read_protocol}, &protocols,
		&match->protocol_count);

	(void)key;
	match->protocols = protocols;
	return ret;
}

static const char *const flag_names[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};

static int read_flag(struct config_reader *reader, const json_t *value, size_t index, void *context)
{
	uint8_t *flags = context;
	int ret = config_reader_string(reader, value);

	(void)index;
	if (ret < 0)
		return ret;
	for (unsigned int i = 0; i < 8; i++) {
		if (strcmp(json_string_value(value), flag_names[i]) == 0) {
			*flags |= (uint8_t)(1U << i);
			return 0;
		}
	}
	return config_reader_fail(reader,
		"must be FIN, SYN, RST, PSH, ACK, URG, ECE or CWR, not \"%.64s\"",
		json_string_value(value));
}

static int store_flags(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	return store_elements(reader, value, read_flag, (uint8_t *)target + key->offset);
}

static const struct config_key flags_members[] = {
	{.name = "Flags",
		.type = CONFIG_ARRAY,
		.required = true,
		.high = STORE_ARRAY_MAX,
		.store = store_flags,
		.offset = offsetof(struct stateless_flags, flags)},
	{.name = "Masks",
		.type = CONFIG_ARRAY,
		.high = STORE_ARRAY_MAX,
		.store = store_flags,
		.offset = offsetof(struct stateless_flags, mask)},
	{.name = NULL},
};

static int read_flags(struct config_reader *reader, const json_t *value, void *element)
{
	struct stateless_flags *flags = element;
	int ret = config_reader_object(reader, flags_members, value, flags);

	if (ret < 0)
		return ret;
	if (flags->mask == 0)
		flags->mask = UINT8_MAX;
	for (unsigned int i = 0; i < 8; i++) {
		if ((flags->flags & ~flags->mask & 1U << i) != 0)
			return config_reader_fail(
				reader, "%s is in Flags, but not in Masks", flag_names[i]);
	}
	return 0;
}

static int store_tcp_flags(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct stateless_match *attributes = target;
	void *flags = NULL;
	int ret = read_elements(reader, value, attributes,
		(struct elements){NULL, sizeof(struct stateless_flags), read_flags}, &flags,
		&attributes->flag_count);

	(void)key;
	attributes->flags = flags;
	return ret;
}

static const struct config_key match_members[] = {
	{.name = "Sources",
		.type = CONFIG_ARRAY,
		.high = STORE_ARRAY_MAX,
		.store = store_addresses},
	{.name = "Destinations",
		.type = CONFIG_ARRAY,
		.high = STORE_ARRAY_MAX,
		.store = store_addresses},
	{.name = "SourcePorts",
		.type = CONFIG_ARRAY,
		.high = STORE_ARRAY_MAX,
		.store = store_ports},
	{.name = "DestinationPorts",
		.type = CONFIG_ARRAY,
		.high = STORE_ARRAY_MAX,
		.store = store_ports},
	{.name = "Protocols", .type = CONFIG_ARRAY, .high = 256, .store = store_protocols},
	{.name = "TCPFlags", .type = CONFIG_ARRAY, .high = 256, .store = store_tcp_flags},
	{.name = NULL},
};

/* Ports belong to TCP and UDP, flags to TCP: other protocols beside them are a contradiction. */
static int check(struct config_reader *reader, struct stateless_match *attributes)
{
	static const uint8_t port_protocols[] = {IPPROTO_TCP, IPPROTO_UDP};
	struct match *match = &attributes->match;
	bool ports = match->source_port_count > 0 || match->destination_port_count > 0;

	for (uint32_t i = 0; i < match->protocol_count; i++) {
		uint8_t protocol = match->protocols[i];

		if (attributes->flag_count > 0 && protocol != IPPROTO_TCP)
			return config_reader_fail(reader,
				"TCPFlags are of protocol 6 alone, but Protocols has %u", protocol);
		if (ports && protocol != IPPROTO_TCP && protocol != IPPROTO_UDP)
			return config_reader_fail(reader,
				"ports are of protocols 6 and 17 alone, but Protocols has %u",
				protocol);
	}
	if (ports && match->protocol_count == 0) {
		match->protocols = port_protocols;
		match->protocol_count = 2;
	}
	return 0;
}

int stateless_match_read(
	struct config_reader *reader, const json_t *value, struct stateless_match *match)
{
	int ret = config_reader_object(reader, match_members, value, match);

	return ret < 0 ? ret : check(reader, match);
}
