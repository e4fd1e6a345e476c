/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * shadow_index: boxes by what they accept, to find one that covers another without looking at all.
 *
 * Overview: in each dimension values are cut to parts, and a box is in the list of each part that
 * it has something of, or, when these are many, in one list of wide boxes. What covers a box
 * accepts any of its values, so it is in the list of that value's part or a wide one: in every
 * dimension, and the shortest lists are gone through.
 */
#ifndef TIDEGATE_CONTROL_POLICY_SHADOW_INDEX_H
#define TIDEGATE_CONTROL_POLICY_SHADOW_INDEX_H

#include "control/policy/shadow_box.h"

/* Lists a dimension; the last one is that of the wide boxes. */
enum { INDEX_WIDE = 4096, INDEX_LISTS };

struct shadow_index_list {
	uint32_t *boxes; /* ascending; malloc'ed */
	uint32_t count;
};

struct shadow_index {
	const struct shadow_boxes *boxes;
	struct shadow_index_list (*lists)[INDEX_LISTS]; /* BOX_SETS of them */
};

/* No box covers. */
#define SHADOW_INDEX_NONE UINT32_MAX

/* Returns 0 or -ENOMEM; also then shadow_index_fini() is due. */
int shadow_index_init(struct shadow_index *index, const struct shadow_boxes *boxes);
void shadow_index_fini(struct shadow_index *index);

/* Add a box; boxes are added in ascending order. 0 or -ENOMEM. */
int shadow_index_add(struct shadow_index *index, uint32_t box);

/* The first of the added boxes that covers the box, or SHADOW_INDEX_NONE. */
uint32_t shadow_index_find(const struct shadow_index *index, uint32_t box);

#endif
