/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/status.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "control/load.h"
#include "control/log.h"
#include "control/process_figures.h"

/* New flows that a worker's table has refused, at the last sample, and before it began to. */
struct refusals {
	uint64_t last;
	uint64_t before;
	bool full;
};

struct status {
	const struct config *config;
	struct dataplane *dataplane;
	const struct xdp_sockets *sockets;
	struct event *timer;
	uint64_t started;	       /* dataplane_now() */
	struct load loads[WORKER_MAX]; /* in the last second */
	struct refusals refusals[WORKER_MAX];
	uint64_t passed[PORT_MAX]; /* by the port received by, as last told */
};

/* Log that a table began to refuse new flows, and that for a second it has not any more. */
static void watch_table(struct refusals *refusals, uint16_t worker, uint64_t refused)
{
	bool full = refused > refusals->last;

	if (full && !refusals->full) {
		refusals->before = refusals->last;
		log_write(LOG_WARNING, "worker %u: flow table full, new flows are refused", worker);
	} else if (!full && refusals->full) {
		log_write(LOG_NOTICE,
			"worker %u: flow table takes new flows again, %" PRIu64 " were refused",
			worker, refused - refusals->before);
	}
	refusals->full = full;
	refusals->last = refused;
}

static void sample(struct status *status)
{
	for (uint16_t i = 0; i < dataplane_worker_count(status->dataplane); i++) {
		struct worker_status now;

		dataplane_worker_status(status->dataplane, i, &now);
		load_sample(&status->loads[i], &now);
		watch_table(&status->refusals[i], i, now.flows_refused);
	}
}

static void on_timer(evutil_socket_t fd, short events, void *context)
{
	(void)fd;
	(void)events;
	sample(context);
}

int status_create(struct event_base *base, const struct config *config, struct dataplane *dataplane,
	const struct xdp_sockets *sockets, struct status **ret_status)
{
	static const struct timeval second = {1, 0};
	struct status *status = calloc(1, sizeof(*status));

	if (status == NULL)
		return -ENOMEM;
	status->config = config;
	status->dataplane = dataplane;
	status->sockets = sockets;
	status->started = dataplane_now();
	status->timer = event_new(base, -1, EV_PERSIST, on_timer, status);
	if (status->timer == NULL || event_add(status->timer, &second) != 0) {
		status_destroy(status);
		return -ENOMEM;
	}
	*ret_status = status;
	return 0;
}

void status_destroy(struct status *status)
{
	if (status == NULL)
		return;
	if (status->timer != NULL)
		event_free(status->timer);
	free(status);
}

static json_t *number(uint64_t value)
{
	return json_integer((json_int_t)value);
}

/* Counters by reason; with all, the zeros too. */
static json_t *drops_object(const uint64_t drops[DROP_COUNT], bool all)
{
	json_t *object = json_object();

	for (int reason = 0; reason < DROP_COUNT; reason++) {
		if (drops[reason] == 0 && !all)
			continue;
		if (json_object_set_new(object, drop_name((enum drop_reason)reason),
			    number(drops[reason])) != 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

/*
 * The packets of a port that were sent on by its peer. An answer is counted when it is made and
 * again when it is sent, so in between there seem to be fewer; a count never goes back.
 */
static uint64_t count_passed(struct status *status, uint16_t port)
{
	struct port_status peer;
	uint64_t passed;

	dataplane_port_status(status->dataplane, status->config->dataplane.peers[port], &peer);
	passed = peer.tx_packets > peer.tx_answers ? peer.tx_packets - peer.tx_answers : 0;
	if (passed > status->passed[port])
		status->passed[port] = passed;
	return status->passed[port];
}

static json_t *verdicts_object(
	struct status *status, uint16_t port, const uint64_t drops[DROP_COUNT], uint64_t dropped)
{
	uint64_t rejected = drops[DROP_REJECT] + drops[DROP_MIDSTREAM_REJECT];

	return json_pack("{s:o, s:o, s:o}", "Passed", number(count_passed(status, port)), "Dropped",
		number(dropped - rejected), "Rejected", number(rejected));
}

/* Add the port's drops to totals. */
static json_t *port_object(struct status *status, uint16_t port, uint64_t totals[DROP_COUNT])
{
	const struct dataplane_config *config = &status->config->dataplane;
	const struct xdp_sockets_port *sockets = &status->sockets->ports[port];
	uint8_t peer = config->peers[port];
	struct port_status now;
	uint64_t drops = 0;
	json_t *speed = NULL, *paired_with = NULL, *zero_copy = NULL, *busy_poll = NULL;
	char mac[18];

	dataplane_port_status(status->dataplane, port, &now);
	for (int reason = 0; reason < DROP_COUNT; reason++) {
		drops += now.drops[reason];
		totals[reason] += now.drops[reason];
	}
	snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", now.mac[0], now.mac[1],
		now.mac[2], now.mac[3], now.mac[4], now.mac[5]);
	if (now.link_up && now.link_speed != UINT32_MAX)
		speed = number(now.link_speed);
	if (peer != port)
		paired_with = json_string(config->ports[peer].name);
	if (sockets->count > 0) {
		zero_copy = json_boolean(sockets->zero_copy);
		busy_poll = json_boolean(sockets->busy_poll);
	}
	return json_pack(
		"{s:s, s:s, s:s, s:b, s:o*, s:i, s:o*, s:o*, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
		"s:o, s:o, s:o*}",
		"Name", now.name, "Driver", now.driver, "MacAddress", mac, "LinkUp", now.link_up,
		"LinkSpeedMbps", speed, "Queues", (int)now.queues, "ZeroCopy", zero_copy,
		"BusyPolling", busy_poll, "RxPackets", number(now.rx_packets), "RxBytes",
		number(now.rx_bytes), "TxPackets", number(now.tx_packets), "TxBytes",
		number(now.tx_bytes), "TxAnswers", number(now.tx_answers), "RxMissed",
		number(now.rx_missed), "RxErrors", number(now.rx_errors), "Drops",
		drops_object(now.drops, false), "DropsTotal", number(drops), "Verdicts",
		verdicts_object(status, port, now.drops, drops), "PairedWith", paired_with);
}

static double one_decimal(double value)
{
	return (double)(int64_t)(value * 10 + 0.5) / 10;
}

static double percent_of(uint64_t part, uint64_t whole)
{
	return one_decimal(100 * (double)part / (double)whole);
}

/* NULL, a member left out, for a second without packets. */
static json_t *of_packets(double value)
{
	return value > 0 ? json_real(one_decimal(value)) : NULL;
}

/* The busy polls by the time that they took. */
static json_t *poll_times(const struct worker_status *now)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < POLL_TIMES; i++) {
		const struct poll_time *time = &now->poll_times[i];
		json_t *bound = time->nanoseconds != UINT64_MAX ? number(time->nanoseconds) : NULL;

		if (json_array_append_new(list,
			    json_pack("{s:o*, s:o}", "Nanoseconds", bound, "Polls",
				    number(time->polls))) == 0)
			continue;
		json_decref(list);
		return NULL;
	}
	return list;
}

