/* SPDX-License-Identifier: BSD-3-Clause */
/* config_changes: which keys of a configuration differ from the running one and need a restart. */
#ifndef TIDEGATE_CONTROL_CONFIG_CHANGES_H
#define TIDEGATE_CONTROL_CONFIG_CHANGES_H

#include "control/config.h"

/*
 * The i-th key, in the order of the table of keys, that has other values in the two and is not what
 * a reload puts in force: by what values mean, not by how they are written. NULL when there are no
 * more.
 */
const char *config_changes_restart(const struct config *a, const struct config *b, size_t i);

#endif
