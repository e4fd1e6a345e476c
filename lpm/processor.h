/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * processor: functions that are compiled for newer processors, too. The program runs on all of
 * them, and asks for the one it runs on.
 */
#ifndef TIDEGATE_LPM_PROCESSOR_H
#define TIDEGATE_LPM_PROCESSOR_H

#include <stdbool.h>

#if defined(__x86_64__) && defined(__SSE4_1__)
/* AVX2 and BMI: operations on bits and vectors that keep their operands. */
#define PROCESSOR_NEWER __attribute__((target("avx2,bmi,bmi2")))

/* Whether what is PROCESSOR_NEWER may be called. */
static inline bool processor_newer(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
		__builtin_cpu_supports("bmi2");
}
#else
#define PROCESSOR_NEWER

static inline bool processor_newer(void)
{
	return false;
}
#endif

#endif
