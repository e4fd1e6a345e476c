/* SPDX-License-Identifier: BSD-3-Clause */
/* text_writer: text that is put together piece by piece in a buffer of fixed size. */
#ifndef TIDEGATE_CONTROL_TEXT_WRITER_H
#define TIDEGATE_CONTROL_TEXT_WRITER_H

#include <stddef.h>

/* length grows past size when the text does not fit; what fits is in the buffer. */
struct text_writer {
	char *text;
	size_t size;
	size_t length;
};

/* Put a piece at the end, by printf's format. */
void text_writer_put(struct text_writer *writer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
