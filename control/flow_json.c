/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/flow_json.h"

#include <arpa/inet.h>
#include <inttypes.h>

#include "control/text_writer.h"

int flow_json_write(const struct flow_record *flow, const char *rule, char *text, size_t size)
{
	int family = flow->version == 4 ? AF_INET : AF_INET6;
	char source[INET6_ADDRSTRLEN], destination[INET6_ADDRSTRLEN];
	struct text_writer writer = {.text = text, .size = size};

	if (inet_ntop(family, flow->source, source, sizeof(source)) == NULL ||
		inet_ntop(family, flow->destination, destination, sizeof(destination)) == NULL)
		return -1;
	text_writer_put(&writer,
		"{\"SourceAddress\":{\"AddressDefinition\":\"%s\"},"
		"\"DestinationAddress\":{\"AddressDefinition\":\"%s\"},"
		"\"SourcePort\":\"%u\",\"DestinationPort\":\"%u\",\"Protocol\":\"%u\","
		"\"Age\":%" PRIu64 ",\"PacketCount\":%" PRIu64 ",\"ByteCount\":%" PRIu64,
		source, destination, flow->source_port, flow->destination_port, flow->protocol,
		(flow->captured - flow->first_seen) / NANOSECONDS,
		flow->packets[0] + flow->packets[1], flow->bytes[0] + flow->bytes[1]);
	text_writer_put(&writer,
		",\"ForwardPacketCount\":%" PRIu64 ",\"ForwardByteCount\":%" PRIu64
		",\"ReversePacketCount\":%" PRIu64 ",\"ReverseByteCount\":%" PRIu64
		",\"IdleMilliseconds\":%" PRIu64 ",\"State\":\"%s\",\"Action\":\"%s\"",
		flow->packets[0], flow->bytes[0], flow->packets[1], flow->bytes[1],
		(flow->captured - flow->last_seen) / (NANOSECONDS / 1000),
		flow_state_name((enum flow_state)flow->state),
		flow->action == ACTION_ALLOW ? "passed" : "dropped");
	if (flow->midstream)
		text_writer_put(&writer, ",\"Midstream\":true");
	if (rule != NULL)
		text_writer_put(&writer, ",%s", rule);
	if (flow->vlan_inner != 0)
		text_writer_put(&writer, ",\"Vlan\":%u", flow->vlan_inner);
	text_writer_put(&writer, "}");
	return writer.length < size ? (int)writer.length : -1;
}
