/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/explain_input.h"

#include <string.h>

#include "control/flow_filter.h"

enum { TCP = 6, UDP = 17, SCTP = 132, SYN = 2, ACK = 16 };

/* By bit (RFC 9293 section 3.1). */
static const char *const flag_names[8] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};

static const struct api_constraint flag_string = {"TCPFlags", API_STRING, true, 1, 3, NULL, 0};

/* One address, not a network. */
static int parse_address(const struct api_input *input, enum api_member member, const char *path,
	struct prefix *ret_prefix, struct reply *reply)
{
	if (flow_filter_address(input->values[member], path, ret_prefix, reply) != 0)
		return -1;
	if (ret_prefix->depth == (ret_prefix->version == 4 ? 32 : 128))
		return 0;
	return api_member_fail(reply, REPLY_PARAMETER, path, input->values[member],
		"must be an address, not a network");
}

static int parse_addresses(const struct api_input *input, struct tuple *tuple, struct reply *reply)
{
	struct prefix source, destination;

	if (parse_address(input, MEMBER_SOURCE_ADDRESS, "SourceAddress", &source, reply) != 0 ||
		parse_address(input, MEMBER_DESTINATION_ADDRESS, "DestinationAddress", &destination,
			reply) != 0)
		return -1;
	if (source.version != destination.version)
		return api_member_fail(reply, REPLY_PARAMETER, "DestinationAddress",
			input->values[MEMBER_DESTINATION_ADDRESS],
			"must have the IP version of SourceAddress");
	memcpy(tuple->source, source.address, sizeof(tuple->source));
	memcpy(tuple->destination, destination.address, sizeof(tuple->destination));
	tuple->version = source.version;
	return 0;
}

/* Of TCP, UDP and SCTP it is needed; of others it is "0", as in a flow, or left out. */
static int parse_port(const struct api_input *input, enum api_member member, const char *path,
	bool has_ports, uint16_t *ret_port, struct reply *reply)
{
	const char *text = api_member_string(input, member);
	uint16_t low = 0, high = 0;

	if (text != NULL && (port_range_parse(text, &low, &high) != 0 || low != high))
		return api_member_fail(reply, REPLY_PARAMETER, path, input->values[member],
			"must be a port from 0 to 65535");
	if (has_ports && text == NULL)
		return api_member_fail(
			reply, REPLY_PARAMETER, path, NULL, "is required for this protocol");
	if (!has_ports && low != 0)
		return api_member_fail(reply, REPLY_PARAMETER, path, input->values[member],
			"must be 0 for a protocol without ports");
	*ret_port = low;
	return 0;
}

static int parse_flag(const json_t *value, const char *path, uint8_t *flags, struct reply *reply)
{
	if (api_constraint_check(&flag_string, value, path, reply) != 0)
		return -1;
	for (int i = 0; i < 8; i++) {
		if (strcmp(json_string_value(value), flag_names[i]) == 0) {
			*flags |= (uint8_t)(1 << i);
			return 0;
		}
	}
	return api_member_fail(reply, REPLY_PARAMETER, path, value,
		"must be one of FIN, SYN, RST, PSH, ACK, URG, ECE, CWR");
}

static int parse_flags(
	const struct api_input *input, struct explain_packet *packet, struct reply *reply)
{
	json_t *list = input->values[MEMBER_TCP_FLAGS], *value;
	size_t i;

	if (packet->tuple.protocol != TCP) {
		if (json_array_size(list) == 0)
			return 0;
		return api_member_fail(reply, REPLY_PARAMETER, "TCPFlags", list,
			"must be empty unless Protocol is 6");
	}
	if (list == NULL) {
		packet->tuple.tcp_flags = packet->established ? ACK
			: packet->to_client		      ? SYN | ACK
							      : SYN;
		return 0;
	}
	json_array_foreach(list, i, value) {
		char path[API_PATH_SIZE];

		api_member_path(path, "TCPFlags[%zu]", i);
		if (parse_flag(value, path, &packet->tuple.tcp_flags, reply) != 0)
			return -1;
	}
	return 0;
}

int explain_input_parse(
	const struct api_input *input, struct explain_packet *ret_packet, struct reply *reply)
{
	const char *direction = api_member_string(input, MEMBER_DIRECTION);
	struct explain_packet packet = {
		.established = api_member_boolean(input, MEMBER_ESTABLISHED),
		.to_client = direction != NULL && strcmp(direction, "to_client") == 0,
		.fragment = api_member_boolean(input, MEMBER_FRAGMENT),
	};
	struct tuple *tuple = &packet.tuple;

	if (parse_addresses(input, tuple, reply) != 0 ||
		flow_filter_protocol(
			input->values[MEMBER_PROTOCOL], "Protocol", &tuple->protocol, reply) != 0)
		return -1;
	tuple->has_ports =
		tuple->protocol == TCP || tuple->protocol == UDP || tuple->protocol == SCTP;
	if (parse_port(input, MEMBER_SOURCE_PORT, "SourcePort", tuple->has_ports,
		    &tuple->source_port, reply) != 0 ||
		parse_port(input, MEMBER_DESTINATION_PORT, "DestinationPort", tuple->has_ports,
			&tuple->destination_port, reply) != 0 ||
		parse_flags(input, &packet, reply) != 0)
		return -1;
	*ret_packet = packet;
	return 0;
}

json_t *explain_input_flags(uint8_t flags)
{
	json_t *list = json_array();

	for (int i = 0; i < 8; i++) {
		if ((flags >> i & 1) == 0 ||
			json_array_append_new(list, json_string(flag_names[i])) == 0)
			continue;
		json_decref(list);
		return NULL;
	}
	return list;
}
