/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/policy/stateful_rule.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "control/policy/rule_option.h"

/* Without the keyword "priority". */
enum { PRIORITY_DEFAULT = 3 };

static const char *const field_names[FIELDS] = {"Action", "Protocol", "Source", "SourcePort",
	"Direction", "Destination", "DestinationPort"};

static const char *const action_names[SYNTAXES][4] = {
	[SYNTAX_API] = {[STATEFUL_PASS] = "PASS",
		[STATEFUL_DROP] = "DROP",
		[STATEFUL_REJECT] = "REJECT",
		[STATEFUL_ALERT] = "ALERT"},
	[SYNTAX_SURICATA] = {[STATEFUL_PASS] = "pass",
		[STATEFUL_DROP] = "drop",
		[STATEFUL_REJECT] = "reject",
		[STATEFUL_ALERT] = "alert"},
};

static const char *const direction_names[SYNTAXES][2] = {
	[SYNTAX_API] = {"FORWARD", "ANY"},
	[SYNTAX_SURICATA] = {"->", "<>"},
};

static const uint8_t tcp[] = {IPPROTO_TCP}, udp[] = {IPPROTO_UDP},
		     icmp[] = {IPPROTO_ICMP, IPPROTO_ICMPV6};

static const struct protocol {
	const char *names[SYNTAXES];
	const uint8_t *numbers;
	uint32_t count; /* 0: any */
} protocols[] = {
	{{"IP", "ip"}, NULL, 0},
	{{"TCP", "tcp"}, tcp, 1},
	{{"UDP", "udp"}, udp, 1},
	{{"ICMP", "icmp"}, icmp, 2},
};

