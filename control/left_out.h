/* SPDX-License-Identifier: BSD-3-Clause */
/* left_out: the log's warning of what of the policy documents is not supported and was left out. */
#ifndef TIDEGATE_CONTROL_LEFT_OUT_H
#define TIDEGATE_CONTROL_LEFT_OUT_H

#include "control/policy/policy_document.h"

/* A line each, up to 20, and one for the rest. */
void left_out_log(const struct policy_document *document);

#endif
