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

/* A later fragment tells no tag. */
static bool has_chunks(const struct packet *packet)
{
	return packet->protocol == IPPROTO_SCTP && !packet->later_fragment;
}

bool track_reopens(
	const struct flow *flow, const union connection *connection, const struct packet *packet)
{
	if (unlikely(packet->protocol == IPPROTO_SCTP))
		return has_chunks(packet) && sctp_reopens(&connection->sctp, &packet->sctp);
	if ((packet->tcp_flags & RTE_TCP_SYN_FLAG) == 0 || !has_segment(packet))
		return false;
	return tcp_reopens(&connection->tcp, &packet->tcp, track_direction(flow, packet));
}

static enum drop_reason first_of_tcp(const struct packet *packet)
{
	if (!tcp_flags_legal(packet->tcp_flags))
		return DROP_TCP_FLAGS;
	return tcp_flags_open(packet->tcp_flags) ? DROP_NONE : DROP_MIDSTREAM;
}

static enum drop_reason first_of_sctp(const struct sctp_packet *sctp)
{
	if (sctp->malformed)
		return DROP_SCTP_CHUNK;
	if (!sctp_tag_is_legal(sctp))
		return DROP_SCTP_TAG;
	return sctp_opens(sctp) ? DROP_NONE : DROP_MIDSTREAM;
}

enum drop_reason track_first(const struct packet *packet)
{
	if (!flow_has_connection(packet->protocol))
		return DROP_NONE;
	if (packet->later_fragment)
		return DROP_MIDSTREAM;
	return packet->protocol == IPPROTO_TCP ? first_of_tcp(packet)
					       : first_of_sctp(&packet->sctp);
}

void track_begin(struct flow *flow, union connection *connection, const struct packet *packet,
	bool unchecked)
{
	static const struct tcp_segment no_segment = {.scale = TCP_SCALE_NONE};
	static const struct sctp_packet no_chunks;

	if (packet->protocol == IPPROTO_TCP) {
		struct tcp *tcp = &connection->tcp;

		tcp_begin(tcp, has_segment(packet) ? &packet->tcp : &no_segment, unchecked);
		tcp->loose = tcp->loose || packet->fragment;
		flow->midstream = tcp->state != TCP_SYN_SENT;
	} else if (packet->protocol == IPPROTO_SCTP) {
		const struct sctp_packet *sctp = has_chunks(packet) ? &packet->sctp : &no_chunks;

		sctp_begin(&connection->sctp, sctp, unchecked);
		flow->midstream = !sctp_opens(sctp);
	}
	track_update(flow, connection, packet);
}

static enum drop_reason check_tcp(
	const struct flow *flow, struct tcp *tcp, const struct packet *packet)
{
	static const enum drop_reason reasons[] = {
		[TCP_VALID] = DROP_NONE,
		[TCP_UNCHANGED] = DROP_NONE,
		[TCP_BAD_STATE] = DROP_TCP_STATE,
		[TCP_BAD_WINDOW] = DROP_TCP_WINDOW,
		[TCP_BAD_RST] = DROP_TCP_RST,
	};

	if (!tcp->unchecked && !tcp_flags_legal(packet->tcp_flags))
		return DROP_TCP_FLAGS;
	/* How much data follows is not known any more. */
	tcp->loose = tcp->loose || packet->fragment;
	return reasons[tcp_advance(tcp, &packet->tcp, track_direction(flow, packet))];
}

static enum drop_reason check_sctp(
	const struct flow *flow, struct sctp *sctp, const struct packet *packet)
{
	if (!sctp->unchecked && packet->sctp.malformed)
		return DROP_SCTP_CHUNK;
	return sctp_advance(sctp, &packet->sctp, track_direction(flow, packet)) ? DROP_NONE
										: DROP_SCTP_TAG;
}

enum drop_reason track_check(
	const struct flow *flow, union connection *connection, const struct packet *packet)
{
	if (has_segment(packet))
		return check_tcp(flow, &connection->tcp, packet);
	if (unlikely(has_chunks(packet)))
		return check_sctp(flow, &connection->sctp, packet);
	return DROP_NONE;
}

struct flow_stage {
	enum flow_state state;
	enum timeout timeout;
};

static const struct flow_stage of_tcp[TCP_STATE_COUNT] = {
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

static const struct flow_stage of_sctp[SCTP_STATE_COUNT] = {
	[SCTP_MIDSTREAM] = {FLOW_NEW, TIMEOUT_SCTP_HEARTBEAT},
	[SCTP_INITIATED] = {FLOW_NEW, TIMEOUT_SCTP_NEW},
	[SCTP_ANSWERED] = {FLOW_ESTABLISHED, TIMEOUT_SCTP_NEW},
	[SCTP_ECHOED] = {FLOW_ESTABLISHED, TIMEOUT_SCTP_NEW},
	[SCTP_ESTABLISHED] = {FLOW_ESTABLISHED, TIMEOUT_SCTP_ESTABLISHED},
	[SCTP_SHUT] = {FLOW_CLOSING, TIMEOUT_SCTP_CLOSING},
	[SCTP_SHUT_ACKED] = {FLOW_CLOSING, TIMEOUT_SCTP_CLOSING},
	[SCTP_CLOSED] = {FLOW_CLOSED, TIMEOUT_SCTP_CLOSED},
};

static inline void set_stage(struct flow *flow, const struct flow_stage *stage)
{
	flow->state = stage->state;
	flow->timeout = stage->timeout;
}

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

void track_update(
	struct flow *flow, const union connection *connection, const struct packet *packet)
{
	if (packet->protocol == IPPROTO_TCP) {
		set_stage(flow, &of_tcp[connection->tcp.state]);
		return;
	}
	if (unlikely(packet->protocol == IPPROTO_SCTP)) {
		set_stage(flow, &of_sctp[connection->sctp.state]);
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
