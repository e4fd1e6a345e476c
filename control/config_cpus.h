/* SPDX-License-Identifier: BSD-3-Clause */
/* config_cpus: the CPUs of the workers. */
#ifndef TIDEGATE_CONTROL_CONFIG_CPUS_H
#define TIDEGATE_CONTROL_CONFIG_CPUS_H

#include "control/config_reader.h"

/*
 * The target is the struct config. An absent value is one worker on the highest of the CPUs that
 * workers may have.
 */
config_store_fn config_cpus_store;

#endif
