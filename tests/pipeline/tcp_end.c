/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/pipeline/tcp_end.h"

#include <string.h>

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

static bool before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

uint32_t tcp_end_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed >> 16;
}

static bool chance(uint64_t *seed, uint32_t one_in)
{
	return tcp_end_random(seed) % one_in == 0;
}

static uint32_t up_to(uint64_t *seed, uint32_t most)
{
	return most == 0 ? 0 : 1 + tcp_end_random(seed) % most;
}

void tcp_end_begin(struct tcp_end *end, bool opens, uint64_t *seed)
{
	uint32_t clock = end->clock;

	*end = (struct tcp_end){.clock = clock + 1};
	end->view.state = opens ? END_SYN_SENT : END_LISTEN;
	/* Half of them wrap around soon. */
	end->iss = chance(seed, 2) ? -up_to(seed, 100000) : tcp_end_random(seed);
	end->next = end->view.acked = end->view.right = end->iss;
	end->data_end = end->iss + 1 + up_to(seed, 100u << tcp_end_random(seed) % 11);
	end->scale = chance(seed, 3) ? TCP_SCALE_NONE : tcp_end_random(seed) % 15;
	end->buffer = 500 + (tcp_end_random(seed) >> 5 >> tcp_end_random(seed) % 17);
	if (end->scale != TCP_SCALE_NONE && end->buffer < 4u << end->scale)
		end->buffer = 4u << end->scale;
	end->sack = chance(seed, 2);
	end->stamps = chance(seed, 2);
	end->takes_early = chance(seed, 2);
	end->early = opens && chance(seed, 4) ? up_to(seed, 1000) : 0;
	if (before(end->data_end, end->iss + 1 + end->early))
		end->early = 0;
}

void tcp_end_renumber(struct tcp_end *end, uint32_t iss)
{
	end->data_end += iss - end->iss;
	end->iss = end->next = end->view.acked = end->view.right = iss;
}

static bool scaled(const struct tcp_end *end)
{
	return end->scale != TCP_SCALE_NONE && end->other_scale != TCP_SCALE_NONE;
}

/* A segment of what it has, with the acknowledgement and window of now. */
static void fill(struct tcp_end *end, struct tcp_segment *segment, uint8_t flags, uint32_t seq,
	uint32_t length)
{
	bool syn = (flags & SYN) != 0;
	uint32_t room = end->buffer - end->unread;
	unsigned shift = !syn && scaled(end) ? end->scale : 0;
	uint32_t window = room >> shift < 65535 ? room >> shift : 65535;

	*segment = (struct tcp_segment){
		.seq = seq,
		.length = length,
		.window = window,
		.flags = flags,
		.scale = syn && ((flags & ACK) == 0 || end->other_scale != TCP_SCALE_NONE)
			? end->scale
			: TCP_SCALE_NONE,
		.sack_permitted = syn && end->sack,
		.stamped = end->stamps && (end->other_stamps || (syn && (flags & ACK) == 0)),
		.timestamp = end->clock,
	};
	if ((flags & ACK) == 0)
		return;
	segment->ack = end->view.received;
	if (before(end->edge, segment->ack + (window << shift)))
		end->edge = segment->ack + (window << shift);
	for (uint32_t i = 0; end->other_sack && i < end->view.block_count; i++)
		if (end->view.blocks[i][1] - segment->ack > segment->sacked)
			segment->sacked = end->view.blocks[i][1] - segment->ack;
	end->owes_ack = false;
}

static bool send_syn(struct tcp_end *end, struct tcp_segment *segment)
{
	bool answers = end->view.state == END_SYN_RECEIVED;
	/* RFC 7413 section 4.2.1: the data goes with the first alone. */
	uint32_t length = answers || end->syn_sent ? 0 : end->early;

	fill(end, segment, answers ? SYN | ACK : SYN, end->iss, length);
	if (before(end->next, end->iss + 1 + length))
		end->next = end->iss + 1 + length;
	end->syn_sent = true;
	return true;
}

/* Behind what it has sent and there is room for: a SYN may have had data that there is none for,
 * and a window may shrink. */
static uint32_t last_allowed(const struct tcp_end *end)
{
	uint32_t right = before(end->view.right, end->view.acked + 1) ? end->view.acked + 1
								      : end->view.right;

	return before(right, end->next) ? right : end->next;
}

/* Data and FIN from a number that it may send from; behind all sent, what the window has room for.
 */
static bool send_data(
	struct tcp_end *end, struct tcp_segment *segment, uint32_t seq, uint64_t *seed)
{
	bool fresh = seq == end->next;
	uint32_t data = before(seq, end->data_end) ? end->data_end - seq : 0;
	uint32_t room = before(seq, end->view.right) ? end->view.right - seq : 0;
	uint32_t most = fresh ? room : last_allowed(end) - seq;
	uint32_t length;
	bool fin;

