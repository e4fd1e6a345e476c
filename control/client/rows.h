/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rows: the list of an answer, found in its text, so that a list of a million rows need not be
 * parsed where its rows are printed as they came.
 */
#ifndef TIDEGATE_CONTROL_CLIENT_ROWS_H
#define TIDEGATE_CONTROL_CLIENT_ROWS_H

#include <stdbool.h>
#include <stddef.h>

struct rows {
	char *text; /* a row a line, the last one without its end; NULL: not found */
	size_t length;
};

/*
 * Find the list of that name in the result of an answer in JSON (JSON-RPC 2.0), and put the end of
 * a line in place of each "," between its rows. Brackets and strings have to be balanced; the rest
 * of the rows is not checked. Returns false, and the text as it was, where there is no such list;
 * an answer that breaks off is no JSON afterwards either.
 */
bool rows_find(char *text, size_t length, const char *list, struct rows *ret_rows);

#endif
