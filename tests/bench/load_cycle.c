/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/bench/load_cycle.h"

#include <assert.h>
#include <netinet/in.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_ip.h>

enum { L3_OFFSET = 14, SOURCE_OFFSET = L3_OFFSET + 12 };

static const uint8_t template[LOAD_FRAME] = {
	/* Ethernet: two locally administered addresses, IPv4 */
	0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2, 0x08, 0x00,
	/* IPv4: 46 bytes, hop limit 64, UDP; no check of its checksum is on */
	0x45, 0, 0, LOAD_FRAME - L3_OFFSET, 0, 0, 0, 0, 64, IPPROTO_UDP, 0, 0,
	/* addresses */
	0, 0, 0, 0, 0, 0, 0, 0,
	/* UDP: ports, length, no checksum */
	0, 0, 0, 0, 0, LOAD_FRAME - L3_OFFSET - 20, 0, 0};

static_assert(sizeof(struct load_tuple) == 12, "addresses and ports as they follow in a packet");

void load_frame_write(uint8_t *frame, const struct load_tuple *tuple)
{
	memcpy(frame, template, sizeof(template));
	memcpy(frame + SOURCE_OFFSET, tuple, sizeof(*tuple));
}

uint32_t load_address(uint32_t flow)
{
	return RTE_IPV4(10, 0, 0, 0) + flow;
}

void load_cycle_init(
	struct load_cycle *cycle, uint32_t first, uint32_t count, const uint64_t packets[2])
{
	/* Prime, so that it goes over all flows, unless their number is a multiple of it. */
	enum { STEP = 618041 };

	*cycle = (struct load_cycle){.first = first,
		.count = count,
		.step = STEP % count,
		.left = {packets[0], packets[1]}};
}

bool load_cycle_next(void *context, unsigned port, struct load_tuple *ret_tuple)
{
	const uint32_t destination = rte_cpu_to_be_32(RTE_IPV4(192, 0, 2, 1));
	const uint16_t ports[2] = {rte_cpu_to_be_16(1000), rte_cpu_to_be_16(53)};
	struct load_cycle *cycle = context;
	uint32_t source;

	if (cycle->left[port] == 0)
		return false;
	cycle->left[port]--;
	source = rte_cpu_to_be_32(load_address(cycle->first + cycle->at[port]));
	cycle->at[port] += cycle->step;
	if (cycle->at[port] >= cycle->count)
		cycle->at[port] -= cycle->count;
	*ret_tuple = port == 0 ? (struct load_tuple){source, destination, ports[0], ports[1]}
			       : (struct load_tuple){destination, source, ports[1], ports[0]};
	return true;
}
