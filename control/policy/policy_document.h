/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * policy_document: a firewall policy and its rule groups, read from the JSON documents of AWS
 * Network Firewall and turned into the rules that the dataplane compiles. docs/policy.md says what
 * is read and what is refused.
 *
 * Life-cycle: the files are read into a whole new document or refused with one message.
 *
 * Synchronisation: none; a loaded document does not change.
 */
#ifndef TIDEGATE_CONTROL_POLICY_POLICY_DOCUMENT_H
#define TIDEGATE_CONTROL_POLICY_POLICY_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/dataplane.h"

/* Room for any message of policy_document_load(). */
#define POLICY_MESSAGE_SIZE 1024

/* A file of prefixes for the reference sets whose ReferenceArn is name, or ends with "/name". */
struct policy_prefix_list {
	const char *name;
	const char *path;
};

struct policy_files {
	const char *policy;
	const char *const *rule_groups; /* those that the policy does not refer to are not used */
	uint32_t rule_group_count;
	const struct policy_prefix_list *prefix_lists;
	uint32_t prefix_list_count;
};

/* What a rule is called. One of the configuration's own rules has a name and an action alone. */
struct policy_rule {
	const char *group;
	uint32_t id;	    /* stateless: the priority; stateful: the sid */
	uint32_t rev;	    /* 0: none given */
	uint32_t priority;  /* of a stateful one: the keyword, 1 to 255, or its default; else 0 */
	const char *msg;    /* or the configuration rule's name; NULL: none given */
	const char *action; /* "aws:drop", "aws:pass, MyMetric"; "drop", "reject", "allow" … */
};

/* A counter: rules with this custom action add to it. */
struct policy_metric {
	const char *group; /* NULL: the policy's default actions */
	const char *action;
	const char *dimension; /* the value to publish */
};

/* What --skip-unsupported left out. */
struct policy_left_out {
	const char *group; /* NULL: a member of the policy */
	uint32_t sid;	   /* 0: not a single rule */
	const char *reason;
};

enum policy_resource_kind { RESOURCE_POLICY, RESOURCE_STATELESS, RESOURCE_STATEFUL };

/* A document as the API's describe and list actions tell of it. */
struct policy_resource {
	enum policy_resource_kind kind;
	const char *type; /* of a rule group: "STATELESS", "STATEFUL", "STATEFUL_DOMAIN"; or NULL */
	const char *name;
	/* Where the documents have none: "stateless-rulegroup/edge", to be read as one of the
	 * account that the firewall is of. The references in a policy's body are such ARNs. */
	const char *arn;
	/* As JSON: what the describe action's answer tells of the resource, less ARN and id, and
	 * the document itself; NULL: that is too long for an answer. */
	const char *response;
	const char *body;
	const char *token; /* a UUID that stays the same as long as body and description */
};

/* The arrays of descriptions are parallel to those of rules; a stateless rule with several TCPFlags
 * is as many neighbouring rules of one description. */
struct policy_document {
	const char *file; /* of the policy; NULL: the rules are the configuration's own */
	struct policy_rules rules;
	const struct policy_rule *stateless;
	const struct policy_rule *stateful;
	const struct policy_metric *metrics; /* rules.metric_count */
	const struct policy_left_out *left_out;
	uint32_t left_out_count;
	/* The policy, and the groups that it refers to in the order of evaluation, the stateless ones
	 * first; none of the configuration's own rules. */
	const struct policy_resource *resources;
	uint32_t resource_count;
	uint32_t tcp_idle_timeout; /* seconds */
	struct arena *arena;	   /* holds all of this */
};

/*
 * Read the files. What is not supported is an error, or with skip_unsupported left out and listed.
 * Returns 0, or -errno, and then message holds one line: "FILE:LINE: path: what is wrong (rule sid
 * 7 of group "name")".
 */
int policy_document_load(const struct policy_files *files, bool skip_unsupported,
	struct policy_document **ret_document, char *message, size_t size);

/* An empty one, to be filled. Returns 0 or -ENOMEM. */
int policy_document_create(struct policy_document **ret_document);
void policy_document_destroy(struct policy_document *document);

#endif