static json_t *worker_object(struct status *status, uint16_t worker)
{
	const struct load *load = &status->loads[worker];
	struct worker_status now;

	dataplane_worker_status(status->dataplane, worker, &now);
	return json_pack("{s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:f, "
			 "s:o*, s:o*, s:f, s:f, s:f, s:f, s:o}",
		"Worker", (int)worker, "Cpu", (int)now.cpu, "FlowsIpv4", number(now.flows_ipv4),
		"FlowsIpv6", number(now.flows_ipv6), "FlowCapacity", number(now.capacity),
		"FlowsCreated", number(now.flows_created), "FlowsEnded", number(now.flows_ended),
		"FlowsRefused", number(now.flows_refused), "FlowsEvicted",
		number(now.flows_evicted), "AnswersSuppressed", number(now.answers_suppressed),
		"Packets", number(now.packets), "Bursts", number(now.bursts), "Polls",
		number(now.polls), "LoadPercent", one_decimal(load->percent), "CyclesPerPacket",
		of_packets(load->cycles_per_packet), "PacketsPerBurst",
		of_packets(load->packets_per_burst), "LongestPollMicroseconds",
		one_decimal((double)now.longest_poll / 1000), "FlowsIpv4Percent",
		percent_of(now.flows_ipv4, now.capacity), "FlowsIpv6Percent",
		percent_of(now.flows_ipv6, now.capacity), "BusySeconds",
		(double)now.busy_nanoseconds / NANOSECONDS, "PollTimes", poll_times(&now));
}

static json_t *process_object(void)
{
	struct process_figures now;

	process_figures_read(&now);
	return json_pack("{s:f, s:o, s:o, s:o, s:f}", "CpuSeconds", now.cpu_seconds,
		"ResidentBytes", number(now.resident), "OpenFiles", number(now.open_fds),
		"MaxFiles", number(now.max_fds), "StartTimestamp", now.start_time);
}

json_t *status_report(struct status *status, const char *running)
{
	json_t *ports = json_array(), *workers = json_array();
	uint64_t totals[DROP_COUNT] = {0};
	bool whole = ports != NULL && workers != NULL;

	for (uint16_t i = 0; whole && i < dataplane_port_count(status->dataplane); i++)
		whole = json_array_append_new(ports, port_object(status, i, totals)) == 0;
	for (uint16_t i = 0; whole && i < dataplane_worker_count(status->dataplane); i++)
		whole = json_array_append_new(workers, worker_object(status, i)) == 0;
	if (!whole) {
		json_decref(ports);
		json_decref(workers);
		return NULL;
	}
	return json_pack("{s:s, s:i, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:s?}", "Version",
		TIDEGATE_VERSION, "Pid", (int)getpid(), "UptimeSeconds",
		number((dataplane_now() - status->started) / NANOSECONDS), "FirewallArn",
		status->config->firewall_arn, "AvailabilityZone", status->config->availability_zone,
		"Ports", ports, "Workers", workers, "DropReasons", drops_object(totals, true),
		"Process", process_object(), "Operation", running);
}
