/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/policy/stateful.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/policy/rule_option.h"
#include "control/policy/store.h"

/* Bytes of a field and of a setting. */
enum { FIELD_SIZE_MAX = 1024, KEYWORD_SIZE_MAX = 128, SETTING_SIZE_MAX = 8192 };

static int check_text(struct config_reader *reader, const json_t *value, size_t high)
{
	size_t length = json_string_length(value);
	int ret = config_reader_string(reader, value);

	if (ret == 0 && (length < 1 || length > high))
		ret = config_reader_fail(
			reader, "must be 1 to %zu bytes long, not %zu", high, length);
	return ret;
}

/* The key's offset is the enum stateful_field. */
static int store_field(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	int ret = check_text(reader, value, FIELD_SIZE_MAX);

	if (ret < 0)
		return ret;
	return stateful_rule_field(
		target, reader, (enum stateful_field)key->offset, json_string_value(value));
}

/* One RuleOption as the text that Suricata has for it: keyword:setting,setting. */
struct option {
	char *text; /* malloc'ed, or NULL */
};

static int append(struct option *option, const char *separator, const char *text)
{
	char *joined;

	if (asprintf(&joined, "%s%s%s", option->text ? option->text : "", separator, text) < 0)
		return -ENOMEM;
	free(option->text);
	option->text = joined;
	return 0;
}

static int store_keyword(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	int ret = check_text(reader, value, KEYWORD_SIZE_MAX);

	(void)key;
	return ret < 0 ? ret : append(target, "", json_string_value(value));
}

static int append_setting(
	struct config_reader *reader, const json_t *value, size_t index, void *context)
{
	int ret = check_text(reader, value, SETTING_SIZE_MAX);

	return ret < 0 ? ret : append(context, index > 0 ? "," : ":", json_string_value(value));
}

static int store_settings(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	(void)key;
	return store_elements(reader, value, append_setting, target);
}

static const struct config_key option_members[] = {
	{.name = "Keyword", .type = CONFIG_MIXED, .required = true, .store = store_keyword},
	{.name = "Settings",
		.type = CONFIG_ARRAY,
		.high = STORE_ARRAY_MAX,
		.store = store_settings},
	{.name = NULL},
};

static int read_option(
	struct config_reader *reader, const json_t *value, size_t index, void *context)
{
	struct option option = {0};
	int ret = config_reader_object(reader, option_members, value, &option);

	(void)index;
	if (ret == 0)
		ret = rule_option_read(context, reader, option.text);
	free(option.text);
	return ret;
}

static int store_options(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	(void)key;
	return store_elements(reader, value, read_option, target);
}

#define FIELD(member, field)                                                                       \
	{                                                                                          \
		.name = (member), .type = CONFIG_MIXED, .required = true, .store = store_field,    \
		.offset = (field)                                                                  \
	}

static const struct config_key header_members[] = {
	FIELD("Protocol", FIELD_PROTOCOL),
	FIELD("Source", FIELD_SOURCE),
	FIELD("SourcePort", FIELD_SOURCE_PORT),
	FIELD("Direction", FIELD_DIRECTION),
	FIELD("Destination", FIELD_DESTINATION),
	FIELD("DestinationPort", FIELD_DESTINATION_PORT),
	{.name = NULL},
};

static const struct config_key rule_members[] = {
	{.name = "RuleOptions",
		.type = CONFIG_ARRAY,
		.required = true,
		.high = STORE_ARRAY_MAX,
		.store = store_options},
	FIELD("Action", FIELD_ACTION),
	{.name = "Header",
		.type = CONFIG_OBJECT,
		.required = true,
		.members = header_members,
		.store = store_object},
	{.name = NULL},
};

static int read_rule(struct config_reader *reader, const json_t *value, size_t index, void *context)
{
	struct stateful_rule_reading rule;
	int ret;

	(void)index;
	stateful_rule_start(&rule, context, SYNTAX_API);
	ret = config_reader_object(reader, rule_members, value, &rule);
	return ret < 0 ? ret : stateful_rule_finish(&rule, reader);
}

int stateful_read(struct config_reader *reader, const json_t *value, struct stateful_group *group)
{
	return store_elements(reader, value, read_rule, group);
}
