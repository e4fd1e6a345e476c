/* SPDX-License-Identifier: BSD-3-Clause */
/* reference_set: the prefix list files at hand, each read once when a rule group first refers to
 * it. */
#ifndef TIDEGATE_CONTROL_POLICY_REFERENCE_SET_H
#define TIDEGATE_CONTROL_POLICY_REFERENCE_SET_H

#include "control/config_reader.h"
#include "control/policy/arena.h"
#include "control/policy/list.h"
#include "control/policy/policy_document.h"

struct reference_files {
	const struct policy_files *files;
	struct arena *arena; /* holds the lists */
	struct list *lists;  /* one a file; count 0: not read so far; malloc'ed */
};

/* Returns 0 or -ENOMEM; also then reference_set_fini() is due. */
int reference_set_init(
	struct reference_files *references, const struct policy_files *files, struct arena *arena);
void reference_set_fini(struct reference_files *references);

/* The list that a ReferenceArn means. Returns 0, or -errno with the message written. */
int reference_set_find(struct reference_files *references, struct config_reader *reader,
	const char *arn, struct list *ret_list);

/* Whether a name is that of a resource: its ARN, or what is behind the ARN's last slash. */
bool reference_set_names(const char *name, const char *arn);

#endif
