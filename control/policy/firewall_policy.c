/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/policy/firewall_policy.h"

#include <stdlib.h>
#include <string.h>

#include "control/policy/store.h"
#include "control/policy/variables.h"

enum { TCP_IDLE_TIMEOUT_DEFAULT = 350 };

static const struct config_key wrapping_members[] = {
	{.name = "FirewallPolicy",
		.type = CONFIG_MIXED,
		.required = true,
		.store = resource_store_body},
	STORE_IGNORED("FirewallPolicyResponse"),
	STORE_IGNORED("FirewallPolicyName"),
	STORE_IGNORED("FirewallPolicyArn"),
	STORE_IGNORED("UpdateToken"),
	STORE_IGNORED("Description"),
	STORE_IGNORED("Tags"),
	STORE_IGNORED("EncryptionConfiguration"),
	{.name = NULL},
};

static const struct resource_kind kind = {
	.body = "FirewallPolicy",
	.response = "FirewallPolicyResponse",
	.type = "AWS::NetworkFirewall::FirewallPolicy",
	.members = wrapping_members,
};

static int store_custom_actions(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct firewall_policy *policy = target;

	(void)key;
	return custom_action_define(reader, value, &policy->actions);
}

static int store_actions(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct firewall_policy *policy = target;
	const char *text;

	return custom_action_verdict(reader, value, &policy->actions,
		(struct stateless_verdict *)((char *)target + key->offset), &text);
}

/* The API has HOME_NET alone: EXTERNAL_NET always is the rest. */
static int store_variables(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct firewall_policy *policy = target;
	struct scope *scope = &policy->builder->scope;
	int ret = variables_define(reader, value, scope, LIST_ADDRESSES);

	(void)key;
	for (uint32_t i = 0; ret == 0 && i < scope->variable_count[LIST_ADDRESSES]; i++) {
		const char *name = scope->variables[LIST_ADDRESSES][i].name;

		if (strcmp(name, "HOME_NET") != 0) {
			config_reader_enter_key(reader, name);
			return config_reader_fail(reader, "a policy can set HOME_NET alone");
		}
	}
	return ret;
}

static const struct config_key variables_members[] = {
	{.name = "RuleVariables", .type = CONFIG_OBJECT, .store = store_variables},
	{.name = NULL},
};

static const char *const order_names[] = {"DEFAULT_ACTION_ORDER", "STRICT_ORDER", NULL};
static const char *const exception_names[] = {
	[STREAM_DROP] = "DROP", [STREAM_CONTINUE] = "CONTINUE", [STREAM_REJECT] = "REJECT", NULL};

static const struct config_key timeouts_members[] = {
	{.name = "TcpIdleTimeoutSeconds",
		.type = CONFIG_INTEGER,
		.low = 60,
		.high = 6000,
		.store = config_reader_store_number,
		.offset = offsetof(struct firewall_policy, tcp_idle_timeout)},
	{.name = NULL},
};

static const struct config_key options_members[] = {
	{.name = "RuleOrder",
		.type = CONFIG_CHOICE,
		.choices = order_names,
		.store = config_reader_store_choice,
		.offset = offsetof(struct firewall_policy, rule_order)},
	{.name = "StreamExceptionPolicy",
		.type = CONFIG_CHOICE,
		.choices = exception_names,
		.store = config_reader_store_choice,
		.offset = offsetof(struct firewall_policy, stream_exception)},
	{.name = "FlowTimeouts",
		.type = CONFIG_OBJECT,
		.members = timeouts_members,
		.store = store_object},
	{.name = NULL},
};

static int store_options(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct firewall_policy *policy = target;
	int ret = store_object(reader, key, value, target);

	policy->builder->strict_order = policy->rule_order == 1;
	return ret;
}

static int read_default(
	struct config_reader *reader, const json_t *value, size_t index, void *context)
{
	static const struct {
		const char *name;
		uint8_t bit;
	} actions[] = {
		{"aws:drop_strict", DEFAULT_DROP_STRICT},
		{"aws:drop_established", DEFAULT_DROP_ESTABLISHED},
		{"aws:alert_strict", DEFAULT_ALERT_STRICT},
		{"aws:alert_established", DEFAULT_ALERT_ESTABLISHED},
	};
	const uint8_t drops = DEFAULT_DROP_STRICT | DEFAULT_DROP_ESTABLISHED;
	uint8_t *defaults = context;
	const char *name = json_string_value(value);
	int ret = config_reader_string(reader, value);
	size_t i = 0;

