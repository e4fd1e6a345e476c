/* SPDX-License-Identifier: BSD-3-Clause */
/* config_hugepages: how much hugepage memory the machine has free. */
#ifndef TIDEGATE_CONTROL_CONFIG_HUGEPAGES_H
#define TIDEGATE_CONTROL_CONFIG_HUGEPAGES_H

#include <stdint.h>

/* Where the kernel shows them (its document admin-guide/mm/hugetlbpage). */
#define CONFIG_HUGEPAGES_DIRECTORY "/sys/kernel/mm/hugepages"

/*
 * Free megabytes, of all page sizes, by the directory's hugepages-NkB/free_hugepages. What cannot
 * be read counts as none: a kernel without hugepages has no such directory.
 */
uint64_t config_hugepages_free(const char *directory);

#endif
