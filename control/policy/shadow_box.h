/* SPDX-License-Identifier: BSD-3-Clause */
/* shadow_box: what a rule accepts, as one set a dimension. A box covers another when it does so in
 * each dimension. */
#ifndef TIDEGATE_CONTROL_POLICY_SHADOW_BOX_H
#define TIDEGATE_CONTROL_POLICY_SHADOW_BOX_H

#include "control/policy/range_set.h"
#include "dataplane/dataplane.h"

/* The dimensions that are sets of ranges. */
enum { BOX_SOURCE, BOX_DESTINATION, BOX_SOURCE_PORTS, BOX_DESTINATION_PORTS, BOX_SETS };

struct shadow_box {
	const struct range_set *sets[BOX_SETS];
	uint64_t protocols[4]; /* a bit a protocol */
	uint8_t flags;
	uint8_t flag_mask;
	uint8_t flow; /* RULE_… bits */
	bool both;
};

/* The boxes of many matches. Lists that matches share are one set. */
struct shadow_boxes {
	struct shadow_box *boxes;
	uint32_t count;
	struct shadow_list *lists;
	uint32_t list_count;
};

/*
 * Make the boxes; match_at(rules, i) gives the match of rule i. Flow and both, which are not in a
 * match, the caller sets. Returns 0 or -ENOMEM; also then shadow_boxes_fini() is due.
 */
int shadow_boxes_init(struct shadow_boxes *boxes, uint32_t count,
	const struct match *(*match_at)(const void *rules, uint32_t index), const void *rules);
void shadow_boxes_fini(struct shadow_boxes *boxes);

/* Whether the box a accepts whatever the box b accepts. */
bool shadow_box_covers(const struct shadow_box *a, const struct shadow_box *b);

#endif
