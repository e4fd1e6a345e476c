/* SPDX-License-Identifier: BSD-3-Clause */
/* config_operations: the key `operations`. */
#ifndef TIDEGATE_CONTROL_CONFIG_OPERATIONS_H
#define TIDEGATE_CONTROL_CONFIG_OPERATIONS_H

#include "control/config_reader.h"

/* The keys of the object; their target is struct config. */
extern const struct config_key config_operations_members[];

#endif
