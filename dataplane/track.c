/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/track.h"

#include <netinet/in.h>

#include <rte_tcp.h>

bool track_reopens(const struct flow *flow, const struct packet *packet)
{
	const uint8_t opening =
		RTE_TCP_SYN_FLAG | RTE_TCP_ACK_FLAG | RTE_TCP_RST_FLAG | RTE_TCP_FIN_FLAG;

	return flow->state == FLOW_CLOSED && (packet->tcp_flags & opening) == RTE_TCP_SYN_FLAG;
}

/* Established once both sides have sent. */
static enum flow_state plain_state(const struct flow *flow, unsigned direction)
{
	if (flow->state == FLOW_ESTABLISHED || direction == 1)
		return FLOW_ESTABLISHED;
	return FLOW_NEW;
}

/* A RST or the second side's FIN closes; until then one FIN is a half-close (RFC 9293 section 3.6).
 * */
static enum flow_state tcp_state(struct flow *flow, uint8_t flags, unsigned direction)
{
	if (flow->state == FLOW_CLOSED || (flags & RTE_TCP_RST_FLAG) != 0)
		return FLOW_CLOSED;
	if ((flags & RTE_TCP_FIN_FLAG) != 0)
		flow->fins |= 1 << direction;
	if (flow->fins == 3)
		return FLOW_CLOSED;
	if (flow->fins != 0)
		return FLOW_CLOSING;
	return plain_state(flow, direction);
}

static enum timeout timeout_of(uint8_t protocol, enum flow_state state)
{
	static const enum timeout tcp[FLOW_STATE_COUNT] = {
		[FLOW_NEW] = TIMEOUT_TCP_NEW,
		[FLOW_ESTABLISHED] = TIMEOUT_TCP_ESTABLISHED,
		[FLOW_CLOSING] = TIMEOUT_TCP_CLOSING,
		[FLOW_CLOSED] = TIMEOUT_TCP_CLOSED,
	};

	switch (protocol) {
	case IPPROTO_TCP:
		return tcp[state];
	case IPPROTO_UDP:
		return state == FLOW_ESTABLISHED ? TIMEOUT_UDP_ESTABLISHED : TIMEOUT_UDP_NEW;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return TIMEOUT_ICMP;
	default:
		return TIMEOUT_OTHER;
	}
}

void track_update(struct flow *flow, const struct packet *packet)
{
	unsigned direction = track_direction(flow, packet);
	enum flow_state state;

	if (packet->protocol == IPPROTO_TCP)
		state = tcp_state(flow, packet->tcp_flags, direction);
	else
		state = plain_state(flow, direction);
	if (state != flow->state) {
		flow->state = state;
		flow->timeout = timeout_of(packet->protocol, state);
	}
}
