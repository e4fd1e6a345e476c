/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_group.h"

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <stdlib.h>

/* Returns 0, -ENOENT or -ENOMEM. Unlike getgrnam(), for any thread. */
static int find_group(const char *name)
{
	struct group group, *found = NULL;
	size_t size = 1024;
	int error;

	/* ERANGE: some group has more members than there is room for. */
	do {
		char *strings = malloc(size);

		if (!strings)
			return -ENOMEM;
		error = getgrnam_r(name, &group, strings, size, &found);
		free(strings);
		size *= 2;
	} while (error == ERANGE);
	return found ? 0 : -ENOENT;
}

int config_group_store(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	const char *name = json_string_value(value);
	char *end;

	if (!value)
		return 0;
	errno = 0;
	if (isdigit((unsigned char)name[0])) {
		/* The highest number means "no group" to chown(2). */
		unsigned long long number = strtoull(name, &end, 10);

		if (*end != '\0' || errno != 0 || number >= UINT32_MAX)
			return config_reader_fail(reader,
				"\"%.64s\" is no group number, which is 0 to %u", name,
				UINT32_MAX - 1);
	} else {
		int ret = find_group(name);

		if (ret == -ENOENT)
			return config_reader_fail(reader, "no group is called \"%.64s\"", name);
		if (ret < 0)
			return ret;
	}
	return config_reader_store_string(reader, key, value, target);
}
