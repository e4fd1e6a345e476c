/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/flow_json.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

/* Text that is being written; length grows past size when it does not fit. */
struct writer {
	char *text;
	size_t size;
	size_t length;
};

static void put(struct writer *writer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void put(struct writer *writer, const char *format, ...)
{
	bool fits = writer->length < writer->size;
	va_list arguments;

	va_start(arguments, format);
	writer->length += (size_t)vsnprintf(fits ? writer->text + writer->length : NULL,
		fits ? writer->size - writer->length : 0, format, arguments);
	va_end(arguments);
}

int flow_json_write(const struct flow_record *flow, const char *rule, char *text, size_t size)
{
	int family = flow->version == 4 ? AF_INET : AF_INET6;
	char source[INET6_ADDRSTRLEN], destination[INET6_ADDRSTRLEN];
	struct writer writer = {.text = text, .size = size};

	if (inet_ntop(family, flow->source, source, sizeof(source)) == NULL ||
		inet_ntop(family, flow->destination, destination, sizeof(destination)) == NULL)
		return -1;
	put(&writer,
		"{\"SourceAddress\":{\"AddressDefinition\":\"%s\"},"
		"\"DestinationAddress\":{\"AddressDefinition\":\"%s\"},"
		"\"SourcePort\":\"%u\",\"DestinationPort\":\"%u\",\"Protocol\":\"%u\","
		"\"Age\":%" PRIu64 ",\"PacketCount\":%" PRIu64 ",\"ByteCount\":%" PRIu64,
		source, destination, flow->source_port, flow->destination_port, flow->protocol,
		(flow->captured - flow->first_seen) / NANOSECONDS,
		flow->packets[0] + flow->packets[1], flow->bytes[0] + flow->bytes[1]);
	put(&writer,
		",\"ForwardPacketCount\":%" PRIu64 ",\"ForwardByteCount\":%" PRIu64
		",\"ReversePacketCount\":%" PRIu64 ",\"ReverseByteCount\":%" PRIu64
		",\"IdleMilliseconds\":%" PRIu64 ",\"State\":\"%s\",\"Action\":\"%s\"",
		flow->packets[0], flow->bytes[0], flow->packets[1], flow->bytes[1],
		(flow->captured - flow->last_seen) / (NANOSECONDS / 1000),
		flow_state_name((enum flow_state)flow->state),
		flow->action == ACTION_ALLOW ? "passed" : "dropped");
	if (flow->midstream)
		put(&writer, ",\"Midstream\":true");
	if (rule != NULL)
		put(&writer, ",%s", rule);
	if (flow->vlan_inner != 0)
		put(&writer, ",\"Vlan\":%u", flow->vlan_inner);
	put(&writer, "}");
	return writer.length < size ? (int)writer.length : -1;
}
