/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/flow_json.h"

#include <arpa/inet.h>
#include <string.h>

/* Where the text goes on. There is room for all of it: flow_json_write() has looked. */
struct output {
	char *at;
};

static void put_bytes(struct output *output, const char *text, size_t length)
{
	memcpy(output->at, text, length);
	output->at += length;
}

#define PUT(output, literal) put_bytes(output, literal, sizeof(literal) - 1)

static void put_text(struct output *output, const char *text)
{
	put_bytes(output, text, strlen(text));
}

static void put_number(struct output *output, uint64_t number)
{
	char digits[20], *first = digits + sizeof(digits);

	do
		*--first = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	put_bytes(output, first, (size_t)(digits + sizeof(digits) - first));
}

static void put_address(struct output *output, const uint8_t *address, uint8_t version)
{
	if (version != 4) {
		inet_ntop(AF_INET6, address, output->at, INET6_ADDRSTRLEN);
		output->at += strlen(output->at);
		return;
	}
	for (int i = 0; i < 4; i++) {
		if (i > 0)
			PUT(output, ".");
		put_number(output, address[i]);
	}
}

static void put_tuple(struct output *output, const struct flow_record *flow)
{
	PUT(output, "{\"SourceAddress\":{\"AddressDefinition\":\"");
	put_address(output, flow->source, flow->version);
	PUT(output, "\"},\"DestinationAddress\":{\"AddressDefinition\":\"");
	put_address(output, flow->destination, flow->version);
	PUT(output, "\"},\"SourcePort\":\"");
	put_number(output, flow->source_port);
	PUT(output, "\",\"DestinationPort\":\"");
	put_number(output, flow->destination_port);
	PUT(output, "\",\"Protocol\":\"");
	put_number(output, flow->protocol);
	PUT(output, "\"");
}

static void put_counters(struct output *output, const struct flow_record *flow)
{
	PUT(output, ",\"Age\":");
	put_number(output, (flow->captured - flow->first_seen) / NANOSECONDS);
	PUT(output, ",\"PacketCount\":");
	put_number(output, flow->packets[0] + flow->packets[1]);
	PUT(output, ",\"ByteCount\":");
	put_number(output, flow->bytes[0] + flow->bytes[1]);
	PUT(output, ",\"ForwardPacketCount\":");
	put_number(output, flow->packets[0]);
	PUT(output, ",\"ForwardByteCount\":");
	put_number(output, flow->bytes[0]);
	PUT(output, ",\"ReversePacketCount\":");
	put_number(output, flow->packets[1]);
	PUT(output, ",\"ReverseByteCount\":");
	put_number(output, flow->bytes[1]);
	PUT(output, ",\"IdleMilliseconds\":");
	put_number(output, (flow->captured - flow->last_seen) / (NANOSECONDS / 1000));
}

static void put_state(struct output *output, const struct flow_record *flow)
{
	PUT(output, ",\"State\":\"");
	put_text(output, flow_state_name((enum flow_state)flow->state));
	PUT(output, "\",\"Action\":\"");
	put_text(output, flow->action == ACTION_ALLOW ? "passed" : "dropped");
	PUT(output, "\"");
	if (flow->midstream)
		PUT(output, ",\"Midstream\":true");
}

static void put_window(struct output *output, const struct flow_record *flow)
{
	PUT(output, ",\"WindowPacketCount\":");
	put_number(output, flow->window_packets);
	PUT(output, ",\"WindowByteCount\":");
	put_number(output, flow->window_bytes);
}

int flow_json_write(
	const struct flow_record *flow, const char *rule, bool window, char *text, size_t size)
{
	struct output output = {text};

	if (size < FLOW_JSON_SIZE + (rule != NULL ? strlen(rule) : 0))
		return -1;
	put_tuple(&output, flow);
	put_counters(&output, flow);
	if (window)
		put_window(&output, flow);
	put_state(&output, flow);
	if (rule != NULL) {
		PUT(&output, ",");
		put_text(&output, rule);
	}
	if (flow->vlan_inner != 0) {
		PUT(&output, ",\"Vlan\":");
		put_number(&output, flow->vlan_inner);
	}
	PUT(&output, "}");
	*output.at = '\0';
	return (int)(output.at - text);
}
