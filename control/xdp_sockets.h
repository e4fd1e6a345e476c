/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * xdp_sockets: how the kernel serves the AF_XDP sockets of each port. DPDK's driver keeps them to
 * itself, so they are found among the open files of the process.
 */
#ifndef TIDEGATE_CONTROL_XDP_SOCKETS_H
#define TIDEGATE_CONTROL_XDP_SOCKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/dataplane.h"

/* Of one port. */
struct xdp_sockets_port {
	uint16_t count; /* 0: it is none of AF_XDP */
	bool zero_copy; /* all of them; else the kernel copies packets */
	bool busy_poll; /* all of them prefer it (SO_PREFER_BUSY_POLL) */
};

/* Begins with zeros. */
struct xdp_sockets {
	struct xdp_sockets_port ports[PORT_MAX];
	int known[PORT_MAX * WORKER_MAX]; /* descriptors */
	uint32_t known_count;
};

/* Ask the kernel about the sockets opened since the last call, which are this port's; sockets is a
 * struct xdp_sockets. There are none where the files of a process cannot be listed. */
dataplane_port_fn xdp_sockets_note;

/* Log how the packets of each AF_XDP port go. */
void xdp_sockets_log(const struct xdp_sockets *sockets, const struct dataplane_config *config);

#endif
