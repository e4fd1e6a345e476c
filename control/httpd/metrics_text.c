/* SPDX-License-Identifier: BSD-3-Clause */
/* The families of metrics are tables: a row names the family, and the member of GetStatus that its
 * samples have. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/httpd/exposition.h"
#include "control/httpd/metrics.h"
#include "control/httpd/server.h"
#include "control/process_figures.h"

#define PORT(name, member, help)                                                                   \
	{                                                                                          \
		"tidegate_port_" name, "counter", help, member, NULL                               \
	}

#define VERDICTS                                                                                   \
	"tidegate_port_verdicts_total", "counter",                                                 \
		"Packets received by the port, by what became of them."

static const struct family port_families[] = {
	PORT("receive_packets_total", "RxPackets", "Packets that workers received from the port."),
	PORT("receive_bytes_total", "RxBytes", "Bytes of the frames received."),
	PORT("transmit_packets_total", "TxPackets", "Packets sent by the port."),
	PORT("transmit_bytes_total", "TxBytes", "Bytes of the frames sent."),
	PORT("transmit_answers_total", "TxAnswers",
		"Answers to rejected packets made to be sent by the port."),
	PORT("receive_missed_total", "RxMissed", "Packets that the device had no room for."),
	PORT("receive_errors_total", "RxErrors", "Packets that the device received in error."),
	{"tidegate_port_link_up", "gauge", "Whether the link is up.", "LinkUp", NULL},
	{VERDICTS, "Verdicts.Passed", "verdict=\"passed\""},
	{VERDICTS, "Verdicts.Dropped", "verdict=\"dropped\""},
	{VERDICTS, "Verdicts.Rejected", "verdict=\"rejected\""},
};

#define WORKER(name, member, help)                                                                 \
	{                                                                                          \
		"tidegate_worker_" name "_total", "counter", help, member, NULL                    \
	}
#define FLOWS_HELP "Entries of the flow tables."

static const struct family worker_families[] = {
	WORKER("packets", "Packets", "Packets that went through the pipeline."),
	WORKER("polls", "Polls", "Times that the worker looked for packets."),
	WORKER("flows_created", "FlowsCreated", "Flow entries made."),
	WORKER("flows_ended", "FlowsEnded", "Flow entries that ended."),
	WORKER("flows_refused", "FlowsRefused", "New flows without an entry: the table was full."),
	WORKER("flows_evicted", "FlowsEvicted",
		"Unreplied flows that made room for new ones in a full table."),
	WORKER("answers_suppressed", "AnswersSuppressed",
		"Rejected packets past the limit of answers."),
	{"tidegate_worker_flows", "gauge", FLOWS_HELP, "FlowsIpv4", "family=\"ipv4\""},
	{"tidegate_worker_flows", "gauge", FLOWS_HELP, "FlowsIpv6", "family=\"ipv6\""},
	{"tidegate_worker_flow_capacity", "gauge",
		"Entries that each of the worker's two flow tables has room for.", "FlowCapacity",
		NULL},
	{"tidegate_worker_load_percent", "gauge",
		"Share of the last second's cycles that did work.", "LoadPercent", NULL},
};

#define EVENTS "tidegate_event_log_events_total", "counter", "Events, by what became of them."

static const struct family event_families[] = {
	{EVENTS, "EventsWritten", "outcome=\"written\""},
	{EVENTS, "EventsSuppressed", "outcome=\"suppressed\""},
	{EVENTS, "EventsLost", "outcome=\"lost\""},
};

#define RULES "tidegate_policy_rules", "gauge", "Rules in force."

static const struct family policy_families[] = {
	{"tidegate_policy_generation", "gauge", "Reloads since the start that have completed.",
		"Generation", NULL},
	{"tidegate_policy_loaded_timestamp_seconds", "gauge",
		"When the policy in force was loaded.", "LoadedTimestamp", NULL},
	{RULES, "StatelessRules", "kind=\"stateless\""},
	{RULES, "StatefulRules", "kind=\"stateful\""},
};

static const struct family status_families[] = {
	{"tidegate_uptime_seconds", "gauge", "How long the daemon has been running.",
		"UptimeSeconds", NULL},
};

static const struct family group_families[] = {
	{"tidegate_rule_group_packets_total", "counter",
		"Packets that the rules of the group decided, and alerts, since they came into "
		"force.",
		"PacketCount", NULL},
	{"tidegate_rule_group_bytes_total", "counter",
		"Bytes of these packets, from the IP header.", "ByteCount", NULL},
	{"tidegate_rule_group_last_hit_timestamp_seconds", "gauge",
		"When a rule of the group last decided a packet; absent when none has.",
		"LastHitTimestamp", NULL},
	{"tidegate_rule_group_rules", "gauge", "Rules of the group.", "Rules", NULL},
};

static const struct family default_families[] = {
	{"tidegate_default_action_packets_total", "counter",
		"Packets that no rule decided, since the rules came into force.", "PacketCount",
		NULL},
	{"tidegate_default_action_bytes_total", "counter",
		"Bytes of these packets, from the IP header.", "ByteCount", NULL},
};

static const struct family custom_families[] = {
	{"tidegate_custom_action_packets_total", "counter",
		"Packets that a custom action counted, since the rules came into force.",
		"PacketCount", NULL},
	{"tidegate_custom_action_bytes_total", "counter",
		"Bytes of these packets, from the IP header.", "ByteCount", NULL},
};

/* The process of the daemon; the names without its own are those of tidegate-httpd. */
static const struct family daemon_families[] = {
	{"tidegate_daemon_cpu_seconds_total", "counter",
		"User and system time of all threads of the daemon.", "CpuSeconds", NULL},
	{"tidegate_daemon_resident_memory_bytes", "gauge", "Resident memory of the daemon.",
		"ResidentBytes", NULL},
	{"tidegate_daemon_open_fds", "gauge", "File descriptors that the daemon has open.",
		"OpenFiles", NULL},
	{"tidegate_daemon_max_fds", "gauge", "File descriptors that the daemon may open.",
		"MaxFiles", NULL},
	{"tidegate_daemon_start_time_seconds", "gauge",
		"When the daemon was started, since the epoch.", "StartTimestamp", NULL},
};

