/* SPDX-License-Identifier: BSD-3-Clause */
/* config_checks: "checks" of the configuration, from the table of dataplane.h. */
#ifndef TIDEGATE_CONTROL_CONFIG_CHECKS_H
#define TIDEGATE_CONTROL_CONFIG_CHECKS_H

#include "control/config_reader.h"

extern const struct config_key config_checks_members[];

/* The target is a struct config. */
config_store_fn config_checks_store;

#endif
