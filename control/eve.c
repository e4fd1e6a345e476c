/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/eve.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <jansson.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Text that is being written; length grows past size when it does not fit. */
struct writer {
	char *text;
	size_t size;
	size_t length;
};

/* One end of a packet or flow. */
struct end {
	char address[INET6_ADDRSTRLEN];
	uint16_t port;
};

/* Suricata's names of protocols, where they are more than the number. */
static const char *const protocol_names[UINT8_MAX + 1] = {
	[IPPROTO_ICMP] = "ICMP",
	[IPPROTO_IGMP] = "IGMP",
	[IPPROTO_IPIP] = "IP-in-IP",
	[IPPROTO_TCP] = "TCP",
	[IPPROTO_UDP] = "UDP",
	[IPPROTO_DCCP] = "DCCP",
	[IPPROTO_IPV6] = "IPv6",
	[IPPROTO_RSVP] = "RSVP",
	[IPPROTO_GRE] = "GRE",
	[IPPROTO_ESP] = "ESP",
	[IPPROTO_AH] = "AH",
	[IPPROTO_ICMPV6] = "IPv6-ICMP",
	[IPPROTO_NONE] = "IPv6-NoNxt",
	[88] = "EIGRP",
	[89] = "OSPF",
	[IPPROTO_PIM] = "PIM",
	[112] = "VRRP",
	[115] = "L2TP",
	[IPPROTO_SCTP] = "SCTP",
	[IPPROTO_UDPLITE] = "UDPLite",
};

