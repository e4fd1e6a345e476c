/* SPDX-License-Identifier: BSD-3-Clause */
/* builder: collects the rules of a policy while its files are read, and orders them. */
#ifndef TIDEGATE_CONTROL_POLICY_BUILDER_H
#define TIDEGATE_CONTROL_POLICY_BUILDER_H

#include "control/config_reader.h"
#include "control/policy/arena.h"
#include "control/policy/policy_document.h"
#include "control/policy/scope.h"

struct stateless_entry {
	struct stateless_rule rule;
	struct policy_rule description;
};

struct stateful_entry {
	struct stateful_rule rule;
	struct policy_rule description;
	uint32_t sequence;
};

struct builder {
	struct arena *arena; /* the document's */
	bool skip_unsupported;
	bool strict_order;
	struct scope scope; /* the policy's */
	/* What is being read, for messages; NULL and empty: nothing of the kind. */
	const char *group;
	char rule[32];
	/* malloc'ed */
	struct stateless_entry *stateless;
	struct stateful_entry *stateful;
	struct policy_metric *metrics;
	struct policy_left_out *left_out;
	uint32_t stateless_count;
	uint32_t stateful_count;
	uint32_t metric_count;
	uint32_t left_out_count;
	uint32_t stateful_left_out; /* of them single rules */
};

/* Returns 0 or -ENOMEM; also then builder_fini() is due. */
int builder_init(struct builder *builder, struct arena *arena, bool skip_unsupported);
void builder_fini(struct builder *builder);

/* Each copies what it is given. 0, -ENOMEM, or -EINVAL with the message written for what the reader
 * stands at when there are too many of the kind. */
int builder_add_stateless(
	struct builder *builder, struct config_reader *reader, const struct stateless_entry *entry);
int builder_add_stateful(
	struct builder *builder, struct config_reader *reader, const struct stateful_entry *entry);
int builder_add_metric(
	struct builder *builder, struct config_reader *reader, const struct policy_metric *metric);

/*
 * Something of the group at hand is not supported; sid 0: not a single rule. Without
 * skip_unsupported an error at what the reader stands at. The reason is in the arena.
 */
int builder_leave_out(
	struct builder *builder, struct config_reader *reader, uint32_t sid, const char *reason);

/* Bring the stateful rules into their order, and move everything to the document. 0 or -ENOMEM. */
int builder_finish(struct builder *builder, struct policy_document *document);

#endif
