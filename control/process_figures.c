/* SPDX-License-Identifier: BSD-3-Clause */
/* The files of /proc are those of proc(5). */
#include "control/process_figures.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static double seconds(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

static double cpu_seconds(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage) != 0)
		return 0;
	return seconds(&usage.ru_utime) + seconds(&usage.ru_stime);
}

static uint64_t resident(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	uint64_t pages = 0;

	if (file == NULL)
		return 0;
	if (fscanf(file, "%*u %" SCNu64, &pages) != 1)
		pages = 0;
	fclose(file);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Less the one that it takes to count them. */
static uint64_t open_fds(void)
{
	DIR *directory = opendir("/proc/self/fd");
	const struct dirent *entry;
	uint64_t count = 0;

	if (directory == NULL)
		return 0;
	while ((entry = readdir(directory)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(directory);
	return count > 0 ? count - 1 : 0;
}

static uint64_t max_fds(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

/* When the machine was started, seconds since the epoch. */
static uint64_t boot_time(void)
{
	FILE *file = fopen("/proc/stat", "re");
	uint64_t time = 0;
	char line[256];

	if (file == NULL)
		return 0;
	while (time == 0 && fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "btime %" SCNu64, &time) != 1)
			time = 0;
	fclose(file);
	return time;
}

/* Clock ticks after that when the process was: the 22nd field, where the second one is in
 * parentheses and may have more of them and blanks. */
static uint64_t start_ticks(void)
{
	FILE *file = fopen("/proc/self/stat", "re");
	uint64_t ticks = 0;
	char line[1024];
	const char *rest;

	if (file == NULL)
		return 0;
	rest = fgets(line, sizeof(line), file) != NULL ? strrchr(line, ')') : NULL;
	if (rest == NULL ||
		sscanf(rest + 1,
			"%*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
			"%*s %" SCNu64,
			&ticks) != 1)
		ticks = 0;
	fclose(file);
	return ticks;
}

void process_figures_read(struct process_figures *ret_figures)
{
	uint64_t boot = boot_time(), ticks = start_ticks();

	*ret_figures = (struct process_figures){
		.cpu_seconds = cpu_seconds(),
		.resident = resident(),
		.open_fds = open_fds(),
		.max_fds = max_fds(),
		.start_time = boot > 0 && ticks > 0
			? (double)boot + (double)ticks / (double)sysconf(_SC_CLK_TCK)
			: 0,
	};
}
