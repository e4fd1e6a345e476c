/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/policy/suricata.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/policy/rule_option.h"

#define BLANKS " \t\r"

/* Cut the next word of a rule's head off; blanks within brackets do not end it. */
static char *next_word(char **at)
{
	char *word = *at + strspn(*at, BLANKS);
	char *end = word;
	int nesting = 0;

	while (*end != '\0' && (nesting > 0 || !strchr(BLANKS "(", *end))) {
		nesting += (*end == '[') - (*end == ']');
		end++;
	}
	*at = end;
	/* The parenthesis that opens the options stays. */
	if (*end != '\0' && *end != '(') {
		*end = '\0';
		(*at)++;
	}
	return word;
}

/* Cut the next option off, which ends with a semicolon that has no backslash before it. */
static char *next_option(char **at)
{
	char *option = *at;

	for (char *end = option; *end != '\0'; end++) {
		if (*end == '\\' && end[1] != '\0') {
			end++;
		} else if (*end == ';') {
			*end = '\0';
			*at = end + 1;
			return option;
		}
	}
	return NULL;
}

/* What is between the parentheses; also the last option ends with a semicolon. */
static int read_options(
	struct stateful_rule_reading *rule, struct config_reader *reader, char *text)
{
	char *option;

	while ((option = next_option(&text))) {
		int ret = rule_option_read(rule, reader, option);

		if (ret < 0)
			return ret;
	}
	if (text[strspn(text, BLANKS)] != '\0')
		return config_reader_fail(reader, "no semicolon behind the option \"%.64s\"", text);
	return 0;
}

static int read_fields(
	struct stateful_rule_reading *rule, struct config_reader *reader, char *const words[FIELDS])
{
	for (unsigned int i = 0; i < FIELDS; i++) {
		enum stateful_field field = (enum stateful_field)i;
		int ret;

		config_reader_enter_key(reader, stateful_rule_field_name(field));
		ret = stateful_rule_field(rule, reader, field, words[i]);
		if (ret < 0)
			return ret;
		config_reader_leave(reader);
	}
	return 0;
}

static int read_rule(struct config_reader *reader, char *text, struct stateful_group *group)
{
	struct stateful_rule_reading rule;
	char *words[FIELDS], *end;
	int ret;

	stateful_rule_start(&rule, group, SYNTAX_SURICATA);
	for (unsigned int i = 0; i < FIELDS; i++) {
		words[i] = next_word(&text);
		/* The word before the options ends where they begin. */
		if (words[i] == text)
			return config_reader_fail(reader, "the rule has no %s",
				stateful_rule_field_name((enum stateful_field)i));
	}
	text += strspn(text, BLANKS);
	end = strrchr(text, ')');
	if (*text != '(' || !end || end[1 + strspn(end + 1, BLANKS)] != '\0')
		return config_reader_fail(
			reader, "the rule does not end with its options in parentheses");
	*text = *end = '\0';
	ret = read_options(&rule, reader, text + 1);
	if (ret == 0)
		ret = read_fields(&rule, reader, words);
	return ret < 0 ? ret : stateful_rule_finish(&rule, reader);
}

/* Cut the next line off, joined with those that continue it. Returns NULL at the end of the text.
 */
static char *next_line(char **at, size_t *number)
{
	char *line = *at;

	if (!line)
		return NULL;
	for (char *end = line; (end = strchr(end, '\n')); end++) {
		char *last = end > line && end[-1] == '\r' ? end - 1 : end;

		++*number;
		if (last == line || last[-1] != '\\') {
			*end = '\0';
			*at = end + 1;
			return line;
		}
		memset(last - 1, ' ', (size_t)(end - last) + 2);
	}
	++*number;
	*at = NULL;
	return line;
}

int suricata_read(struct config_reader *reader, const char *text, struct stateful_group *group)
{
	char *copy = strdup(text), *rest = copy, *line;
	size_t number = 0;
	int ret = copy ? 0 : -ENOMEM;

	while (ret == 0 && (line = next_line(&rest, &number))) {
		char place[32];

		line += strspn(line, BLANKS);
		if (*line == '\0' || *line == '#')
			continue;
		/* A step that no JSON has, for messages. Of joined lines it is the last one. */
		snprintf(place, sizeof(place), "line %zu", number);
		config_reader_enter_key(reader, place);
		ret = read_rule(reader, line, group);
		if (ret == 0)
			config_reader_leave(reader);
	}
	free(copy);
	return ret;
}
