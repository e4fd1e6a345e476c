/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/chunk_list.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/chunk.h"

struct chunk {
	uint8_t *data;
	size_t size;
};

struct chunk_list {
	uint32_t count;
	uint32_t room;
	struct chunk chunks[];
};

struct chunk_list *chunk_list_create(uint32_t flow_count)
{
	uint32_t room = flow_count / CHUNK_RECORDS + 1;
	struct chunk_list *list = malloc(sizeof(*list) + room * sizeof(list->chunks[0]));

	if (list != NULL)
		*list = (struct chunk_list){.room = room};
	return list;
}

void chunk_list_destroy(struct chunk_list *list)
{
	if (list == NULL)
		return;
	for (uint32_t i = 0; i < list->count; i++)
		free(list->chunks[i].data);
	free(list);
}

int chunk_list_add(struct chunk_list *list, const uint8_t *data, size_t size)
{
	struct chunk chunk = {.data = malloc(size), .size = size};

	assert(list->count < list->room);
	if (chunk.data == NULL)
		return -ENOMEM;
	memcpy(chunk.data, data, size);
	list->chunks[list->count++] = chunk;
	return 0;
}

const uint8_t *chunk_list_get(const struct chunk_list *list, uint32_t number, size_t *ret_size)
{
	assert(number < list->count);
	*ret_size = list->chunks[number].size;
	return list->chunks[number].data;
}
