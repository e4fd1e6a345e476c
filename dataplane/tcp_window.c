/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/tcp_window.h"

/* RFC 7323 section 2.3: no window is larger. */
#define WINDOW_MAX (UINT32_C(1) << 30)

static inline uint32_t behind(const struct tcp_side *side)
{
	return side->max_window > TCP_WINDOW_BEHIND_MIN ? side->max_window : TCP_WINDOW_BEHIND_MIN;
}

/* How far behind what was sent to a side its acknowledgements may be. RFC 5961 section 5 takes
 * those of a window before the oldest that is not acknowledged, and another one may be under way.
 */
static inline uint32_t ack_behind(const struct tcp_side *side)
{
	return 2 * side->max_window > TCP_WINDOW_BEHIND_MIN ? 2 * side->max_window
							    : TCP_WINDOW_BEHIND_MIN;
}

/* Bytes that a segment of own offers. RFC 7323 section 2.2: a SYN's are never scaled, others' if
 * both sides have the option. */
static inline uint32_t offered(
	const struct tcp_side *own, const struct tcp_side *other, const struct tcp_segment *segment)
{
	bool scaled = own->scale != TCP_SCALE_NONE && other->scale != TCP_SCALE_NONE &&
		(segment->flags & SYN) == 0;

	return scaled ? (uint32_t)segment->window << own->scale : segment->window;
}

/* Bytes that the segment says by SACK to have got above its acknowledgement: as far as the other
 * side has permitted it, and has sent that much. */
static inline uint32_t sacked(
	const struct tcp_side *other, const struct tcp_segment *segment, bool loose)
{
	if (segment->sacked == 0)
		return 0;
	if (!(other->sack_permitted || loose) ||
		(other->sent && tcp_window_after(segment->ack + segment->sacked, other->end)))
		return 0;
	return segment->sacked;
}

static inline void note_timestamp(struct tcp_side *own, uint32_t timestamp)
{
	if (!own->stamped || tcp_window_after(timestamp, own->timestamp))
		own->timestamp = timestamp;
	own->stamped = true;
}

/* That there is room for what ends at limit, on the other side. */
static inline void note_limit(struct tcp_side *other, uint32_t limit)
{
	if (!other->sent || tcp_window_after(limit, other->limit))
		other->limit = limit;
}

bool tcp_window_next(
	struct tcp_side *own, struct tcp_side *other, const struct tcp_segment *segment)
{
	uint32_t end = segment->seq + segment->length;
	uint32_t window, limit;

	if (segment->seq != own->end || (segment->flags & (FIN | SYN | RST | ACK)) != ACK ||
		segment->sacked != 0 || tcp_window_after(end, own->limit) ||
		tcp_window_after(segment->ack, other->end) ||
		tcp_window_after(own->ack, segment->ack))
		return false;
	window = offered(own, other, segment);
	limit = segment->ack + (window > 0 ? window : 1);
	own->end = end;
	own->ack = segment->ack;
	if (segment->stamped)
		note_timestamp(own, segment->timestamp);
	if (window > own->max_window)
		own->max_window = window;
	if (tcp_window_after(limit, other->limit))
		other->limit = limit;
	return true;
}

void tcp_window_advance(struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	struct tcp_side *own = &tcp->sides[side], *other = &tcp->sides[!side];
	uint32_t end = tcp_window_end(segment), window = offered(own, other, segment);
	uint32_t above = sacked(other, segment, tcp->loose);

	if (!own->sent || tcp_window_after(end, own->end))
		own->end = end;
	own->sent = true;
	if ((segment->flags & FIN) != 0)
		own->fin = true;
	if (segment->stamped)
		note_timestamp(own, segment->timestamp);
	if (window + above > own->max_window)
		own->max_window = window + above < WINDOW_MAX ? window + above : WINDOW_MAX;
	if ((segment->flags & ACK) == 0)
		return;
	if (!own->acked || tcp_window_after(segment->ack, own->ack))
		own->ack = segment->ack;
	own->acked = true;
	/* A window of 0 is probed with one byte: RFC 9293 section 3.8.6.1. */
	note_limit(other, segment->ack + above + (window > 0 ? window : 1));
	if (!other->sent)
		other->end = segment->ack + above;
	other->sent = true;
}

enum tcp_verdict tcp_window_check(
	const struct tcp *tcp, const struct tcp_segment *segment, unsigned side)
{
	const struct tcp_side *own = &tcp->sides[side], *other = &tcp->sides[!side];
	uint32_t end = tcp_window_end(segment);
	bool fin = (segment->flags & FIN) != 0;

	/* A FIN may come with data that fills the window, as BSD's do: the receiver takes the data.
	 */
	if (tcp_window_after(end - fin, own->limit) ||
		(own->fin && tcp_window_after(end, own->end)))
		return TCP_BAD_WINDOW;
	if ((segment->flags & ACK) != 0 &&
		(tcp_window_after(segment->ack, other->end) ||
			tcp_window_after(other->end - ack_behind(own),
				segment->ack + sacked(other, segment, tcp->loose))))
		return TCP_BAD_WINDOW;
	if (!tcp_window_after(own->end - other->max_window, end))
		return TCP_VALID;
	/* Data again that is acknowledged: that got lost behind the firewall, and the receiver
	 * alone can repeat it. */
	if (other->acked && !tcp_window_after(end, other->ack) &&
		!tcp_window_after(own->end - 2 * behind(other), end))
		return TCP_UNCHANGED;
	return TCP_BAD_WINDOW;
}
