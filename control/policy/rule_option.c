/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/policy/rule_option.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Cut blanks off both ends. */
static char *trim(char *text)
{
	size_t length;

	text += strspn(text, " \t\r\n");
	length = strlen(text);
	while (length > 0 && strchr(" \t\r\n", text[length - 1]))
		text[--length] = '\0';
	return text;
}

static int read_number(struct config_reader *reader, const char *keyword, const char *value,
	uint32_t low, uint32_t high, uint32_t *ret_number)
{
	size_t length = strlen(value);
	unsigned long long number = strtoull(value, NULL, 10);

	/* Ten digits cannot overflow. */
	if (length < 1 || length > 10 || strspn(value, "0123456789") != length || number < low ||
		number > high)
		return config_reader_fail(
			reader, "%s must be %u to %u, not \"%.64s\"", keyword, low, high, value);
	*ret_number = (uint32_t)number;
	return 0;
}

static int read_sid(struct stateful_rule_reading *rule, struct config_reader *reader, char *value)
{
	struct builder *builder = rule->group->builder;
	uint32_t *sid = &rule->entry.description.id;
	int ret = read_number(reader, "sid", value, 1, UINT32_MAX, sid);

	if (ret == 0)
		snprintf(builder->rule, sizeof(builder->rule), "rule sid %u", *sid);
	return ret;
}

static int read_rev(struct stateful_rule_reading *rule, struct config_reader *reader, char *value)
{
	return read_number(reader, "rev", value, 0, UINT32_MAX, &rule->entry.description.rev);
}

static int read_priority(
	struct stateful_rule_reading *rule, struct config_reader *reader, char *value)
{
	return read_number(reader, "priority", value, 1, 255, &rule->entry.description.priority);
}

static int read_gid(struct stateful_rule_reading *rule, struct config_reader *reader, char *value)
{
	uint32_t gid;

	(void)rule;
	return read_number(reader, "gid", value, 1, UINT32_MAX, &gid);
}

/* Quotes around the text, and backslashes before some characters, are not part of it. */
static int read_msg(struct stateful_rule_reading *rule, struct config_reader *reader, char *value)
{
	size_t length = strlen(value), kept = 0;

	if (length > 0 && value[0] == '"') {
		if (length < 2 || value[length - 1] != '"')
			return config_reader_fail(reader, "the quotes of msg are not closed");
		value[length - 1] = '\0';
		value++;
	}
	for (const char *at = value; *at != '\0'; at++) {
		at += *at == '\\' && at[1] != '\0' && strchr("\\\":;", at[1]);
		value[kept++] = *at;
	}
	rule->entry.description.msg = arena_copy(rule->group->builder->arena, value, kept);
	return rule->entry.description.msg ? 0 : -ENOMEM;
}

static int read_flow(struct stateful_rule_reading *rule, struct config_reader *reader, char *value)
{
	static const struct {
		const char *name;
		uint8_t bits;  /* RULE_… */
		uint8_t group; /* only one of a group */
	} words[] = {
		{"to_server", RULE_TO_SERVER, 1},
		{"from_client", RULE_TO_SERVER, 1},
		{"to_client", RULE_TO_CLIENT, 1},
		{"from_server", RULE_TO_CLIENT, 1},
		{"established", RULE_ESTABLISHED, 2},
		{"not_established", RULE_NOT_ESTABLISHED, 2},
		{"stateless", 0, 2},
	};
	unsigned int groups = 0;

	for (char *word; (word = strsep(&value, ","));) {
		size_t i = 0;

		word = trim(word);
		while (i < sizeof(words) / sizeof(words[0]) && strcmp(words[i].name, word) != 0)
			i++;
		if (i == sizeof(words) / sizeof(words[0]))
			return stateful_rule_unsupported(
				rule, "keyword \"flow:%.64s\" is not supported", word);
		if (groups & words[i].group)
			return config_reader_fail(reader,
				"flow:%s contradicts or repeats an earlier word of flow", word);
		groups |= words[i].group;
		rule->entry.rule.flow |= words[i].bits;
	}
	return 0;
}

static int read_ignored(
	struct stateful_rule_reading *rule, struct config_reader *reader, char *value)
{
	(void)rule;
	(void)reader;
	(void)value;
	return 0;
}

static const struct option {
	const char *keyword;
	bool repeats;
	int (*read)(struct stateful_rule_reading *rule, struct config_reader *reader, char *value);
} options[] = {
	{"sid", false, read_sid},
	{"rev", false, read_rev},
	{"gid", false, read_gid},
	{"priority", false, read_priority},
	{"msg", false, read_msg},
	{"flow", false, read_flow},
	{"classtype", false, read_ignored},
	{"reference", true, read_ignored},
	{"metadata", true, read_ignored},
};
enum { OPTIONS = sizeof(options) / sizeof(options[0]) };

static unsigned int find(const char *keyword)
{
	unsigned int i = 0;

	while (i < OPTIONS && strcmp(options[i].keyword, keyword) != 0)
		i++;
	return i;
}

int rule_option_read(struct stateful_rule_reading *rule, struct config_reader *reader, char *text)
{
	char *value = text;
	char *keyword = trim(strsep(&value, ":"));
	unsigned int i = find(keyword);

	if (*keyword == '\0')
		return config_reader_fail(reader, "an option has no keyword");
	if (i == OPTIONS)
		return stateful_rule_unsupported(
			rule, "keyword \"%.64s\" is not supported", keyword);
	if (rule->options & 1U << i && !options[i].repeats)
		return config_reader_fail(reader, "%s is given twice", keyword);
	rule->options |= 1U << i;
	value = value ? trim(value) : NULL;
	if (!value || *value == '\0')
		return config_reader_fail(reader, "%s has no value", keyword);
	return options[i].read(rule, reader, value);
}

bool rule_option_seen(const struct stateful_rule_reading *rule, const char *keyword)
{
	return rule->options & 1U << find(keyword);
}
