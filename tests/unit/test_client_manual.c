/* SPDX-License-Identifier: BSD-3-Clause */
/* The manual page beside the tables of commands and options. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/client/command.h"
#include "tests/unit/check.h"

static void read_manual(char *text, size_t size)
{
	FILE *file = fopen(TIDEGATE_SOURCE_ROOT "/docs/tidegate.1", "r");
	size_t length;

	assert_non_null(file);
	length = fread(text, 1, size - 1, file);
	assert_true(length > 0 && feof(file));
	fclose(file);
	text[length] = '\0';
}

/* A name as the manual page writes it: a dash that can be copied and searched is "\-". */
static void roff_name(const char *name, char *text, size_t size)
{
	size_t length = 0;

	for (; *name != '\0' && length + 3 < size; name++) {
		if (*name == '-')
			text[length++] = '\\';
		text[length++] = *name;
	}
	text[length] = '\0';
}

/* Whether a line of text begins with macro and the option's name, as a whole word. */
static bool has_option(const char *text, const char *macro, const char *option)
{
	char name[80];
	char start[128];
	const char *found;

	roff_name(option, name, sizeof(name));
	snprintf(start, sizeof(start), "\n%s \\-\\-%s", macro, name);
	for (found = strstr(text, start); found != NULL; found = strstr(found + 1, start))
		if (strchr(" \n", found[strlen(start)]) != NULL)
			return true;
	return false;
}

/* The command's synopsis: from .SY to .YS. */
static char *command_synopsis(const char *manual, const struct command *command)
{
	char name[80];
	char start[128];
	const char *from;
	const char *to;

	roff_name(command->name, name, sizeof(name));
	snprintf(start, sizeof(start), "\n.SY tidegate\n.B %s\n", name);
	from = strstr(manual, start);
	if (from == NULL)
		fail_msg("%s is not in the synopsis", command->name);
	to = strstr(from, "\n.YS\n");
	assert_non_null(to);
	return strndup(from, (size_t)(to - from + 1));
}

/*
 * In the synopsis of the manual page every command has exactly the options of the tables, required
 * ones (.BI) and others (.OP), and each option is described.
 */
static void test_manual(void **state)
{
	static char manual[64 << 10];
	const char *descriptions;

	(void)state;
	read_manual(manual, sizeof(manual));
	descriptions = strstr(manual, "\n.SH OPTIONS\n");
	assert_non_null(descriptions);
	for (size_t i = 0; i < command_count; i++) {
		char *synopsis = command_synopsis(manual, &commands[i]);

		for (int id = 0; id < OPTION_COUNT; id++) {
			bool required = (commands[i].required & OPTION_BIT(id)) != 0;
			bool optional = !required && (commands[i].options & OPTION_BIT(id)) != 0;
			const char *name = option_specs[id].name;

			if (has_option(synopsis, ".BI", name) != required ||
				has_option(synopsis, ".OP", name) != optional)
				fail_msg("%s, --%s: table and synopsis differ", commands[i].name,
					name);
		}
		free(synopsis);
	}
	for (int id = 0; id < OPTION_COUNT; id++) {
		const char *macro = option_specs[id].argument != NULL ? ".BI" : ".B";

		if (!has_option(descriptions, macro, option_specs[id].name))
			fail_msg("--%s is not described", option_specs[id].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_manual)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
