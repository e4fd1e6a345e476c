/* SPDX-License-Identifier: BSD-3-Clause */
/* clock: dataplane_now() for a group of tests without a dataplane. */
#ifndef TIDEGATE_TESTS_UNIT_CLOCK_H
#define TIDEGATE_TESTS_UNIT_CLOCK_H

#include "dataplane/dataplane.h"

static inline int clock_setup(void **state)
{
	const struct dataplane_eal_config eal = {.program = "test", .quiet = true};

	(void)state;
	return dataplane_init(&eal);
}

static inline int clock_teardown(void **state)
{
	(void)state;
	dataplane_fini();
	return 0;
}

#endif
