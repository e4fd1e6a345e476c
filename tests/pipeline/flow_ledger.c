/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/pipeline/flow_ledger.h"

#include <stdlib.h>
#include <string.h>

#include "dataplane/pipeline.h"
#include "tests/pipeline/frame.h"
#include "tests/unit/check.h"

enum { CLIENT_PORT = 20000, SERVER_PORT = 80, VLAN = 5, OVERHEAD4 = 20, OVERHEAD6 = 40 };

bool ledger_tuple_is_tcp(uint32_t tuple)
{
	return (tuple & 2) != 0;
}

static bool is_ipv6(uint32_t tuple)
{
	return (tuple & 1) != 0;
}

static uint16_t vlan_of(uint32_t tuple)
{
	return tuple % 3 == 0 ? VLAN : 0;
}

static uint64_t length_of(const struct ledger_packet *packet)
{
	return (is_ipv6(packet->tuple) ? OVERHEAD6 : OVERHEAD4) +
		(ledger_tuple_is_tcp(packet->tuple) ? 20 : 8) + packet->payload;
}

static struct rte_mbuf *make_packet(struct ledger *ledger, const struct ledger_packet *packet)
{
	bool tcp = ledger_tuple_is_tcp(packet->tuple), back = packet->from_server;
	const char *client = is_ipv6(packet->tuple) ? "2001:db8::1" : "10.0.0.1";
	const char *server = is_ipv6(packet->tuple) ? "2001:db8::2" : "10.0.0.2";
	uint16_t port = CLIENT_PORT + packet->tuple;
	struct frame_spec spec = {.source = back ? server : client,
		.destination = back ? client : server,
		.vlans = {vlan_of(packet->tuple)},
		.vlan_types = {vlan_of(packet->tuple) != 0 ? 0x8100 : 0},
		.protocol = tcp ? 6 : 17,
		.source_port = back ? SERVER_PORT : port,
		.destination_port = back ? port : SERVER_PORT,
		.tcp_flags = packet->flags,
		.payload = packet->payload};
	uint8_t frame[FRAME_SIZE];
	uint32_t l3;
	uint16_t length = frame_build(&spec, frame, &l3);

	assert_int_equal(l3, length_of(packet));
	return rig_mbuf(ledger->rig, frame, length, back, 0);
}

static uint32_t tuple_of(const struct flow_record *record)
{
	bool back = record->source_port == SERVER_PORT;
	uint32_t tuple = (back ? record->destination_port : record->source_port) - CLIENT_PORT;

	assert_int_equal(record->version, is_ipv6(tuple) ? 6 : 4);
	assert_int_equal(record->protocol, ledger_tuple_is_tcp(tuple) ? 6 : 17);
	assert_int_equal(record->vlan_inner, vlan_of(tuple));
	return tuple;
}

static void on_end(const struct flow_record *flow, void *context)
{
	struct ledger *ledger = context;

	assert_true(ledger->end_count < RTE_DIM(ledger->ends));
	ledger->ends[ledger->end_count++] = *flow;
}

void ledger_init(struct ledger *ledger, struct rig *rig, uint32_t tuples)
{
	memset(ledger, 0, sizeof(*ledger));
	ledger->rig = rig;
	ledger->tuples = tuples;
	ledger->current = malloc(tuples * sizeof(*ledger->current));
	assert_non_null(ledger->current);
	memset(ledger->current, 0xff, tuples * sizeof(*ledger->current));
	rig->worker->flow_ended = on_end;
	rig->worker->flow_ended_context = ledger;
	rig->timeouts[TIMEOUT_TCP_NEW] = LEDGER_TCP_NEW * SECOND;
	rig->timeouts[TIMEOUT_TCP_ESTABLISHED] = LEDGER_TCP_ESTABLISHED * SECOND;
	rig->timeouts[TIMEOUT_TCP_CLOSING] = LEDGER_TCP_CLOSING * SECOND;
	rig->timeouts[TIMEOUT_TCP_TIME_WAIT] = LEDGER_TCP_CLOSING * SECOND;
	rig->timeouts[TIMEOUT_TCP_CLOSED] = LEDGER_TCP_CLOSED * SECOND;
	rig->timeouts[TIMEOUT_UDP_NEW] = LEDGER_UDP_NEW * SECOND;
	rig->timeouts[TIMEOUT_UDP_ESTABLISHED] = LEDGER_UDP_ESTABLISHED * SECOND;
}

void ledger_fini(struct ledger *ledger)
{
	free(ledger->current);
	free(ledger->flows);
}

bool ledger_is_closed(const struct ledger_flow *flow)
{
	return flow->reset || (flow->fins[0] && flow->fins[1]);
}

static uint64_t timeout_of(const struct ledger_flow *flow)
{
	if (!ledger_tuple_is_tcp(flow->tuple))
		return flow->replied ? LEDGER_UDP_ESTABLISHED : LEDGER_UDP_NEW;
	if (flow->reset)
		return LEDGER_TCP_CLOSED;
	if (flow->fins[0] || flow->fins[1])
		return LEDGER_TCP_CLOSING;
	return flow->replied ? LEDGER_TCP_ESTABLISHED : LEDGER_TCP_NEW;
}

