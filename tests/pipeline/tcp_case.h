/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tcp_case: a table of TCP segments as they pass a firewall, with what is to become of each. A case
 * names its source; numbers are as there, or relative to the first of each side.
 */
#ifndef TIDEGATE_TESTS_PIPELINE_TCP_CASE_H
#define TIDEGATE_TESTS_PIPELINE_TCP_CASE_H

#include "dataplane/tcp.h"

#define F 1
#define S 2
#define R 4
#define P 8
#define A 16
#define U 32

/* Options, to be added up; a number below 16 is a window scale option + 1. */
#define SACK_OK UINT64_C(0x100)				       /* SACK-permitted */
#define SACKED(bytes) ((uint64_t)(bytes) << 10)		       /* above ack; less than 2^22 */
#define STAMP(time) (UINT64_C(0x200) | (uint64_t)(time) << 32) /* timestamps */

/* One segment: who sends it (0: who sent the first), its flags, numbers seq:seq+length, ack,
 * window. */
struct tcp_step {
	unsigned side;
	uint8_t flags;
	uint32_t seq;
	uint32_t length;
	uint32_t ack;
	uint16_t window;
	enum tcp_verdict verdict;
	enum tcp_state state; /* after it */
	uint64_t options;
};

enum { TCP_CASE_STEPS = 24 };

struct tcp_case {
	const char *name; /* with its source */
	struct tcp_step steps[TCP_CASE_STEPS];
};

/* Begins another connection in place of the one there. */
#define REOPENS ((enum tcp_verdict)100)

#define HANDSHAKE                                                                                  \
	{0, S, 100, 0, 0, 1000, TCP_VALID, TCP_SYN_SENT, 0},                                       \
		{1, S | A, 300, 0, 101, 1000, TCP_VALID, TCP_SYN_RECEIVED, 0},                     \
	{                                                                                          \
		0, A, 101, 0, 301, 1000, TCP_VALID, TCP_ESTABLISHED, 0                             \
	}

struct tcp_segment tcp_case_segment(const struct tcp_step *step);

/* Run cases; fails with the name of the first that does not hold. */
void tcp_cases_run(const struct tcp_case *cases, unsigned count);

/* A test of this name that runs a table. */
#define TCP_CASES_TEST(name, cases)                                                                \
	static void name(void **state)                                                             \
	{                                                                                          \
		(void)state;                                                                       \
		tcp_cases_run(cases, sizeof(cases) / sizeof((cases)[0]));                          \
	}

#endif
