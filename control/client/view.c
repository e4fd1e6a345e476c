/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/client/view.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "control/client/message.h"
#include "control/client/protocol.h"

/* Room for what a cell is formatted to. */
enum { FORMAT_SIZE = 64 };

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

/* "12s", "3m05s", "2h10m", "4d03h" */
static void format_duration(json_int_t seconds, char *text, size_t size)
{
	long long value = seconds;

	if (value < MINUTE)
		snprintf(text, size, "%llds", value);
	else if (value < HOUR)
		snprintf(text, size, "%lldm%02llds", value / MINUTE, value % MINUTE);
	else if (value < DAY)
		snprintf(text, size, "%lldh%02lldm", value / HOUR, value % HOUR / MINUTE);
	else
		snprintf(text, size, "%lldd%02lldh", value / DAY, value % DAY / HOUR);
}

static void format_seconds(const json_t *value, char *text, size_t size)
{
	format_duration(json_integer_value(value), text, size);
}

/* The same, with a tenth below ten seconds. */
static void format_milliseconds(const json_t *value, char *text, size_t size)
{
	long long tenths = json_integer_value(value) / 100;

	if (tenths < 100)
		snprintf(text, size, "%lld.%llds", tenths / 10, tenths % 10);
	else
		format_duration(tenths / 10, text, size);
}

static void format_protocol(const json_t *value, char *text, size_t size)
{
	const char *number = json_string_value(value);
	const char *name = number != NULL ? protocol_name(number) : NULL;

	snprintf(text, size, "%s", name != NULL ? name : number != NULL ? number : "");
}

void view_format_timestamp(const json_t *value, char *text, size_t size)
{
	double number = json_number_value(value);
	time_t seconds = number >= 0 && number < 253402300800.0 ? (time_t)number : -1;
	struct tm utc;

	if (seconds < 0 || gmtime_r(&seconds, &utc) == NULL ||
		strftime(text, size, "%FT%TZ", &utc) == 0)
		snprintf(text, size, "?");
}

static void format_yes(const json_t *value, char *text, size_t size)
{
	snprintf(text, size, "%s", json_is_true(value) ? "yes" : "no");
}

static void format_link(const json_t *value, char *text, size_t size)
{
	snprintf(text, size, "%s", json_is_true(value) ? "up" : "down");
}

const struct view_part view_rule_parts[] = {{"", "Rule"}, {"sid ", "RuleSid"},
	{"priority ", "RulePriority"}, {" ", "RuleGroup"}, {NULL, NULL}};

static const struct cell_color operation_colors[] = {
	{"FlowOperationStatus", "IN_PROGRESS", "36"},
	{"FlowOperationStatus", "COMPLETED", "32"},
	{"FlowOperationStatus", "COMPLETED_WITH_ERRORS", "33"},
	{"FlowOperationStatus", "FAILED", "31"},
	{NULL, NULL, NULL},
};

static const struct cell_color flow_colors[] = {
	{"State", "new", "36"},
	{"State", "closing", "33"},
	{"State", "closed", "2"},
	{"Action", "dropped", "31"},
	{NULL, NULL, NULL},
};

static const struct column operation_started_columns[] = {
	{"OPERATION", "flow_operation_id", "FlowOperationId", NULL, 0},
	{"STATUS", "flow_operation_status", "FlowOperationStatus", NULL, 0},
	{"FIREWALL", "firewall_arn", "FirewallArn", NULL, 0},
};

const struct view view_operation_started = {
	.record = true, COLUMNS(operation_started_columns), .colors = operation_colors};