static bool is_idle(const struct ledger_flow *flow, uint64_t now)
{
	return now - flow->last_seen > timeout_of(flow) * SECOND;
}

bool ledger_is_open(const struct ledger_flow *flow, uint64_t now)
{
	return !flow->gone && !ledger_is_closed(flow) && !is_idle(flow, now);
}

/* Whether the worker took a flow out before it counted another packet; each end is told once. */
static bool take_end(struct ledger *ledger, const struct ledger_flow *flow)
{
	for (uint32_t i = 0; i < ledger->end_count; i++) {
		const struct flow_record *end = &ledger->ends[i];

		if (tuple_of(end) != flow->tuple || end->first_seen != flow->first_seen ||
			end->packets[0] + end->packets[1] != flow->packets)
			continue;
		ledger->ends[i] = ledger->ends[--ledger->end_count];
		return true;
	}
	return false;
}

static struct ledger_flow *begin(
	struct ledger *ledger, const struct ledger_packet *packet, uint64_t now)
{
	int32_t previous;

	if (ledger->count == ledger->capacity) {
		ledger->capacity = ledger->capacity * 2 + 1024;
		ledger->flows =
			reallocarray(ledger->flows, ledger->capacity, sizeof(*ledger->flows));
		assert_non_null(ledger->flows);
	}
	previous = ledger->current[packet->tuple];
	ledger->current[packet->tuple] = (int32_t)ledger->count;
	ledger->flows[ledger->count] = (struct ledger_flow){.tuple = packet->tuple,
		.previous = previous,
		.first_seen = now,
		.first_from_server = packet->from_server,
		.began_closed = (packet->flags & RST) != 0};
	return &ledger->flows[ledger->count++];
}

static void count(struct ledger *ledger, const struct ledger_packet *packet, uint64_t now)
{
	int32_t current = ledger->current[packet->tuple];
	struct ledger_flow *flow = current >= 0 ? &ledger->flows[current] : NULL;

	if (flow != NULL && !flow->gone && take_end(ledger, flow))
		flow->gone = true;
	/* After FINs or a RST a SYN begins another connection. */
	else if (flow != NULL && !flow->gone)
		assert_false(
			is_idle(flow, now) || (packet->flags == SYN && ledger_is_closed(flow)));
	if (flow == NULL || flow->gone)
		flow = begin(ledger, packet, now);
	flow->packets++;
	flow->bytes += length_of(packet);
	flow->last_seen = now;
	flow->replied = flow->replied || packet->from_server != flow->first_from_server;
	if (!ledger_tuple_is_tcp(packet->tuple) || flow->reset)
		return;
	flow->fins[packet->from_server] |= (packet->flags & FIN) != 0;
	flow->reset = (packet->flags & RST) != 0;
}

void ledger_note_ends(struct ledger *ledger)
{
	while (ledger->end_count > 0) {
		struct ledger_flow *flow = &ledger->flows[ledger->current[tuple_of(ledger->ends)]];

		assert_true(take_end(ledger, flow));
		flow->gone = true;
	}
}

void ledger_burst(
	struct ledger *ledger, const struct ledger_packet *packets, uint16_t size, uint64_t now)
{
	struct rte_mbuf *mbufs[BURST_MAX], *sent[SENT_MAX];
	const struct burst *burst = &ledger->rig->worker->burst;

	for (unsigned i = 0; i < size; i++)
		mbufs[i] = make_packet(ledger, &packets[i]);
	rte_pktmbuf_free_bulk(sent, pipeline_burst(ledger->rig->worker, mbufs, size, now, sent));
	for (unsigned i = 0; i < size; i++) {
		if (burst->reasons[i] == DROP_TABLE_FULL)
			continue;
		assert_true(burst->reasons[i] == DROP_NONE || burst->reasons[i] == DROP_RULE);
		count(ledger, &packets[i], now);
	}
	ledger->packets += size;
	ledger_note_ends(ledger);
}

void ledger_forget(struct ledger *ledger)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < ledger->count; i++) {
		const struct ledger_flow *flow = &ledger->flows[i];

		if (flow->gone) {
			if (ledger->current[flow->tuple] == (int32_t)i)
				ledger->current[flow->tuple] = -1;
			continue;
		}
		ledger->current[flow->tuple] = (int32_t)kept;
		ledger->flows[kept] = *flow;
		ledger->flows[kept++].previous = -1;
	}
	ledger->count = kept;
}

/* Where several began in one moment, the oldest one. */
struct ledger_flow *ledger_find(struct ledger *ledger, const struct flow_record *record)
{
	struct ledger_flow *found = NULL;
	int32_t i = ledger->current[tuple_of(record)];

	for (; i >= 0; i = ledger->flows[i].previous) {
		struct ledger_flow *flow = &ledger->flows[i];

		if (flow->first_seen == record->first_seen && flow->expected && !flow->listed)
			found = flow;
	}
	if (found != NULL)
		found->listed = true;
	return found;
}
