/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/policy/prefix_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/policy/arena.h"
#include "control/text_file.h"
#include "lpm/lpm.h"

static int add(struct list *list, const char *text, char why[LIST_WHY_SIZE])
{
	struct match_address *addresses = list->elements;

	if (list->count == PREFIX_LIST_MAX) {
		snprintf(why, LIST_WHY_SIZE, "more than %d prefixes", PREFIX_LIST_MAX);
		return -EINVAL;
	}
	addresses = arena_grow(addresses, list->count, sizeof(*addresses));
	if (!addresses)
		return -ENOMEM;
	list->elements = addresses;
	addresses[list->count] = (struct match_address){0};
	return list_parse_element(LIST_ADDRESSES, text, &addresses[list->count++], why);
}

/* Cut comment and blanks off a line, which ends with a NUL. */
static char *trim(char *line)
{
	size_t length;

	line[strcspn(line, "#")] = '\0';
	line += strspn(line, " \t\r");
	length = strlen(line);
	while (length > 0 && strchr(" \t\r", line[length - 1]))
		line[--length] = '\0';
	return line;
}

int prefix_list_read(const char *path, char *message, size_t size, struct list *ret_list)
{
	struct config_reader reader = {.file = path, .message = message, .size = size};
	struct list list = {0};
	char why[LIST_WHY_SIZE] = "";
	size_t number = 0;
	char *text = NULL;
	int ret = text_file_read(&reader, &text);

	for (char *rest = text, *line; ret == 0 && (line = strsep(&rest, "\n"));) {
		number++;
		line = trim(line);
		if (*line != '\0')
			ret = add(&list, line, why);
	}
	free(text);
	if (why[0] != '\0') {
		snprintf(message, size, "%s:%zu: %s", path, number, why);
	} else if (ret == 0 && list.count == 0) {
		snprintf(message, size, "%s: holds no prefix", path);
		ret = -EINVAL;
	}
	if (ret < 0)
		free(list.elements);
	else
		*ret_list = list;
	return ret;
}
