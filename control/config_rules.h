/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * config_rules: the configuration's rules.
 *
 * Life-cycle: the store function fills the rules of a configuration under construction;
 * config_rules_destroy() frees them, however far the reading came.
 */
#ifndef TIDEGATE_CONTROL_CONFIG_RULES_H
#define TIDEGATE_CONTROL_CONFIG_RULES_H

#include "control/config.h"
#include "control/config_lists.h"
#include "control/config_reader.h"

struct config_rule {
	char *name;
	enum action action;
	struct config_list source;	      /* struct match_address */
	struct config_list destination;	      /* struct match_address */
	struct config_list source_ports;      /* struct match_port */
	struct config_list destination_ports; /* struct match_port */
	struct config_list protocols;	      /* uint8_t */
};

/* The names of enum action, in its order, up to NULL. */
extern const char *const config_rules_actions[];

/* The keys of one rule; their target is a struct config_rule. */
extern const struct config_key config_rules_members[];

/* The target is the struct config. */
config_store_fn config_rules_store;
void config_rules_destroy(struct config *config);

#endif
