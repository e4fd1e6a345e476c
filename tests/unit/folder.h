/* SPDX-License-Identifier: BSD-3-Clause */
/* folder: setup and teardown of a test program: a directory of its own, in which it works. */
#ifndef TIDEGATE_TESTS_UNIT_FOLDER_H
#define TIDEGATE_TESTS_UNIT_FOLDER_H

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

/* *state is its path. */
static inline int folder_enter(void **state)
{
	static char directory[] = "/tmp/tidegate-test.XXXXXX";

	*state = directory;
	return mkdtemp(directory) && chdir(directory) == 0 ? 0 : -1;
}

/* It goes with the files in it. */
static inline int folder_leave(void **state)
{
	DIR *directory = opendir(".");
	const struct dirent *entry;

	if (!directory)
		return -1;
	while ((entry = readdir(directory)))
		unlink(entry->d_name);
	closedir(directory);
	return chdir("/") == 0 && rmdir(*state) == 0 ? 0 : -1;
}

#endif
