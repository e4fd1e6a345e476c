/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints the script that completes the words of tidegate in bash, from the client's tables. */
#include <stdio.h>

#include "control/client/command.h"

/* What surrounds the lists that the tables give. "=" is a word of its own to bash. */
static const char start[] =
	"# bash completion for tidegate, printed from its tables of commands and options\n"
	"\n"
	"_tidegate_words()\n"
	"{\n"
	"\tCOMPREPLY=($(compgen -W \"$1\" -- \"$current\"))\n"
	"}\n"
	"\n"
	"# words with commas between them: the last one\n"
	"_tidegate_list()\n"
	"{\n"
	"\tlocal before=\n"
	"\t[[ $current != *,* ]] || before=${current%,*},\n"
	"\tCOMPREPLY=($(compgen -P \"$before\" -W \"$1\" -- \"${current##*,}\"))\n"
	"}\n"
	"\n"
	"_tidegate()\n"
	"{\n"
	"\tlocal current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
	"\tlocal command= word\n"
	"\tif [[ $current == = ]]; then\n"
	"\t\tcurrent=\n"
	"\telif [[ $previous == = ]]; then\n"
	"\t\tprevious=${COMP_WORDS[COMP_CWORD-2]}\n"
	"\tfi\n"
	"\tCOMPREPLY=()\n"
	"\tcase $previous in\n";

static const char middle[] = "\tesac\n"
			     "\tfor word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
			     "\t\tcase $word in\n";

static const char commands_begin[] = "\t\t\tcommand=$word\n"
				     "\t\t\tbreak\n"
				     "\t\t\t;;\n"
				     "\t\tesac\n"
				     "\tdone\n"
				     "\tcase $command in\n";

static const char end[] = "\tesac\n"
			  "}\n"
			  "\n"
			  "complete -o default -F _tidegate tidegate\n";

/* After an option with a value: its words, or files. */
static void print_values(void)
{
	for (int i = 0; i < OPTION_COUNT; i++) {
		const struct option_spec *option = &option_specs[i];

		if (option->argument == NULL)
			continue;
		printf("\t--%s)\n", option->name);
		if (option->words != NULL)
			printf("\t\t_tidegate_%s \"",
				option->kind == OPTION_LIST ? "list" : "words");
		for (const struct option_word *word = option->words;
			word != NULL && word->word != NULL; word++)
			printf("%s%s", word != option->words ? " " : "", word->word);
		printf("%s\t\treturn\n\t\t;;\n", option->words != NULL ? "\"\n" : "");
	}
}

static void print_options(uint64_t options)
{
	const char *space = "";

	for (int i = 0; i < OPTION_COUNT; i++) {
		if (!(options & OPTION_BIT(i)))
			continue;
		printf("%s--%s", space, option_specs[i].name);
		space = " ";
	}
}

/* The options of each command; another program has its own. */
static void print_commands(void)
{
	for (size_t i = 0; i < command_count; i++) {
		if (commands[i].program != NULL)
			continue;
		printf("\t%s)\n\t\t_tidegate_words \"", commands[i].name);
		print_options(commands[i].options | OPTIONS_GLOBAL);
		fputs("\"\n\t\t;;\n", stdout);
	}
	fputs("\t\"\")\n\t\t_tidegate_words \"", stdout);
	for (size_t i = 0; i < command_count; i++)
		printf("%s ", commands[i].name);
	print_options(OPTIONS_GLOBAL);
	fputs("\"\n\t\t;;\n", stdout);
}

int main(void)
{
	fputs(start, stdout);
	print_values();
	fputs(middle, stdout);
	for (size_t i = 0; i < command_count; i++)
		printf("%s%s", i > 0 ? "|" : "\t\t", commands[i].name);
	fputs(")\n", stdout);
	fputs(commands_begin, stdout);
	print_commands();
	fputs(end, stdout);
	return fclose(stdout) != 0;
}
