/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * config_document: the rules of a configuration as a policy document, whichever of its two forms
 * they have: the key `policy` names documents, the keys `rules` and `default_action` hold the
 * rules.
 */
#ifndef TIDEGATE_CONTROL_CONFIG_DOCUMENT_H
#define TIDEGATE_CONTROL_CONFIG_DOCUMENT_H

#include "control/config.h"
#include "control/config_reader.h"

/*
 * Make config->document of what was read, and give that back. The document decides about the
 * timeout of established TCP. Returns 0, or -errno, where policy_document_load() refuses with the
 * message written.
 */
int config_document_make(struct config_reader *reader, struct config *config);

#endif