static const struct column operation_columns[] = {
	{"OPERATION", "flow_operation_id", "FlowOperationId", NULL, 0},
	{"TYPE", "flow_operation_type", "FlowOperationType", NULL, 0},
	{"STATUS", "flow_operation_status", "FlowOperationStatus", NULL, 0},
	{"MESSAGE", "status_message", "StatusMessage", NULL, 0},
	{"REQUESTED", "flow_request_timestamp", "FlowRequestTimestamp", view_format_timestamp, 0},
	{"FLOWS", "flow_count", "FlowCount", NULL, 0},
	{"ASYMMETRIC", "asymmetric_flow_count", "AsymmetricFlowCount", NULL, 0},
	{"TOOK", "elapsed_milliseconds", "ElapsedMilliseconds", format_milliseconds, 0},
	{"MINIMUM AGE", "minimum_flow_age_in_seconds", "FlowOperation.MinimumFlowAgeInSeconds",
		format_seconds, 0},
	{"FILTERS", "flow_filters", "FlowOperation.FlowFilters", NULL, 0},
	{"FIREWALL", "firewall_arn", "FirewallArn", NULL, 0},
	{"ZONE", "availability_zone", "AvailabilityZone", NULL, 0},
};

/* What each worker has done for it: Progress of DescribeFlowOperation. */
static const struct column receipt_columns[] = {
	{"WORKER", "worker", "Worker", NULL, COLUMN_RIGHT},
	{"WALKED", "walked", "Walked", NULL, COLUMN_RIGHT},
	{"POSITIONS", "positions", "Positions", NULL, COLUMN_RIGHT},
	{"COVERAGE %", "coverage_percent", "CoveragePercent", NULL, COLUMN_RIGHT},
	{"MATCHED", "matched", "Matched", NULL, COLUMN_RIGHT},
	{"SLICES", "slices", "Slices", NULL, COLUMN_RIGHT},
	{"LONGEST US", "longest_slice_microseconds", "LongestSliceMicroseconds", NULL,
		COLUMN_RIGHT},
	{"RESETS", "resets", "Resets", NULL, COLUMN_RIGHT},
	{"NO RESET", "flows_without_reset", "FlowsWithoutReset", NULL, COLUMN_RIGHT},
};

static const struct view view_receipt = {.list = "Progress", COLUMNS(receipt_columns)};
static const struct view *const operation_also[] = {&view_receipt, NULL};

const struct view view_operation = {
	.record = true,
	COLUMNS(operation_columns),
	.colors = operation_colors,
	.also = operation_also,
};

static const struct column operations_columns[] = {
	{"OPERATION", "flow_operation_id", "FlowOperationId", NULL, 0},
	{"TYPE", "flow_operation_type", "FlowOperationType", NULL, 0},
	{"REQUESTED", "flow_request_timestamp", "FlowRequestTimestamp", view_format_timestamp, 0},
	{"STATUS", "flow_operation_status", "FlowOperationStatus", NULL, 0},
};

const struct view view_operations = {.list = "FlowOperations",
	.empty = "no operations",
	COLUMNS(operations_columns),
	.colors = operation_colors};

/* The csv names are those of tidegate-replay where both have a column. */
static const struct column flow_columns[] = {
	{"VLAN", "vlan", "Vlan", NULL, COLUMN_RIGHT | COLUMN_OPTIONAL},
	{"PROTO", "protocol", "Protocol", format_protocol, 0},
	{"SOURCE", "source", "SourceAddress.AddressDefinition", NULL, 0},
	{"SPORT", "source_port", "SourcePort", NULL, COLUMN_RIGHT},
	{"DESTINATION", "destination", "DestinationAddress.AddressDefinition", NULL, 0},
	{"DPORT", "destination_port", "DestinationPort", NULL, COLUMN_RIGHT},
	{"STATE", "state", "State", NULL, 0},
	{"ACTION", "action", "Action", NULL, 0},
	{"RULE", "rule", NULL, NULL, COLUMN_OPTIONAL},
	{"AGE", "age", "Age", format_seconds, COLUMN_RIGHT},
	{"IDLE", "idle_milliseconds", "IdleMilliseconds", format_milliseconds, COLUMN_RIGHT},
	{"PACKETS", "packets", "PacketCount", NULL, COLUMN_RIGHT},
	{"BYTES", "bytes", "ByteCount", NULL, COLUMN_RIGHT},
	{NULL, "forward_packets", "ForwardPacketCount", NULL, 0},
	{NULL, "forward_bytes", "ForwardByteCount", NULL, 0},
	{NULL, "reverse_packets", "ReversePacketCount", NULL, 0},
	{NULL, "reverse_bytes", "ReverseByteCount", NULL, 0},
	{"WINDOW PACKETS", "window_packets", "WindowPacketCount", NULL,
		COLUMN_RIGHT | COLUMN_OPTIONAL},
	{"WINDOW BYTES", "window_bytes", "WindowByteCount", NULL, COLUMN_RIGHT | COLUMN_OPTIONAL},
};