/* Those that the API has besides. Suricata has more, of which AWS Network Firewall takes some. */
static const char *const unsupported_protocols[] = {"HTTP", "FTP", "TLS", "SMB", "DNS", "DCERPC",
	"SSH", "SMTP", "IMAP", "MSN", "KRB5", "IKEV2", "TFTP", "NTP", "DHCP", "HTTP2", "QUIC"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *stateful_rule_field_name(enum stateful_field field)
{
	return field_names[field];
}

void stateful_rule_start(struct stateful_rule_reading *rule, struct stateful_group *group,
	enum stateful_syntax syntax)
{
	*rule = (struct stateful_rule_reading){
		.group = group,
		.syntax = syntax,
		.entry = {.description = {.group = group->builder->group,
				  .priority = PRIORITY_DEFAULT}},
	};
}

int stateful_rule_unsupported(struct stateful_rule_reading *rule, const char *format, ...)
{
	va_list arguments;

	if (rule->unsupported)
		return 0;
	va_start(arguments, format);
	rule->unsupported = arena_vprintf(rule->group->builder->arena, format, arguments);
	va_end(arguments);
	return rule->unsupported ? 0 : -ENOMEM;
}

/* The position of a text among names, or count. */
static size_t find(const char *const *names, size_t count, const char *text)
{
	size_t i = 0;

	while (i < count && strcmp(names[i], text) != 0)
		i++;
	return i;
}

static int read_action(
	struct stateful_rule_reading *rule, struct config_reader *reader, const char *text)
{
	const char *const *names = action_names[rule->syntax];
	size_t action = find(names, 4, text);

	if (action == 4)
		return config_reader_fail(reader, "must be %s, %s, %s or %s, not \"%.64s\"",
			names[0], names[1], names[2], names[3], text);
	rule->entry.rule.action = (uint8_t)action;
	rule->entry.description.action = action_names[SYNTAX_SURICATA][action];
	return 0;
}

static int read_direction(
	struct stateful_rule_reading *rule, struct config_reader *reader, const char *text)
{
	const char *const *names = direction_names[rule->syntax];
	size_t direction = find(names, 2, text);

	if (direction == 2)
		return config_reader_fail(
			reader, "must be %s or %s, not \"%.64s\"", names[0], names[1], text);
	rule->entry.rule.both = direction == 1;
	return 0;
}

static int read_protocol(
	struct stateful_rule_reading *rule, struct config_reader *reader, const char *text)
{
	struct match *match = &rule->entry.rule.match;

	for (size_t i = 0; i < COUNT(protocols); i++) {
		if (strcmp(protocols[i].names[rule->syntax], text) == 0) {
			match->protocols = protocols[i].numbers;
			match->protocol_count = protocols[i].count;
			return 0;
		}
	}
	if (rule->syntax == SYNTAX_API &&
		find(unsupported_protocols, COUNT(unsupported_protocols), text) ==
			COUNT(unsupported_protocols))
		return config_reader_fail(reader, "\"%.64s\" is no protocol of the API", text);
	return stateful_rule_unsupported(rule, "protocol \"%.64s\" is not supported", text);
}

static int read_addresses(struct stateful_rule_reading *rule, struct config_reader *reader,
	enum stateful_field field, const char *text)
{
	struct match *match = &rule->entry.rule.match;
	bool source = field == FIELD_SOURCE;
	struct list list;
	int ret = scope_list(rule->group->scope, LIST_ADDRESSES, reader, text, &list);

	if (ret < 0)
		return ret;
	*(source ? &match->sources : &match->destinations) = list.elements;
	*(source ? &match->source_count : &match->destination_count) = list.count;
	return 0;
}

static int read_ports(struct stateful_rule_reading *rule, struct config_reader *reader,
	enum stateful_field field, const char *text)
{
	struct match *match = &rule->entry.rule.match;
	bool source = field == FIELD_SOURCE_PORT;
	struct list list;
	int ret = scope_list(rule->group->scope, LIST_PORTS, reader, text, &list);

	if (ret < 0)
		return ret;
	if (list.count > 0 && match->protocols == icmp)
		return config_reader_fail(reader, "ICMP has no ports: must be any");
	*(source ? &match->source_ports : &match->destination_ports) = list.elements;
	*(source ? &match->source_port_count : &match->destination_port_count) = list.count;
	return 0;
}

int stateful_rule_field(struct stateful_rule_reading *rule, struct config_reader *reader,
	enum stateful_field field, const char *text)
{
	switch (field) {
	case FIELD_ACTION:
		return read_action(rule, reader, text);
	case FIELD_PROTOCOL:
		return read_protocol(rule, reader, text);
	case FIELD_DIRECTION:
		return read_direction(rule, reader, text);
	case FIELD_SOURCE:
	case FIELD_DESTINATION:
		return read_addresses(rule, reader, field, text);
	case FIELD_SOURCE_PORT:
	case FIELD_DESTINATION_PORT:
		return read_ports(rule, reader, field, text);
	case FIELDS:
		break;
	}
	return -EINVAL;
}

int stateful_rule_finish(struct stateful_rule_reading *rule, struct config_reader *reader)
{
	struct builder *builder = rule->group->builder;
	const struct policy_rule *description = &rule->entry.description;
	char text[16];
	int ret;

	if (description->id == 0)
		return config_reader_fail(reader, "has no sid");
	snprintf(text, sizeof(text), "%u", description->id);
	if (json_object_get(rule->group->sids, text))
		return config_reader_fail(
			reader, "sid %u is that of an earlier rule too", description->id);
	if (json_object_set_new(rule->group->sids, text, json_true()) < 0)
		return -ENOMEM;
	if (builder->strict_order && rule_option_seen(rule, "priority"))
		return config_reader_fail(
			reader, "the keyword priority is not allowed with STRICT_ORDER");
	if (rule->unsupported)
		ret = builder_leave_out(builder, reader, description->id, rule->unsupported);
	else
		ret = builder_add_stateful(builder, reader, &rule->entry);
	if (ret == 0)
		builder->rule[0] = '\0';
	return ret;
}
