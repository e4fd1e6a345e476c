/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/client/caret.h"

#include <string.h>

#include "control/client/message.h"

/* How many characters, not bytes, are in length bytes of UTF-8. */
static int character_count(const char *text, size_t length)
{
	int count = 0;

	for (size_t i = 0; i < length; i++)
		count += ((unsigned char)text[i] & 0xc0) != 0x80;
	return count;
}

char *caret_show(const char *text, size_t index)
{
	size_t line_end = index + strcspn(text + index, "\n");
	size_t line_start = index;
	char *result = NULL;

	while (line_start > 0 && text[line_start - 1] != '\n')
		line_start--;
	message_set(&result, 0, "%.*s\n%*s^%s", (int)line_end, text,
		character_count(text + line_start, index - line_start), "", text + line_end);
	return result;
}
