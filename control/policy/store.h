/* SPDX-License-Identifier: BSD-3-Clause */
/* store: store functions that the tables of the policy documents share. */
#ifndef TIDEGATE_CONTROL_POLICY_STORE_H
#define TIDEGATE_CONTROL_POLICY_STORE_H

#include "control/config_reader.h"

/* Most elements of any array in the documents. */
enum { STORE_ARRAY_MAX = 1 << 20 };

/* Read the object's members into the same target. */
config_store_fn store_object;

/* Nothing: a member that says nothing about what the firewall does. */
config_store_fn store_ignored;

/* A table entry for such a member, of any type. */
#define STORE_IGNORED(member)                                                                      \
	{                                                                                          \
		.name = (member), .type = CONFIG_MIXED, .store = store_ignored                     \
	}

/*
 * Have each element of an array read by the function, which gets the context and stands at the
 * element. Returns 0 or what the function returned.
 */
typedef int store_element_fn(
	struct config_reader *reader, const json_t *value, size_t index, void *context);
int store_elements(struct config_reader *reader, const json_t *array, store_element_fn *function,
	void *context);

#endif
