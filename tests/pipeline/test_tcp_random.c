/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Connections of two honest ends through the tracker, over a network that loses, doubles and
 * reorders before it and behind it. Whatever the tracker refuses, the other end must refuse, too,
 * when it would have come; every connection has to come to its end; and segments that an outsider
 * sends must leave no trace.
 */
#include <stdlib.h>
#include <string.h>

#include "dataplane/tcp_flags.h"
#include "tests/pipeline/tcp_end.h"
#include "tests/unit/check.h"

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };
enum { NETWORK = 32, SEGMENTS = 200000, STEPS_MAX = 200000 };

struct flying {
	struct tcp_segment segment;
	unsigned from;
	bool behind;  /* the firewall */
	bool refused; /* by it */
	bool early;   /* then, since it has overtaken the SYN of its own side: it comes again */
};

struct walk {
	uint64_t first_seed, seed;
	struct tcp tcp;
	bool live;	/* there is a connection that the tracker knows of */
	bool current;	/* and it is that of the ends */
	bool forged;	/* an outsider has sent a SYN into the handshake */
	unsigned first; /* the end that is side 0 */
	struct tcp_end ends[2];
	struct flying network[NETWORK];
	unsigned count;
	/* What came to pass. */
	unsigned segments, connections, reused, refused, blind, forgeries, resets, vanished;
};

static uint32_t dice(struct walk *walk, uint32_t sides)
{
	return tcp_end_random(&walk->seed) % sides;
}

static void fail_walk(const struct walk *walk, const char *what, const struct tcp_segment *segment)
{
	fail_msg("seed %lu, connection %u, segment %u: %s: flags %u seq %u length %u ack %u "
		 "window %u; state %u",
		walk->first_seed, walk->connections, walk->segments, what, segment->flags,
		segment->seq, segment->length, segment->ack, segment->window, walk->tcp.state);
}

/* Whether an end is another after the segment. */
static bool is_taken(const struct tcp_end *end, const struct tcp_segment *segment)
{
	struct tcp_end copy = *end;

	tcp_end_receive(&copy, segment);
	return memcmp(&copy.view, &end->view, sizeof(copy.view)) != 0;
}

/* A segment from an end comes to the tracker. */
static void judge(struct walk *walk, struct flying *flying)
{
	const struct tcp_segment *segment = &flying->segment;
	unsigned side = flying->from ^ walk->first;
	enum tcp_verdict verdict = TCP_VALID;

	walk->segments++;
	assert_true(tcp_flags_legal(segment->flags));
	if (!walk->live || tcp_reopens(&walk->tcp, segment, side)) {
		if (!tcp_flags_open(segment->flags))
			fail_walk(walk, "no connection", segment);
		walk->reused += walk->live;
		walk->live = walk->current = true;
		walk->first = flying->from;
		tcp_begin(&walk->tcp, segment, false);
	} else {
		verdict = tcp_advance(&walk->tcp, segment, side);
	}
	flying->early = walk->tcp.state == TCP_SYN_SENT ||
		(walk->forged && walk->tcp.state == TCP_SYN_CROSSED);
	flying->refused = verdict != TCP_VALID && verdict != TCP_UNCHANGED;
	walk->refused += flying->refused;
	if (flying->refused && is_taken(&walk->ends[!flying->from], segment))
		fail_walk(walk, "refused, and would be taken", segment);
}

/* A segment that passed the tracker, or was to, comes to the other end. A RST is held to what the
 * other end expected when it came by. */
static void deliver(struct walk *walk, const struct flying *flying)
{
	struct tcp_end *end = &walk->ends[!flying->from];

	if (!flying->refused)
		tcp_end_receive(end, &flying->segment);
	else if ((flying->segment.flags & RST) == 0 && !flying->early &&
		is_taken(end, &flying->segment))
		fail_walk(walk, "refused, and would have been taken", &flying->segment);
}

