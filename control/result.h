/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * result: the flows of an operation in the database: chunks (control/chunk.h), numbered from 0, of
 * CHUNK_RECORDS flows each but the last. Those of an operation that has a chunk_list are there
 * instead; nothing is done with the database then, which may be NULL.
 *
 * Errors are those of control/database.h, and -EBADMSG: a chunk is damaged.
 */
#ifndef TIDEGATE_CONTROL_RESULT_H
#define TIDEGATE_CONTROL_RESULT_H

#include <stdint.h>

#include "control/operation.h"

struct chunk_reader;
struct database;

/*
 * Write count flows of one that has finished, in an order as of merge_sort(). *ret_size: the bytes
 * of all chunks.
 */
int result_write(struct database *database, const struct operation *operation,
	const uint32_t *order, uint32_t count, uint64_t *ret_size);

/* Read chunk number. */
int result_read(struct database *database, const struct operation *operation, uint32_t number,
	struct chunk_reader **ret_reader);

/* Not 0: no more, and what the error is. */
typedef int result_visit_fn(const struct flow_record *flow, void *context);

/* Hand all flows of an ended operation, count of them, to visit, in their order. */
int result_visit(struct database *database, const struct operation *operation, uint32_t count,
	result_visit_fn *visit, void *context);

#endif