static const struct {
	uint8_t bit;
	const char *name;
} tcp_flags[] = {
	{TH_SYN, "syn"},
	{TH_FIN, "fin"},
	{TH_RST, "rst"},
	{TH_PUSH, "psh"},
	{TH_ACK, "ack"},
	{TH_URG, "urg"},
	{0x40, "ecn"}, /* ECE, RFC 3168 section 6.1 */
	{0x80, "cwr"},
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

/* With the quotes; time in nanoseconds since 1970. Suricata has microseconds and the offset from
 * UTC. */
static void put_time(struct writer *writer, int64_t time)
{
	time_t seconds = (time_t)(time / (int64_t)NANOSECONDS);
	int64_t microseconds = time % (int64_t)NANOSECONDS / 1000;
	char text[32];
	struct tm utc;

	gmtime_r(&seconds, &utc);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
	put(writer, "\"%s.%06" PRId64 "+0000\"", text, microseconds);
}

/* As a JSON string. Returns 0, or -1 without memory. */
static int put_text(struct writer *writer, const char *text)
{
	size_t length = strnlen(text, EVE_TEXT_MAX + 1);
	char copy[EVE_TEXT_MAX + 1];
	json_t *string;
	size_t room;

	if (length > EVE_TEXT_MAX) {
		length = EVE_TEXT_MAX;
		while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
			length--;
	}
	string = json_stringn(text, length);
	if (string == NULL) {
		for (size_t i = 0; i < length; i++)
			copy[i] = (unsigned char)text[i] < 0x80 ? text[i] : '?';
		string = json_stringn(copy, length);
	}
	if (string == NULL)
		return -1;
	room = writer->length < writer->size ? writer->size - writer->length : 0;
	writer->length += json_dumpb(string, writer->text + writer->length, room, JSON_ENCODE_ANY);
	json_decref(string);
	return 0;
}

/* FNV-1a (Fowler, Noll and Vo) of more bytes. */
static uint64_t hash(uint64_t value, const void *bytes, size_t size)
{
	const uint8_t *byte = bytes;

	for (size_t i = 0; i < size; i++)
		value = (value ^ byte[i]) * UINT64_C(0x100000001b3);
	return value;
}

/*
 * The same for all events of a flow, and most likely for no other. 51 bits, as Suricata does it:
 * readers that keep numbers as doubles hold 53.
 */
static uint64_t flow_id(const struct flow_record *flow)
{
	size_t size = flow->version == 4 ? 4 : 16;
	uint64_t value = UINT64_C(0xcbf29ce484222325);

	value = hash(value, flow->source, size);
	value = hash(value, flow->destination, size);
	value = hash(value, &flow->source_port, sizeof(flow->source_port));
	value = hash(value, &flow->destination_port, sizeof(flow->destination_port));
	value = hash(value, &flow->vlan_outer, sizeof(flow->vlan_outer));
	value = hash(value, &flow->vlan_inner, sizeof(flow->vlan_inner));
	value = hash(value, &flow->protocol, sizeof(flow->protocol));
	value = hash(value, &flow->first_seen, sizeof(flow->first_seen));
	return value >> 13;
}

static bool has_ports(uint8_t protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP;
}

/* The flow's source and destination. */
static void flow_ends(const struct flow_record *flow, struct end ends[2])
{
	int family = flow->version == 4 ? AF_INET : AF_INET6;

	inet_ntop(family, flow->source, ends[0].address, sizeof(ends[0].address));
	inet_ntop(family, flow->destination, ends[1].address, sizeof(ends[1].address));
	ends[0].port = flow->source_port;
	ends[1].port = flow->destination_port;
}

static void put_ends(struct writer *writer, const struct end *source, const struct end *destination,
	uint8_t protocol)
{
	put(writer, ",\"src_ip\":\"%s\"", source->address);
	if (has_ports(protocol))
		put(writer, ",\"src_port\":%u", source->port);
	put(writer, ",\"dest_ip\":\"%s\"", destination->address);
	if (has_ports(protocol))
		put(writer, ",\"dest_port\":%u", destination->port);
}

static void put_protocol(struct writer *writer, const struct flow_record *flow)
{
	const char *name = protocol_names[flow->protocol];

	if (name != NULL)
		put(writer, ",\"proto\":\"%s\"", name);
	else
		put(writer, ",\"proto\":\"%u\"", flow->protocol);
	put(writer, ",\"ip_v\":%u", flow->version);
}

static int put_alert(struct writer *writer, const struct event_record *event,
	const struct eve_signature *signature)
{
	put(writer,
		",\"alert\":{\"action\":\"%s\",\"gid\":1,\"signature_id\":%u,\"rev\":%u,"
		"\"signature\":",
		event->action == STATEFUL_ALERT ? "allowed" : "blocked", signature->sid,
		signature->rev);
	if (put_text(writer, signature->text) != 0)
		return -1;
	put(writer, ",\"category\":\"\",\"severity\":%u}", signature->severity);
	return 0;
}

/* Totals with this packet, as Suricata has them. */
static void put_flow(struct writer *writer, const struct event_record *event,
	const struct end ends[2], int64_t epoch)
{
	const struct flow_record *flow = &event->flow;
	uint64_t packets[2] = {flow->packets[0], flow->packets[1]};
	uint64_t bytes[2] = {flow->bytes[0], flow->bytes[1]};

	packets[event->direction]++;
	bytes[event->direction] += event->length;
	put(writer,
		",\"flow\":{\"pkts_toserver\":%" PRIu64 ",\"pkts_toclient\":%" PRIu64
		",\"bytes_toserver\":%" PRIu64 ",\"bytes_toclient\":%" PRIu64 ",\"start\":",
		packets[0], packets[1], bytes[0], bytes[1]);
	put_time(writer, epoch + (int64_t)flow->first_seen);
	put_ends(writer, &ends[0], &ends[1], flow->protocol);
	put(writer, "}");
}

static void put_tcp(struct writer *writer, uint8_t flags)
{
	put(writer, ",\"tcp\":{\"tcp_flags\":\"%02x\"", flags);
	for (size_t i = 0; i < sizeof(tcp_flags) / sizeof(tcp_flags[0]); i++)
		if ((flags & tcp_flags[i].bit) != 0)
			put(writer, ",\"%s\":true", tcp_flags[i].name);
	put(writer, "}");
}

/* Who gets the answer of a REJECT: the sender, and of a connection that is under way the receiver.
 */
static const char *reject_target(const struct event_record *event)
{
	if (event->flow.protocol == IPPROTO_TCP && (event->tcp_flags & (TH_SYN | TH_ACK)) != TH_SYN)
		return "both";
	return event->direction == 0 ? "to_client" : "to_server";
}

/* What became of the packet; of a rule's alert nobody knows yet, a later rule decides. */
static void put_verdict(struct writer *writer, const struct event_record *event)
{
	if (event->action == STATEFUL_ALERT && event->flow.rule != RULE_NONE)
		return;
	put(writer, ",\"verdict\":{\"action\":\"%s\"",
		event->action == STATEFUL_ALERT ? "alert" : "drop");
	if (event->action == STATEFUL_REJECT)
		put(writer, ",\"reject-target\":\"%s\",\"reject\":[\"%s\"]", reject_target(event),
			event->flow.protocol == IPPROTO_TCP ? "tcp-reset" : "icmp-prohib");
	put(writer, "}");
}

const struct eve_signature *eve_default(uint8_t stateful_default)
{
	static const struct eve_signature strict = {"aws:alert_strict action", 2, 0, EVE_SEVERITY};
	static const struct eve_signature established = {
		"aws:alert_established action", 4, 0, EVE_SEVERITY};

	return (stateful_default & DEFAULT_ALERT_STRICT) != 0 ? &strict : &established;
}

int eve_alert(const struct event_record *event, const struct eve_signature *signature,
	const char *port, int64_t epoch, char *line, size_t size)
{
	const struct flow_record *flow = &event->flow;
	struct writer writer = {.text = line, .size = size};
	struct end ends[2];

	flow_ends(flow, ends);
	put(&writer, "{\"timestamp\":");
	put_time(&writer, epoch + (int64_t)flow->captured);
	put(&writer, ",\"flow_id\":%" PRIu64 ",\"in_iface\":\"%s\",\"event_type\":\"alert\"",
		flow_id(flow), port);
	if (flow->vlan_outer != 0)
		put(&writer, ",\"vlan\":[%u,%u]", flow->vlan_outer, flow->vlan_inner);
	else if (flow->vlan_inner != 0)
		put(&writer, ",\"vlan\":[%u]", flow->vlan_inner);
	put_ends(&writer, &ends[event->direction], &ends[!event->direction], flow->protocol);
	put_protocol(&writer, flow);
	if (put_alert(&writer, event, signature) != 0)
		return -1;
	put(&writer, ",\"direction\":\"%s\"", event->direction == 0 ? "to_server" : "to_client");
	put_flow(&writer, event, ends, epoch);
	if (flow->protocol == IPPROTO_TCP)
		put_tcp(&writer, event->tcp_flags);
	put_verdict(&writer, event);
	put(&writer, "}\n");
	return writer.length < size ? (int)writer.length : -1;
}

int eve_stats(const struct eve_stats *stats, int64_t now, char *line, size_t size)
{
	struct writer writer = {.text = line, .size = size};

	put(&writer, "{\"timestamp\":");
	put_time(&writer, now);
	put(&writer,
		",\"event_type\":\"stats\",\"stats\":{\"uptime\":%" PRIu64
		",\"detect\":{\"alert\":%" PRIu64 ",\"alert_queue_overflow\":%" PRIu64
		",\"alerts_suppressed\":%" PRIu64 "}}}\n",
		stats->uptime, stats->alerts, stats->lost, stats->suppressed);
	return writer.length < size ? (int)writer.length : -1;
}
