/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * scenario: packets in their order through pipeline_burst(), each with what is to become of it.
 * Every scenario is run in bursts of 1, 3 and 32, in one buffer a frame and in chains of 7-byte
 * pieces.
 */
#ifndef TIDEGATE_TESTS_PIPELINE_SCENARIO_H
#define TIDEGATE_TESTS_PIPELINE_SCENARIO_H

#include "tests/pipeline/frame.h"
#include "tests/pipeline/rig.h"

enum { SCENARIO_PACKETS = 12 };

struct scenario_packet {
	struct frame_spec frame;
	bool dropped; /* else sent on, unchanged */
	enum drop_reason reason;
	uint32_t second; /* when it comes */
	uint8_t port;	 /* where */
};

#define DROPPED(drop_reason) .dropped = true, .reason = drop_reason

struct scenario {
	const char *name;
	const struct match *matches; /* of rules that judge who opens a flow */
	const enum action *actions;
	uint32_t rule_count;
	enum action default_action;
	uint32_t checks; /* CHECK_BIT() of each */
	bool drop_non_ip;
	bool tracked; /* TCP and SCTP are, else every packet is taken */
	unsigned packet_count;
	struct scenario_packet packets[SCENARIO_PACKETS];
	uint32_t flows[2]; /* entries left: IPv4, IPv6 */
	uint64_t total[2]; /* packets that they have, forward and reverse */
	/* Of the only one; FLOW_FREE: not looked at. */
	uint8_t state; /* enum flow_state */
	uint64_t bytes[2];
};

/* Run each; fails with its name. */
void scenarios_run(const struct scenario *scenarios, unsigned count);

#endif