	/* RFC 9293 section 3.8.6.1. */
	if (fresh && room == 0 && end->view.acked == end->next && data > 0)
		most = 1;
	most = most < data ? most : data;
	length = up_to(seed, most < 1460 || chance(seed, 8) ? (most < 60000 ? most : 60000) : 1460);
	/* A FIN behind what fills the window: 4.4BSD. */
	fin = seq + length == end->data_end &&
		(end->fin_sent || (fresh && (room > length || length > 0) && chance(seed, 2)));
	if (length == 0 && !fin)
		return false;
	fill(end, segment, fin ? FIN | ACK : ACK, seq, length);
	end->fin_sent = end->fin_sent || fin;
	if (before(end->next, seq + length + fin))
		end->next = seq + length + fin;
	return true;
}

bool tcp_end_send(struct tcp_end *end, struct tcp_segment *segment, uint64_t *seed)
{
	uint32_t state = end->view.state;

	end->clock += tcp_end_random(seed) % 2;
	if (end->unread > 0 && chance(seed, 3))
		end->unread -= up_to(seed, end->unread);
	if (end->owes_reset) {
		*segment = (struct tcp_segment){.seq = end->reset_seq, .flags = RST};
		segment->scale = TCP_SCALE_NONE;
		end->owes_reset = false;
		return true;
	}
	if (state == END_SYN_SENT ||
		(state == END_SYN_RECEIVED && (end->next == end->iss || chance(seed, 4))))
		return (!end->syn_sent || end->owes_ack || chance(seed, 8)) &&
			send_syn(end, segment);
	/* Data before the handshake is over comes after data in the SYN alone: RFC 7413. */
	if (state == END_OPEN ||
		(state == END_SYN_RECEIVED && end->view.received != end->irs + 1)) {
		uint32_t outstanding = last_allowed(end) - end->view.acked;
		uint32_t from = end->next;

		if (outstanding > 0 && (chance(seed, 4) || end->fin_sent))
			from = end->view.acked +
				(chance(seed, 2) ? 0 : tcp_end_random(seed) % outstanding);
		if (state == END_OPEN && chance(seed, 2) && send_data(end, segment, from, seed))
			return true;
		if (state == END_SYN_RECEIVED && !end->fin_sent &&
			send_data(end, segment, end->next, seed))
			return true;
	}
	if ((state == END_OPEN || state == END_DONE) && (end->owes_ack || chance(seed, 16))) {
		fill(end, segment, ACK, last_allowed(end), 0);
		return true;
	}
	return false;
}

static void take_syn(struct tcp_end *end, const struct tcp_segment *segment)
{
	end->irs = segment->seq;
	end->view.received = segment->seq + 1 + (end->takes_early ? segment->length : 0);
	if (end->buffer < segment->length)
		end->view.received = segment->seq + 1;
	end->unread = end->view.received - segment->seq - 1;
	/* What its SYN has offered. */
	end->edge = end->view.received;
	if (end->syn_sent)
		end->edge += end->buffer - end->unread < 65535 ? end->buffer - end->unread : 65535;
	end->other_scale = segment->scale;
	end->other_sack = segment->sack_permitted;
	end->other_stamps = segment->stamped;
	end->view.right = end->iss + 1 + segment->window;
	end->max_right = segment->window;
	end->wl1 = segment->seq;
	end->wl2 = end->iss;
	end->owes_ack = true;
}

/* Bytes from left to right came, within the window; keep them, and take what is in order. */
static void take_bytes(struct tcp_end *end, uint32_t left, uint32_t right)
{
	struct end_view *view = &end->view;
	uint32_t count = 0, begin = view->received;

	for (uint32_t i = 0; i < view->block_count; i++) {
		uint32_t *block = view->blocks[i];

		if (before(block[1], left) || before(right, block[0])) {
			memmove(view->blocks[count++], block, sizeof(view->blocks[0]));
			continue;
		}
		left = before(block[0], left) ? block[0] : left;
		right = before(right, block[1]) ? block[1] : right;
	}
	view->block_count = count;
	if (!before(view->received, left)) {
		view->received = before(view->received, right) ? right : view->received;
	} else if (count < END_GAPS) {
		view->blocks[count][0] = left;
		view->blocks[count][1] = right;
		view->block_count++;
	}
	memset(view->blocks[view->block_count], 0,
		(END_GAPS - view->block_count) * sizeof(view->blocks[0]));
	end->unread += view->received - begin;
	if (view->fin_known && begin != view->received && view->received == view->fin_at + 1)
		end->unread--;
}

