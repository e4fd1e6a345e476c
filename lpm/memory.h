/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * memory: arrays that grow while a classifier is built, and tables that lookups read.
 */
#ifndef TIDEGATE_LPM_MEMORY_H
#define TIDEGATE_LPM_MEMORY_H

#include <stddef.h>

/*
 * Make room for count elements of size bytes, at least doubling the array when it has to grow.
 * *capacity is in elements. Returns the array, which may have moved, or NULL; then the old one
 * is as it was. free() releases it.
 */
void *memory_reserve(void *array, size_t *capacity, size_t count, size_t size);

/* A zeroed table of size bytes at the start of a cache line, or NULL. free() releases it. */
void *memory_table(size_t size);

/* Move the first size bytes of an array to such a table, and free the array. Returns the table, or
 * NULL; then the array is as it was. */
void *memory_settle(void *array, size_t size);

#endif
