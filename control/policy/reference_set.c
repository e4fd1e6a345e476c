/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/policy/reference_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/policy/prefix_list.h"

int reference_set_init(
	struct reference_files *references, const struct policy_files *files, struct arena *arena)
{
	*references = (struct reference_files){.files = files, .arena = arena};
	references->lists = calloc(files->prefix_list_count + 1, sizeof(*references->lists));
	return references->lists ? 0 : -ENOMEM;
}

void reference_set_fini(struct reference_files *references)
{
	free(references->lists);
}

bool reference_set_names(const char *name, const char *arn)
{
	const char *slash = strrchr(arn, '/');

	return strcmp(name, arn) == 0 || (slash && strcmp(name, slash + 1) == 0);
}

static int read_list(struct reference_files *references, struct config_reader *reader,
	const char *path, struct list *list)
{
	struct list found;
	int ret = prefix_list_read(path, reader->message, reader->size, &found);

	if (ret < 0)
		return ret;
	list->elements = arena_copy(
		references->arena, found.elements, found.count * list_element_size(LIST_ADDRESSES));
	list->count = found.count;
	free(found.elements);
	return list->elements ? 0 : -ENOMEM;
}

int reference_set_find(struct reference_files *references, struct config_reader *reader,
	const char *arn, struct list *ret_list)
{
	for (uint32_t i = 0; i < references->files->prefix_list_count; i++) {
		const struct policy_prefix_list *file = &references->files->prefix_lists[i];
		struct list *list = &references->lists[i];
		int ret = 0;

		if (!reference_set_names(file->name, arn))
			continue;
		if (list->count == 0)
			ret = read_list(references, reader, file->path, list);
		*ret_list = *list;
		return ret;
	}
	return config_reader_fail(reader, "no prefix list file is given for %.256s", arn);
}
