/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * page: flows of an operation's result on their way to a client, written piece by piece: a page may
 * have more than should be held in memory, or be written at one go.
 */
#ifndef TIDEGATE_CONTROL_PAGE_H
#define TIDEGATE_CONTROL_PAGE_H

#include <stdint.h>

#include "control/store.h"

struct evbuffer;
struct page;

/*
 * count flows from index first on; holds a reference to the operation. Returns 0 or -errno, also
 * when the result is damaged.
 */
int page_create(struct store *store, struct operation *operation, uint32_t first, uint32_t count,
	struct page **ret_page);
void page_destroy(struct page *page);

/*
 * Append the next flows, with commas between them. Returns 1 while there are more, 0 after the
 * last, or -errno.
 */
int page_write(struct page *page, struct evbuffer *output);

#endif
