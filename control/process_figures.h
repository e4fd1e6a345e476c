/* SPDX-License-Identifier: BSD-3-Clause */
/* process_figures: what this process takes of the machine. */
#ifndef TIDEGATE_CONTROL_PROCESS_FIGURES_H
#define TIDEGATE_CONTROL_PROCESS_FIGURES_H

#include <stdint.h>

/* A figure that cannot be read is 0. */
struct process_figures {
	double cpu_seconds; /* user and system time of all threads */
	uint64_t resident;  /* bytes */
	uint64_t open_fds;
	uint64_t max_fds;
	double start_time; /* seconds since the epoch, to a clock tick */
};

void process_figures_read(struct process_figures *ret_figures);

#endif
