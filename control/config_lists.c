/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_lists.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "lpm/lpm.h"

/* How one kind of list is read. */
struct kind {
	size_t size; /* of an element */
	const char *types;
	bool integers; /* elements may be integers besides strings */
	bool any;      /* "ANY" is the empty list */
	int (*read)(struct config_reader *reader, const json_t *value, void *element);
};

static bool is_any(const json_t *value)
{
	return json_is_string(value) && strcmp(json_string_value(value), "ANY") == 0;
}

static bool has_type(const struct kind *kind, const json_t *value)
{
	return json_is_string(value) || (kind->integers && json_is_integer(value));
}

static int read_element(
	struct config_reader *reader, const struct kind *kind, const json_t *value, void *element)
{
	if (!has_type(kind, value))
		return config_reader_fail(
			reader, "must be %s, not %s", kind->types, config_reader_type(value));
	if (kind->any && is_any(value))
		return config_reader_fail(reader, "\"ANY\" stands alone, not in an array");
	return kind->read(reader, value, element);
}

static int read_list(struct config_reader *reader, const struct config_key *key,
	const struct kind *kind, const json_t *value, struct config_list *list)
{
	size_t count = json_is_array(value) ? json_array_size(value) : 1;
	int ret = 0;

	if (!value || (kind->any && is_any(value)))
		return 0;
	if (json_is_array(value))
		ret = config_reader_array(reader, value, (size_t)key->low, (size_t)key->high);
	else if (!has_type(kind, value))
		ret = config_reader_fail(reader, "must be %s, or an array of such, not %s",
			kind->types, config_reader_type(value));
	if (ret < 0)
		return ret;
	list->elements = calloc(count, kind->size);
	if (!list->elements)
		return -ENOMEM;
	list->count = (uint32_t)count;
	if (!json_is_array(value))
		return read_element(reader, kind, value, list->elements);
	for (size_t i = 0; i < count; i++) {
		config_reader_enter_index(reader, i);
		ret = read_element(reader, kind, json_array_get(value, i),
			(char *)list->elements + i * kind->size);
		if (ret < 0)
			return ret;
		config_reader_leave(reader);
	}
	return 0;
}

static int read_address(struct config_reader *reader, const json_t *value, void *element)
{
	struct match_address *address = element;
	const char *text = json_string_value(value);
	char canonical[PREFIX_TEXT_SIZE];

	switch (prefix_parse(text, &address->prefix)) {
	case 0:
		return 0;
	case -EDOM:
		return config_reader_fail(reader,
			"\"%.64s\" has bits set behind its prefix length, the prefix is %s", text,
			prefix_format(&address->prefix, canonical));
	default:
		return config_reader_fail(reader, "\"%.64s\" is no address or CIDR", text);
	}
}

static int read_port(struct config_reader *reader, const json_t *value, void *element)
{
	struct match_port *port = element;
	const char *text = json_string_value(value);
	int ret;

	if (json_is_integer(value)) {
		ret = config_reader_integer(reader, value, 0, UINT16_MAX);
		port->low = port->high = (uint16_t)json_integer_value(value);
		return ret;
	}
	switch (port_range_parse(text, &port->low, &port->high)) {
	case 0:
		return 0;
	case -ERANGE:
		return config_reader_fail(reader,
			"\"%.64s\": ports are 0 to 65535, and a range begins with the lower one",
			text);
	default:
		return config_reader_fail(
			reader, "\"%.64s\" is no port or range such as \"1990:1994\"", text);
	}
}

/* A protocol's number from its name or decimal digits; -1 if it is neither. */
static int parse_protocol(const char *text)
{
	static const struct {
		const char *name;
		int number;
	} protocols[] = {
		{"tcp", IPPROTO_TCP},
		{"udp", IPPROTO_UDP},
		{"icmp", IPPROTO_ICMP},
		{"icmpv6", IPPROTO_ICMPV6},
		{"sctp", IPPROTO_SCTP},
		{"gre", IPPROTO_GRE},
		{"esp", IPPROTO_ESP},
		{"ah", IPPROTO_AH},
	};
	size_t length = strlen(text);

	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		if (strcmp(text, protocols[i].name) == 0)
			return protocols[i].number;
	}
	if (length < 1 || length > 3 || strspn(text, "0123456789") != length ||
		(length > 1 && text[0] == '0') || atoi(text) > UINT8_MAX)
		return -1;
	return atoi(text);
}

static int read_protocol(struct config_reader *reader, const json_t *value, void *element)
{
	uint8_t *protocol = element;
	int number;

	if (json_is_integer(value)) {
		*protocol = (uint8_t)json_integer_value(value);
		return config_reader_integer(reader, value, 0, UINT8_MAX);
	}
	number = parse_protocol(json_string_value(value));
	if (number < 0)
		return config_reader_fail(reader,
			"\"%.64s\" is no protocol: a number from 0 to 255, or tcp, udp, icmp, "
			"icmpv6, sctp, gre, esp or ah",
			json_string_value(value));
	*protocol = (uint8_t)number;
	return 0;
}

static struct config_list *list_of(const struct config_key *key, void *target)
{
	return (struct config_list *)((char *)target + key->offset);
}

int config_lists_store_addresses(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	static const struct kind addresses = {.size = sizeof(struct match_address),
		.types = "a string",
		.any = true,
		.read = read_address};

	return read_list(reader, key, &addresses, value, list_of(key, target));
}

int config_lists_store_ports(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	static const struct kind ports = {.size = sizeof(struct match_port),
		.types = "an integer or a string",
		.integers = true,
		.any = true,
		.read = read_port};

	return read_list(reader, key, &ports, value, list_of(key, target));
}

int config_lists_store_protocols(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	static const struct kind protocols = {.size = sizeof(uint8_t),
		.types = "an integer or a string",
		.integers = true,
		.read = read_protocol};

	return read_list(reader, key, &protocols, value, list_of(key, target));
}
