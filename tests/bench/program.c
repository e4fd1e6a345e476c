/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/bench/program.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <rte_pause.h>

enum { WAIT_SECONDS = 60 };

void program_must(bool done, const char *message)
{
	if (done)
		return;
	fprintf(stderr, "%s: %s\n", program_invocation_short_name, message);
	exit(EXIT_FAILURE);
}

static uint64_t seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec;
}

uint64_t program_deadline(void)
{
	return seconds_now() + WAIT_SECONDS;
}

void program_wait(uint64_t deadline, const char *message)
{
	program_must(seconds_now() <= deadline, message);
	rte_pause();
}

void program_begin(struct program *program, int argument_count, char **arguments)
{
	static const struct option options[] = {
		{"json", required_argument, NULL, 'j'}, {"quick", no_argument, NULL, 'q'}, {0}};
	const char *json = NULL;
	int option;

	*program = (struct program){0};
	while ((option = getopt_long(argument_count, arguments, "", options, NULL)) != -1) {
		if (option == 'j') {
			json = optarg;
		} else if (option == 'q') {
			program->quick = true;
		} else {
			fprintf(stderr, "usage: %s [--quick] [--json FILE]\n",
				program_invocation_short_name);
			exit(2);
		}
	}
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	program_must(report_open(&program->report, json) == 0, "the JSON file cannot be written");
}

void program_end(struct program *program)
{
	program_must(report_close(&program->report) == 0, "the JSON file cannot be written");
}