#define POLL_SECONDS "tidegate_worker_busy_poll_seconds"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* ---- the daemon ---- */

/* All reasons of all ports: a counter that is not there until it counts hides its first change. */
static void write_drops(FILE *out, const json_t *status)
{
	json_t *reasons = json_object_get(status, "DropReasons"), *total;
	const json_t *port;
	const char *reason;
	size_t i;

	exposition_header(out, "tidegate_port_drops_total", "counter",
		"Packets received by the port that were dropped, by reason.");
	json_array_foreach(json_object_get(status, "Ports"), i, port) {
		const json_t *drops = json_object_get(port, "Drops");

		json_object_foreach(reasons, reason, total) {
			fputs("tidegate_port_drops_total{", out);
			exposition_label(
				out, "port", json_string_value(json_object_get(port, "Name")));
			putc(',', out);
			exposition_label(out, "reason", reason);
			fprintf(out, "} %" JSON_INTEGER_FORMAT "\n",
				json_integer_value(json_object_get(drops, reason)));
		}
	}
}

static void write_info(FILE *out, const json_t *status)
{
	static const char *const labels[][2] = {{"version", "Version"},
		{"firewall_arn", "FirewallArn"}, {"availability_zone", "AvailabilityZone"}};

	exposition_header(out, "tidegate_info", "gauge", "The daemon; always 1.");
	fputs("tidegate_info{", out);
	for (size_t i = 0; i < COUNT(labels); i++) {
		if (i > 0)
			putc(',', out);
		exposition_label(out, labels[i][0],
			json_string_value(json_object_get(status, labels[i][1])));
	}
	fputs("} 1\n", out);
}

/* Whether the last reload completed; nothing before there was one, and while one runs. */
static void write_reload(FILE *out, const json_t *policy)
{
	const json_t *reload = json_object_get(policy, "LastReload");
	const char *outcome = json_string_value(json_object_get(reload, "Status"));

	if (outcome == NULL || strcmp(outcome, "IN_PROGRESS") == 0)
		return;
	exposition_header(out, "tidegate_policy_last_reload_successful", "gauge",
		"Whether the last reload put its rules in force.");
	fprintf(out, "tidegate_policy_last_reload_successful %d\n",
		strcmp(outcome, "COMPLETED") == 0);
}

/* The members of one object after each other, as the format has it of a summary. */
static void write_operations(FILE *out, const json_t *operations)
{
	static const struct key_label keys[] = {
		{"type", "FlowOperationType"}, {"status", "FlowOperationStatus"}, {NULL, NULL}};
	static const struct {
		const char *suffix, *member;
	} samples[] = {{"sum", "DurationSeconds"}, {"count", "Count"}};
	const json_t *object;
	size_t i;

	exposition_header(out, "tidegate_operation_duration_seconds", "summary",
		"Captures and flushes that have ended, and how long they took.");
	json_array_foreach(operations, i, object)
		for (size_t sample = 0; sample < COUNT(samples); sample++) {
			fprintf(out, "tidegate_operation_duration_seconds_%s{",
				samples[sample].suffix);
			exposition_keys(out, keys, object);
			fprintf(out, "} %.15g\n",
				json_number_value(json_object_get(object, samples[sample].member)));
		}
}

/* The worker's busy polls by their time: buckets count what is below their bound in all. */
static void write_histogram(FILE *out, const json_t *worker)
{
	static const struct key_label keys[] = {{"worker", "Worker"}, {NULL, NULL}};
	json_int_t count = 0;
	const json_t *entry;
	size_t i;

	json_array_foreach(json_object_get(worker, "PollTimes"), i, entry) {
		const json_t *bound = json_object_get(entry, "Nanoseconds");

		count += json_integer_value(json_object_get(entry, "Polls"));
		fputs(POLL_SECONDS "_bucket{", out);
		exposition_keys(out, keys, worker);
		if (bound != NULL)
			fprintf(out, ",le=\"%.15g\"", (double)json_integer_value(bound) / 1e9);
		else
			fputs(",le=\"+Inf\"", out);
		fprintf(out, "} %" JSON_INTEGER_FORMAT "\n", count);
	}
	fputs(POLL_SECONDS "_sum{", out);
	exposition_keys(out, keys, worker);
	fprintf(out, "} %.15g\n" POLL_SECONDS "_count{",
		json_number_value(json_object_get(worker, "BusySeconds")));
	exposition_keys(out, keys, worker);
	fprintf(out, "} %" JSON_INTEGER_FORMAT "\n", count);
}

