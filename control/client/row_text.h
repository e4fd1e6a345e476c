/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * row_text: the members of a row, found in its JSON text. Parsing a million rows to values takes ten
 * times as long as all else that is done with them.
 */
#ifndef TIDEGATE_CONTROL_CLIENT_ROW_TEXT_H
#define TIDEGATE_CONTROL_CLIENT_ROW_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Members of a row, at most; a flow has 27. */
enum { ROW_TEXT_MEMBERS = 48 };

struct row_span {
	const char *text;
	size_t length;
};

struct row_member {
	struct row_span outer; /* name of the object that it is in; length 0: the row */
	struct row_span name;
	struct row_span value; /* of a string what is between the quotes; text NULL: an object */
};

struct row_text {
	struct row_member members[ROW_TEXT_MEMBERS];
	size_t count;
	size_t next; /* where the next member asked for is likely to be */
};

/*
 * Find the members of a row in compact JSON. Returns false where a value is not written as it is: a
 * string with escapes or beyond ASCII, a number but a short decimal one; and where there is a list,
 * an object in an object, or no row at all: such a row is to be parsed. null is no member. The spans
 * are of the text.
 */
bool row_text_read(struct row_text *row, const char *text, size_t length);

/* The member at "Name" or "Outer.Name", or NULL. */
const struct row_member *row_text_find(struct row_text *row, const char *path);

#endif
