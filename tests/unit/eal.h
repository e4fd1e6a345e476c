/* SPDX-License-Identifier: BSD-3-Clause */
/* eal: DPDK's environment for a test: no root, no hugepages, no devices, one lcore. */
#ifndef TIDEGATE_TESTS_UNIT_EAL_H
#define TIDEGATE_TESTS_UNIT_EAL_H

#include <rte_common.h>
#include <rte_eal.h>

/* Once a process. Negative on failure. */
static inline int test_eal_init(void)
{
	static char *arguments[] = {"test", "--no-huge", "--no-shconf", "--no-pci",
		"--no-telemetry", "-m1024", "--lcores=0", "--log-level=error"};

	return rte_eal_init(RTE_DIM(arguments), arguments);
}

#endif