/* The oldest segment, or any, goes on, or is lost, or there are two. */
static void move(struct walk *walk)
{
	unsigned i = dice(walk, 3) > 0 ? 0 : dice(walk, walk->count);
	struct flying flying = walk->network[i];

	if (dice(walk, 24) == 0 && walk->count < NETWORK) {
		walk->network[walk->count++] = flying;
		return;
	}
	walk->count--;
	memmove(&walk->network[i], &walk->network[i + 1],
		(walk->count - i) * sizeof(walk->network[0]));
	if (dice(walk, 16) == 0)
		return;
	if (flying.behind) {
		deliver(walk, &flying);
		return;
	}
	judge(walk, &flying);
	flying.behind = true;
	walk->network[walk->count++] = flying;
}

static void send_from(struct walk *walk, unsigned from)
{
	struct flying flying = {.from = from};

	if (walk->count < NETWORK && tcp_end_send(&walk->ends[from], &flying.segment, &walk->seed))
		walk->network[walk->count++] = flying;
}

/* Far from all windows, which are 2^27 bytes at most. */
static uint32_t far_off(struct walk *walk, uint32_t number)
{
	return number + (UINT32_C(1) << 29) + dice(walk, UINT32_MAX - (UINT32_C(1) << 30));
}

/* Someone who knows the addresses and ports, and one of the two numbers at most. */
static void intrude(struct walk *walk)
{
	static const uint8_t kinds[] = {ACK, ACK | FIN, RST, RST | ACK, SYN, SYN | ACK};
	unsigned from = dice(walk, 2), guess = dice(walk, 3);
	const struct tcp_end *end = &walk->ends[from];
	struct tcp_segment segment = {
		.seq = end->next,
		.ack = end->view.received,
		.length = dice(walk, 1000),
		.window = dice(walk, 65536),
		.flags = kinds[dice(walk, sizeof(kinds))],
		.scale = TCP_SCALE_NONE,
		.stamped = true,
		.timestamp = tcp_end_random(&walk->seed),
		.sacked = dice(walk, 1000),
	};
	struct tcp before, after;
	enum tcp_verdict verdict;
	bool syn = (segment.flags & SYN) != 0;

	if (!walk->current || walk->tcp.state < TCP_SYN_RECEIVED)
		return;
	/* What of the two its receiver goes by. */
	if (guess != 0 || (segment.flags & RST) != 0)
		segment.seq = far_off(walk, segment.seq);
	if (guess != 1 || syn)
		segment.ack = far_off(walk, segment.ack);
	memcpy(&before, &walk->tcp, sizeof(before));
	verdict = tcp_advance(&walk->tcp, &segment, from ^ walk->first);
	memcpy(&after, &walk->tcp, sizeof(after));
	if (syn) /* it waits for its answer */
		after.pending = before.pending;
	walk->blind++;
	if (verdict == TCP_VALID || memcmp(&before, &after, sizeof(before)) != 0)
		fail_walk(walk, "changed by an outsider", &segment);
}

/* A blind SYN in the handshake, as the opener's or as the answer. Only one is told from the true
 * one. */
static void forge_syn(struct walk *walk)
{
	unsigned from = dice(walk, 2);
	struct tcp_segment segment = {
		.seq = far_off(walk, walk->ends[from].iss),
		.window = dice(walk, 65536),
		.flags = SYN,
		.scale = dice(walk, 15),
	};
	enum tcp_verdict verdict;

	if (walk->forged || !walk->current || walk->tcp.state < TCP_SYN_SENT ||
		walk->tcp.state > TCP_SYN_CROSSED)
		return;
	verdict = tcp_advance(&walk->tcp, &segment, from ^ walk->first);
	if (verdict != TCP_VALID && verdict != TCP_UNCHANGED)
		fail_walk(walk, "a SYN refused", &segment);
	walk->forged = true;
	walk->forgeries++;
}

