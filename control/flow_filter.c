/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/flow_filter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/api_member.h"

enum { PROTOCOL_COUNT = 256 };

enum filter_member {
	FILTER_SOURCE_ADDRESS,
	FILTER_DESTINATION_ADDRESS,
	FILTER_SOURCE_PORT,
	FILTER_DESTINATION_PORT,
	FILTER_PROTOCOLS,
	FILTER_MEMBER_COUNT,
};

/* Names and limits of the API model; it has no limit on Protocols, 256 hold each of them once. */
const struct api_constraint flow_filter_members[FILTER_MEMBER_COUNT + 1] = {
	[FILTER_SOURCE_ADDRESS] = {"SourceAddress", API_OBJECT, false, 0, 0, NULL, 0},
	[FILTER_DESTINATION_ADDRESS] = {"DestinationAddress", API_OBJECT, false, 0, 0, NULL, 0},
	[FILTER_SOURCE_PORT] = {"SourcePort", API_STRING, false, 1, 1024, NULL, 0},
	[FILTER_DESTINATION_PORT] = {"DestinationPort", API_STRING, false, 1, 1024, NULL, 0},
	[FILTER_PROTOCOLS] = {"Protocols", API_LIST, false, 0, PROTOCOL_COUNT, NULL, 0},
};

const struct api_constraint flow_filter_address_definition = {
	"AddressDefinition", API_STRING, true, 1, 255, "^([a-fA-F0-9:.]+($|/[0-9]{1,3}))$", 0};

const struct api_constraint flow_filter_protocol_string = {
	"Protocols", API_STRING, true, 1, 12, NULL, 0};

/* One filter with room for all that its match points to. */
struct flow_filter {
	struct match_address source;
	struct match_address destination;
	struct match_port source_port;
	struct match_port destination_port;
	uint8_t protocols[PROTOCOL_COUNT];
	struct match match;
};

struct flow_filters {
	uint32_t count;
	struct flow_filter entries[];
};

int flow_filter_address(
	json_t *object, const char *path, struct prefix *ret_prefix, struct reply *reply)
{
	char prefix_text[PREFIX_TEXT_SIZE], inner[API_PATH_SIZE];
	json_t *value = NULL;
	int error;

	if (api_constraint_check_object(&flow_filter_address_definition, 1, 1, object, "Address",
		    path, &value, reply) != 0)
		return -1;
	api_member_path(inner, "%s.AddressDefinition", path);
	error = prefix_parse(json_string_value(value), ret_prefix);
	if (error == -EDOM)
		return api_member_fail(reply, REPLY_PARAMETER, inner, value,
			"has host bits set, its canonical form is %s",
			prefix_format(ret_prefix, prefix_text));
	if (error != 0)
		return api_member_fail(reply, REPLY_PARAMETER, inner, value,
			"must be an IPv4 or IPv6 address or CIDR");
	return 0;
}

/* Returns how many elements the port list has: 1, or 0 for ANY, or -1. */
static int parse_port(
	const json_t *value, const char *path, struct match_port *ret_port, struct reply *reply)
{
	const char *text = json_string_value(value);
	int error;

	if (strcmp(text, "ANY") == 0)
		return 0;
	error = port_range_parse(text, &ret_port->low, &ret_port->high);
	if (error == -ERANGE)
		return api_member_fail(reply, REPLY_PARAMETER, path, value,
			"must have ports from 0 to 65535, the lower one first");
	if (error != 0)
		return api_member_fail(reply, REPLY_PARAMETER, path, value,
			"must be a port, a range of ports as 1990:1994, or ANY");
	return 1;
}

/* "0" to "255", without leading zeros. Returns the number or -1. */
static int protocol_number(const char *text)
{
	char canonical[4];
	char *end;
	long number = strtol(text, &end, 10);

	if (*end != '\0' || number < 0 || number >= PROTOCOL_COUNT)
		return -1;
	snprintf(canonical, sizeof(canonical), "%ld", number);
	return strcmp(text, canonical) == 0 ? (int)number : -1;
}

