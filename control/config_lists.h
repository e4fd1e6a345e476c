/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * config_lists: what a rule accepts of a field: one value or an array of them, to elements of the
 * classifier's match lists.
 */
#ifndef TIDEGATE_CONTROL_CONFIG_LISTS_H
#define TIDEGATE_CONTROL_CONFIG_LISTS_H

#include "control/config_reader.h"

/* One list; empty: the field may have any value. */
struct config_list {
	void *elements; /* malloc'ed by the store function */
	uint32_t count;
};

/*
 * The key's offset is that of a struct config_list in the target; low and high are how many
 * elements an array may have. An absent value and the string "ANY" make an empty list.
 */
config_store_fn config_lists_store_addresses; /* of struct match_address */
config_store_fn config_lists_store_ports;     /* of struct match_port */
config_store_fn config_lists_store_protocols; /* of uint8_t; without "ANY" */

#endif
