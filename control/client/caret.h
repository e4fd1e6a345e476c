/* SPDX-License-Identifier: BSD-3-Clause */
/* caret: a place in a text, shown. */
#ifndef TIDEGATE_CONTROL_CLIENT_CARET_H
#define TIDEGATE_CONTROL_CLIENT_CARET_H

#include <stddef.h>

/*
 * The text (UTF-8) with one line more, after the one of the byte at index, that has a caret below
 * it. On the heap; NULL when memory is out.
 */
char *caret_show(const char *text, size_t index);

#endif
