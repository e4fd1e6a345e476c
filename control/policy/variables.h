/* SPDX-License-Identifier: BSD-3-Clause */
/* variables: the IPSets, PortSets and IPSetReferences of rule groups, and those of the policy. */
#ifndef TIDEGATE_CONTROL_POLICY_VARIABLES_H
#define TIDEGATE_CONTROL_POLICY_VARIABLES_H

#include "control/policy/reference_set.h"
#include "control/policy/scope.h"

/* Each returns 0, or -errno with the message written. */

/* Define the sets of an object {name: {"Definition": [text, …]}, …}. */
int variables_define(struct config_reader *reader, const json_t *value, struct scope *scope,
	enum list_type type);

/* Refer to the sets of an object {name: {"ReferenceArn": arn}, …}. */
int variables_refer(struct config_reader *reader, const json_t *value, struct scope *scope,
	struct reference_files *references);

/* Define what a policy's scope has in any case: HOME_NET, unless it is defined, and EXTERNAL_NET.
 */
int variables_define_defaults(struct config_reader *reader, struct scope *scope);

#endif
