/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hygiene: packets that no host or router is to send, each by itself.
 */
#ifndef TIDEGATE_DATAPLANE_HYGIENE_H
#define TIDEGATE_DATAPLANE_HYGIENE_H

#include <rte_mbuf.h>

#include "dataplane/drop.h"
#include "dataplane/packet.h"

/* Check a packet that the parser accepted; checks: CHECK_BIT() of each that is on. Returns
 * DROP_NONE, or the reason to drop it. */
enum drop_reason hygiene_check(
	const struct rte_mbuf *mbuf, const struct packet *packet, uint32_t checks);

#endif
