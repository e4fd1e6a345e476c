/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * flow_ledger: what flows there are, by the packets that were sent: a plain model of a worker that
 * takes every TCP segment.
 *
 * Overview: a tuple is a number. Its frames are of UDP or TCP, IPv4 or IPv6, with or without a
 * VLAN. The ledger counts each flow of each tuple by itself; of the worker it asks alone which
 * packets it refused for want of room, and which flows it took out, and when.
 */
#ifndef TIDEGATE_TESTS_PIPELINE_FLOW_LEDGER_H
#define TIDEGATE_TESTS_PIPELINE_FLOW_LEDGER_H

#include "tests/pipeline/rig.h"

/* A flow; counters are of both directions together. */
struct ledger_flow {
	uint32_t tuple;
	int32_t previous; /* number of the tuple's flow before, or -1 */
	uint64_t first_seen;
	uint64_t last_seen;
	uint64_t packets;
	uint64_t bytes;
	bool first_from_server;
	bool replied;
	bool fins[2];
	bool reset;
	bool began_closed; /* its first packet was a RST */
	bool gone;	   /* out of the table */
	/* For the test: */
	uint64_t packets_before, bytes_before; /* when the operation or window began */
	uint64_t packets_after, bytes_after;   /* when the window ended */
	bool expected;			       /* to be in the result */
	bool listed;			       /* found in it */
};

struct ledger {
	struct rig *rig;
	uint32_t tuples;
	struct ledger_flow *flows;
	uint32_t count;
	uint32_t capacity;
	int32_t *current;	      /* by tuple: number of its flow, or -1 */
	struct flow_record ends[256]; /* of the burst under way */
	uint32_t end_count;
	uint64_t packets; /* sent, all */
};

struct ledger_packet {
	uint32_t tuple;
	bool from_server;
	uint8_t flags; /* of TCP */
	uint16_t payload;
};

/* Idle timeouts of the ledger's rig, seconds. */
enum {
	LEDGER_TCP_NEW = 8,
	LEDGER_TCP_ESTABLISHED = 15,
	LEDGER_TCP_CLOSING = 6, /* after one FIN and after both */
	LEDGER_TCP_CLOSED = 3,
	LEDGER_UDP_NEW = 4,
	LEDGER_UDP_ESTABLISHED = 9,
};

bool ledger_tuple_is_tcp(uint32_t tuple);

/* Watch a rig's worker, which is empty; at most 32,768 tuples. */
void ledger_init(struct ledger *ledger, struct rig *rig, uint32_t tuples);
void ledger_fini(struct ledger *ledger);

/* Send a burst. */
void ledger_burst(
	struct ledger *ledger, const struct ledger_packet *packets, uint16_t count, uint64_t now);

/* Note the flows that the worker took out otherwise: after expiry slices and walks. */
void ledger_note_ends(struct ledger *ledger);

/* Whether a flow is open. */
bool ledger_is_open(const struct ledger_flow *flow, uint64_t now);
bool ledger_is_closed(const struct ledger_flow *flow);

/* Drop what is gone. */
void ledger_forget(struct ledger *ledger);

/* The flow of a record that is expected and was not listed before, and mark it listed; NULL: there
 * is none. */
struct ledger_flow *ledger_find(struct ledger *ledger, const struct flow_record *record);

#endif
