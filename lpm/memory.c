/* SPDX-License-Identifier: BSD-3-Clause */
#include "lpm/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

enum { FIRST_CAPACITY = 64 };

void *memory_reserve(void *array, size_t *capacity, size_t count, size_t size)
{
	if (count <= *capacity)
		return array;
	size_t room = RTE_MAX(2 * *capacity, (size_t)FIRST_CAPACITY);

	room = RTE_MAX(room, count);
	void *grown = reallocarray(array, room, size);
	if (grown != NULL)
		*capacity = room;
	return grown;
}

void *memory_table(size_t size)
{
	size_t room = RTE_ALIGN_CEIL(RTE_MAX(size, (size_t)1), (size_t)RTE_CACHE_LINE_SIZE);
	void *table = aligned_alloc(RTE_CACHE_LINE_SIZE, room);

	return table == NULL ? NULL : memset(table, 0, room);
}

void *memory_settle(void *array, size_t size)
{
	void *table = memory_table(size);

	if (table == NULL)
		return NULL;
	memcpy(table, array, size);
	free(array);
	return table;
}
