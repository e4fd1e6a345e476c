/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * flow_set: the flows that an operation listed, to be found again by another one.
 *
 * Overview: members are kept in the order in which they were added; an open-addressing table with
 * linear probing, at most half full, has their numbers by the keyed hash of their conversation.
 *
 * Synchronisation: control fills a set; from then on it is read alone, by any number of workers.
 */
#ifndef TIDEGATE_DATAPLANE_FLOW_SET_H
#define TIDEGATE_DATAPLANE_FLOW_SET_H

#include "dataplane/dataplane.h"

/* Whether a flow is one of the set's. */
bool flow_set_has(const struct flow_set *set, const struct flow_record *flow);

#endif