/* The end that opens next: its number or its timestamp is one that may reuse the tuple. */
static void begin_connection(struct walk *walk)
{
	unsigned opener = dice(walk, 2);
	bool crossed = dice(walk, 6) == 0;
	struct tcp_end before = walk->ends[opener];
	bool by_time = before.stamps && before.other_stamps && dice(walk, 2) == 0;

	walk->connections++;
	walk->count = 0;
	walk->current = walk->forged = false;
	tcp_end_begin(&walk->ends[opener], true, &walk->seed);
	tcp_end_begin(&walk->ends[!opener], crossed, &walk->seed);
	if (crossed)
		walk->ends[0].early = walk->ends[1].early = 0;
	if (!walk->live || crossed || walk->tcp.state == TCP_CLOSE) {
		walk->live = false;
		return;
	}
	if (walk->tcp.state != TCP_TIME_WAIT)
		fail_msg("seed %lu: both ends are done in state %u", walk->first_seed,
			walk->tcp.state);
	if (by_time) {
		walk->ends[opener].stamps = true;
		return;
	}
	walk->ends[opener].stamps = false;
	tcp_end_renumber(&walk->ends[opener], before.next + 1 + dice(walk, 100000));
}

static bool is_over(const struct walk *walk)
{
	uint32_t a = walk->ends[0].view.state, b = walk->ends[1].view.state;

	return (a == END_DONE && b == END_DONE) || (a == END_CLOSED && b == END_CLOSED);
}

/* An open end may break off, with a RST or without: most times when it has sent its FIN. */
static bool break_off(struct walk *walk, struct tcp_end *end)
{
	if (end->view.state != END_OPEN || dice(walk, end->fin_sent ? 8 : 200) != 0)
		return false;
	if (dice(walk, 2) == 0) {
		tcp_end_abort(end);
		walk->resets++;
	} else {
		tcp_end_vanish(end);
		walk->vanished++;
	}
	return true;
}

static void run_connection(struct walk *walk)
{
	bool breaks = dice(walk, 4) == 0;
	unsigned reused = walk->reused;
	bool reuses;

	begin_connection(walk);
	reuses = walk->live;
	for (unsigned step = 0; !is_over(walk); step++) {
		unsigned from = dice(walk, 2);

		if (step == STEPS_MAX)
			fail_msg("seed %lu: connection %u stalls in state %u, ends in %u and %u",
				walk->first_seed, walk->connections, walk->tcp.state,
				walk->ends[0].view.state, walk->ends[1].view.state);
		if (walk->count == 0 || dice(walk, 5) < 2)
			send_from(walk, from);
		else
			move(walk);
		if (dice(walk, 8) == 0)
			intrude(walk);
		if (dice(walk, 16) == 0)
			forge_syn(walk);
		if (breaks && break_off(walk, &walk->ends[from]))
			breaks = false;
	}
	if (reuses && walk->reused == reused)
		fail_msg("seed %lu: connection %u was not another", walk->first_seed,
			walk->connections);
}

/* SEED=n runs that walk alone. */
static void test_walks(void **state)
{
	const char *given = getenv("SEED");
	struct walk total = {0};

	(void)state;
	for (uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : 1;
		total.segments < SEGMENTS; seed++) {
		struct walk walk = {
			.first_seed = seed, .seed = seed * UINT64_C(0x9e3779b97f4a7c15)};

		for (unsigned i = 0; i < 8; i++)
			run_connection(&walk);
		total.segments += walk.segments;
		total.connections += walk.connections;
		total.reused += walk.reused;
		total.refused += walk.refused;
		total.blind += walk.blind;
		total.forgeries += walk.forgeries;
		total.resets += walk.resets;
		total.vanished += walk.vanished;
	}
	print_message("%u segments of %u connections, %u of a reused tuple, %u broken off, %u left "
		      "silently; %u refused, %u of an outsider, %u SYNs forged\n",
		total.segments, total.connections, total.reused, total.resets, total.vanished,
		total.refused, total.blind, total.forgeries);
	assert_true(total.reused > 50 && total.resets > 10 && total.vanished > 10 &&
		total.blind > 10000 && total.forgeries > 50 && total.refused > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