	(void)index;
	if (ret < 0)
		return ret;
	while (i < sizeof(actions) / sizeof(actions[0]) && strcmp(actions[i].name, name) != 0)
		i++;
	if (i == sizeof(actions) / sizeof(actions[0]))
		return config_reader_fail(reader,
			"\"%.64s\" is not supported: must be aws:drop_strict, "
			"aws:drop_established, aws:alert_strict or aws:alert_established",
			name);
	if (*defaults & actions[i].bit)
		return config_reader_fail(reader, "%s is given twice", name);
	if (*defaults & drops && actions[i].bit & drops)
		return config_reader_fail(reader, "a second drop action");
	*defaults |= actions[i].bit;
	return 0;
}

static int store_defaults(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct firewall_policy *policy = target;

	(void)key;
	if (json_array_size(value) > 0 && !policy->builder->strict_order)
		return config_reader_fail(reader, "is for the RuleOrder STRICT_ORDER alone");
	return store_elements(reader, value, read_default, &policy->stateful_default);
}

static int store_references(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	return group_reference_read(
		reader, value, (struct group_references *)((char *)target + key->offset));
}

static int store_tls(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct firewall_policy *policy = target;

	(void)key;
	if (!value || json_is_false(value))
		return 0;
	return builder_leave_out(policy->builder, reader, 0, "TLS inspection is not supported");
}

#define ACTIONS(member, field)                                                                     \
	{                                                                                          \
		.name = (member), .type = CONFIG_ARRAY, .required = true, .high = STORE_ARRAY_MAX, \
		.store = store_actions, .offset = offsetof(struct firewall_policy, field)          \
	}
#define REFERENCES(member, field)                                                                  \
	{                                                                                          \
		.name = (member), .type = CONFIG_ARRAY, .high = STORE_ARRAY_MAX,                   \
		.store = store_references, .offset = offsetof(struct firewall_policy, field)       \
	}

/* In an order in which each finds what it depends on. */
static const struct config_key policy_members[] = {
	{.name = "StatelessCustomActions",
		.type = CONFIG_ARRAY,
		.high = STORE_ARRAY_MAX,
		.store = store_custom_actions},
	ACTIONS("StatelessDefaultActions", stateless_default),
	ACTIONS("StatelessFragmentDefaultActions", stateless_fragment_default),
	{.name = "StatefulEngineOptions",
		.type = CONFIG_OBJECT,
		.members = options_members,
		.store = store_options},
	{.name = "StatefulDefaultActions",
		.type = CONFIG_ARRAY,
		.high = STORE_ARRAY_MAX,
		.store = store_defaults},
	{.name = "PolicyVariables",
		.type = CONFIG_OBJECT,
		.members = variables_members,
		.store = store_object},
	{.name = "TLSInspectionConfigurationArn", .type = CONFIG_MIXED, .store = store_tls},
	{.name = "EnableTLSSessionHolding", .type = CONFIG_MIXED, .store = store_tls},
	REFERENCES("StatelessRuleGroupReferences", stateless),
	REFERENCES("StatefulRuleGroupReferences", stateful),
	{.name = NULL},
};

int firewall_policy_open(struct firewall_policy *policy, struct builder *builder,
	struct rule_group *groups, uint32_t group_count, const char *path, char *message,
	size_t size)
{
	const struct group_references references = {
		.builder = builder, .groups = groups, .group_count = group_count};
	struct config_reader *reader = &policy->resource.reader;
	int ret;

	*policy = (struct firewall_policy){
		.builder = builder,
		.stateless = references,
		.stateful = references,
		.actions.builder = builder,
		.stream_exception = STREAM_DROP,
		.tcp_idle_timeout = TCP_IDLE_TIMEOUT_DEFAULT,
	};
	policy->stateful.stateful = true;
	ret = resource_open(&policy->resource, &kind, path, message, size);
	if (ret == 0)
		ret = config_reader_object(reader, policy_members, policy->resource.body, policy);
	if (ret == 0)
		ret = scope_check(&builder->scope);
	/* These are not checked: no rule may use them. */
	return ret < 0 ? ret : variables_define_defaults(reader, &builder->scope);
}

void firewall_policy_close(struct firewall_policy *policy)
{
	free(policy->stateless.items);
	free(policy->stateful.items);
	resource_close(&policy->resource);
}
