/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/policy/list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lpm/lpm.h"

static const struct match_address all_addresses[] = {
	{.prefix = {.version = 4, .depth = 0}},
	{.prefix = {.version = 6, .depth = 0}},
};
static const struct match_port all_ports[] = {{.low = 0, .high = UINT16_MAX}};

static const struct {
	size_t size;
	size_t negated; /* where the element's flag is */
	struct list whole;
} types[LIST_TYPES] = {
	[LIST_ADDRESSES] = {sizeof(struct match_address), offsetof(struct match_address, negated),
		{(void *)all_addresses, 2}},
	[LIST_PORTS] = {sizeof(struct match_port), offsetof(struct match_port, negated),
		{(void *)all_ports, 1}},
};

size_t list_element_size(enum list_type type)
{
	return types[type].size;
}

struct list list_whole(enum list_type type)
{
	return types[type].whole;
}

static bool *negated(enum list_type type, const struct list *list, uint32_t index)
{
	return (bool *)((char *)list->elements + index * types[type].size + types[type].negated);
}

static int parse_address(const char *text, struct match_address *address, char why[LIST_WHY_SIZE])
{
	char canonical[PREFIX_TEXT_SIZE];
	int ret = prefix_parse(text, &address->prefix);

	if (ret == -EDOM)
		snprintf(why, LIST_WHY_SIZE,
			"\"%.64s\" has bits set behind its prefix length, the prefix is %s", text,
			prefix_format(&address->prefix, canonical));
	else if (ret < 0)
		snprintf(why, LIST_WHY_SIZE, "\"%.64s\" is no address or CIDR", text);
	return ret;
}

static int parse_port(const char *text, struct match_port *port, char why[LIST_WHY_SIZE])
{
	size_t length = strlen(text);
	char full[16]; /* 65535:65535 at most */
	/* An end that is left out is the lowest or highest port. */
	const char *low = length > 1 && text[0] == ':' ? "0" : "";
	const char *high = length > 1 && text[length - 1] == ':' ? "65535" : "";
	int ret = -EINVAL;

	if (snprintf(full, sizeof(full), "%s%s%s", low, text, high) < (int)sizeof(full))
		ret = port_range_parse(full, &port->low, &port->high);
	if (ret == -ERANGE)
		snprintf(why, LIST_WHY_SIZE,
			"\"%.64s\": ports are 0 to 65535, and a range begins with the lower one",
			text);
	else if (ret < 0)
		snprintf(why, LIST_WHY_SIZE, "\"%.64s\" is no port or range of ports", text);
	return ret;
}

int list_parse_element(
	enum list_type type, const char *text, void *element, char why[LIST_WHY_SIZE])
{
	int ret = type == LIST_ADDRESSES ? parse_address(text, element, why)
					 : parse_port(text, element, why);

	return ret < 0 ? -EINVAL : 0;
}

int list_append(enum list_type type, struct list *list, const struct list *other)
{
	size_t size = types[type].size;
	void *elements = reallocarray(list->elements, (size_t)list->count + other->count, size);

	if (!elements)
		return -ENOMEM;
	memcpy((char *)elements + list->count * size, other->elements, other->count * size);
	list->elements = elements;
	list->count += other->count;
	return 0;
}

bool list_negate(enum list_type type, struct list *list)
{
	for (uint32_t i = 1; i < list->count; i++) {
		if (*negated(type, list, i) != *negated(type, list, 0))
			return false;
	}
	for (uint32_t i = 0; i < list->count; i++)
		*negated(type, list, i) = !*negated(type, list, i);
	return true;
}

/* Which part of everything a plain element holds by itself: IPv4 1, IPv6 2, all ports 3. */
static unsigned int whole_part(enum list_type type, const void *element)
{
	const struct match_address *address = element;
	const struct match_port *port = element;

	if (type == LIST_PORTS)
		return !port->negated && port->low == 0 && port->high == UINT16_MAX ? 3 : 0;
	if (address->negated || address->prefix.depth > 0)
		return 0;
	return address->prefix.version == 4 ? 1 : 2;
}

void list_simplify(enum list_type type, struct list *list)
{
	size_t size = types[type].size;
	char *elements = list->elements;
	unsigned int found = 0;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < list->count; i++)
		found |= whole_part(type, elements + i * size);
	if (found != 3)
		return;
	for (uint32_t i = 0; i < list->count; i++) {
		if (*negated(type, list, i))
			memmove(elements + kept++ * size, elements + i * size, size);
	}
	list->count = kept;
}

bool list_has_negated(enum list_type type, const struct list *list)
{
	for (uint32_t i = 0; i < list->count; i++) {
		if (*negated(type, list, i))
			return true;
	}
	return false;
}
