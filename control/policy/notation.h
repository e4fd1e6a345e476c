/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * notation: Suricata's notation of addresses and ports, with lists, negation and variables:
 * [10.0.0.0/8,!10.1.0.0/16], !$HOME_NET, @name, any, [80,443,8000:].
 *
 * As in Suricata, lists within lists flatten, and what is accepted is the plain elements less the
 * negated ones, in whatever order. So [[10.0.0.0/8,!10.1.0.0/16],10.1.2.0/24] leaves out
 * 10.1.2.0/24. A negated list negates each of its elements. Where it holds both plain and negated
 * ones this would not be its complement; it is refused.
 */
#ifndef TIDEGATE_CONTROL_POLICY_NOTATION_H
#define TIDEGATE_CONTROL_POLICY_NOTATION_H

#include "control/policy/scope.h"

/*
 * Append the elements that the text stands for to a malloc'ed list. Returns 0, or -errno with the
 * message written for what the reader stands at; the list stays the caller's also then.
 */
int notation_read(struct scope *scope, enum list_type type, struct config_reader *reader,
	const char *text, struct list *list);

#endif
