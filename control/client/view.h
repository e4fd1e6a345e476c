/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * view: which members of an answer make the columns of a table, in which order, under which names.
 */
#ifndef TIDEGATE_CONTROL_CLIENT_VIEW_H
#define TIDEGATE_CONTROL_CLIENT_VIEW_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* The value of a cell for people to read, in text (of size bytes). value is not NULL. */
typedef void column_format_fn(const json_t *value, char *text, size_t size);

enum column_flag {
	COLUMN_RIGHT = 1,    /* aligned to the right */
	COLUMN_OPTIONAL = 2, /* left out of a table where no row has it */
};

struct column {
	const char *heading;	  /* in a table; NULL: not there */
	const char *name;	  /* in csv */
	const char *path;	  /* member of the row, "Outer.Inner"; NULL: the flow's rule */
	column_format_fn *format; /* in a table; NULL: as it is */
	int flags;		  /* enum column_flag */
};

/* How a table shows a cell of this text on a terminal: the codes of SGR, as "31". */
struct cell_color {
	const char *path; /* of the column */
	const char *text;
	const char *codes;
};

struct view {
	const char *list;  /* the member of an answer that holds the rows, where it is a list */
	const char *empty; /* what a table without rows says */
	bool record;	   /* one row; a table shows each column as a line of its own */
	const struct column *columns;
	size_t column_count;
	const struct cell_color *colors; /* up to one without path, or NULL */
	/* Lists that a table has below this one, up to NULL; or NULL. */
	const struct view *const *also;
};

#define COLUMNS(array) .columns = (array), .column_count = sizeof(array) / sizeof((array)[0])

extern const struct view view_operation_started;
extern const struct view view_operation;
extern const struct view view_operations;
extern const struct view view_flows;
extern const struct view view_status;
extern const struct view view_reload;
extern const struct view view_ports;
extern const struct view view_workers;
extern const struct view view_drops;
extern const struct view view_rules;
extern const struct view view_explanation;
extern const struct view view_alerts;
extern const struct view view_earlier;
extern const struct view view_reasons;

/*
 * The rule of a flow: "web", "sid 7 egress", "priority 10 edge"; "" where a default action decided.
 * Each part is there when the flow has its member; up to one without a member.
 */
struct view_part {
	const char *before;
	const char *member;
};

extern const struct view_part view_rule_parts[];

/* The codes for a cell of this text, or NULL. */
const char *view_cell_color(const struct view *view, const struct column *column, const char *text);

/* Seconds since the epoch as ISO 8601, in UTC; "?" past the year 9999. */
column_format_fn view_format_timestamp;

/* The member of row that a column shows, or NULL; the row itself where it shows a rule. null counts as
 * no member. */
const json_t *view_value(const struct column *column, const json_t *row);

/* The field of a csv line: plain text, without control characters. On the heap; "" where the row has
 * no such member; NULL when memory is out. */
char *view_field_text(const struct column *column, const json_t *row);

/* The cell of a table: formatted, and without control characters. On the heap; "" where the row
 * has no such member; NULL when memory is out. */
char *view_cell_text(const struct column *column, const json_t *row);

#endif
