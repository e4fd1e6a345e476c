/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_hugepages.h"

#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

static uint64_t free_pages(const char *directory, const char *size_name)
{
	char path[PATH_MAX];
	uint64_t pages = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s/free_hugepages", directory, size_name);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%" SCNu64, &pages) != 1)
		pages = 0;
	fclose(file);
	return pages;
}

uint64_t config_hugepages_free(const char *directory)
{
	DIR *sizes = opendir(directory);
	uint64_t kilobytes = 0;
	struct dirent *entry;

	if (!sizes)
		return 0;
	while ((entry = readdir(sizes))) {
		uint64_t page_kilobytes;

		if (sscanf(entry->d_name, "hugepages-%" SCNu64 "kB", &page_kilobytes) == 1)
			kilobytes += page_kilobytes * free_pages(directory, entry->d_name);
	}
	closedir(sizes);
	return kilobytes / 1024;
}
