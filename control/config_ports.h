/* SPDX-License-Identifier: BSD-3-Clause */
/* config_ports: the configuration's ports and pairs. */
#ifndef TIDEGATE_CONTROL_CONFIG_PORTS_H
#define TIDEGATE_CONTROL_CONFIG_PORTS_H

#include "control/config_reader.h"

/* The keys of one port; their target is a struct dataplane_port_config. */
extern const struct config_key config_ports_members[];

/* The target of both is the struct config. The pairs need the ports. */
config_store_fn config_ports_store;
config_store_fn config_ports_store_pairs;

#endif
