/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * transient: the operations whose results are kept in memory alone, for a short time: those that are
 * asked for again and again. They take no place among the ones that are kept.
 */
#ifndef TIDEGATE_CONTROL_TRANSIENT_H
#define TIDEGATE_CONTROL_TRANSIENT_H

#include <stdint.h>

#include "control/operation.h"

/* Milliseconds after its end that one is kept. */
#define TRANSIENT_AGE 60000

/* Bytes that the results take together; the newest is kept whatever it takes. */
#define TRANSIENT_SIZE (UINT64_C(256) << 20)

/*
 * Let go of those past the limits at this time, milliseconds since the epoch, the oldest first; what
 * runs or is being read is kept. operations: the newest first, with a reference to each.
 */
void transient_expire(struct operation_list *operations, int64_t now);

/* Let go of one. */
void transient_drop(struct operation_list *operations, struct operation *operation);

#endif