int flow_filter_protocol(
	const json_t *value, const char *path, uint8_t *ret_number, struct reply *reply)
{
	int number = protocol_number(json_string_value(value));

	if (number < 0)
		return api_member_fail(reply, REPLY_PARAMETER, path, value,
			"must be an IANA protocol number from 0 to 255");
	*ret_number = (uint8_t)number;
	return 0;
}

static int parse_protocols(
	json_t *list, const char *path, struct flow_filter *filter, struct reply *reply)
{
	char entry[API_PATH_SIZE];
	json_t *value;
	size_t i;

	json_array_foreach(list, i, value) {
		api_member_path(entry, "%s[%zu]", path, i);
		if (api_constraint_check(&flow_filter_protocol_string, value, entry, reply) != 0 ||
			flow_filter_protocol(value, entry,
				&filter->protocols[filter->match.protocol_count], reply) != 0)
			return -1;
		filter->match.protocol_count++;
	}
	return 0;
}

static int parse_member(struct flow_filter *filter, enum filter_member member, json_t *value,
	const char *path, struct reply *reply)
{
	struct match *match = &filter->match;
	int count = 0;

	switch (member) {
	case FILTER_SOURCE_ADDRESS:
		match->source_count = 1;
		return flow_filter_address(value, path, &filter->source.prefix, reply);
	case FILTER_DESTINATION_ADDRESS:
		match->destination_count = 1;
		return flow_filter_address(value, path, &filter->destination.prefix, reply);
	case FILTER_SOURCE_PORT:
		count = parse_port(value, path, &filter->source_port, reply);
		match->source_port_count = count > 0;
		break;
	case FILTER_DESTINATION_PORT:
		count = parse_port(value, path, &filter->destination_port, reply);
		match->destination_port_count = count > 0;
		break;
	case FILTER_PROTOCOLS:
		return parse_protocols(value, path, filter, reply);
	case FILTER_MEMBER_COUNT:
		break;
	}
	return count < 0 ? -1 : 0;
}

static int parse_filter(
	json_t *object, size_t index, struct flow_filter *filter, struct reply *reply)
{
	json_t *values[FILTER_MEMBER_COUNT] = {NULL};
	char path[API_PATH_SIZE];

	api_member_path(path, "FlowFilters[%zu]", index);
	if (!json_is_object(object))
		return api_member_fail(reply, REPLY_PARAMETER, path, object, "must be an object");
	if (api_constraint_check_object(flow_filter_members, FILTER_MEMBER_COUNT, UINT64_MAX,
		    object, "FlowFilter", path, values, reply) != 0)
		return -1;
	filter->match.sources = &filter->source;
	filter->match.destinations = &filter->destination;
	filter->match.source_ports = &filter->source_port;
	filter->match.destination_ports = &filter->destination_port;
	filter->match.protocols = filter->protocols;
	for (int member = 0; member < FILTER_MEMBER_COUNT; member++) {
		api_member_path(
			path, "FlowFilters[%zu].%s", index, flow_filter_members[member].name);
		if (values[member] != NULL &&
			parse_member(filter, (enum filter_member)member, values[member], path,
				reply) != 0)
			return -1;
	}
	return 0;
}

int flow_filter_parse(json_t *list, struct flow_filters **ret_filters, struct reply *reply)
{
	size_t count = json_array_size(list);
	struct flow_filters *filters;
	json_t *object;
	size_t i;

	filters = calloc(1, sizeof(*filters) + count * sizeof(filters->entries[0]));
	if (filters == NULL)
		return reply_fail(reply, REPLY_INTERNAL, "no memory for filters");
	filters->count = (uint32_t)count;
	json_array_foreach(list, i, object) {
		if (parse_filter(object, i, &filters->entries[i], reply) != 0) {
			free(filters);
			return -1;
		}
	}
	*ret_filters = filters;
	return 0;
}

void flow_filter_destroy(struct flow_filters *filters)
{
	free(filters);
}

int flow_filter_compile(const struct flow_filters *filters, struct classifier **ret_classifier)
{
	struct match matches[FLOW_FILTER_MAX];

	if (filters->count > FLOW_FILTER_MAX)
		return -E2BIG;
	for (uint32_t i = 0; i < filters->count; i++)
		matches[i] = filters->entries[i].match;
	return classifier_create(matches, filters->count, ret_classifier);
}
