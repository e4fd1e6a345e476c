/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * range_set: what a match list accepts, as sorted ranges that neither touch nor overlap, so that
 * sets can be compared.
 */
#ifndef TIDEGATE_CONTROL_POLICY_RANGE_SET_H
#define TIDEGATE_CONTROL_POLICY_RANGE_SET_H

#include "control/policy/list.h"

/* From low to high, both included. */
struct range {
	unsigned __int128 low;
	unsigned __int128 high;
	uint8_t space; /* 4 and 6: addresses; 0: ports, where 65536 is a packet without ports */
};

struct range_set {
	struct range *ranges; /* malloc'ed */
	uint32_t count;
};

/* What the list accepts, by the rules of struct match. 0 or -ENOMEM. */
int range_set_init(struct range_set *set, enum list_type type, const struct list *list);
void range_set_fini(struct range_set *set);

/* Whether everything of inner is in outer. */
bool range_set_covers(const struct range_set *outer, const struct range_set *inner);

/* Whether no packet with such a field is accepted. */
bool range_set_is_empty(const struct range_set *set);

#endif
