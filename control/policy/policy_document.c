/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/policy/policy_document.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/policy/firewall_policy.h"
#include "control/policy/inventory.h"

/* All that loading needs and the document does not keep. */
struct loading {
	struct builder builder;
	struct reference_files references;
	struct firewall_policy policy;
	struct rule_group *groups;
	uint32_t group_count;
};

static int read_groups(struct loading *loading, const struct group_references *references)
{
	int ret = 0;

	for (uint32_t i = 0; ret == 0 && i < references->count; i++)
		ret = rule_group_read(
			references->items[i].group, &loading->builder, &loading->references);
	return ret;
}

static int read_files(
	struct loading *loading, const struct policy_files *files, char *message, size_t size)
{
	struct firewall_policy *policy = &loading->policy;
	int ret = 0;

	for (uint32_t i = 0; ret == 0 && i < files->rule_group_count; i++)
		ret = rule_group_open(&loading->groups[loading->group_count++],
			files->rule_groups[i], message, size);
	if (ret == 0)
		ret = firewall_policy_open(policy, &loading->builder, loading->groups,
			loading->group_count, files->policy, message, size);
	if (ret == 0)
		ret = read_groups(loading, &policy->stateless);
	return ret < 0 ? ret : read_groups(loading, &policy->stateful);
}

static int fill(struct loading *loading, const char *path, struct policy_document *document)
{
	const struct firewall_policy *policy = &loading->policy;
	int ret;

	document->file = arena_printf(document->arena, "%s", path);
	if (!document->file)
		return -ENOMEM;
	document->rules.stateless_default = policy->stateless_default;
	document->rules.stateless_fragment_default = policy->stateless_fragment_default;
	document->rules.stateful_default = policy->stateful_default;
	document->rules.stream_exception = (uint8_t)policy->stream_exception;
	document->tcp_idle_timeout = policy->tcp_idle_timeout;
	ret = builder_finish(&loading->builder, document);
	return ret < 0 ? ret : inventory_make(policy, document);
}

/* Add the group and rule at hand to a message, and make it one line, whatever the files hold. */
static void describe(
	const struct loading *loading, const char *path, int error, char *message, size_t size)
{
	const struct builder *builder = &loading->builder;
	size_t used;

	if (message[0] == '\0')
		snprintf(message, size, "%s: %s", path, strerrordesc_np(-error));
	used = strlen(message);
	if (builder->group)
		snprintf(message + used, size - used, " (%s%sgroup \"%s\")", builder->rule,
			builder->rule[0] != '\0' ? " of " : "", builder->group);
	for (char *at = message; *at != '\0'; at++) {
		if (iscntrl((unsigned char)*at))
			*at = '?';
	}
}

int policy_document_load(const struct policy_files *files, bool skip_unsupported,
	struct policy_document **ret_document, char *message, size_t size)
{
	struct loading loading = {0};
	struct policy_document *document;
	int ret = policy_document_create(&document);

	message[0] = '\0';
	if (ret < 0)
		return ret;
	ret = -ENOMEM;
	loading.groups = calloc(files->rule_group_count + 1, sizeof(*loading.groups));
	if (loading.groups &&
		builder_init(&loading.builder, document->arena, skip_unsupported) == 0 &&
		reference_set_init(&loading.references, files, document->arena) == 0)
		ret = read_files(&loading, files, message, size);
	if (ret == 0)
		ret = fill(&loading, files->policy, document);
	if (ret < 0)
		describe(&loading, files->policy, ret, message, size);
	firewall_policy_close(&loading.policy);
	for (uint32_t i = 0; i < loading.group_count; i++)
		rule_group_close(&loading.groups[i]);
	free(loading.groups);
	reference_set_fini(&loading.references);
	builder_fini(&loading.builder);
	if (ret < 0) {
		policy_document_destroy(document);
		return ret;
	}
	*ret_document = document;
	return 0;
}

int policy_document_create(struct policy_document **ret_document)
{
	struct policy_document *document = calloc(1, sizeof(*document));
	struct arena *arena = calloc(1, sizeof(*arena));

	if (!document || !arena) {
		free(document);
		free(arena);
		return -ENOMEM;
	}
	document->arena = arena;
	*ret_document = document;
	return 0;
}

void policy_document_destroy(struct policy_document *document)
{
	if (!document)
		return;
	arena_fini(document->arena);
	free(document->arena);
	free(document);
}
