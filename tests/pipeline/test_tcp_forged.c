/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tables of TCP segments among which some are forged, or late: by someone who knows addresses and
 * ports, but not the numbers (RFC 5961 section 1). What the ends send must pass all the same.
 */
#include "tests/pipeline/tcp_case.h"
#include "tests/unit/check.h"

static const struct tcp_case syn_cases[] = {
	{"RFC 9293 section 3.10.7.3: the SYN-ACK acknowledges the true SYN, not the forged one",
		{{0, S, 100, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, 3},
			{0, S, 105, 0, 0, 9, TCP_UNCHANGED, TCP_SYN_SENT, 0},
			{1, S | A, 300, 0, 101, 1000, TCP_VALID, TCP_SYN_RECEIVED, 3},
			{1, S | A, 900, 0, 106, 1000, TCP_BAD_STATE, TCP_SYN_RECEIVED, 0},
			{0, A, 101, 0, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 301, 4000, 101, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 4301, 1, 101, 1000, TCP_BAD_WINDOW, TCP_ESTABLISHED, 0}}},
	{"the forged one came first",
		{{0, S, 105, 0, 0, 9, TCP_VALID, TCP_SYN_SENT, 0},
			{0, S, 100, 0, 0, 1000, TCP_UNCHANGED, TCP_SYN_SENT, 3},
			{1, S | A, 300, 0, 101, 1000, TCP_VALID, TCP_SYN_RECEIVED, 3},
			{0, A, 101, 0, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 301, 4000, 101, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 4301, 1, 101, 1000, TCP_BAD_WINDOW, TCP_ESTABLISHED, 0}}},
	{"RFC 9293 figure 8: the forged one is answered, reset, and the true one comes again",
		{{0, S, 100, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, 0},
			{0, S, 105, 0, 0, 1000, TCP_UNCHANGED, TCP_SYN_SENT, 0},
			{1, S | A, 300, 0, 106, 1000, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{0, R, 106, 0, 0, 0, TCP_VALID, TCP_CLOSE, 0},
			{0, S, 100, 0, 0, 1000, REOPENS, TCP_SYN_SENT, 0},
			{1, S | A, 400, 0, 101, 1000, TCP_VALID, TCP_SYN_RECEIVED, 0}}},
	{"RFC 9293 section 3.10.7.3: a refusal ends the SYN that it acknowledges, the other goes on",
		{{0, S, 100, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, 0},
			{0, S, 105, 0, 0, 1000, TCP_UNCHANGED, TCP_SYN_SENT, 0},
			{1, R | A, 0, 0, 106, 0, TCP_VALID, TCP_SYN_SENT, 0},
			{1, R | A, 0, 0, 106, 0, TCP_BAD_RST, TCP_SYN_SENT, 0},
			{1, R | A, 0, 0, 101, 0, TCP_VALID, TCP_CLOSE, 0}}},
	{"the same, the first one first",
		{{0, S, 100, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, 0},
			{0, S, 105, 0, 0, 1000, TCP_UNCHANGED, TCP_SYN_SENT, 0},
			{1, R | A, 0, 0, 101, 0, TCP_VALID, TCP_SYN_SENT, 0},
			{1, R | A, 0, 0, 101, 0, TCP_BAD_RST, TCP_SYN_SENT, 0},
			{1, S | A, 300, 0, 106, 1000, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{0, A, 106, 0, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"a SYN forged in the server's name: the server's SYN-ACK has its own number",
		{{0, S, 100, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, 0},
			{1, S, 7000, 0, 0, 9, TCP_VALID, TCP_SYN_CROSSED, 0},
			{1, S | A, 300, 0, 102, 1000, TCP_BAD_STATE, TCP_SYN_CROSSED, 0},
			{1, S | A, 300, 0, 101, 1000, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{0, A, 101, 0, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 101, 1000, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"before the client's SYN, too",
		{{0, S, 7000, 0, 0, 9, TCP_VALID, TCP_SYN_SENT, 0},
			{1, S, 100, 0, 0, 1000, TCP_VALID, TCP_SYN_CROSSED, 0},
			{0, S | A, 300, 0, 101, 1000, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{1, A, 101, 0, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 101, 1000, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"and the server refuses, as it would a SYN alone",
		{{0, S, 100, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, 0},
			{1, S, 7000, 0, 0, 9, TCP_VALID, TCP_SYN_CROSSED, 0},
			{1, R | A, 0, 0, 102, 0, TCP_BAD_RST, TCP_SYN_CROSSED, 0},
			{1, R | A, 0, 0, 101, 0, TCP_VALID, TCP_CLOSE, 0}}},
	{"RFC 9293 figure 7, with a SYN forged in either name",
		{{0, S, 100, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, 0},
			{1, S, 300, 0, 0, 1000, TCP_VALID, TCP_SYN_CROSSED, 0},
			{0, S, 105, 0, 0, 9, TCP_UNCHANGED, TCP_SYN_CROSSED, 0},
			{1, S, 305, 0, 0, 9, TCP_UNCHANGED, TCP_SYN_CROSSED, 0},
			{0, S | A, 100, 0, 301, 1000, TCP_VALID, TCP_SYN_CROSSED, 0},
			{1, S | A, 300, 0, 101, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 101, 1000, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"RFC 9293 figure 7, the forged SYN first: the true one is answered",
		{{0, S, 100, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, 0},
			{1, S, 7000, 0, 0, 9, TCP_VALID, TCP_SYN_CROSSED, 0},
			{1, S, 300, 0, 0, 1000, TCP_UNCHANGED, TCP_SYN_CROSSED, 0},
			{0, S | A, 100, 0, 301, 1000, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{1, S | A, 300, 0, 101, 1000, TCP_UNCHANGED, TCP_SYN_RECEIVED, 0},
			{1, A, 301, 1000, 101, 1000, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"a connection that was picked up is not ended by a SYN, and begun anew by its answer",
		{{0, A, 5000, 10, 9000, 1000, TCP_VALID, TCP_MIDSTREAM, 0},
			{0, S, 300, 0, 0, 1000, TCP_UNCHANGED, TCP_MIDSTREAM, 0},
			{0, A, 5010, 10, 9000, 1000, TCP_VALID, TCP_MIDSTREAM, 0},
			{1, A, 9000, 10, 5020, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, S | A, 100, 0, 301, 1000, TCP_VALID, TCP_SYN_RECEIVED, 0}}},
};

#define HALF_CLOSED                                                                                \
	HANDSHAKE, {0, A, 101, 500, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0},                     \
	{                                                                                          \
		0, F | A, 601, 0, 301, 1000, TCP_VALID, TCP_FIN, 0                                 \
	}

static const struct tcp_case reset_cases[] = {
	{"RFC 5961 section 3.2: half-closed, a RST that is not exact is none",
		{HALF_CLOSED, {0, R, 603, 0, 0, 0, TCP_BAD_RST, TCP_FIN, 0},
			{0, R, 601, 0, 0, 0, TCP_BAD_RST, TCP_FIN, 0},
			{1, R, 302, 0, 0, 0, TCP_BAD_RST, TCP_FIN, 0},
			{1, R, 300, 0, 0, 0, TCP_BAD_RST, TCP_FIN, 0},
			{1, A, 301, 500, 602, 1000, TCP_VALID, TCP_FIN, 0},
			{1, R, 801, 0, 0, 0, TCP_VALID, TCP_CLOSE, 0}}},
	{"half-closed: an end that has closed whole answers data at its acknowledgement",
		{HALF_CLOSED, {1, A, 301, 500, 101, 1000, TCP_VALID, TCP_FIN, 0},
			{0, R, 101, 0, 0, 0, TCP_VALID, TCP_CLOSE, 0}}},
	{"half-closed: two segments are under way; the later one's answer is what counts",
		{HALF_CLOSED, {1, A, 301, 500, 101, 1000, TCP_VALID, TCP_FIN, 0},
			{1, A, 801, 500, 602, 1000, TCP_VALID, TCP_FIN, 0},
			{0, R, 101, 0, 0, 0, TCP_BAD_RST, TCP_FIN, 0},
			{0, R, 602, 0, 0, 0, TCP_VALID, TCP_CLOSE, 0}}},
	{"both have sent a FIN: the same",
		{HALF_CLOSED, {1, F | A, 301, 500, 101, 1000, TCP_VALID, TCP_LAST_ACK, 0},
			{0, R, 102, 0, 0, 0, TCP_BAD_RST, TCP_LAST_ACK, 0},
			{1, R, 801, 0, 0, 0, TCP_BAD_RST, TCP_LAST_ACK, 0},
			{0, R, 101, 0, 0, 0, TCP_VALID, TCP_CLOSE, 0}}},
	/* The ACK of the FIN was lost behind; the FIN again finds no connection. */
	{"TIME-WAIT: its end has forgotten it, and answers the FIN that comes again",
		{HALF_CLOSED, {1, F | A, 301, 0, 602, 1000, TCP_VALID, TCP_LAST_ACK, 0},
			{0, A, 602, 0, 302, 1000, TCP_VALID, TCP_TIME_WAIT, 0},
			{1, F | A, 301, 0, 602, 1000, TCP_VALID, TCP_TIME_WAIT, 0},
			{0, R, 603, 0, 0, 0, TCP_BAD_RST, TCP_TIME_WAIT, 0},
			{0, R, 602, 0, 0, 0, TCP_VALID, TCP_CLOSE, 0}}},
};

static const struct tcp_case reuse_cases[] = {
	{"RFC 1122 section 4.2.2.13 is about TIME-WAIT: before it a higher SYN changes nothing",
		{HANDSHAKE, {0, F | A, 101, 0, 301, 1000, TCP_VALID, TCP_FIN, 0},
			{1, F | A, 301, 0, 102, 1000, TCP_VALID, TCP_LAST_ACK, 0},
			{0, S, 5000, 0, 0, 1000, TCP_UNCHANGED, TCP_LAST_ACK, 0},
			{0, A, 102, 0, 302, 1000, TCP_VALID, TCP_TIME_WAIT, 0}}},
	{"RFC 9293 figure 9, in LAST-ACK: the last ACK got lost; a challenge, a RST, the SYN again",
		{HANDSHAKE, {0, F | A, 101, 0, 301, 1000, TCP_VALID, TCP_FIN, 0},
			{1, F | A, 301, 0, 102, 1000, TCP_VALID, TCP_LAST_ACK, 0},
			{0, S, 5000, 0, 0, 1000, TCP_UNCHANGED, TCP_LAST_ACK, 0},
			{1, A, 302, 0, 102, 1000, TCP_VALID, TCP_LAST_ACK, 0},
			{0, R, 102, 0, 0, 0, TCP_VALID, TCP_CLOSE, 0},
			{0, S, 5000, 0, 0, 1000, REOPENS, TCP_SYN_SENT, 0}}},
	{"in LAST-ACK, and the other end has forgotten it: its answer begins anew",
		{HANDSHAKE, {0, F | A, 101, 0, 301, 1000, TCP_VALID, TCP_FIN, 0},
			{1, F | A, 301, 0, 102, 1000, TCP_VALID, TCP_LAST_ACK, 0},
			{0, S, 5000, 0, 0, 1000, TCP_UNCHANGED, TCP_LAST_ACK, 0},
			{1, S | A, 9000, 0, 5001, 1000, TCP_VALID, TCP_SYN_RECEIVED, 0}}},
	{"a late copy of its SYN after a RST begins nothing; the other end's SYN does",
		{HANDSHAKE, {0, R, 101, 0, 0, 0, TCP_VALID, TCP_CLOSE, 0},
			{0, S, 100, 0, 0, 1000, TCP_UNCHANGED, TCP_CLOSE, 0},
			{1, S, 5000, 0, 0, 1000, REOPENS, TCP_SYN_SENT, 0},
			{1, S | A, 900, 0, 101, 1000, TCP_BAD_STATE, TCP_SYN_SENT, 0}}},
	/* Who has not got the RST sends its SYN again; who has none of the connection answers
	 * it. */
	{"a SYN again after a RST that got lost: its answer begins anew",
		{HANDSHAKE, {1, R, 301, 0, 0, 0, TCP_VALID, TCP_CLOSE, 0},
			{0, S, 100, 0, 0, 1000, TCP_UNCHANGED, TCP_CLOSE, 0},
			{1, S | A, 900, 0, 101, 1000, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{0, A, 101, 0, 901, 1000, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"TIME-WAIT: a late copy of its SYN, after more data than half of all numbers",
		{{0, S, 100, 0, 0, 65535, TCP_VALID, TCP_SYN_SENT, 15},
			{1, S | A, 300, 0, 101, 65535, TCP_VALID, TCP_SYN_RECEIVED, 15},
			{0, A, 101, 0, 301, 65535, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 301, 0, 101, 65535, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 101, 0x3f000000, 301, 65535, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 301, 0, 0x3f000065, 65535, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 0x3f000065, 0x3f000000, 301, 65535, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 301, 0, 0x7e000065, 65535, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, F | A, 0x7e000065, 0x3f000000, 301, 65535, TCP_VALID, TCP_FIN, 0},
			{1, F | A, 301, 0, 0xbd000066, 65535, TCP_VALID, TCP_LAST_ACK, 0},
			{0, A, 0xbd000066, 0, 302, 65535, TCP_VALID, TCP_TIME_WAIT, 0},
			{0, S, 100, 0, 0, 65535, TCP_UNCHANGED, TCP_TIME_WAIT, 15}}},
};

TCP_CASES_TEST(test_syns, syn_cases)
TCP_CASES_TEST(test_resets, reset_cases)
TCP_CASES_TEST(test_reuse, reuse_cases)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_syns),
		cmocka_unit_test(test_resets),
		cmocka_unit_test(test_reuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
