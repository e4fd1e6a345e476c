/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/client/protocol.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *number;
	const char *name;
} protocols[] = {
	{"6", "tcp"},
	{"17", "udp"},
	{"1", "icmp"},
	{"58", "icmpv6"},
	{"132", "sctp"},
	{"47", "gre"},
	{"50", "esp"},
	{"51", "ah"},
};

enum { PROTOCOL_COUNT = sizeof(protocols) / sizeof(protocols[0]) };

const char *protocol_number(const char *name)
{
	for (size_t i = 0; i < PROTOCOL_COUNT; i++)
		if (strcasecmp(protocols[i].name, name) == 0)
			return protocols[i].number;
	return NULL;
}

const char *protocol_name(const char *number)
{
	for (size_t i = 0; i < PROTOCOL_COUNT; i++)
		if (strcmp(protocols[i].number, number) == 0)
			return protocols[i].name;
	return NULL;
}