const struct view view_flows = {
	.list = "Flows", .empty = "no flows", COLUMNS(flow_columns), .colors = flow_colors};

static const struct column status_columns[] = {
	{"VERSION", "version", "Version", NULL, 0},
	{"PID", "pid", "Pid", NULL, 0},
	{"UPTIME", "uptime_seconds", "UptimeSeconds", format_seconds, 0},
	{"FIREWALL", "firewall_arn", "FirewallArn", NULL, 0},
	{"ZONE", "availability_zone", "AvailabilityZone", NULL, 0},
	{"OPERATION", "operation", "Operation", NULL, 0},
	{"POLICY", "generation", "Policy.Generation", NULL, 0},
	{"RULES", "rules", "Policy.Rules", NULL, 0},
	{"STATELESS RULES", "stateless_rules", "Policy.StatelessRules", NULL, 0},
	{"STATEFUL RULES", "stateful_rules", "Policy.StatefulRules", NULL, 0},
	{"DEFAULT ACTION", "default_action", "Policy.DefaultAction", NULL, 0},
	{"FILE", "file", "Policy.File", NULL, 0},
	{"LEFT OUT", "left_out", "Policy.LeftOut", NULL, 0},
	{"LOADED", "loaded_timestamp", "Policy.LoadedTimestamp", view_format_timestamp, 0},
	{"RELOAD", "reload_status", "Policy.LastReload.Status", NULL, 0},
	{"RELOAD FAILED", "reload_message", "Policy.LastReload.Message", NULL, 0},
	{"NEEDS RESTART", "needs_restart", "Policy.LastReload.NeedsRestart", NULL, 0},
	{"EVENT LOG", "event_log", "EventLog.Path", NULL, 0},
	{"EVENTS WRITTEN", "events_written", "EventLog.EventsWritten", NULL, 0},
	{"EVENTS SUPPRESSED", "events_suppressed", "EventLog.EventsSuppressed", NULL, 0},
	{"EVENTS LOST", "events_lost", "EventLog.EventsLost", NULL, 0},
	{"ASYMMETRY OF", "asymmetry_operation", "Asymmetry.FlowOperationId", NULL, 0},
	{"OF FLOWS", "asymmetry_flows", "Asymmetry.FlowCount", NULL, 0},
	{"ASYMMETRIC", "asymmetric_flows", "Asymmetry.AsymmetricFlowCount", NULL, 0},
	{"ASYMMETRIC %", "asymmetric_percent", "Asymmetry.SharePercent", NULL, 0},
	{"STARTED", "start_timestamp", "Process.StartTimestamp", view_format_timestamp, 0},
	{"CPU SECONDS", "cpu_seconds", "Process.CpuSeconds", NULL, 0},
	{"MEMORY", "resident_bytes", "Process.ResidentBytes", NULL, 0},
	{"OPEN FILES", "open_files", "Process.OpenFiles", NULL, 0},
	{"OF FILES", "max_files", "Process.MaxFiles", NULL, 0},
};

const struct view view_status = {.record = true, COLUMNS(status_columns)};

