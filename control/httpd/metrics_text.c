/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The families of metrics are tables: a row names the family, and the member of GetStatus that its
 * samples have. Rows of one family follow each other, and differ in a label.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "control/httpd/metrics.h"
#include "control/httpd/server.h"

struct family {
	const char *name;
	const char *type;
	const char *help;
	const char *member;
	const char *label; /* besides the one of the object: its name and value, or NULL */
};

#define PORT(name, member, help)                                                                   \
	{                                                                                          \
		"tidegate_port_" name, "counter", help, member, NULL                               \
	}

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

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* ---- writing ---- */

/* A label's value: backslash, quote and line feed are escaped, as the format has it. */
static void write_label(FILE *out, const char *name, const char *value)
{
	fprintf(out, "%s=\"", name);
	for (; value != NULL && *value != '\0'; value++) {
		if (*value == '\n')
			fputs("\\n", out);
		else
			fprintf(out, "%s%c", *value == '\\' || *value == '"' ? "\\" : "", *value);
	}
	putc('"', out);
}

static void write_header(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_value(FILE *out, const json_t *value)
{
	if (json_is_boolean(value))
		fprintf(out, " %d\n", json_is_true(value));
	else if (json_is_integer(value))
		fprintf(out, " %" JSON_INTEGER_FORMAT "\n", json_integer_value(value));
	else
		fprintf(out, " %.15g\n", json_number_value(value));
}

/* The label that tells one object of a list from the others. */
struct key_label {
	const char *name; /* NULL: there is one object alone */
	const char *member;
};

static void write_key(FILE *out, const struct key_label *key, const json_t *object)
{
	const json_t *value = json_object_get(object, key->member);
	char number[32];

	snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	write_label(out, key->name, json_is_string(value) ? json_string_value(value) : number);
}

static void write_sample(
	FILE *out, const struct family *family, const struct key_label *key, const json_t *object)
{
	const json_t *value = json_object_get(object, family->member);
	bool labels = key->name != NULL || family->label != NULL;

	if (value == NULL)
		return;
	fprintf(out, "%s%s", family->name, labels ? "{" : "");
	if (key->name != NULL)
		write_key(out, key, object);
	if (family->label != NULL)
		fprintf(out, "%s%s", key->name != NULL ? "," : "", family->label);
	if (labels)
		putc('}', out);
	write_value(out, value);
}

/* Each family once, with the samples of all objects. */
static void write_families(FILE *out, const struct family *families, size_t count,
	const struct key_label *key, const json_t *objects)
{
	const json_t *object;
	size_t i;

	for (size_t row = 0; row < count; row++) {
		const struct family *family = &families[row];

		if (row == 0 || strcmp(family->name, families[row - 1].name) != 0)
			write_header(out, family->name, family->type, family->help);
		json_array_foreach(objects, i, object)
			write_sample(out, family, key, object);
	}
}

static void write_object(
	FILE *out, const struct family *families, size_t count, const json_t *object)
{
	static const struct key_label none = {NULL, NULL};
	json_t *alone = json_pack("[O]", object);

	write_families(out, families, count, &none, alone);
	json_decref(alone);
}

/* ---- the daemon ---- */

/* All reasons of all ports: a counter that is not there until it counts hides its first change. */
static void write_drops(FILE *out, const json_t *status)
{
	json_t *reasons = json_object_get(status, "DropReasons"), *total;
	const json_t *port;
	const char *reason;
	size_t i;

	write_header(out, "tidegate_port_drops_total", "counter",
		"Packets received by the port that were dropped, by reason.");
	json_array_foreach(json_object_get(status, "Ports"), i, port) {
		const json_t *drops = json_object_get(port, "Drops");

		json_object_foreach(reasons, reason, total) {
			fputs("tidegate_port_drops_total{", out);
			write_label(out, "port", json_string_value(json_object_get(port, "Name")));
			putc(',', out);
			write_label(out, "reason", reason);
			fprintf(out, "} %" JSON_INTEGER_FORMAT "\n",
				json_integer_value(json_object_get(drops, reason)));
		}
	}
}

static void write_info(FILE *out, const json_t *status)
{
	static const char *const labels[][2] = {{"version", "Version"},
		{"firewall_arn", "FirewallArn"}, {"availability_zone", "AvailabilityZone"}};

	write_header(out, "tidegate_info", "gauge", "The daemon; always 1.");
	fputs("tidegate_info{", out);
	for (size_t i = 0; i < COUNT(labels); i++) {
		if (i > 0)
			putc(',', out);
		write_label(out, labels[i][0],
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
	write_header(out, "tidegate_policy_last_reload_successful", "gauge",
		"Whether the last reload put its rules in force.");
	fprintf(out, "tidegate_policy_last_reload_successful %d\n",
		strcmp(outcome, "COMPLETED") == 0);
}

static void write_status(FILE *out, const json_t *status)
{
	static const struct key_label port = {"port", "Name"}, worker = {"worker", "Worker"};
	json_t *policy = json_object_get(status, "Policy");

	write_info(out, status);
	write_object(out, status_families, COUNT(status_families), status);
	write_families(
		out, port_families, COUNT(port_families), &port, json_object_get(status, "Ports"));
	write_drops(out, status);
	write_families(out, worker_families, COUNT(worker_families), &worker,
		json_object_get(status, "Workers"));
	write_object(
		out, event_families, COUNT(event_families), json_object_get(status, "EventLog"));
	write_object(out, policy_families, COUNT(policy_families), policy);
	write_reload(out, policy);
	write_header(out, "tidegate_operation_running", "gauge",
		"Whether a capture or flush is under way.");
	fprintf(out, "tidegate_operation_running %d\n",
		json_is_string(json_object_get(status, "Operation")));
}

/* ---- the door ---- */

static double seconds(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

/* Resident pages, proc(5) statm; 0 when it cannot be read. */
static unsigned long resident_pages(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long pages = 0;

	if (file == NULL)
		return 0;
	if (fscanf(file, "%*u %lu", &pages) != 1)
		pages = 0;
	fclose(file);
	return pages;
}

/* By the names that Prometheus's own client libraries have for figures of a process. */
static void write_process(FILE *out)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage) != 0)
		return;
	write_header(out, "process_cpu_seconds_total", "counter",
		"User and system time of tidegate-httpd.");
	fprintf(out, "process_cpu_seconds_total %.6f\n",
		seconds(&usage.ru_utime) + seconds(&usage.ru_stime));
	write_header(out, "process_resident_memory_bytes", "gauge",
		"Resident memory of tidegate-httpd.");
	fprintf(out, "process_resident_memory_bytes %lu\n",
		resident_pages() * (unsigned long)sysconf(_SC_PAGESIZE));
}

static void write_server(FILE *out, const struct server *server)
{
	write_header(out, "tidegate_httpd_requests_total", "counter",
		"Requests that tidegate-httpd has answered, by status.");
	for (unsigned int status = 100; status < SERVER_STATUS_MAX; status++)
		if (server_answered(server, status) > 0)
			fprintf(out, "tidegate_httpd_requests_total{code=\"%u\"} %" PRIu64 "\n",
				status, server_answered(server, status));
	write_header(out, "tidegate_httpd_connections", "gauge", "Connections that are open.");
	fprintf(out, "tidegate_httpd_connections %u\n", server_connections(server));
}

char *metrics_text(const json_t *status, const struct server *server)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return NULL;
	write_header(out, "tidegate_up", "gauge", "Whether the daemon answers.");
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
