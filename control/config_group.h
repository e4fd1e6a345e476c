/* SPDX-License-Identifier: BSD-3-Clause */
/* config_group: a key that is the name or number of a group of this machine. */
#ifndef TIDEGATE_CONTROL_CONFIG_GROUP_H
#define TIDEGATE_CONTROL_CONFIG_GROUP_H

#include "control/config_reader.h"

/* The key's offset is that of a char *, which gets a copy; absent: it is left as it is. */
config_store_fn config_group_store;

#endif
