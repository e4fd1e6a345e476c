/* SPDX-License-Identifier: BSD-3-Clause */
/* list: the lists that a match accepts of a field, addresses or ports, as arrays of elements. */
#ifndef TIDEGATE_CONTROL_POLICY_LIST_H
#define TIDEGATE_CONTROL_POLICY_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum list_type { LIST_ADDRESSES, LIST_PORTS, LIST_TYPES };

/* struct match_address or struct match_port elements. */
struct list {
	void *elements;
	uint32_t count;
};

size_t list_element_size(enum list_type type);

/* The elements that hold every address, or every port. */
struct list list_whole(enum list_type type);

/* Room for any message of list_parse_element(). */
enum { LIST_WHY_SIZE = 192 };

/* Read one element without negation into zeroed room for one: an address or CIDR; 80, 80:90, 80: or
 * :80. Returns 0, or -EINVAL, and then why says what is wrong. */
int list_parse_element(
	enum list_type type, const char *text, void *element, char why[LIST_WHY_SIZE]);

/* Append the elements of other to a malloc'ed list. 0 or -ENOMEM. */
int list_append(enum list_type type, struct list *list, const struct list *other);

/*
 * Negate every element: what the list holds is what it leaves out now, and the other way round.
 * False when the list holds both plain and negated elements, of which no list of elements is the
 * complement.
 */
bool list_negate(enum list_type type, struct list *list);

/* Drop the plain elements when they hold everything: then the negated ones say it all. */
void list_simplify(enum list_type type, struct list *list);

bool list_has_negated(enum list_type type, const struct list *list);

#endif
