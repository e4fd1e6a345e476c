/* SPDX-License-Identifier: BSD-3-Clause */
/* load_cycle: packets of many flows, one of each in turn, as UDP frames. */
#ifndef TIDEGATE_TESTS_BENCH_LOAD_CYCLE_H
#define TIDEGATE_TESTS_BENCH_LOAD_CYCLE_H

#include <stdbool.h>
#include <stdint.h>

enum { LOAD_FRAME = 60 }; /* bytes, without the checksum */

/* Of one packet, as it is sent; network order. */
struct load_tuple {
	uint32_t source;
	uint32_t destination;
	uint16_t source_port;
	uint16_t destination_port;
};

/* Write a frame of LOAD_FRAME bytes. */
void load_frame_write(uint8_t *frame, const struct load_tuple *tuple);

/* Make the next packet's tuple that a port receives, 0 or 1; false: it receives none. */
typedef bool load_next_fn(void *context, unsigned port, struct load_tuple *ret_tuple);

/* A source: packets of the flows first to first + count - 1, by port 0 from their sources and by
 * port 1 back, in an order that runs all over the table. */
struct load_cycle {
	uint32_t first;
	uint32_t count;
	uint32_t step;
	uint32_t at[2];	  /* by port */
	uint64_t left[2]; /* packets to go */
};

/* The source address of a flow, in host order. */
uint32_t load_address(uint32_t flow);

/* So many packets by each port, UINT64_MAX for ever. */
void load_cycle_init(
	struct load_cycle *cycle, uint32_t first, uint32_t count, const uint64_t packets[2]);
load_next_fn load_cycle_next;

#endif
