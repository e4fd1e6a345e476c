/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tables of TCP segments as they pass a firewall, with what is to become of each. A case names its
 * source; numbers are as there, or relative to the first of each side.
 */
#include "dataplane/tcp_flags.h"
#include "tests/pipeline/tcp_case.h"
#include "tests/unit/check.h"

static const struct tcp_case cases[] = {
	{"RFC 9293 figures 6 and 12: handshake, data, orderly close",
		{HANDSHAKE, {0, A | P, 101, 50, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 301, 0, 151, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, F | A, 151, 0, 301, 1000, TCP_VALID, TCP_FIN, 0},
			{1, A, 301, 0, 152, 1000, TCP_VALID, TCP_FIN, 0},
			{1, F | A, 301, 0, 152, 1000, TCP_VALID, TCP_LAST_ACK, 0},
			{0, A, 152, 0, 302, 1000, TCP_VALID, TCP_TIME_WAIT, 0}}},
	{"RFC 9293 figure 13: simultaneous close",
		{HANDSHAKE, {0, F | A, 101, 0, 301, 1000, TCP_VALID, TCP_FIN, 0},
			{1, F | A, 301, 0, 101, 1000, TCP_VALID, TCP_LAST_ACK, 0},
			{0, A, 102, 0, 302, 1000, TCP_VALID, TCP_LAST_ACK, 0},
			{1, A, 302, 0, 102, 1000, TCP_VALID, TCP_TIME_WAIT, 0}}},
	{"RFC 9293 figure 7: simultaneous open",
		{{0, S, 100, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, 0},
			{1, S, 300, 0, 0, 1000, TCP_VALID, TCP_SYN_CROSSED, 0},
			{0, S | A, 100, 0, 301, 1000, TCP_VALID, TCP_SYN_CROSSED, 0},
			{1, S | A, 300, 0, 101, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A | P, 101, 10, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"split handshake (Beardsley and Qian 2010): the answer's ACK and SYN come apart",
		{{0, S, 100, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, 0},
			{1, A, 300, 0, 101, 1000, TCP_UNCHANGED, TCP_SYN_SENT, 0},
			{1, S, 300, 0, 0, 1000, TCP_VALID, TCP_SYN_CROSSED, 0},
			{0, S | A, 100, 0, 301, 1000, TCP_VALID, TCP_SYN_CROSSED, 0},
			{1, A, 301, 0, 101, 1000, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"split handshake: the answer is a SYN alone",
		{{0, S, 100, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, 0},
			{1, S, 300, 0, 0, 1000, TCP_VALID, TCP_SYN_CROSSED, 0},
			{0, S | A, 100, 0, 301, 1000, TCP_VALID, TCP_SYN_CROSSED, 0},
			{1, A, 301, 0, 101, 1000, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"RFC 9293 figure 8: an old duplicate SYN is reset, and the new one opens",
		{{0, S, 90, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, 0},
			{1, S | A, 300, 0, 91, 1000, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{0, R, 91, 0, 0, 0, TCP_VALID, TCP_CLOSE, 0},
			{0, S, 100, 0, 0, 1000, REOPENS, TCP_SYN_SENT, 0},
			{1, S | A, 400, 0, 101, 1000, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{0, A, 101, 0, 401, 1000, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"RFC 9293 figure 9: one end has crashed; a challenge, a RST, and the SYN again",
		{HANDSHAKE, {0, S, 400, 0, 0, 1000, TCP_UNCHANGED, TCP_ESTABLISHED, 0},
			{1, A, 301, 0, 101, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, R, 101, 0, 0, 0, TCP_VALID, TCP_CLOSE, 0},
			{0, S, 400, 0, 0, 1000, REOPENS, TCP_SYN_SENT, 0}}},
	{"RFC 9293 figure 10: data of an end whose other has crashed is reset",
		{HANDSHAKE, {1, A, 301, 10, 101, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, R, 101, 0, 0, 0, TCP_VALID, TCP_CLOSE, 0}}},
	{"both ends have forgotten: the SYN is answered, and it is another connection",
		{HANDSHAKE, {0, S, 5000, 0, 0, 1000, TCP_UNCHANGED, TCP_ESTABLISHED, 0},
			{1, S | A, 9000, 0, 5001, 1000, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{0, A, 5001, 0, 9001, 1000, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"an answer that no SYN asked for does not begin anew",
		{HANDSHAKE, {1, S | A, 9000, 0, 5001, 1000, TCP_BAD_STATE, TCP_ESTABLISHED, 0},
			{0, S, 5000, 0, 0, 1000, TCP_UNCHANGED, TCP_ESTABLISHED, 0},
			{1, S | A, 9000, 0, 5002, 1000, TCP_BAD_STATE, TCP_ESTABLISHED, 0},
			{0, A | P, 101, 10, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"half-close: the other side goes on sending (RFC 9293 section 3.6)",
		{HANDSHAKE, {0, F | A, 101, 0, 301, 1000, TCP_VALID, TCP_FIN, 0},
			{1, A, 301, 500, 102, 1000, TCP_VALID, TCP_FIN, 0},
			{0, A, 102, 0, 801, 1000, TCP_VALID, TCP_FIN, 0},
			{1, A, 801, 500, 102, 1000, TCP_VALID, TCP_FIN, 0},
			{0, A | P, 102, 1, 1301, 1000, TCP_BAD_WINDOW, TCP_FIN, 0}}},
	{"a FIN and its ACK are repeated",
		{HANDSHAKE, {0, F | A, 101, 0, 301, 1000, TCP_VALID, TCP_FIN, 0},
			{0, F | A, 101, 0, 301, 1000, TCP_VALID, TCP_FIN, 0},
			{1, F | A, 301, 0, 102, 1000, TCP_VALID, TCP_LAST_ACK, 0},
			{0, A, 102, 0, 302, 1000, TCP_VALID, TCP_TIME_WAIT, 0},
			{1, F | A, 301, 0, 102, 1000, TCP_VALID, TCP_TIME_WAIT, 0},
			{0, A, 102, 0, 302, 1000, TCP_VALID, TCP_TIME_WAIT, 0}}},
	{"RFC 1122 section 4.2.2.13: TIME-WAIT is reused by a higher number",
		{HANDSHAKE, {0, F | A, 101, 0, 301, 1000, TCP_VALID, TCP_FIN, 0},
			{1, F | A, 301, 0, 102, 1000, TCP_VALID, TCP_LAST_ACK, 0},
			{0, A, 102, 0, 302, 1000, TCP_VALID, TCP_TIME_WAIT, 0},
			{0, S, 103, 0, 0, 1000, REOPENS, TCP_SYN_SENT, 0}}},
	{"and not by a lower one, unless its answer says so (RFC 6191)",
		{HANDSHAKE, {0, F | A, 101, 0, 301, 1000, TCP_VALID, TCP_FIN, 0},
			{1, F | A, 301, 0, 102, 1000, TCP_VALID, TCP_LAST_ACK, 0},
			{0, A, 102, 0, 302, 1000, TCP_VALID, TCP_TIME_WAIT, 0},
			{0, S, 50, 0, 0, 1000, TCP_UNCHANGED, TCP_TIME_WAIT, 0},
			{1, S | A, 900, 0, 51, 1000, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{0, A, 51, 0, 901, 1000, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"Linux conntrack_syn_challenge_ack.pkt",
		{{0, S, 0, 0, 0, 65535, TCP_VALID, TCP_SYN_SENT, 9},
			{1, A, 145824453, 0, 643160523, 240, TCP_UNCHANGED, TCP_SYN_SENT, 0},
			{0, R, 643160523, 0, 0, 0, TCP_UNCHANGED, TCP_SYN_SENT, 0},
			{0, S, 0, 0, 0, 65535, TCP_VALID, TCP_SYN_SENT, 9},
			{1, S | A, 0, 0, 1, 250, TCP_VALID, TCP_SYN_RECEIVED, 1},
			{0, A, 1, 0, 1, 256, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"Linux conntrack_synack_old.pkt: an old SYN-ACK does not poison the window",
		{{0, S, 0, 0, 0, 65535, TCP_VALID, TCP_SYN_SENT, 9},
			{1, S | A, 145824453, 0, 643160523, 240, TCP_BAD_STATE, TCP_SYN_SENT, 1},
			{0, S, 0, 0, 0, 65535, TCP_VALID, TCP_SYN_SENT, 9},
			{1, S | A, 145758918, 0, 1, 250, TCP_VALID, TCP_SYN_RECEIVED, 1},
			{0, A | P, 1, 1, 145758919, 256, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"Linux conntrack_synack_reuse.pkt",
		{{0, S, 0, 0, 0, 32792, TCP_VALID, TCP_SYN_SENT, 8},
			{1, S | A, 0, 0, 1, 65535, TCP_VALID, TCP_SYN_RECEIVED, 9},
			{0, A, 1, 0, 1, 257, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A | P, 1, 100, 1, 257, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 1, 0, 101, 256, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, S, 2000, 0, 0, 32792, TCP_UNCHANGED, TCP_ESTABLISHED, 8},
			{1, A, 1, 0, 101, 256, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, R | A, 101, 0, 1, 257, TCP_VALID, TCP_CLOSE, 0},
			{0, S, 2000, 0, 0, 32792, REOPENS, TCP_SYN_SENT, 1},
			{1, S | A, 7000, 0, 2001, 65535, TCP_VALID, TCP_SYN_RECEIVED, 9}}},
	{"Linux conntrack_inexact_rst.pkt: a RST at what the other end has acknowledged",
		{{0, S, 0, 0, 0, 65535, TCP_VALID, TCP_SYN_SENT, 9},
			{1, S | A, 1, 0, 1, 65535, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{0, A, 1, 0, 2, 65535, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 2, 1000, 1, 65535, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 1002, 2000, 1, 65535, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 1, 0, 3002, 65535, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A | P, 1, 1000, 3002, 65535, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, F | A, 3002, 0, 1001, 65535, TCP_VALID, TCP_FIN, 0},
			{0, A, 1001, 0, 3003, 65535, TCP_VALID, TCP_FIN, 0},
			{0, R | A, 1001, 0, 3003, 65535, TCP_VALID, TCP_CLOSE, 0},
			{1, R, 2002, 0, 0, 0, TCP_UNCHANGED, TCP_CLOSE, 0}}},
	{"Linux conntrack_rst_invalid.pkt: four RSTs that are not exact, one that is",
		{{0, S, 0, 0, 0, 65535, TCP_VALID, TCP_SYN_SENT, 9},
			{1, S | A, 0, 0, 1, 65535, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{0, A, 1, 0, 1, 65535, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 1, 3000, 1, 65535, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 1, 0, 3001, 65535, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, R, 0, 0, 0, 0, TCP_BAD_RST, TCP_ESTABLISHED, 0},
			{1, R, 1000000, 0, 0, 0, TCP_BAD_RST, TCP_ESTABLISHED, 0},
			{1, R, 42, 0, 0, 0, TCP_BAD_RST, TCP_ESTABLISHED, 0},
			{0, A | P, 1, 1000, 3001, 65535, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 3001, 0, 1001, 65535, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, R | A, 3000, 0, 1001, 0, TCP_BAD_RST, TCP_ESTABLISHED, 0},
			{1, R | A, 3001, 0, 1001, 0, TCP_VALID, TCP_CLOSE, 0}}},
	{"Linux conntrack_ack_loss_stall.pkt: data that was acknowledged comes again",
		{{0, S, 0, 0, 0, 32792, TCP_VALID, TCP_SYN_SENT, 0},
			{1, S | A, 0, 0, 1, 65535, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{0, A, 1, 0, 1, 65535, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A | P, 1, 40000, 1, 257, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 1, 0, 40001, 65535, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A | P, 40001, 30000, 1, 257, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 1, 0, 70001, 65535, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A | P, 1, 1460, 1, 257, TCP_UNCHANGED, TCP_ESTABLISHED, 0},
			{1, A, 1, 0, 70001, 65535, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"RFC 7413: Fast Open, all of the SYN's data acknowledged",
		{{0, S, 100, 50, 0, 1000, TCP_VALID, TCP_SYN_SENT, 0},
			{1, S | A, 300, 0, 151, 1000, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{1, A, 301, 20, 151, 1000, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{0, A, 151, 0, 321, 1000, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"RFC 7413: the SYN alone acknowledged, the data comes again",
		{{0, S, 100, 50, 0, 1000, TCP_VALID, TCP_SYN_SENT, 0},
			{1, S | A, 300, 0, 101, 1000, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{0, A, 101, 50, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 301, 0, 151, 1000, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"RFC 7323: windows are scaled when both ends say so, but not those of SYNs",
		{{0, S, 100, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, 8},
			{1, S | A, 300, 0, 101, 1000, TCP_VALID, TCP_SYN_RECEIVED, 4},
			{0, A, 101, 1001, 301, 1000, TCP_BAD_WINDOW, TCP_SYN_RECEIVED, 0},
			{0, A, 101, 1000, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 301, 0, 1101, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 1101, 8001, 301, 1000, TCP_BAD_WINDOW, TCP_ESTABLISHED, 0},
			{0, A, 1101, 8000, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 301, 64000, 9101, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 64301, 64001, 9101, 1000, TCP_BAD_WINDOW, TCP_ESTABLISHED, 0}}},
	{"RFC 7323: and not when one end does not",
		{{0, S, 100, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, 8},
			{1, S | A, 300, 0, 101, 1000, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{0, A, 101, 0, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 301, 1001, 101, 1000, TCP_BAD_WINDOW, TCP_ESTABLISHED, 0},
			{1, A, 301, 1000, 101, 1000, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"the bounds of van Rooij, one by one",
		{HANDSHAKE, {0, A, 101, 1000, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 1101, 1, 301, 1000, TCP_BAD_WINDOW, TCP_ESTABLISHED, 0},
			{0, A, 1101, 0, 302, 1000, TCP_BAD_WINDOW, TCP_ESTABLISHED, 0},
			{1, A, 301, 0, 1102, 1000, TCP_BAD_WINDOW, TCP_ESTABLISHED, 0},
			{1, A, 301, 0, 601, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 101, 0, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 100, 0, 301, 1000, TCP_UNCHANGED, TCP_ESTABLISHED, 0},
			{0, A, 100 - 140000u, 0, 301, 1000, TCP_BAD_WINDOW, TCP_ESTABLISHED, 0},
			{1, A, 301, 0, 1101 - 66001u, 1000, TCP_BAD_WINDOW, TCP_ESTABLISHED, 0}}},
	{"RFC 9293 section 3.8.6.1: a window of 0 is probed with a byte",
		{HANDSHAKE, {0, A, 101, 1000, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 301, 0, 1101, 0, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 1101, 2, 301, 1000, TCP_BAD_WINDOW, TCP_ESTABLISHED, 0},
			{0, A, 1101, 1, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 301, 0, 1101, 0, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 301, 0, 1102, 1000, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"RFC 1122 section 4.2.3.6: keep-alives, with and without a byte",
		{HANDSHAKE, {0, A, 100, 0, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 301, 0, 101, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 300, 1, 101, 1000, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"numbers wrap around",
		{{0, S, 0xffffff00, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, 0},
			{1, S | A, 0xffffffff, 0, 0xffffff01, 1000, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{0, A, 0xffffff01, 0, 0, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, A, 0xffffff01, 1000, 0, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 0, 500, 745, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{0, R, 745, 0, 0, 0, TCP_VALID, TCP_CLOSE, 0}}},
	{"a SYN with another number is another try; an answer to neither is none",
		{{0, S, 100, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, 0},
			{0, S, 5000, 0, 0, 1000, TCP_UNCHANGED, TCP_SYN_SENT, 0},
			{1, S | A, 300, 0, 102, 1000, TCP_BAD_STATE, TCP_SYN_SENT, 0},
			{1, S | A, 300, 0, 5001, 1000, TCP_VALID, TCP_SYN_RECEIVED, 0}}},
	{"the answer is repeated, with another number too (a SYN cookie)",
		{{0, S, 100, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, 0},
			{1, S | A, 300, 0, 101, 1000, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{1, S | A, 700, 0, 101, 1000, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{0, A, 101, 0, 701, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, S | A, 700, 0, 101, 1000, TCP_UNCHANGED, TCP_ESTABLISHED, 0},
			{0, A, 101, 0, 701, 1000, TCP_VALID, TCP_ESTABLISHED, 0}}},
	{"RFC 9293 section 3.10.7.3: a RST to a SYN must acknowledge it",
		{{0, S, 100, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, 0},
			{1, R, 101, 0, 0, 0, TCP_BAD_RST, TCP_SYN_SENT, 0},
			{1, R | A, 0, 0, 100, 0, TCP_BAD_RST, TCP_SYN_SENT, 0},
			{1, R | A, 0, 0, 102, 0, TCP_BAD_RST, TCP_SYN_SENT, 0},
			{1, R | A, 0, 0, 101, 0, TCP_VALID, TCP_CLOSE, 0},
			{0, S, 100, 0, 0, 1000, TCP_UNCHANGED, TCP_CLOSE, 0},
			{0, S, 101, 0, 0, 1000, REOPENS, TCP_SYN_SENT, 0}}},
	{"one-sided traffic never becomes established",
		{{0, S, 100, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, 0},
			{0, A, 101, 0, 301, 1000, TCP_BAD_STATE, TCP_SYN_SENT, 0},
			{0, A | P, 101, 10, 301, 1000, TCP_BAD_STATE, TCP_SYN_SENT, 0},
			{0, F | A, 111, 0, 301, 1000, TCP_BAD_STATE, TCP_SYN_SENT, 0}}},
	{"midstream: picked up, established with the other side, a RST exact",
		{{0, A | P, 5000, 10, 9000, 1000, TCP_VALID, TCP_MIDSTREAM, 0},
			{0, A | P, 5010, 10, 9000, 1000, TCP_VALID, TCP_MIDSTREAM, 0},
			{1, A, 9000, 1000000, 5020, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, R, 12345, 0, 0, 0, TCP_BAD_RST, TCP_ESTABLISHED, 0},
			{0, F | A, 5020, 0, 1009000, 1000, TCP_VALID, TCP_FIN, 0},
			{1, F | A, 1009000, 0, 5021, 1000, TCP_VALID, TCP_LAST_ACK, 0},
			{0, A, 5021, 0, 1009001, 1000, TCP_VALID, TCP_TIME_WAIT, 0}}},
	{"midstream: a SYN and its answer begin anew, with its bounds checked",
		{{0, A, 5000, 10, 9000, 1000, TCP_VALID, TCP_MIDSTREAM, 0},
			{1, S, 300, 0, 0, 1000, TCP_UNCHANGED, TCP_MIDSTREAM, 0},
			{0, S | A, 100, 0, 301, 1000, TCP_VALID, TCP_SYN_RECEIVED, 0},
			{1, A, 301, 0, 101, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, A, 301, 1001, 101, 1000, TCP_BAD_WINDOW, TCP_ESTABLISHED, 0}}},
	{"after a RST stragglers pass, and it stays over",
		{HANDSHAKE, {0, A, 101, 100, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0},
			{1, R, 301, 0, 0, 0, TCP_VALID, TCP_CLOSE, 0},
			{0, A, 201, 100, 301, 1000, TCP_VALID, TCP_CLOSE, 0},
			{0, F | A, 301, 0, 301, 1000, TCP_VALID, TCP_CLOSE, 0},
			{1, A, 301, 0, 302, 1000, TCP_VALID, TCP_CLOSE, 0},
			{0, A, 201, 9000, 301, 1000, TCP_BAD_WINDOW, TCP_CLOSE, 0}}},
};

static void test_cases(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		tcp_case_run(&cases[i]);
}

/* RFC 9293 section 3.10.7: what has no ACK is a SYN or a RST; the others contradict themselves. */
static void test_flags(void **state)
{
	static const uint8_t legal[] = {S, S | U, S | A, R, R | A, F | A, F | A | U, A, A | U};

	(void)state;
	for (unsigned flags = 0; flags < 256; flags++) {
		bool expected = false;

		/* PSH, ECE and CWR go with anything. */
		for (unsigned i = 0; i < sizeof(legal); i++)
			expected = expected || (flags & (F | S | R | A | U)) == legal[i];
		assert_int_equal(tcp_flags_legal(flags), expected);
	}
}

/* With nothing checked every segment is taken, and only the order of kinds counts. */
static void test_unchecked(void **state)
{
	static const struct tcp_step steps[] = {
		{0, S, 100, 0, 0, 10, TCP_VALID, TCP_SYN_SENT, 0},
		{0, A, 9999, 10, 77, 10, TCP_VALID, TCP_SYN_SENT, 0},
		{1, A, 1, 100000, 5, 10, TCP_VALID, TCP_ESTABLISHED, 0},
		{0, F | A, 3, 0, 1, 10, TCP_VALID, TCP_FIN, 0},
		{1, F | A, 9, 0, 1, 10, TCP_VALID, TCP_LAST_ACK, 0},
		{1, R, 31337, 0, 0, 0, TCP_VALID, TCP_CLOSE, 0},
	};
	struct tcp tcp;

	(void)state;
	for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct tcp_segment segment = tcp_case_segment(&steps[i]);

		if (i == 0)
			tcp_begin(&tcp, &segment, true);
		else
			assert_int_equal(
				tcp_advance(&tcp, &segment, steps[i].side), steps[i].verdict);
		assert_int_equal(tcp.state, steps[i].state);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_unchecked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
