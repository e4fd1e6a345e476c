/* SPDX-License-Identifier: BSD-3-Clause */
/* prefix_list: a reference set in a file: one CIDR a line, comments from '#' to the line's end. */
#ifndef TIDEGATE_CONTROL_POLICY_PREFIX_LIST_H
#define TIDEGATE_CONTROL_POLICY_PREFIX_LIST_H

#include "control/policy/list.h"

/* Most prefixes of one list. */
enum { PREFIX_LIST_MAX = 1000000 };

/*
 * Read a file into a malloc'ed list of addresses. An empty list is an error, as a match list
 * without elements accepts everything. Returns 0, or -errno with the message written.
 */
int prefix_list_read(const char *path, char *message, size_t size, struct list *ret_list);

#endif
