/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/flow_scope.h"

#include <string.h>

enum { VLAN_MAX = 4094 }; /* IEEE 802.1Q: 4095 is reserved */

enum scope_list { SCOPE_STATES, SCOPE_ACTIONS, SCOPE_VLANS, SCOPE_LIST_COUNT };

const struct api_constraint flow_scope_entries[SCOPE_LIST_COUNT + 1] = {
	[SCOPE_STATES] = {"States", API_STRING, true, 1, 11, "^(new|established|closing|closed)$",
		0},
	[SCOPE_ACTIONS] = {"Actions", API_STRING, true, 1, 11, "^(passed|dropped)$", 0},
	[SCOPE_VLANS] = {"Vlans", API_INTEGER, true, 0, VLAN_MAX, NULL, 0},
};

/* A word of a list, and the bit that it stands for. */
struct word {
	const char *name;
	uint8_t bit;
};

static const struct word states[] = {
	{"new", 1 << FLOW_NEW},
	{"established", 1 << FLOW_ESTABLISHED},
	{"closing", 1 << FLOW_CLOSING},
	{"closed", 1 << FLOW_CLOSED},
	{NULL, 0},
};

static const struct word actions[] = {
	{"passed", 1 << ACTION_ALLOW},
	{"dropped", 1 << ACTION_DROP},
	{NULL, 0},
};

/* The bits of the words in a list that was given; else *bits stays. */
static int parse_words(const json_t *list, const struct api_constraint *constraint,
	const struct word *words, uint8_t *bits, struct reply *reply)
{
	char path[API_PATH_SIZE];
	json_t *value;
	size_t i;

	if (list == NULL)
		return 0;
	*bits = 0;
	json_array_foreach(list, i, value) {
		const struct word *word = words;

		api_member_path(path, "%s[%zu]", constraint->name, i);
		if (api_constraint_check(constraint, value, path, reply) != 0)
			return -1;
		while (strcmp(word->name, json_string_value(value)) != 0)
			word++; /* the pattern has the same words */
		*bits |= word->bit;
	}
	return 0;
}

static int parse_vlans(const json_t *list, struct walk_scope *scope, struct reply *reply)
{
	char path[API_PATH_SIZE];
	json_t *value;
	size_t i;

	if (list == NULL)
		return 0;
	scope->any_vlan = false;
	json_array_foreach(list, i, value) {
		json_int_t vlan;

		api_member_path(path, "Vlans[%zu]", i);
		if (api_constraint_check(&flow_scope_entries[SCOPE_VLANS], value, path, reply) != 0)
			return -1;
		vlan = json_integer_value(value);
		scope->vlans[vlan / 64] |= UINT64_C(1) << (vlan % 64);
	}
	return 0;
}

static uint64_t seconds(const struct api_input *input, enum api_member member)
{
	return (uint64_t)api_member_integer(input, member) * NANOSECONDS;
}

static int parse_ages(const struct api_input *input, struct walk_scope *scope, struct reply *reply)
{
	const json_t *maximum = input->values[MEMBER_MAXIMUM_FLOW_AGE];

	scope->minimum_age = seconds(input, MEMBER_MINIMUM_FLOW_AGE);
	scope->minimum_idle = seconds(input, MEMBER_MINIMUM_IDLE);
	if (maximum == NULL)
		return 0;
	/* Age is in whole seconds: a flow of exactly that many is in. */
	scope->maximum_age = seconds(input, MEMBER_MAXIMUM_FLOW_AGE) + NANOSECONDS - 1;
	if (scope->maximum_age < scope->minimum_age)
		return api_member_fail(reply, REPLY_PARAMETER, "MaximumFlowAgeInSeconds", maximum,
			"must not be below MinimumFlowAgeInSeconds");
	return 0;
}

int flow_scope_parse(
	const struct api_input *input, struct walk_scope *ret_scope, struct reply *reply)
{
	struct walk_scope *scope = ret_scope;

	walk_scope_init(scope);
	scope->minimum_bytes = (uint64_t)api_member_integer(input, MEMBER_MINIMUM_BYTE_COUNT);
	scope->minimum_packets = (uint64_t)api_member_integer(input, MEMBER_MINIMUM_PACKET_COUNT);
	if (parse_ages(input, scope, reply) != 0 ||
		parse_words(input->values[MEMBER_STATES], &flow_scope_entries[SCOPE_STATES], states,
			&scope->states, reply) != 0 ||
		parse_words(input->values[MEMBER_ACTIONS], &flow_scope_entries[SCOPE_ACTIONS],
			actions, &scope->actions, reply) != 0 ||
		parse_vlans(input->values[MEMBER_VLANS], scope, reply) != 0)
		return -1;
	if (input->values[MEMBER_IP_VERSION] != NULL)
		scope->ip_versions =
			api_member_integer(input, MEMBER_IP_VERSION) == 4 ? SCOPE_IPV4 : SCOPE_IPV6;
	return 0;
}

void flow_scope_of_worker(const struct walk_scope *scope, struct walk_scope *ret_scope)
{
	walk_scope_init(ret_scope);
	ret_scope->ip_versions = scope->ip_versions;
	ret_scope->any_vlan = scope->any_vlan;
	memcpy(ret_scope->vlans, scope->vlans, sizeof(scope->vlans));
}

bool flow_scope_needs_merge(const struct walk_scope *scope)
{
	struct walk_scope own;

	flow_scope_of_worker(scope, &own);
	return scope->minimum_age != own.minimum_age || scope->maximum_age != own.maximum_age ||
		scope->minimum_idle != own.minimum_idle ||
		scope->minimum_bytes != own.minimum_bytes ||
		scope->minimum_packets != own.minimum_packets || scope->states != own.states ||
		scope->actions != own.actions;
}