static void write_poll_times(FILE *out, const json_t *workers)
{
	const json_t *worker;
	size_t i;

	exposition_header(out, POLL_SECONDS, "histogram",
		"Time of the polls that did work: a burst of each port and ring at most.");
	json_array_foreach(workers, i, worker)
		write_histogram(out, worker);
}

static void write_rules(FILE *out, const json_t *totals)
{
	static const struct key_label group[] = {
		{"kind", "RuleKind"}, {"rule_group", "RuleGroup"}, {NULL, NULL}};
	static const struct key_label action[] = {
		{"kind", "RuleKind"}, {"action", "Action"}, {NULL, NULL}};
	static const struct key_label custom[] = {{"rule_group", "RuleGroup"},
		{"action", "ActionName"}, {"dimension", "Dimension"}, {NULL, NULL}};

	exposition_families(out, group_families, COUNT(group_families), group,
		json_object_get(totals, "RuleGroups"));
	exposition_families(out, default_families, COUNT(default_families), action,
		json_object_get(totals, "DefaultActions"));
	exposition_families(out, custom_families, COUNT(custom_families), custom,
		json_object_get(totals, "Metrics"));
}

static void write_status(FILE *out, const json_t *status)
{
	static const struct key_label port[] = {{"port", "Name"}, {NULL, NULL}};
	static const struct key_label worker[] = {{"worker", "Worker"}, {NULL, NULL}};
	const json_t *workers = json_object_get(status, "Workers");
	json_t *policy = json_object_get(status, "Policy");

	write_info(out, status);
	exposition_object(out, status_families, COUNT(status_families), status);
	exposition_families(
		out, port_families, COUNT(port_families), port, json_object_get(status, "Ports"));
	write_drops(out, status);
	exposition_families(out, worker_families, COUNT(worker_families), worker, workers);
	write_poll_times(out, workers);
	exposition_object(
		out, event_families, COUNT(event_families), json_object_get(status, "EventLog"));
	exposition_object(out, policy_families, COUNT(policy_families), policy);
	write_reload(out, policy);
	write_rules(out, json_object_get(status, "RuleTotals"));
	write_operations(out, json_object_get(status, "Operations"));
	exposition_header(out, "tidegate_operation_running", "gauge",
		"Whether a capture or flush is under way.");
	fprintf(out, "tidegate_operation_running %d\n",
		json_is_string(json_object_get(status, "Operation")));
	exposition_object(
		out, daemon_families, COUNT(daemon_families), json_object_get(status, "Process"));
}

/* ---- the door ---- */

/* By the names that Prometheus's own client libraries have for figures of a process. */
static void write_process(FILE *out)
{
	struct process_figures now;

	process_figures_read(&now);
	exposition_header(out, "process_cpu_seconds_total", "counter",
		"User and system time of tidegate-httpd.");
	fprintf(out, "process_cpu_seconds_total %.6f\n", now.cpu_seconds);
	exposition_header(out, "process_resident_memory_bytes", "gauge",
		"Resident memory of tidegate-httpd.");
	fprintf(out, "process_resident_memory_bytes %" PRIu64 "\n", now.resident);
	exposition_header(
		out, "process_open_fds", "gauge", "File descriptors that tidegate-httpd has open.");
	fprintf(out, "process_open_fds %" PRIu64 "\n", now.open_fds);
	exposition_header(
		out, "process_max_fds", "gauge", "File descriptors that tidegate-httpd may open.");
	fprintf(out, "process_max_fds %" PRIu64 "\n", now.max_fds);
	exposition_header(out, "process_start_time_seconds", "gauge",
		"When tidegate-httpd was started, since the epoch.");
	fprintf(out, "process_start_time_seconds %.2f\n", now.start_time);
}

static void write_server(FILE *out, const struct server *server)
{
	exposition_header(out, "tidegate_httpd_requests_total", "counter",
		"Requests that tidegate-httpd has answered, by status.");
	for (unsigned int status = 100; status < SERVER_STATUS_MAX; status++)
		if (server_answered(server, status) > 0)
			fprintf(out, "tidegate_httpd_requests_total{code=\"%u\"} %" PRIu64 "\n",
				status, server_answered(server, status));
	exposition_header(out, "tidegate_httpd_connections", "gauge", "Connections that are open.");
	fprintf(out, "tidegate_httpd_connections %u\n", server_connections(server));
}

char *metrics_text(const json_t *status, const struct server *server)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return NULL;
	exposition_header(out, "tidegate_up", "gauge", "Whether the daemon answers.");
	fprintf(out, "tidegate_up %d\n", status != NULL);
	if (status != NULL)
		write_status(out, status);
	write_server(out, server);
	write_process(out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