static void take_ack(struct tcp_end *end, const struct tcp_segment *segment)
{
	unsigned shift = scaled(end) && (segment->flags & SYN) == 0 ? end->other_scale : 0;
	uint32_t window = (uint32_t)segment->window << shift;

	if (before(end->view.acked, segment->ack))
		end->view.acked = segment->ack;
	else if (before(segment->ack, end->view.acked))
		return;
	if (before(end->wl1, segment->seq) ||
		(end->wl1 == segment->seq && !before(segment->ack, end->wl2))) {
		end->view.right = segment->ack + window;
		end->max_right = window > end->max_right ? window : end->max_right;
		end->wl1 = segment->seq;
		end->wl2 = segment->ack;
	}
}

/* RFC 9293 section 3.10.7.3. */
static void receive_syn_sent(struct tcp_end *end, const struct tcp_segment *segment)
{
	bool ack = (segment->flags & ACK) != 0;

	if (ack && (!before(end->iss, segment->ack) || before(end->next, segment->ack))) {
		end->owes_reset = (segment->flags & RST) == 0;
		end->reset_seq = segment->ack;
		return;
	}
	if ((segment->flags & RST) != 0) {
		end->view.state = ack ? END_CLOSED : END_SYN_SENT;
		return;
	}
	if ((segment->flags & SYN) == 0)
		return;
	take_syn(end, segment);
	end->view.state = ack ? END_OPEN : END_SYN_RECEIVED;
	if (!ack)
		return;
	end->view.acked = segment->ack;
	end->view.right = segment->ack + segment->window;
}

/* RFC 9293 section 3.10.7.4, first. */
static bool is_acceptable(const struct tcp_end *end, const struct tcp_segment *segment)
{
	uint32_t length = segment->length + (segment->flags & FIN);
	uint32_t received = end->view.received;

	if (length == 0)
		return segment->seq == received ||
			(!before(segment->seq, received) && before(segment->seq, end->edge));
	return before(received, end->edge) && before(segment->seq, end->edge) &&
		before(received, segment->seq + length);
}

static void take_text(struct tcp_end *end, const struct tcp_segment *segment)
{
	uint32_t left = segment->seq, right = left + segment->length + (segment->flags & FIN);

	if (left == right)
		return;
	end->owes_ack = true;
	if ((segment->flags & FIN) != 0 && !before(end->edge, right)) {
		end->view.fin_known = true;
		end->view.fin_at = right - 1;
	}
	left = before(left, end->view.received) ? end->view.received : left;
	right = before(end->edge, right) ? end->edge : right;
	if (before(left, right))
		take_bytes(end, left, right);
}

/* RFC 9293 section 3.10.7.4, RFC 5961 sections 3 to 5. */
static void receive_open(struct tcp_end *end, const struct tcp_segment *segment)
{
	struct end_view *view = &end->view;
	bool answers = view->state == END_SYN_RECEIVED &&
		(segment->flags & (SYN | ACK)) == (SYN | ACK) && segment->seq == end->irs;

	if ((segment->flags & RST) != 0) {
		if (segment->seq == view->received)
			view->state = END_CLOSED;
		else
			end->owes_ack = is_acceptable(end, segment);
		return;
	}
	end->owes_ack =
		end->owes_ack || ((segment->flags & SYN) != 0) || !is_acceptable(end, segment);
	if (!answers && ((segment->flags & SYN) != 0 || !is_acceptable(end, segment)))
		return;
	if (before(segment->ack, view->acked - end->max_right) || before(end->next, segment->ack) ||
		(view->state == END_SYN_RECEIVED && !before(end->iss, segment->ack))) {
		end->owes_ack = true;
		return;
	}
	if (view->state == END_SYN_RECEIVED)
		view->state = END_OPEN;
	take_ack(end, segment);
	if (!answers)
		take_text(end, segment);
	if (view->fin_known && before(view->fin_at, view->received) && end->fin_sent &&
		view->acked == end->next)
		view->state = END_DONE;
}

void tcp_end_receive(struct tcp_end *end, const struct tcp_segment *segment)
{
	switch ((enum end_state)end->view.state) {
	case END_CLOSED:
		end->owes_reset = (segment->flags & (RST | ACK)) == ACK;
		end->reset_seq = segment->ack;
		break;
	case END_LISTEN:
		if ((segment->flags & (SYN | ACK | RST)) == SYN) {
			take_syn(end, segment);
			end->view.state = END_SYN_RECEIVED;
		}
		break;
	case END_SYN_SENT:
		receive_syn_sent(end, segment);
		break;
	default:
		receive_open(end, segment);
		break;
	}
}

void tcp_end_abort(struct tcp_end *end)
{
	end->view.state = END_CLOSED;
	end->owes_reset = true;
	end->reset_seq = end->next;
}

void tcp_end_vanish(struct tcp_end *end)
{
	end->view.state = END_CLOSED;
	end->owes_ack = false;
}
