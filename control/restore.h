/* SPDX-License-Identifier: BSD-3-Clause */
/* restore: what the processes before this one have stored. */
#ifndef TIDEGATE_CONTROL_RESTORE_H
#define TIDEGATE_CONTROL_RESTORE_H

#include "control/operation.h"
#include "control/token.h"

struct database;

/*
 * Open the database of a directory and put its operations into the empty list, the newest first;
 * key becomes the one that is kept there, or is kept from now on. What is damaged is moved aside.
 * Returns the database to write to, or NULL, and then the log says why.
 */
struct database *restore_open(
	const char *directory, struct token_key *key, struct operation_list *operations);

/* The operations of a database, into the empty list, the newest first. Returns 0, or -errno and an
 * empty list. */
int restore_list(struct database *database, struct operation_list *operations);

/*
 * Move the operations of one list into another, by their sequence numbers; one whose number is taken
 * is let go of. Returns how many were moved.
 */
size_t restore_merge(struct operation_list *operations, struct operation_list *earlier);

#endif
