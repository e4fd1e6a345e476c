/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * More tables of TCP segments: SACK, timestamps, and the scenarios of other packet filters' tests.
 * Linux's are in test_tcp.c.
 */
#include "tests/pipeline/tcp_case.h"
#include "tests/unit/check.h"

/* Both ends permit SACK; side 0 has 400 bytes under way. */
#define SACK_OPEN                                                                                  \
	{0, S, 100, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, SACK_OK},                                 \
		{1, S | A, 300, 0, 101, 1000, TCP_VALID, TCP_SYN_RECEIVED, SACK_OK},               \
		{0, A, 101, 0, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0},                          \
	{                                                                                          \
		0, A, 101, 400, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0                           \
	}

static const struct tcp_case sack_cases[] = {
	{"nf_conntrack tcp_in_window(): the right edge counts for the receiver's room",
		{SACK_OPEN, {1, A, 301, 0, 101, 1000, TCP_VALID, TCP_ESTABLISHED, SACKED(400)},
			{0, A, 501, 1001, 301, 1000, TCP_BAD_WINDOW, TCP_ESTABLISHED, 0},
			{0, A, 501, 1000, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 101, 100, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"RFC 5961 section 5: how far behind an acknowledgement may be, which SACK may make up for",
		{{0, S, 100, 0, 0, 65535, TCP_VALID, TCP_SYN_SENT, SACK_OK},
			{1, S | A, 300, 0, 101, 40000, TCP_VALID, TCP_SYN_RECEIVED, SACK_OK},
			{0, A, 101, 40000, 301, 65535, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 301, 0, 40101, 40000, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 40101, 40000, 301, 65535, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 301, 0, 80101, 40000, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 80101, 40000, 301, 65535, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 301, 0, 40100, 40000, TCP_BAD_WINDOW, TCP_ESTABLISHED, 0},
			{1, A, 301, 0, 40100, 40000, TCP_VALID, TCP_ESTABLISHED, SACKED(1)},
			{1, A, 301, 0, 40101, 40000, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"RFC 2018 section 2: blocks to who has not permitted them do not count",
		{{0, S, 100, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, 0},
			{1, S | A, 300, 0, 101, 1000, TCP_VALID, TCP_SYN_RECEIVED, SACK_OK},
			{0, A, 101, 400, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 301, 0, 101, 1000, TCP_VALID, TCP_ESTABLISHED, SACKED(400)},
			{0, A, 501, 601, 301, 1000, TCP_BAD_WINDOW, TCP_ESTABLISHED, 0},
			{0, A, 501, 600, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0}}},
	/* nf_conntrack: invalid. The end that gets it takes all but the block; so do pf,
	 * Suricata. */
	{"blocks of what was never sent are ignored",
		{SACK_OPEN, {1, A, 301, 10, 201, 1000, TCP_VALID, TCP_ESTABLISHED, SACKED(301)},
			{0, A, 501, 701, 311, 1000, TCP_BAD_WINDOW, TCP_ESTABLISHED, 0},
			{0, A, 501, 700, 311, 1000, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"a connection that was picked up: what is SACKed was sent",
		{{0, A, 101, 0, 301, 1000, TCP_VALID, TCP_MIDSTREAM, SACKED(500)},
			{1, R, 301 + 499, 0, 0, 0, TCP_BAD_RST, TCP_MIDSTREAM, 0},
			{1, R, 301 + 500, 0, 0, 0, TCP_VALID, TCP_CLOSE, 0}}},
};

/* To TIME-WAIT; side 0's clock is at 1003, side 1's at 78. */
#define STAMPED_TIME_WAIT                                                                          \
	{0, S, 100, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, STAMP(1000)},                             \
		{1, S | A, 300, 0, 101, 1000, TCP_VALID, TCP_SYN_RECEIVED, STAMP(77)},             \
		{0, A, 101, 0, 301, 1000, TCP_VALID, TCP_ESTABLISHED, STAMP(1001)},                \
		{0, F | A, 101, 0, 301, 1000, TCP_VALID, TCP_FIN, STAMP(1002)},                    \
		{1, F | A, 301, 0, 102, 1000, TCP_VALID, TCP_LAST_ACK, STAMP(78)},                 \
	{                                                                                          \
		0, A, 102, 0, 302, 1000, TCP_VALID, TCP_TIME_WAIT, STAMP(1003)                     \
	}

static const struct tcp_case timestamp_cases[] = {
	{"RFC 6191 section 2: a later timestamp reuses the tuple, whatever the number",
		{STAMPED_TIME_WAIT, {0, S, 50, 0, 0, 1000, REOPENS, TCP_SYN_SENT, STAMP(1004)}}},
	{"RFC 6191 section 2: an equal one, with a number that is not higher, does not",
		{STAMPED_TIME_WAIT,
			{0, S, 102, 0, 0, 1000, TCP_UNCHANGED, TCP_TIME_WAIT, STAMP(1003)}}},
	{"RFC 6191 section 2: an equal one with a higher number does",
		{STAMPED_TIME_WAIT, {0, S, 103, 0, 0, 1000, REOPENS, TCP_SYN_SENT, STAMP(1003)}}},
	{"RFC 6191 section 2: an earlier one does not; but if the end takes it, it is another",
		{STAMPED_TIME_WAIT,
			{0, S, 5000, 0, 0, 1000, TCP_UNCHANGED, TCP_TIME_WAIT, STAMP(1002)},
			{1, S | A, 900, 0, 5001, 1000, TCP_VALID, TCP_SYN_RECEIVED, STAMP(9)},
			{0, A, 5001, 0, 901, 1000, TCP_VALID, TCP_ESTABLISHED, STAMP(1002)}}},
	{"RFC 6191 section 2: a SYN without one goes by its number: lower",
		{STAMPED_TIME_WAIT, {0, S, 50, 0, 0, 1000, TCP_UNCHANGED, TCP_TIME_WAIT, 0}}},
	{"RFC 6191 section 2: higher",
		{STAMPED_TIME_WAIT, {0, S, 103, 0, 0, 1000, REOPENS, TCP_SYN_SENT, 0}}},
	/* The RFC lets it reuse the tuple if the new connection has timestamps: its answer
	 * tells. */
	{"RFC 6191 section 2: a timestamp after a connection that had none",
		{HANDSHAKE, {0, F | A, 101, 0, 301, 1000, TCP_VALID, TCP_FIN, 0},
			{1, F | A, 301, 0, 102, 1000, TCP_VALID, TCP_LAST_ACK, 0},
			{0, A, 102, 0, 302, 1000, TCP_VALID, TCP_TIME_WAIT, 0},
			{0, S, 50, 0, 0, 1000, TCP_UNCHANGED, TCP_TIME_WAIT, STAMP(5)},
			{1, S | A, 900, 0, 51, 1000, TCP_VALID, TCP_SYN_RECEIVED, STAMP(9)}}},
	{"each side has its own clock",
		{STAMPED_TIME_WAIT, {1, S, 50, 0, 0, 1000, REOPENS, TCP_SYN_SENT, STAMP(79)}}},
	{"RFC 7323 section 5.2: timestamps wrap around",
		{{0, S, 100, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, STAMP(0xfffffff0)},
			{1, S | A, 300, 0, 101, 1000, TCP_VALID, TCP_SYN_RECEIVED, STAMP(1)},
			{0, F | A, 101, 0, 301, 1000, TCP_VALID, TCP_FIN, STAMP(0xfffffffe)},
			{1, F | A, 301, 0, 102, 1000, TCP_VALID, TCP_LAST_ACK, STAMP(1)},
			{0, A, 102, 0, 302, 1000, TCP_VALID, TCP_TIME_WAIT, STAMP(0xffffffff)},
			{0, S, 50, 0, 0, 1000, REOPENS, TCP_SYN_SENT, STAMP(3)}}},
	{"one outside of the window does not count, and segments out of order take none back",
		{{0, S, 100, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, STAMP(1000)},
			{1, S | A, 300, 0, 101, 1000, TCP_VALID, TCP_SYN_RECEIVED, STAMP(77)},
			{0, A, 101, 2000, 301, 1000, TCP_BAD_WINDOW, TCP_SYN_RECEIVED, STAMP(9000)},
			{0, A, 201, 100, 301, 1000, TCP_VALID, TCP_ESTABLISHED, STAMP(1002)},
			{0, A, 101, 100, 301, 1000, TCP_VALID, TCP_ESTABLISHED, STAMP(1001)},
			{1, F | A, 301, 0, 301, 1000, TCP_VALID, TCP_FIN, STAMP(78)},
			{0, F | A, 301, 0, 302, 1000, TCP_VALID, TCP_LAST_ACK, STAMP(1001)},
			{1, A, 302, 0, 302, 1000, TCP_VALID, TCP_TIME_WAIT, STAMP(78)},
			{0, S, 50, 0, 0, 1000, TCP_UNCHANGED, TCP_TIME_WAIT, STAMP(1002)},
			{0, S, 50, 0, 0, 1000, REOPENS, TCP_SYN_SENT, STAMP(1003)}}},
	{"no PAWS: an earlier timestamp is for the receiver to judge",
		{{0, S, 100, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, STAMP(1000)},
			{1, S | A, 300, 0, 101, 1000, TCP_VALID, TCP_SYN_RECEIVED, STAMP(77)},
			{0, A, 101, 10, 301, 1000, TCP_VALID, TCP_ESTABLISHED, STAMP(5)}}},
};

static const struct tcp_case repeat_cases[] = {
	{"RFC 9293 section 3.10.7.4: a SYN that comes twice, and its answer too, begin nothing anew",
		{{0, S, 100, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, 0},
			{1, S | A, 300, 0, 101, 1000, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{0, S, 100, 0, 0, 1000, TCP_UNCHANGED, TCP_SYN_RECEIVED, 0},
			{0, A, 101, 500, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, S | A, 300, 0, 101, 1000, TCP_UNCHANGED, TCP_ESTABLISHED, 0},
			{1, A, 301, 0, 601, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 601, 1000, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"RFC 7413 section 4.2.1: the SYN again without its data, the answer to the first",
		{{0, S, 100, 50, 0, 1000, TCP_VALID, TCP_SYN_SENT, 8},
			{0, S, 100, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, 0},
			{1, S | A, 300, 0, 151, 1000, TCP_VALID, TCP_SYN_RECEIVED, 3},
			{0, A, 151, 0, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 301, 64000, 151, 1000, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"RFC 7413 section 4.2.2: data behind the answer, which then comes again",
		{{0, S, 100, 50, 0, 1000, TCP_VALID, TCP_SYN_SENT, 0},
			{1, S | A, 300, 0, 151, 1000, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{1, A, 301, 20, 151, 1000, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{1, S | A, 300, 0, 151, 1000, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{0, A, 151, 0, 321, 1000, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"RFC 7413: more data in the SYN than the answer has room for",
		{{0, S, 100, 900, 0, 1000, TCP_VALID, TCP_SYN_SENT, 0},
			{1, S | A, 300, 0, 101, 500, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{0, A, 101, 200, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"RFC 7413 section 4.2.2: data and FIN behind the answer, which then comes with more room",
		{{0, S, 100, 50, 0, 1000, TCP_VALID, TCP_SYN_SENT, 0},
			{1, S | A, 300, 0, 151, 500, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{1, F | A, 301, 20, 151, 500, TCP_VALID, TCP_FIN, 0},
			{1, S | A, 300, 0, 151, 1000, TCP_VALID, TCP_FIN, 0},
			{0, A, 151, 1000, 322, 1000, TCP_VALID, TCP_FIN, 0}}},
	{"RFC 9293 figure 7: simultaneous open, its first data out of order",
		{{0, S, 100, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, 0},
			{1, S, 300, 0, 0, 1000, TCP_VALID, TCP_SYN_CROSSED, 0},
			{0, S | A, 100, 0, 301, 1000, TCP_VALID, TCP_SYN_CROSSED, 0},
			{1, A, 401, 100, 101, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 301, 100, 101, 1000, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"a FIN behind data that fills the window (4.4BSD)",
		{HANDSHAKE, {0, F | A, 101, 1000, 301, 1000, TCP_VALID, TCP_FIN, 0},
			{1, A, 301, 0, 1102, 1000, TCP_VALID, TCP_FIN, 0},
			{1, F | A, 301, 1001, 1102, 1000, TCP_BAD_WINDOW, TCP_FIN, 0}}},
};

static const struct tcp_case foreign_cases[] = {
	/* NPF takes the acknowledgement of 13000 and what follows from it: it allows for paths
	 * around it. Here what did not come by cannot be acknowledged. */
	{"NetBSD npf_state_test.c: out of order ACK",
		{{0, S, 9999, 0, 0, 4096, TCP_VALID, TCP_SYN_SENT, 0},
			{1, S | A, 9, 0, 10000, 2048, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{0, A, 10000, 0, 10, 4096, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 10, 0, 10000, 2048, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 10000, 1000, 10, 4096, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 11000, 1000, 10, 4096, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 10, 0, 12000, 2048, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 10, 0, 13000, 2048, TCP_BAD_WINDOW, TCP_ESTABLISHED, 0},
			{0, A, 12000, 1000, 10, 4096, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 10, 0, 11000, 1048, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 14000, 1000, 10, 4096, TCP_BAD_WINDOW, TCP_ESTABLISHED, 0},
			{1, A, 10, 0, 13000, 2048, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 14000, 1000, 10, 4096, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"NetBSD npf_state_test.c: retransmission after out of order ACK and missing ACK",
		{{0, S, 9999, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, 0},
			{1, S | A, 9, 0, 10000, 4000, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{0, A, 10000, 0, 10, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 10000, 1000, 10, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 10, 0, 11000, 4000, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 11000, 1000, 10, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 12000, 1000, 10, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 13000, 1000, 10, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 14000, 1000, 10, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 10, 0, 15000, 4000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 10, 0, 15000, 2000, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 12000, 1000, 10, 1000, TCP_VALID, TCP_ESTABLISHED, 0}}},
	/* There the FINs are without ACK, which RFC 9293 section 3.10.7.4 drops (test_tcp.c has the
	 * flags); the last segment has the numbers of side 1, but comes from side 0. */
	{"NetBSD npf_state_test.c: FIN exchange with retransmit",
		{{0, S, 999, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, 0},
			{1, S | A, 9, 0, 1000, 2000, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{0, A, 1000, 0, 10, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, F | A, 10, 0, 1000, 2000, TCP_VALID, TCP_FIN, 0},
			{0, F | A, 1000, 0, 10, 1000, TCP_VALID, TCP_LAST_ACK, 0},
			{0, A, 1000, 0, 11, 1000, TCP_VALID, TCP_LAST_ACK, 0},
			{0, F | A, 1000, 0, 11, 1000, TCP_VALID, TCP_LAST_ACK, 0},
			{0, F | A, 1000, 0, 11, 1000, TCP_VALID, TCP_LAST_ACK, 0},
			{0, A, 11, 0, 1001, 2000, TCP_BAD_WINDOW, TCP_LAST_ACK, 0},
			{1, A, 11, 0, 1001, 2000, TCP_VALID, TCP_TIME_WAIT, 0}}},
	{"NetBSD npf_state_test.c: out of window",
		{{0, S, 9, 0, 0, 8760, TCP_VALID, TCP_SYN_SENT, 0},
			{1, S | A, 9999, 0, 10, 1000, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{0, A, 10, 0, 10000, 8760, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 10000, 1460, 10, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 11460, 1460, 10, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 10, 0, 12920, 8760, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 12920, 1460, 10, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 10, 0, 14380, 8760, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 17300, 1460, 10, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 10, 0, 14380, 8760, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 18760, 1460, 10, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 10, 0, 14380, 8760, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 20220, 1460, 10, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 10, 0, 14380, 8760, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 21680, 1460, 10, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 10, 0, 14380, 8760, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 14380, 1460, 10, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 23140, 1460, 10, 1000, TCP_BAD_WINDOW, TCP_ESTABLISHED, 0}}},
	/* pf answers the SYN itself; here the server does, and its answer passes. */
	{"OpenBSD pf_state challenge_ack.py: a SYN on a live connection",
		{{0, S, 1, 0, 0, 65535, TCP_VALID, TCP_SYN_SENT, 0},
			{1, S | A, 7000, 0, 2, 65535, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{0, A, 2, 0, 7001, 8192, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, S, 1000000, 0, 0, 65535, TCP_UNCHANGED, TCP_ESTABLISHED, 0},
			{1, A, 7001, 0, 2, 65535, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"OpenBSD pf_state beforegap_rst.py: a RST before a gap, at what is acknowledged",
		{{0, S, 1, 0, 0, 65535, TCP_VALID, TCP_SYN_SENT, 0},
			{1, S | A, 7000, 0, 2, 65535, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{0, A, 2, 0, 7001, 8192, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A | P, 18, 8, 7001, 65535, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 7001, 0, 2, 65535, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A | P, 2, 8, 7001, 65535, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 7001, 0, 10, 65535, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, R | A, 10, 0, 7001, 65535, TCP_VALID, TCP_CLOSE, 0},
			{0, S, 0x1000001, 0, 0, 65535, REOPENS, TCP_SYN_SENT, 0},
			{1, S | A, 9000, 0, 0x1000002, 65535, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{0, R | A, 0x1000002, 0, 9000, 65535, TCP_VALID, TCP_CLOSE, 0}}},
	{"OpenBSD pf_state fakeack_rst.py: a RST behind the SYN, with acknowledgement 0",
		{{0, S, 0x1000000, 0, 0, 65535, TCP_VALID, TCP_SYN_SENT, 0},
			{1, S | A, 7000, 0, 0x1000001, 16384, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{0, A, 0x1000001, 0, 7001, 8192, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, R | A, 0x1000000 - 8192, 0, 0, 65535, TCP_BAD_RST, TCP_ESTABLISHED, 0},
			{0, S, 1, 0, 0, 65535, TCP_UNCHANGED, TCP_ESTABLISHED, 0},
			{1, A, 7001, 0, 0x1000001, 16384, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, R | A, 0x1000001, 0, 7000, 8192, TCP_VALID, TCP_CLOSE, 0}}},
};

TCP_CASES_TEST(test_sack, sack_cases)
TCP_CASES_TEST(test_timestamps, timestamp_cases)
TCP_CASES_TEST(test_repeats, repeat_cases)
TCP_CASES_TEST(test_foreign, foreign_cases)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sack),
		cmocka_unit_test(test_timestamps),
		cmocka_unit_test(test_repeats),
		cmocka_unit_test(test_foreign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
