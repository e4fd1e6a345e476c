/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/client/help.h"

enum { COLUMN = 32 };

static void print_option(FILE *stream, const struct option_spec *option)
{
	int width = fprintf(stream, "  --%s", option->name);

	if (option->argument != NULL)
		width += fprintf(stream, " %s", option->argument);
	if (option->kind == OPTION_FILTERS)
		width += fprintf(stream, "...");
	/* A long name has its help on the next line. */
	if (width >= COLUMN) {
		fputc('\n', stream);
		width = 0;
	}
	fprintf(stream, "%*s%s\n", COLUMN - width, "", option->help);
}

static void print_options(FILE *stream, uint64_t options)
{
	for (int i = 0; i < OPTION_COUNT; i++)
		if (options & OPTION_BIT(i))
			print_option(stream, &option_specs[i]);
}

static void print_filters(FILE *stream)
{
	fputs("\nA FILTER is shorthand, a JSON object or array, or file://PATH of either:\n"
	      "  SourceAddress={AddressDefinition=10.0.0.0/8},DestinationPort=443,Protocols=6\n"
	      "  src=10.0.0.0/8,dport=443,proto=tcp   the same; also dst= and sport=\n",
		stream);
}

static void print_commands(FILE *stream)
{
	fputs("Usage: tidegate COMMAND [OPTION]...\n\nCommands:\n", stream);
	for (size_t i = 0; i < command_count; i++)
		fprintf(stream, "  %-*s%s\n", COLUMN - 2, commands[i].name, commands[i].summary);
	fputs("\nOptions:\n", stream);
	print_options(stream, OPTIONS_GLOBAL);
	fputs("\nThe options of a command: tidegate COMMAND --help. More: man tidegate\n", stream);
}

void help_print(FILE *stream, const struct command *command)
{
	if (command == NULL) {
		print_commands(stream);
		return;
	}
	fprintf(stream, "Usage: tidegate %s", command->name);
	for (int i = 0; i < OPTION_COUNT; i++)
		if (command->required & OPTION_BIT(i))
			fprintf(stream, " --%s %s", option_specs[i].name, option_specs[i].argument);
	if (command->program != NULL) {
		fprintf(stream,
			" [ARGUMENT]...\n\n  %s\n\nThe arguments are those of %s, see its --help.\n",
			command->summary, command->program);
		return;
	}
	fputs(" [OPTION]...", stream);
	for (size_t i = 0; i < command->operand_count; i++)
		fprintf(stream, " %s", command->operands[i].name);
	if (command->operand != NULL)
		fprintf(stream, " [%s]...", command->operand);
	fprintf(stream, "\n\n  %s\n\nOptions:\n", command->summary);
	print_options(stream, command->options);
	fputs("\nOptions of every command:\n", stream);
	print_options(stream, OPTIONS_GLOBAL);
	if (command->operand != NULL || command->options & OPTION_BIT(OPTION_FLOW_FILTERS))
		print_filters(stream);
}
