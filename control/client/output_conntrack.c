/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * conntrack: a line a flow, as "conntrack -L" of conntrack-tools prints the kernel's:
 *
 *	PROTOCOL NUMBER [STATE] src= dst= [sport= dport=] packets= bytes= [UNREPLIED]
 *	    src= dst= [sport= dport=] packets= bytes= [ASSURED]
 *
 * The second half is the answering direction. What the firewall does not have is left out: the
 * time to the end of the entry, type and code of ICMP, mark, use. Behind what is the tool's come
 * vlan= and action=dropped where a flow has them.
 */
#include <stdbool.h>
#include <string.h>

#include "control/client/message.h"
#include "control/client/output.h"
#include "control/client/protocol.h"

/* The protocols that conntrack-tools knows by name, of those that protocol.h does. */
static const char *const names[] = {"tcp", "udp", "icmp", "icmpv6", "sctp", "gre"};

/* What a TCP flow's state is called there. */
static const char *const states[][2] = {
	{"new", "SYN_SENT"},
	{"established", "ESTABLISHED"},
	{"closing", "FIN_WAIT"},
	{"closed", "CLOSE"},
};

static const char *name_of(const char *number)
{
	const char *name = protocol_name(number);

	for (size_t i = 0; name != NULL && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return name;
	return "unknown";
}

static const char *text_of(const json_t *flow, const char *member)
{
	const char *text = json_string_value(json_object_get(flow, member));

	return text != NULL ? text : "";
}

/* " KEY=TEXT", where the text is the server's. */
static void print_text(FILE *stream, const char *key, const char *text)
{
	fprintf(stream, " %s=", key);
	message_put_clean(stream, text);
}

static void print_address(FILE *stream, const char *key, const json_t *flow, const char *member)
{
	print_text(stream, key, text_of(json_object_get(flow, member), "AddressDefinition"));
}

static long long count_of(const json_t *flow, const char *member)
{
	return (long long)json_integer_value(json_object_get(flow, member));
}

/* One direction: who sends, to whom, how much. */
static void print_half(FILE *stream, const json_t *flow, bool ports, bool forward)
{
	const char *from = forward ? "Source" : "Destination";
	const char *to = forward ? "Destination" : "Source";
	char member[32];

	snprintf(member, sizeof(member), "%sAddress", from);
	print_address(stream, "src", flow, member);
	snprintf(member, sizeof(member), "%sAddress", to);
	print_address(stream, "dst", flow, member);
	if (ports) {
		snprintf(member, sizeof(member), "%sPort", from);
		print_text(stream, "sport", text_of(flow, member));
		snprintf(member, sizeof(member), "%sPort", to);
		print_text(stream, "dport", text_of(flow, member));
	}
	fprintf(stream, " packets=%lld bytes=%lld",
		count_of(flow, forward ? "ForwardPacketCount" : "ReversePacketCount"),
		count_of(flow, forward ? "ForwardByteCount" : "ReverseByteCount"));
}

static void print_flow(FILE *stream, const json_t *flow)
{
	const char *number = text_of(flow, "Protocol"), *state = text_of(flow, "State");
	const char *name = name_of(number);
	const json_t *vlan = json_object_get(flow, "Vlan");
	bool answered = count_of(flow, "ReversePacketCount") != 0;
	bool tcp = strcmp(name, "tcp") == 0;
	bool ports = tcp || strcmp(name, "udp") == 0 || strcmp(name, "sctp") == 0;

	fprintf(stream, "%-8s ", name);
	message_put_clean(stream, number);
	for (size_t i = 0; tcp && i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(states[i][0], state) == 0)
			fprintf(stream, " %s", states[i][1]);
	print_half(stream, flow, ports, true);
	if (!answered)
		fputs(" [UNREPLIED]", stream);
	print_half(stream, flow, ports, false);
	if (answered && strcmp(state, "new") != 0)
		fputs(" [ASSURED]", stream);
	if (vlan != NULL)
		fprintf(stream, " vlan=%lld", (long long)json_integer_value(vlan));
	if (strcmp(text_of(flow, "Action"), "dropped") == 0)
		fputs(" action=dropped", stream);
	fputc('\n', stream);
}

static int conntrack_list_rows(struct output *output, const struct view *view, const json_t *rows)
{
	const json_t *row;
	size_t i;

	(void)view;
	json_array_foreach(rows, i, row)
		print_flow(output->stream, row);
	return 0;
}

/* A list of lines has neither a head nor an end. */
static int conntrack_nothing(struct output *output, const struct view *view, const json_t *head)
{
	(void)output;
	(void)view;
	(void)head;
	return 0;
}

const struct output_format output_conntrack = {
	.name = "conntrack",
	.view = &view_flows,
	.list_begin = conntrack_nothing,
	.list_rows = conntrack_list_rows,
	.list_end = conntrack_nothing,
};
