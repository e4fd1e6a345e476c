/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fragment_rig: a rig for fragments, which notes what became of each packet and in what order they
 * went on.
 */
#ifndef TIDEGATE_TESTS_PIPELINE_FRAGMENT_RIG_H
#define TIDEGATE_TESTS_PIPELINE_FRAGMENT_RIG_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/pipeline.h"
#include "tests/pipeline/rig.h"

enum { PACKETS_MAX = 600, CAPACITY = 64, MILLISECOND = 1000000 };

/* One fragment of a datagram; its first one has the transport header in it. */
struct piece {
	uint32_t begin; /* bytes [begin, end) of the datagram's payload */
	uint32_t end;
	bool more;
	uint32_t ms; /* when it comes */
	uint16_t id;
	uint16_t vlan;
	uint8_t protocol; /* 0: UDP */
	uint8_t tcp_words;
	int cut;	    /* bytes that its transport header lacks */
	uint8_t extensions; /* destination options before the fragment header of IPv6 */
	bool back;
	bool dropped; /* else it goes on */
	enum drop_reason reason;
};

/* Three fragments of a datagram. */
#define A 0, 1000, true
#define B 1000, 2000, true
#define C 2000, 2500, false

/* What the pipeline made of each packet, by the hook that it has for that. */
struct fates {
	const struct rte_mbuf *mbufs[PACKETS_MAX];
	unsigned count;
	uint8_t reasons[PACKETS_MAX];
	bool decided[PACKETS_MAX];
};

struct fragment_rig {
	struct rig rig;
	struct fates fates;
	unsigned order[PACKETS_MAX];
	unsigned passed;
};

/* Write the fragment as a frame of IP version 4 or 6; returns its length. */
uint16_t piece_build(const struct piece *piece, uint8_t version, uint8_t *frame);

/* A rig with room for CAPACITY flows, that allows everything. */
void fragment_rig_init(struct fragment_rig *run);

/* Put packets in, and note what comes out: unchanged, by the other port. */
void fragment_rig_feed(
	struct fragment_rig *run, struct rte_mbuf **mbufs, unsigned count, uint64_t now);

/* Put one fragment in, in a chain of pieces where segment > 0; *ret_held: it waits. */
enum drop_reason fragment_rig_send(struct fragment_rig *run, const struct piece *piece,
	uint8_t version, uint16_t segment, bool *ret_held);

/* Time goes by, until nothing waits. */
void fragment_rig_wait(struct fragment_rig *run, uint64_t now);

/* Nothing waits, and each packet went on or was dropped and counted. */
void fragment_rig_fini(struct fragment_rig *run);

#endif
