/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/replay/output.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

enum { FIELDS_MAX = 12, ENDPOINTS_SIZE = 2 * INET6_ADDRSTRLEN + 64 };

struct field {
	const char *name;
	const char *text; /* NULL: a number */
	uint64_t number;
};

struct output_format {
	const char *name;
	void (*begin)(const char *const *names);
	void (*row)(const struct field *fields, unsigned count, bool first);
	void (*end)(bool empty);
};

static const char *const flow_names[] = {"capture", "vlan", "protocol", "source", "source_port",
	"destination", "destination_port", "forward_packets", "forward_bytes", "reverse_packets",
	"reverse_bytes", NULL};
static const char *const verdict_names[] = {
	"number", "verdict", "drop_reason", "flow", "capture", "rule", NULL};

/* RFC 4180: quotes where a value needs them. */
static void csv_text(const char *text)
{
	if (strpbrk(text, ",\"\r\n") == NULL) {
		fputs(text, stdout);
		return;
	}
	putchar('"');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			putchar('"');
		putchar(*text);
	}
	putchar('"');
}

static void csv_begin(const char *const *names)
{
	for (unsigned i = 0; names[i] != NULL; i++)
		printf("%s%s", i == 0 ? "" : ",", names[i]);
	putchar('\n');
}

static void csv_row(const struct field *fields, unsigned count, bool first)
{
	(void)first;
	for (unsigned i = 0; i < count; i++) {
		if (i > 0)
			putchar(',');
		if (fields[i].text != NULL)
			csv_text(fields[i].text);
		else
			printf("%" PRIu64, fields[i].number);
	}
	putchar('\n');
}

/* File names are bytes; JSON is UTF-8: what is not is written by its Latin-1 code points. */
static json_t *text_to_json(const char *text)
{
	json_t *value = json_string(text);
	char latin[8192];
	size_t length = 0;

	if (value != NULL)
		return value;
	for (; *text != '\0' && length + 2 < sizeof(latin); text++) {
		unsigned char byte = *text;

		if (byte >= 0x80)
			latin[length++] = 0xc0 | byte >> 6;
		latin[length++] = byte >= 0x80 ? 0x80 | (byte & 0x3f) : byte;
	}
	return json_stringn(latin, length);
}

static void json_object_print(const struct field *fields, unsigned count)
{
	json_t *object = json_object();

	for (unsigned i = 0; i < count; i++)
		json_object_set_new(object, fields[i].name,
			fields[i].text != NULL ? text_to_json(fields[i].text)
					       : json_integer((json_int_t)fields[i].number));
	json_dumpf(object, stdout, JSON_COMPACT);
	json_decref(object);
}

static void ndjson_row(const struct field *fields, unsigned count, bool first)
{
	(void)first;
	json_object_print(fields, count);
	putchar('\n');
}

static void json_row(const struct field *fields, unsigned count, bool first)
{
	fputs(first ? "[\n" : ",\n", stdout);
	json_object_print(fields, count);
}

static void json_end(bool empty)
{
	puts(empty ? "[]" : "\n]");
}

static const struct output_format formats[] = {
	{"csv", csv_begin, csv_row, NULL},
	{"ndjson", NULL, ndjson_row, NULL},
	{"json", NULL, json_row, json_end},
};

const struct output_format *output_format_find(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

void output_begin(struct output *output, const struct output_format *format, enum output_kind kind)
{
	output->format = format;
	output->rows = 0;
	if (format->begin != NULL)
		format->begin(kind == OUTPUT_FLOWS ? flow_names : verdict_names);
}

void output_end(struct output *output)
{
	if (output->format->end != NULL)
		output->format->end(output->rows == 0);
}

/* Name the values by their places and write them. */
static void write_row(struct output *output, struct field *fields, const char *const *names)
{
	unsigned count = 0;

	for (; names[count] != NULL; count++)
		fields[count].name = names[count];
	output->format->row(fields, count, output->rows++ == 0);
}

static const char *address_text(
	const struct flow_record *flow, const uint8_t address[16], char *text)
{
	return inet_ntop(flow->version == 4 ? AF_INET : AF_INET6, address, text, INET6_ADDRSTRLEN);
}

void output_flow(struct output *output, const char *capture, const struct flow_record *flow)
{
	char source[INET6_ADDRSTRLEN], destination[INET6_ADDRSTRLEN];
	struct field fields[FIELDS_MAX] = {
		{.text = capture},
		{.number = flow->vlan_inner},
		{.number = flow->protocol},
		{.text = address_text(flow, flow->source, source)},
		{.number = flow->source_port},
		{.text = address_text(flow, flow->destination, destination)},
		{.number = flow->destination_port},
		{.number = flow->packets[0]},
		{.number = flow->bytes[0]},
		{.number = flow->packets[1]},
		{.number = flow->bytes[1]},
	};

	write_row(output, fields, flow_names);
}

/* "6 192.0.2.1:1025 > [2001:db8::1]:80", and " vlan 7" behind it where tagged. */
static void endpoints_text(const struct flow_record *flow, char text[ENDPOINTS_SIZE])
{
	char source[INET6_ADDRSTRLEN], destination[INET6_ADDRSTRLEN];
	const char *open = flow->version == 6 ? "[" : "", *close = flow->version == 6 ? "]" : "";
	int length = snprintf(text, ENDPOINTS_SIZE, "%u %s%s%s:%u > %s%s%s:%u", flow->protocol,
		open, address_text(flow, flow->source, source), close, flow->source_port, open,
		address_text(flow, flow->destination, destination), close, flow->destination_port);

	if (flow->vlan_inner != 0)
		snprintf(text + length, ENDPOINTS_SIZE - length, " vlan %u", flow->vlan_inner);
}

/* The rule that decided about the frame: the flow's, unless something else dropped the frame. */
static void rule_text(const struct offline_verdict *verdict, const struct rule_names *names,
	char text[RULE_NAMES_TEXT_SIZE])
{
	const struct flow_record *flow = &verdict->flow;
	bool by_rule = flow->rule_kind == RULE_STATELESS
		? verdict->reason == DROP_STATELESS_RULE
		: verdict->reason == DROP_RULE || verdict->reason == DROP_REJECT;
	const struct rule_name *name = NULL;

	if (verdict->has_flow && (verdict->passed || by_rule))
		name = rule_names_find(names, flow->rule_kind, flow->rule);
	if (name != NULL)
		rule_names_text(name, flow->rule_kind, text);
}

void output_verdict(struct output *output, const char *capture, uint64_t number,
	const struct offline_verdict *verdict, const struct rule_names *names)
{
	char endpoints[ENDPOINTS_SIZE] = "", rule[RULE_NAMES_TEXT_SIZE] = "";
	struct field fields[FIELDS_MAX] = {
		{.number = number},
		{.text = verdict->passed ? "pass" : "drop"},
		{.text = verdict->passed ? "" : drop_name(verdict->reason)},
		{.text = endpoints},
		{.text = capture},
		{.text = rule},
	};

	rule_text(verdict, names, rule);
	if (verdict->has_flow)
		endpoints_text(&verdict->flow, endpoints);
	write_row(output, fields, verdict_names);
}
