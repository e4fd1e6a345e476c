/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * operation_message: StatusMessage, which says what is missing from a result in the letters that
 * the API model allows: letters, digits, spaces and hyphens.
 */
#ifndef TIDEGATE_CONTROL_OPERATION_MESSAGE_H
#define TIDEGATE_CONTROL_OPERATION_MESSAGE_H

#include "control/operation.h"

/* Append to a message, as far as there is room. */
void operation_message_append(char message[OPERATION_MESSAGE_SIZE], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Write all that is missing into the empty message of the outcome. Returns whether anything is. */
bool operation_message_write(struct operation *operation);

#endif
