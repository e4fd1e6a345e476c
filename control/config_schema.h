/* SPDX-License-Identifier: BSD-3-Clause */
/* config_schema: the table of the configuration's keys. By its members it leads to all others. */
#ifndef TIDEGATE_CONTROL_CONFIG_SCHEMA_H
#define TIDEGATE_CONTROL_CONFIG_SCHEMA_H

#include "control/config_reader.h"

/* The target is a struct config of zeros. */
extern const struct config_key config_schema_keys[];

#endif