/* Its row is Policy of GetStatus. */
static const struct column reload_columns[] = {
	{"RELOAD", "status", "LastReload.Status", NULL, 0},
	{"POLICY", "generation", "Generation", NULL, 0},
	{"RULES", "rules", "Rules", NULL, 0},
	{"DEFAULT ACTION", "default_action", "DefaultAction", NULL, COLUMN_OPTIONAL},
	{"LOADED", "loaded_timestamp", "LoadedTimestamp", view_format_timestamp, 0},
	{"NEEDS RESTART", "needs_restart", "LastReload.NeedsRestart", NULL, COLUMN_OPTIONAL},
	{"FILE", "file", "File", NULL, COLUMN_OPTIONAL},
	{"LEFT OUT", "left_out", "LeftOut", NULL, COLUMN_OPTIONAL},
};

const struct view view_reload = {.record = true, COLUMNS(reload_columns)};

static const struct column port_columns[] = {
	{"PORT", "port", "Name", NULL, 0},
	{"PAIR", "paired_with", "PairedWith", NULL, 0},
	{"DRIVER", "driver", "Driver", NULL, 0},
	{"MAC", "mac_address", "MacAddress", NULL, 0},
	{"LINK", "link_up", "LinkUp", format_link, 0},
	{"MBIT/S", "link_speed_mbps", "LinkSpeedMbps", NULL, COLUMN_RIGHT},
	{"QUEUES", "queues", "Queues", NULL, COLUMN_RIGHT},
	{"ZERO-COPY", "zero_copy", "ZeroCopy", format_yes, COLUMN_OPTIONAL},
	{"BUSY POLLING", "busy_polling", "BusyPolling", format_yes, COLUMN_OPTIONAL},
	{"RX PACKETS", "rx_packets", "RxPackets", NULL, COLUMN_RIGHT},
	{"RX BYTES", "rx_bytes", "RxBytes", NULL, COLUMN_RIGHT},
	{"TX PACKETS", "tx_packets", "TxPackets", NULL, COLUMN_RIGHT},
	{"TX BYTES", "tx_bytes", "TxBytes", NULL, COLUMN_RIGHT},
	{"TX ANSWERS", "tx_answers", "TxAnswers", NULL, COLUMN_RIGHT},
	{"MISSED", "rx_missed", "RxMissed", NULL, COLUMN_RIGHT},
	{"ERRORS", "rx_errors", "RxErrors", NULL, COLUMN_RIGHT},
	{"DROPS", "drops", "DropsTotal", NULL, COLUMN_RIGHT},
	{"PASSED", "passed", "Verdicts.Passed", NULL, COLUMN_RIGHT},
	{"DROPPED", "dropped", "Verdicts.Dropped", NULL, COLUMN_RIGHT},
	{"REJECTED", "rejected", "Verdicts.Rejected", NULL, COLUMN_RIGHT},
};

const struct view view_ports = {.empty = "no ports", COLUMNS(port_columns)};

static const struct column worker_columns[] = {
	{"WORKER", "worker", "Worker", NULL, COLUMN_RIGHT},
	{"CPU", "cpu", "Cpu", NULL, COLUMN_RIGHT},
	{"LOAD %", "load_percent", "LoadPercent", NULL, COLUMN_RIGHT},
	{"CYCLES/PACKET", "cycles_per_packet", "CyclesPerPacket", NULL, COLUMN_RIGHT},
	{"PACKETS/BURST", "packets_per_burst", "PacketsPerBurst", NULL, COLUMN_RIGHT},
	{"LONGEST POLL US", "longest_poll_microseconds", "LongestPollMicroseconds", NULL,
		COLUMN_RIGHT},
	{"IPV4 %", "flows_ipv4_percent", "FlowsIpv4Percent", NULL, COLUMN_RIGHT},
	{"IPV6 %", "flows_ipv6_percent", "FlowsIpv6Percent", NULL, COLUMN_RIGHT},
	{"IPV4 FLOWS", "flows_ipv4", "FlowsIpv4", NULL, COLUMN_RIGHT},
	{"IPV6 FLOWS", "flows_ipv6", "FlowsIpv6", NULL, COLUMN_RIGHT},
	{"CAPACITY", "flow_capacity", "FlowCapacity", NULL, COLUMN_RIGHT},
	{"CREATED", "flows_created", "FlowsCreated", NULL, COLUMN_RIGHT},
	{"ENDED", "flows_ended", "FlowsEnded", NULL, COLUMN_RIGHT},
	{"REFUSED", "flows_refused", "FlowsRefused", NULL, COLUMN_RIGHT},
	{"EVICTED", "flows_evicted", "FlowsEvicted", NULL, COLUMN_RIGHT},
	{"SUPPRESSED", "answers_suppressed", "AnswersSuppressed", NULL, COLUMN_RIGHT},
	{"PACKETS", "packets", "Packets", NULL, COLUMN_RIGHT},
	{"BURSTS", "bursts", "Bursts", NULL, COLUMN_RIGHT},
	{"POLLS", "polls", "Polls", NULL, COLUMN_RIGHT},
	{"BUSY SECONDS", "busy_seconds", "BusySeconds", NULL, COLUMN_RIGHT},
};

