/* SPDX-License-Identifier: BSD-3-Clause */
/* arena: memory that is freed all at once, when its owner goes. */
#ifndef TIDEGATE_CONTROL_POLICY_ARENA_H
#define TIDEGATE_CONTROL_POLICY_ARENA_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct arena_block;

/* All zero: empty. */
struct arena {
	struct arena_block *blocks;
};

/* Zeroed memory for any type; NULL without memory. */
void *arena_alloc(struct arena *arena, size_t size);

/* A copy of size bytes with a NUL behind them; NULL without memory. */
void *arena_copy(struct arena *arena, const void *bytes, size_t size);

/* A text of its own; NULL without memory. */
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

void arena_fini(struct arena *arena);

/*
 * Room for one more element in a malloc'ed array that holds count of size bytes and has only grown
 * by this function. Returns the array, which may have moved; NULL without memory, and then the old
 * one is as it was.
 */
void *arena_grow(void *array, uint32_t count, size_t size);

#endif
