/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/policy/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arena_block {
	struct arena_block *next;
	max_align_t bytes[];
};

void *arena_alloc(struct arena *arena, size_t size)
{
	struct arena_block *block = calloc(1, sizeof(*block) + size);

	if (!block)
		return NULL;
	block->next = arena->blocks;
	arena->blocks = block;
	return block->bytes;
}

void *arena_copy(struct arena *arena, const void *bytes, size_t size)
{
	char *copy = arena_alloc(arena, size + 1);

	if (copy && size > 0)
		memcpy(copy, bytes, size);
	return copy;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list arguments)
{
	char *copy = NULL;
	char *text;

	if (vasprintf(&text, format, arguments) < 0)
		return NULL;
	copy = arena_copy(arena, text, strlen(text));
	free(text);
	return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	text = arena_vprintf(arena, format, arguments);
	va_end(arguments);
	return text;
}

void arena_fini(struct arena *arena)
{
	while (arena->blocks) {
		struct arena_block *next = arena->blocks->next;

		free(arena->blocks);
		arena->blocks = next;
	}
}

void *arena_grow(void *array, uint32_t count, size_t size)
{
	/* Full when the count is a power of two: then twice as much. */
	if ((count & (count - 1)) != 0)
		return array;
	return reallocarray(array, count > 0 ? (size_t)count * 2 : 1, size);
}
