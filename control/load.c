/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/load.h"

static double ratio(uint64_t value, uint64_t of)
{
	return of == 0 ? 0 : (double)value / (double)of;
}

void load_sample(struct load *load, const struct worker_status *now)
{
	uint64_t busy = now->busy_cycles - load->busy_cycles;
	uint64_t total = now->total_cycles - load->total_cycles;
	uint64_t packets = now->packets - load->packets;

	if (total == 0)
		return;
	/* The worker goes on while its counters are read: it may have counted a poll as busy and
	 * not yet in the total. */
	load->percent = busy < total ? 100 * ratio(busy, total) : 100;
	load->cycles_per_packet = ratio(busy, packets);
	load->packets_per_burst = ratio(packets, now->bursts - load->bursts);
	load->busy_cycles = now->busy_cycles;
	load->total_cycles = now->total_cycles;
	load->packets = now->packets;
	load->bursts = now->bursts;
}
