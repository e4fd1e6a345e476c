/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * chunk_list: the chunks of a result that is kept in memory alone.
 */
#ifndef TIDEGATE_CONTROL_CHUNK_LIST_H
#define TIDEGATE_CONTROL_CHUNK_LIST_H

#include <stddef.h>
#include <stdint.h>

struct chunk_list;

/* With room for the chunks of so many flows. NULL without memory. */
struct chunk_list *chunk_list_create(uint32_t flow_count);
void chunk_list_destroy(struct chunk_list *list);

/* The next chunk, copied; there must be room for it. -ENOMEM */
int chunk_list_add(struct chunk_list *list, const uint8_t *data, size_t size);

/* A chunk that was added, by its number; it stays the list's. */
const uint8_t *chunk_list_get(const struct chunk_list *list, uint32_t number, size_t *ret_size);

#endif
