/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * channels: which queues of their interfaces the AF_XDP ports receive by.
 *
 * An AF_XDP socket gets the packets of one receive queue. Those of a queue without a socket go to
 * the kernel, and past the firewall.
 */
#ifndef TIDEGATE_CONTROL_CHANNELS_H
#define TIDEGATE_CONTROL_CHANNELS_H

#include "dataplane/dataplane.h"

/*
 * Give each AF_XDP port whose device string does not say which queues it has one for each worker,
 * as far as its interface has so many. Logs queues that nobody receives by. The interfaces are
 * there, see xdp_release_stale().
 */
void channels_choose(struct dataplane_config *config);

#endif
