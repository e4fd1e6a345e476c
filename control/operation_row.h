/* SPDX-License-Identifier: BSD-3-Clause */
/* operation_row: an operation as a row of the database, and back. */
#ifndef TIDEGATE_CONTROL_OPERATION_ROW_H
#define TIDEGATE_CONTROL_OPERATION_ROW_H

#include <stdint.h>

#include "control/database.h"
#include "control/operation.h"

enum { OPERATION_ROW_CHECKSUM = 8 };

/* The columns in their order: numbers, then texts; behind them is the checksum. */
enum row_number {
	ROW_SEQUENCE,
	ROW_KIND,
	ROW_STATUS,
	ROW_REQUESTED,
	ROW_ELAPSED,
	ROW_FLOW_COUNT,
	ROW_WINDOW,
	ROW_ASYMMETRIC,
	ROW_SIZE,
	ROW_NUMBERS
};

enum row_text {
	ROW_ID,
	ROW_MESSAGE,
	ROW_TEXT,
	ROW_PARAMS,
	ROW_RECEIPT,
	ROW_CLIENT_TOKEN,
	ROW_TEXTS
};

struct operation_row {
	int64_t numbers[ROW_NUMBERS];
	const char *texts[ROW_TEXTS]; /* borrowed */
};

void operation_row_init(struct operation_row *row, const struct operation *operation,
	const struct database_outcome *outcome);

/* Of all columns. -ENOMEM */
int operation_row_checksum(
	const struct operation_row *row, uint8_t checksum[OPERATION_ROW_CHECKSUM]);

/* The operation of a row whose checksum is right. -ENOMEM */
int operation_row_restore(const struct operation_row *row, struct operation **ret_operation);

#endif
