/* SPDX-License-Identifier: BSD-3-Clause */
/* program: what the benchmarks' programs have in common. */
#ifndef TIDEGATE_TESTS_BENCH_PROGRAM_H
#define TIDEGATE_TESTS_BENCH_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/bench/report.h"

struct program {
	struct report report;
	bool quick; /* to be done in a quarter of a minute or so, with less certain figures */
};

/* Read --quick and --json FILE, and open the report; exits where that fails. */
void program_begin(struct program *program, int argument_count, char **arguments);

/* Close the report; exits where it is not written. */
void program_end(struct program *program);

/* Exit with a message unless it was done. */
void program_must(bool done, const char *message);

/*
 * For a loop that waits for something, which the worker does within milliseconds: the time at which
 * it is to give up, a minute from now, and a turn of it, which exits with the message once it is
 * later.
 */
uint64_t program_deadline(void);
void program_wait(uint64_t deadline, const char *message);

#endif
