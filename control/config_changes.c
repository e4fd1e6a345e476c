/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_changes.h"

#include <stddef.h>
#include <string.h>

/* Where the value of a key is that a reload does not put in force: so many bytes, or with size 0 a
 * pointer to text or NULL. A key may have several. */
struct field {
	const char *key;
	size_t offset;
	size_t size;
};

#define BYTES(member) offsetof(struct config, member), sizeof(((struct config *)NULL)->member)
#define TEXT(member) #member, offsetof(struct config, member), 0

static const struct field fields[] = {
	{TEXT(firewall_arn)},
	{TEXT(availability_zone)},
	{TEXT(vpc_endpoint_id)},
	{TEXT(vpc_endpoint_association_arn)},
	{"ports", BYTES(dataplane.port_count)},
	{"ports", BYTES(dataplane.ports)},
	{"pairs", BYTES(dataplane.peers)},
	{"share_cpus", BYTES(share_cpus)},
	{"worker_cpus", BYTES(dataplane.worker_count)},
	{"worker_cpus", BYTES(dataplane.worker_cpus)},
	{"idle", BYTES(dataplane.idle_sleep_us)},
	{"flows_per_worker", BYTES(dataplane.flows.capacity)},
	{"checks", BYTES(dataplane.flows.checks)},
	{"non_ip", BYTES(dataplane.flows.pass_non_ip)},
	{"tcp_tracking", BYTES(dataplane.flows.tcp_unchecked)},
	{TEXT(socket_path)},
	{TEXT(socket_group)},
	{"socket_request_seconds", BYTES(socket_request_seconds)},
	{"event_log", offsetof(struct config, event_log_path), 0},
	{"event_log", BYTES(event_log_rate)},
	{"operations", offsetof(struct config, operations_directory), 0},
	{"operations", BYTES(operations_retention)},
	{"operations", BYTES(operations_size)},
	{"memory", BYTES(hugepages_choice)},
	{"memory", BYTES(memory_megabytes)},
};

enum { FIELD_COUNT = sizeof(fields) / sizeof(fields[0]) };

static bool differs(const struct field *field, const struct config *a, const struct config *b)
{
	const char *at = (const char *)a + field->offset, *bt = (const char *)b + field->offset;
	const char *a_text, *b_text;

	if (field->size > 0)
		return memcmp(at, bt, field->size) != 0;
	memcpy(&a_text, at, sizeof(a_text));
	memcpy(&b_text, bt, sizeof(b_text));
	if (a_text == NULL || b_text == NULL)
		return a_text != b_text;
	return strcmp(a_text, b_text) != 0;
}

const char *config_changes_restart(const struct config *a, const struct config *b, size_t i)
{
	const char *last = "";

	for (size_t at = 0; at < FIELD_COUNT; at++) {
		if (strcmp(fields[at].key, last) == 0 || !differs(&fields[at], a, b))
			continue;
		last = fields[at].key;
		if (i-- == 0)
			return last;
	}
	return NULL;
}
