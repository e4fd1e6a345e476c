/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * merge: the flows of one operation, out of the records of all workers.
 *
 * Overview: a conversation whose directions came to two workers is an entry in both of their
 * tables. Records of different workers with the same VLANs, protocol and endpoints, in either
 * direction, become one flow. Two records of one worker never do: they are two flows, one after the
 * other.
 *
 * Life-cycle: merge_create() → merge_add() … → merge_close(); flows are read after that and are
 * then immutable.
 */
#ifndef TIDEGATE_CONTROL_MERGE_H
#define TIDEGATE_CONTROL_MERGE_H

#include <stdint.h>

#include "dataplane/dataplane.h"

struct merge;

/* By what a result is ordered: the largest first, equal ones in the order of their first records.
 */
enum operation_sort {
	SORT_NONE, /* the order of the first records alone */
	SORT_BYTES,
	SORT_PACKETS,
	SORT_AGE,
	SORT_WINDOW_BYTES,
	SORT_WINDOW_PACKETS,
};

/*
 * limit: the most flows kept, up to UINT32_MAX - 1. expected: how many there may be, a hint that
 * spares work. -ENOMEM; -errno when there is no random key.
 */
int merge_create(
	uint16_t worker_count, uint32_t limit, uint64_t expected, struct merge **ret_merge);
void merge_destroy(struct merge *merge);

/* Returns 0, -ENOSPC when the record is one flow more than the limit, or -ENOMEM; then it is left
 * out. */
int merge_add(struct merge *merge, uint16_t worker, const struct flow_record *record);

/* Leave out what was added. */
void merge_clear(struct merge *merge);

/* Leave out what is not in the scope of an operation with this start; of a closed merge. */
void merge_keep(struct merge *merge, const struct walk_scope *scope, uint64_t start);

/* Nothing more will be added: give back what only merging needs. */
void merge_close(struct merge *merge);

/*
 * The first flows of a closed merge in an order, limit of them at most: *ret_order is an array of
 * *ret_count indices for merge_flow(), malloc()ed; NULL when there are none, or the flows stay as
 * they are. Any thread. -ENOMEM
 */
int merge_sort(const struct merge *merge, enum operation_sort sort, uint32_t limit,
	uint32_t **ret_order, uint32_t *ret_count);

uint32_t merge_count(const struct merge *merge);
const struct flow_record *merge_flow(const struct merge *merge, uint32_t index);

/* Conversations that two workers or more have seen. */
uint32_t merge_asymmetric(const struct merge *merge);

#endif