const struct view view_workers = {.empty = "no workers", COLUMNS(worker_columns)};

/* Its rows are made by the status command: Port, Reason, Packets. */
static const struct column drop_columns[] = {
	{"PORT", "port", "Port", NULL, 0},
	{"DROP REASON", "reason", "Reason", NULL, 0},
	{"PACKETS", "packets", "Packets", NULL, COLUMN_RIGHT},
};

const struct view view_drops = {.empty = "no packets dropped", COLUMNS(drop_columns)};

static const json_t *value_at(const char *path, const json_t *row)
{
	const char *name = path;

	while (name != NULL && row != NULL) {
		size_t length = strcspn(name, ".");

		row = json_object_getn(row, name, length);
		if (name[length] == '\0')
			break;
		name += length + 1;
	}
	return json_is_null(row) ? NULL : row;
}

const json_t *view_value(const struct column *column, const json_t *row)
{
	return value_at(column->path, row);
}

/* The value as plain text: a string's content, a number, or compact JSON. On the heap, NULL when
 * memory is out. */
static char *plain_text(const json_t *value)
{
	if (json_is_string(value))
		return strdup(json_string_value(value));
	return json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));
}

static char *format(const struct column *column, const json_t *value)
{
	char buffer[FORMAT_SIZE];

	column->format(value, buffer, sizeof(buffer));
	return strdup(buffer);
}

static char *rule_text(const json_t *row)
{
	char *text = strdup("");

	for (const struct view_part *part = view_rule_parts; text && part->member; part++) {
		const json_t *value = value_at(part->member, row);
		char *plain = value != NULL ? plain_text(value) : NULL, *before = text;

		if (value == NULL)
			continue;
		if (plain == NULL || asprintf(&text, "%s%s%s", before, part->before, plain) < 0)
			text = NULL;
		free(plain);
		free(before);
	}
	return text;
}

/* The value of a column, formatted or plain, without control characters. */
static char *text_of(const struct column *column, const json_t *row, bool formatted)
{
	const json_t *value = view_value(column, row);
	char *text;

	if (value == NULL)
		return strdup("");
	if (formatted)
		text = format(column, value);
	else
		text = column->path == NULL ? rule_text(row) : plain_text(value);
	return text != NULL ? message_clean(text) : NULL;
}

char *view_field_text(const struct column *column, const json_t *row)
{
	return text_of(column, row, false);
}

char *view_cell_text(const struct column *column, const json_t *row)
{
	return text_of(column, row, column->format != NULL);
}

const char *view_cell_color(const struct view *view, const struct column *column, const char *text)
{
	const struct cell_color *color = view->colors;

	if (column->path == NULL)
		return NULL;
	for (; color != NULL && color->path != NULL; color++)
		if (strcmp(color->path, column->path) == 0 && strcmp(color->text, text) == 0)
			return color->codes;
	return NULL;
}
