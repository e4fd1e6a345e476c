/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * suricata: the rules of a stateful rule group in the form of RulesString, one a line:
 *
 *     drop tcp $HOME_NET any -> [198.51.100.0/24,!198.51.100.1] 445 (msg:"SMB out"; sid:1; rev:1;)
 *
 * Lines that begin with '#' are comments; a backslash at a line's end joins the next one to it.
 * Syntax: Suricata User Guide, "Rules Format".
 */
#ifndef TIDEGATE_CONTROL_POLICY_SURICATA_H
#define TIDEGATE_CONTROL_POLICY_SURICATA_H

#include "control/policy/stateful_rule.h"

/* Read a RulesString and add its rules to the builder. Returns 0, or -errno with the message
 * written. */
int suricata_read(struct config_reader *reader, const char *text, struct stateful_group *group);

#endif
