/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/track.h"

#include <netinet/in.h>

#include <rte_tcp.h>

#include "dataplane/icmp.h"
#include "dataplane/tcp_flags.h"

/* A fragment of a segment tells its numbers, if it is the first one, but not the segment's length.
 */
static bool has_segment(const struct packet *packet)
{
	return packet->protocol == IPPROTO_TCP && !packet->later_fragment;
}

bool track_reopens(const struct flow *flow, const struct tcp *tcp, const struct packet *packet)
{
	if ((packet->tcp_flags & RTE_TCP_SYN_FLAG) == 0 || !has_segment(packet))
		return false;
	return tcp_reopens(tcp, &packet->tcp, track_direction(flow, packet));
}

enum drop_reason track_first(const struct packet *packet)
{
	if (packet->protocol != IPPROTO_TCP)
		return DROP_NONE;
	if (packet->later_fragment)
		return DROP_MIDSTREAM;
	if (!tcp_flags_legal(packet->tcp_flags))
		return DROP_TCP_FLAGS;
	return tcp_flags_open(packet->tcp_flags) ? DROP_NONE : DROP_MIDSTREAM;
}

void track_begin(struct flow *flow, struct tcp *tcp, const struct packet *packet, bool unchecked)
{
	static const struct tcp_segment unknown = {.scale = TCP_SCALE_NONE};

	if (packet->protocol == IPPROTO_TCP) {
		tcp_begin(tcp, has_segment(packet) ? &packet->tcp : &unknown, unchecked);
		tcp->loose = tcp->loose || packet->fragment;
		flow->midstream = tcp->state != TCP_SYN_SENT;
	}
	track_update(flow, tcp, packet);
}

enum drop_reason track_check(const struct flow *flow, struct tcp *tcp, const struct packet *packet)
{
	static const enum drop_reason reasons[] = {
		[TCP_VALID] = DROP_NONE,
		[TCP_UNCHANGED] = DROP_NONE,
		[TCP_BAD_STATE] = DROP_TCP_STATE,
		[TCP_BAD_WINDOW] = DROP_TCP_WINDOW,
		[TCP_BAD_RST] = DROP_TCP_RST,
	};
	enum tcp_verdict verdict;

	if (!has_segment(packet))
		return DROP_NONE;
	if (!tcp->unchecked && !tcp_flags_legal(packet->tcp_flags))
		return DROP_TCP_FLAGS;
	/* How much data follows is not known any more. */
	tcp->loose = tcp->loose || packet->fragment;
	verdict = tcp_advance(tcp, &packet->tcp, track_direction(flow, packet));
	return reasons[verdict];
}

static const struct {
	enum flow_state state;
	enum timeout timeout;
} of_tcp[TCP_STATE_COUNT] = {
	[TCP_MIDSTREAM] = {FLOW_NEW, TIMEOUT_TCP_NEW},
	[TCP_SYN_SENT] = {FLOW_NEW, TIMEOUT_TCP_NEW},
	[TCP_SYN_CROSSED] = {FLOW_NEW, TIMEOUT_TCP_NEW},
	[TCP_SYN_RECEIVED] = {FLOW_ESTABLISHED, TIMEOUT_TCP_SYN_RECEIVED},
	[TCP_ESTABLISHED] = {FLOW_ESTABLISHED, TIMEOUT_TCP_ESTABLISHED},
	[TCP_FIN] = {FLOW_CLOSING, TIMEOUT_TCP_CLOSING},
	[TCP_LAST_ACK] = {FLOW_CLOSED, TIMEOUT_TCP_CLOSING},
	[TCP_TIME_WAIT] = {FLOW_CLOSED, TIMEOUT_TCP_TIME_WAIT},
	[TCP_CLOSE] = {FLOW_CLOSED, TIMEOUT_TCP_CLOSED},
};

static enum timeout timeout_of(uint8_t protocol, enum flow_state state)
{
	switch (protocol) {
	case IPPROTO_UDP:
		return state == FLOW_ESTABLISHED ? TIMEOUT_UDP_ESTABLISHED : TIMEOUT_UDP_NEW;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return TIMEOUT_ICMP;
	default:
		return TIMEOUT_OTHER;
	}
}

void track_update(struct flow *flow, const struct tcp *tcp, const struct packet *packet)
{
	if (packet->protocol == IPPROTO_TCP) {
		flow->state = of_tcp[tcp->state].state;
		flow->timeout = of_tcp[tcp->state].timeout;
		return;
	}
	/* Established once both sides have sent. */
	if (track_direction(flow, packet) == 1) {
		flow->state = FLOW_ESTABLISHED;
		flow->asked_back |= packet->icmp == ICMP_REQUEST;
	} else if (flow->state == FLOW_FREE) {
		flow->state = FLOW_NEW;
	}
	flow->timeout = timeout_of(packet->protocol, (enum flow_state)flow->state);
}
