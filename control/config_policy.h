/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * config_policy: the configuration's key `policy`: which documents of AWS Network Firewall hold the
 * rules.
 */
#ifndef TIDEGATE_CONTROL_CONFIG_POLICY_H
#define TIDEGATE_CONTROL_CONFIG_POLICY_H

#include "control/config.h"
#include "control/config_reader.h"

/* The members of the key; their target is a struct config_policy. */
extern const struct config_key config_policy_members[];

/* The target is the struct config. */
config_store_fn config_policy_store;

/* Refuse, in the root of a file with the key, what the documents say. */
int config_policy_check(struct config_reader *reader, const json_t *root);

/* Make it as it is without the key. */
void config_policy_fini(struct config_policy *policy);

#endif
