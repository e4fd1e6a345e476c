/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_policy.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* Most rule groups; the API has 40 a policy. */
enum { GROUPS_MAX = 1024 };

#define PATH                                                                                       \
	.type = CONFIG_STRING, .low = 2, .high = PATH_MAX - 1,                                     \
	.pattern = "^/[^[:cntrl:]]*[^/[:cntrl:]]$", .words = "the absolute path of a file"

/* A path in the list of rule groups, or of a prefix list. */
static const struct config_key path_key = {PATH};

static int copy_path(struct config_reader *reader, struct arena *arena, const json_t *value,
	const char **ret_path)
{
	int ret = config_reader_text(reader, &path_key, value);

	if (ret < 0)
		return ret;
	*ret_path = arena_copy(arena, json_string_value(value), json_string_length(value));
	return *ret_path ? 0 : -ENOMEM;
}

static int store_file(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct config_policy *policy = target;

	(void)key;
	return copy_path(reader, &policy->arena, value, &policy->files.policy);
}

static int store_groups(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct config_policy *policy = target;
	size_t count = json_array_size(value);
	const char **paths = arena_alloc(&policy->arena, count * sizeof(*paths));

	(void)key;
	if (!paths)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		int ret;

		config_reader_enter_index(reader, i);
		ret = copy_path(reader, &policy->arena, json_array_get(value, i), &paths[i]);
		if (ret < 0)
			return ret;
		config_reader_leave(reader);
	}
	policy->files.rule_groups = paths;
	policy->files.rule_group_count = (uint32_t)count;
	return 0;
}

static int store_prefix_lists(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct config_policy *policy = target;
	struct policy_prefix_list *lists =
		arena_alloc(&policy->arena, json_object_size(value) * sizeof(*lists));
	json_t *object = (json_t *)value; /* as in config_reader_object() */

	(void)key;
	if (!lists)
		return -ENOMEM;
	if (!json_is_object(value))
		return config_reader_fail(
			reader, "must be an object, not %s", config_reader_type(value));
	policy->files.prefix_lists = lists;
	for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
		struct policy_prefix_list *list = &lists[policy->files.prefix_list_count++];
		const char *name = json_object_iter_key(at);
		int ret;

		config_reader_enter_key(reader, name);
		if (name[0] == '\0')
			return config_reader_fail(reader, "a prefix list has a name");
		list->name = arena_copy(&policy->arena, name, strlen(name));
		if (!list->name)
			return -ENOMEM;
		ret = copy_path(reader, &policy->arena, json_object_iter_value(at), &list->path);
		if (ret < 0)
			return ret;
		config_reader_leave(reader);
	}
	return 0;
}

static int store_skip(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct config_policy *policy = target;

	(void)key;
	if (!json_is_boolean(value))
		return config_reader_fail(
			reader, "must be true or false, not %s", config_reader_type(value));
	policy->skip_unsupported = json_is_true(value);
	return 0;
}

const struct config_key config_policy_members[] = {
	{.name = "file",
		PATH,
		.required = true,
		.help = "Absolute path of the firewall policy.",
		.store = store_file},
	{.name = "rule_groups",
		.type = CONFIG_ARRAY,
		.low = 0,
		.high = GROUPS_MAX,
		.fallback = "[]",
		.help = "Absolute paths of the rule groups that it refers to.",
		.store = store_groups},
	{.name = "prefix_lists",
		.type = CONFIG_OBJECT,
		.fallback = "{}",
		.help = "Absolute path of each prefix list that the rule groups' `ReferenceSets` "
			"mean, by the list's ARN or the name at its end.",
		.store = store_prefix_lists},
	{.name = "skip_unsupported",
		.type = CONFIG_MIXED,
		.words = "true or false",
		.fallback = "false",
		.help = "Leave out what is not supported, and list it in the log, where it is an "
			"error else.",
		.store = store_skip},
	{.name = NULL},
};

int config_policy_store(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct config *config = target;

	return value ? config_reader_object(reader, key->members, value, &config->policy) : 0;
}

int config_policy_check(struct config_reader *reader, const json_t *root)
{
	static const char *const excluded[] = {"default_action", "rules", "stream_exception"};
	const json_t *timeouts = json_object_get(root, "idle_timeouts");

	if (!json_object_get(root, "policy"))
		return 0;
	for (size_t i = 0; i < sizeof(excluded) / sizeof(excluded[0]); i++) {
		if (!json_object_get(root, excluded[i]))
			continue;
		config_reader_enter_key(reader, excluded[i]);
		return config_reader_fail(
			reader, "\"policy\" and \"%s\" exclude each other", excluded[i]);
	}
	if (!json_object_get(timeouts, "tcp_established"))
		return 0;
	config_reader_enter_key(reader, "idle_timeouts");
	config_reader_enter_key(reader, "tcp_established");
	return config_reader_fail(reader, "is the policy's FlowTimeouts.TcpIdleTimeoutSeconds");
}

void config_policy_fini(struct config_policy *policy)
{
	arena_fini(&policy->arena);
	*policy = (struct config_policy){.files = {.policy = NULL}};
}
