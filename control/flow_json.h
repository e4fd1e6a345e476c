/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * flow_json: a Flow object of the flow API. Written as text at once: a result may have millions.
 */
#ifndef TIDEGATE_CONTROL_FLOW_JSON_H
#define TIDEGATE_CONTROL_FLOW_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "dataplane/dataplane.h"

/* Room for any flow, less its rule. */
enum { FLOW_JSON_SIZE = 768 };

/*
 * Write the object, with a final NUL, into text of at least FLOW_JSON_SIZE bytes and the rule's
 * length. window: with what it moved in the window. rule is the members that name the rule that
 * decided it, as of rule_names_json(), or NULL where none did. Returns the length, or -1 when text
 * is too small.
 */
int flow_json_write(
	const struct flow_record *flow, const char *rule, bool window, char *text, size_t size);

#endif
