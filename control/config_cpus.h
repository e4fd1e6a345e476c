/* SPDX-License-Identifier: BSD-3-Clause */
/* config_cpus: the CPUs of the workers. */
#ifndef TIDEGATE_CONTROL_CONFIG_CPUS_H
#define TIDEGATE_CONTROL_CONFIG_CPUS_H

#include "control/config_reader.h"

/* Both targets are the struct config. */
config_store_fn config_cpus_store_sharing;

/*
 * Goes by what the one above has stored. An absent value is one worker on the highest of the CPUs
 * that workers may have.
 */
config_store_fn config_cpus_store;

#endif
