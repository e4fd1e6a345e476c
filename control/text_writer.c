/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/text_writer.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

void text_writer_put(struct text_writer *writer, const char *format, ...)
{
	bool fits = writer->length < writer->size;
	va_list arguments;

	va_start(arguments, format);
	writer->length += (size_t)vsnprintf(fits ? writer->text + writer->length : NULL,
		fits ? writer->size - writer->length : 0, format, arguments);
	va_end(arguments);
}
