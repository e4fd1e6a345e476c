/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_rules.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

const char *const config_rules_actions[] = {[ACTION_ALLOW] = "allow", [ACTION_DROP] = "drop", NULL};

/* Most elements of one list of a rule. */
enum { LIST_MAX = 1024 };

#define ADDRESS_TYPES "string or array of strings"
#define NUMBER_TYPES "integer, string or array of these"

const struct config_key config_rules_members[] = {
	{.name = "name",
		.type = CONFIG_STRING,
		.low = 1,
		.high = 64,
		.pattern = "^[[:print:]]*$",
		.words = "printable ASCII characters",
		.otherwise = "\"rule N\", N from 1",
		.help = "What the rule is called in status, logs and verdicts. Unique.",
		.store = config_reader_store_string,
		.offset = offsetof(struct config_rule, name)},
	{.name = "action",
		.type = CONFIG_CHOICE,
		.required = true,
		.choices = config_rules_actions,
		.help = "What becomes of a flow whose first match this rule is.",
		.store = config_reader_store_choice,
		.offset = offsetof(struct config_rule, action)},
	{.name = "source",
		.type = CONFIG_MIXED,
		.words = ADDRESS_TYPES,
		.low = 1,
		.high = LIST_MAX,
		.otherwise = "any",
		.help = "Addresses or CIDRs of who sends the first packet of a flow, or `\"ANY\"`. "
			"Bits behind the prefix length must be zero.",
		.store = config_lists_store_addresses,
		.offset = offsetof(struct config_rule, source)},
	{.name = "destination",
		.type = CONFIG_MIXED,
		.words = ADDRESS_TYPES,
		.low = 1,
		.high = LIST_MAX,
		.otherwise = "any",
		.help = "The same of whom it is sent to.",
		.store = config_lists_store_addresses,
		.offset = offsetof(struct config_rule, destination)},
	{.name = "source_ports",
		.type = CONFIG_MIXED,
		.words = NUMBER_TYPES,
		.low = 1,
		.high = LIST_MAX,
		.otherwise = "any",
		.help = "Ports from 0 to 65535: `80`, `\"80\"`, a range `\"1990:1994\"`, or "
			"`\"ANY\"`. With ports a rule matches TCP, UDP and SCTP alone.",
		.store = config_lists_store_ports,
		.offset = offsetof(struct config_rule, source_ports)},
	{.name = "destination_ports",
		.type = CONFIG_MIXED,
		.words = NUMBER_TYPES,
		.low = 1,
		.high = LIST_MAX,
		.otherwise = "any",
		.help = "The same of the destination.",
		.store = config_lists_store_ports,
		.offset = offsetof(struct config_rule, destination_ports)},
	{.name = "protocols",
		.type = CONFIG_MIXED,
		.words = NUMBER_TYPES,
		.low = 1,
		.high = 256,
		.otherwise = "any",
		.help = "IANA numbers from 0 to 255: `6`, `\"6\"`, or a name: tcp, udp, icmp, "
			"icmpv6, sctp, gre, esp, ah.",
		.store = config_lists_store_protocols,
		.offset = offsetof(struct config_rule, protocols)},
	{.name = NULL},
};

/* The IP versions that a list of addresses can match: bit 4, bit 6. */
static unsigned int versions(const struct config_list *list)
{
	const struct match_address *addresses = list->elements;
	unsigned int found = 0;

	for (uint32_t i = 0; i < list->count; i++)
		found |= 1U << addresses[i].prefix.version;
	return list->count > 0 ? found : 1U << 4 | 1U << 6;
}

/* Whether a list of protocols has one with ports. */
static bool has_ports(const struct config_list *list)
{
	const uint8_t *protocols = list->elements;

	for (uint32_t i = 0; i < list->count; i++) {
		if (protocols[i] == IPPROTO_TCP || protocols[i] == IPPROTO_UDP ||
			protocols[i] == IPPROTO_SCTP)
			return true;
	}
	return list->count == 0;
}

/* Refuse a rule that no packet can match: it is not what its author meant. */
static int check_rule(struct config_reader *reader, const struct config_rule *rule)
{
	if ((versions(&rule->source) & versions(&rule->destination)) == 0)
		return config_reader_fail(reader,
			"can never match: source and destination are of different IP versions");
	if ((rule->source_ports.count > 0 || rule->destination_ports.count > 0) &&
		!has_ports(&rule->protocols))
		return config_reader_fail(reader,
			"can never match: there are ports, but no protocol of tcp, udp and sctp");
	return 0;
}

/* Enter the rules' own names into the index by name. */
static int index_names(struct config_reader *reader, const struct config *config, json_t *index)
{
	for (uint32_t i = 0; i < config->rule_count; i++) {
		const char *name = config->rules[i].name;
		const json_t *other;

		if (!name)
			continue;
		other = json_object_get(index, name);
		if (other) {
			config_reader_enter_index(reader, i);
			config_reader_enter_key(reader, "name");
			return config_reader_fail(reader,
				"\"%s\" is the name of rules[%lld] as well", name,
				(long long)json_integer_value(other));
		}
		if (json_object_set_new(index, name, json_integer(i)) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* Call the rules without a name by their number, which nobody else may be called. */
static int name_others(struct config_reader *reader, struct config *config, const json_t *index)
{
	for (uint32_t i = 0; i < config->rule_count; i++) {
		struct config_rule *rule = &config->rules[i];
		const json_t *other;

		if (rule->name)
			continue;
		if (asprintf(&rule->name, "rule %u", i + 1) < 0) {
			rule->name = NULL;
			return -ENOMEM;
		}
		other = json_object_get(index, rule->name);
		if (other) {
			config_reader_enter_index(reader, (size_t)json_integer_value(other));
			config_reader_enter_key(reader, "name");
			return config_reader_fail(reader,
				"\"%s\" is what rules[%u] is called, which has no name", rule->name,
				i);
		}
	}
	return 0;
}

int config_rules_store(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct config *config = target;
	json_t *index;
	int ret;

	config->rules = calloc(json_array_size(value) + 1, sizeof(*config->rules));
	if (!config->rules)
		return -ENOMEM;
	for (size_t i = 0; i < json_array_size(value); i++) {
		struct config_rule *rule = &config->rules[config->rule_count++];

		config_reader_enter_index(reader, i);
		ret = config_reader_object(reader, key->members, json_array_get(value, i), rule);
		if (ret == 0)
			ret = check_rule(reader, rule);
		if (ret < 0)
			return ret;
		config_reader_leave(reader);
	}
	index = json_object();
	if (!index)
		return -ENOMEM;
	ret = index_names(reader, config, index);
	if (ret == 0)
		ret = name_others(reader, config, index);
	json_decref(index);
	return ret;
}

void config_rules_destroy(struct config *config)
{
	for (uint32_t i = 0; i < config->rule_count; i++) {
		struct config_rule *rule = &config->rules[i];

		free(rule->name);
		free(rule->source.elements);
		free(rule->destination.elements);
		free(rule->source_ports.elements);
		free(rule->destination_ports.elements);
		free(rule->protocols.elements);
	}
	free(config->rules);
	config->rules = NULL;
	config->rule_count = 0;
}
