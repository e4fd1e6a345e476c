/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/client/arguments.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "control/client/filter.h"
#include "control/client/message.h"
#include "control/client/operand.h"
#include "control/client/paramfile.h"

enum {
	TIMEOUT_DEFAULT = 30,
	INTERVAL_DEFAULT = 2,
	/* Values of getopt_long() for our options, clear of any character. */
	GETOPT_BASE = 256,
};

/* Where getopt's words go. */
struct reader {
	struct arguments *arguments;
	json_t *filters; /* those read so far; NULL: none given */
	bool in_filters; /* words are further values of --flow-filters */
	const char *operands[OPERAND_LIMIT];
	size_t operand_count;
	char **message;
};

static int read_filter(struct reader *reader, const char *title, const char *text)
{
	char *reason = NULL;
	int error;

	if (reader->filters == NULL)
		reader->filters = json_array();
	if (reader->filters == NULL)
		return -ENOMEM;
	error = filter_parse(text, reader->filters, &reason);
	if (error != 0 && reason != NULL)
		message_set(reader->message, 0, "error parsing parameter '%s': %s", title, reason);
	free(reason);
	return error;
}

/* A word that is no option: the command, a further filter, or an operand. */
static int read_word(struct reader *reader, const char *word)
{
	const struct command *command = reader->arguments->command;

	if (reader->in_filters)
		return read_filter(reader, "--flow-filters", word);
	if (command == NULL) {
		reader->arguments->command = command_find(word);
		if (reader->arguments->command == NULL)
			return message_set(reader->message, -EINVAL,
				"unknown command '%s', see tidegate --help", word);
		return 0;
	}
	if (reader->operand_count < command->operand_count) {
		reader->operands[reader->operand_count++] = word;
		return 0;
	}
	if (command->operand == NULL)
		return message_set(reader->message, -EINVAL, "unexpected argument '%s'", word);
	return read_filter(reader, command->operand, word);
}

static int read_option(struct reader *reader, enum option_id id)
{
	const struct option_spec *option = &option_specs[id];

	reader->in_filters = option->kind == OPTION_FILTERS;
	reader->arguments->values[id] = optarg != NULL ? optarg : "";
	return reader->in_filters ? read_filter(reader, "--flow-filters", optarg) : 0;
}

/* What getopt_long() refused: optopt where that is an option of ours, else the last word. */
static int refuse_option(const struct reader *reader, int result, char **argv)
{
	if (result == ':')
		return message_set(reader->message, -EINVAL, "option --%s needs a value",
			option_specs[optopt - GETOPT_BASE].name);
	if (optopt >= GETOPT_BASE)
		return message_set(reader->message, -EINVAL, "option --%s takes no value",
			option_specs[optopt - GETOPT_BASE].name);
	return message_set(
		reader->message, -EINVAL, "unknown or ambiguous option '%s'", argv[optind - 1]);
}

/* All that follows is for another program. */
static bool is_program(const struct command *command)
{
	return command != NULL && command->program != NULL;
}

/* Every word in its order: "-" makes getopt_long() hand out words that are no option as \1. */
static int read_words(struct reader *reader, int argc, char **argv)
{
	struct option options[OPTION_COUNT + 1] = {{NULL, 0, NULL, 0}};
	int error = 0;
	int result;

	for (int i = 0; i < OPTION_COUNT; i++) {
		const struct option_spec *option = &option_specs[i];

		options[i] = (struct option){option->name,
			option->kind == OPTION_FLAG ? no_argument : required_argument, NULL,
			GETOPT_BASE + i};
	}
	opterr = 0;
	optind = 0; /* glibc: begin anew */
	while (error == 0 && !is_program(reader->arguments->command) &&
		(result = getopt_long(argc, argv, "-:", options, NULL)) != -1) {
		if (result == 1)
			error = read_word(reader, optarg);
		else if (result >= GETOPT_BASE)
			error = read_option(reader, (enum option_id)(result - GETOPT_BASE));
		else
			error = refuse_option(reader, result, argv);
	}
	if (error == 0 && is_program(reader->arguments->command)) {
		reader->arguments->words = &argv[optind];
		return 0;
	}
	/* Behind "--" all words are operands. */
	reader->in_filters = false;
	for (; error == 0 && optind < argc; optind++)
		error = read_word(reader, argv[optind]);
	return error;
}

/* --cli-input-json: the request to begin with. */
static int read_input(struct arguments *arguments, char **ret_message)
{
	const char *value = arguments->values[OPTION_CLI_INPUT_JSON];
	json_error_t where;
	char *text = NULL;
	int error = paramfile_load(value, &text, ret_message);

	if (error != 0)
		return error;
	arguments->params = json_loads(text, JSON_REJECT_DUPLICATES, &where);
	free(text);
	if (arguments->params == NULL)
		return message_set(ret_message, -EINVAL,
			"option --cli-input-json: Invalid JSON: line %d, column %d: %s", where.line,
			where.column, where.text);
	if (!json_is_object(arguments->params))
		return message_set(
			ret_message, -EINVAL, "option --cli-input-json: not a JSON object");
	return 0;
}

/* What a command must have, in its request or beside it. */
static int check_required(const struct arguments *arguments, char **ret_message)
{
	const struct command *command = arguments->command;

	for (int i = 0; i < OPTION_COUNT; i++)
		if (command->required & OPTION_BIT(i) &&
			json_object_get(arguments->params, option_specs[i].member) == NULL)
			return message_set(ret_message, -EINVAL, "option --%s is required",
				option_specs[i].name);
	return 0;
}

/* The filters of a command that does not go without, unless something else says which flows. */
static int check_filters(const struct arguments *arguments, char **ret_message)
{
	const struct command *command = arguments->command;
	char unless[128] = "";

	if (command->filter_unless == 0 ||
		json_object_get(arguments->params, "FlowFilters") != NULL)
		return 0;
	for (int i = 0; i < OPTION_COUNT; i++) {
		if (!(command->filter_unless & OPTION_BIT(i)))
			continue;
		if (json_object_get(arguments->params, option_specs[i].member) != NULL)
			return 0;
		strncat(unless, " or option --", sizeof(unless) - strlen(unless) - 1);
		strncat(unless, option_specs[i].name, sizeof(unless) - strlen(unless) - 1);
	}
	return message_set(ret_message, -EINVAL, "%s%s is required; {} is every flow",
		command->operand != NULL ? "a FILTER" : "option --flow-filters", unless);
}

/* The client's own options, once all are found good. */
static void read_settings(struct arguments *arguments)
{
	const char *const *values = arguments->values;
	const char *output =
		values[OPTION_FORMAT] != NULL ? values[OPTION_FORMAT] : values[OPTION_OUTPUT];

	if (output != NULL)
		arguments->output = output_format_find(output);
	else if (arguments->command->options & OPTION_BIT(OPTION_FORMAT))
		arguments->output = &output_ndjson;
	else if (values[OPTION_WATCH] != NULL)
		arguments->output = &output_table;
	arguments->timeout = values[OPTION_TIMEOUT] != NULL
		? (unsigned int)option_integer(values[OPTION_TIMEOUT])
		: TIMEOUT_DEFAULT;
	arguments->interval = values[OPTION_INTERVAL] != NULL
		? (unsigned int)option_integer(values[OPTION_INTERVAL])
		: INTERVAL_DEFAULT;
}

/* --top alone sorts, too. */
static int complete_sort(const struct arguments *arguments)
{
	bool window = json_object_get(arguments->params, "WindowSeconds") != NULL;

	if (arguments->values[OPTION_TOP] == NULL ||
		json_object_get(arguments->params, "SortBy") != NULL)
		return 0;
	return json_object_set_new(arguments->params, "SortBy",
		       json_string(window ? "WindowBytes" : "Bytes")) == 0
		? 0
		: -ENOMEM;
}

/* The operands that are no filters. */
static int set_operands(const struct reader *reader, json_t *params)
{
	const struct command *command = reader->arguments->command;
	int error = 0;

	if (reader->operand_count < command->operand_count)
		return message_set(reader->message, -EINVAL,
			"%s is missing, see tidegate %s --help",
			command->operands[reader->operand_count].name, command->name);
	for (size_t i = 0; i < reader->operand_count && error == 0; i++)
		error = operand_set(
			&command->operands[i], reader->operands[i], params, reader->message);
	return error;
}

/* The command's request: --cli-input-json, and over it the options and operands. */
static int build_params(const struct reader *reader, char **ret_message)
{
	struct arguments *arguments = reader->arguments;
	int error = 0;

	if (arguments->values[OPTION_CLI_INPUT_JSON] != NULL)
		error = read_input(arguments, ret_message);
	else
		arguments->params = json_object();
	for (int i = 0; i < OPTION_COUNT && error == 0; i++)
		if (arguments->values[i] != NULL && option_specs[i].kind != OPTION_FILTERS)
			error = option_set((enum option_id)i, arguments->values[i],
				arguments->params, ret_message);
	if (error == 0 && reader->filters != NULL &&
		json_object_set(arguments->params, "FlowFilters", reader->filters) < 0)
		error = -ENOMEM;
	if (error == 0)
		error = set_operands(reader, arguments->params);
	if (error == 0)
		error = complete_sort(arguments);
	if (error == 0)
		error = check_required(arguments, ret_message);
	if (error == 0)
		error = check_filters(arguments, ret_message);
	return error;
}

static int check_command(const struct arguments *arguments, char **ret_message)
{
	const struct command *command = arguments->command;

	if (command == NULL)
		return message_set(ret_message, -EINVAL, "no command given, see tidegate --help");
	for (int i = 0; i < OPTION_COUNT; i++)
		if (arguments->values[i] != NULL &&
			!((OPTIONS_GLOBAL | command->options) & OPTION_BIT(i)))
			return message_set(ret_message, -EINVAL,
				"option --%s is not one of this command, see tidegate %s --help",
				option_specs[i].name, command->name);
	return 0;
}

/* A format for flows alone needs a command that prints flows. */
static int check_output(const struct arguments *arguments, char **ret_message)
{
	const struct output_format *output = arguments->output;

	if (output == NULL || output->view == NULL || output->view == arguments->command->view)
		return 0;
	return message_set(
		ret_message, -EINVAL, "option --output: %s is for flows alone", output->name);
}

int arguments_parse(int argc, char **argv, struct arguments *arguments, char **ret_message)
{
	struct reader reader = {.arguments = arguments, .message = ret_message};
	int error;

	*arguments = (struct arguments){.command = NULL};
	error = read_words(&reader, argc, argv);
	if (error == 0 && arguments->values[OPTION_HELP] == NULL &&
		arguments->values[OPTION_VERSION] == NULL) {
		error = check_command(arguments, ret_message);
		if (error == 0)
			error = build_params(&reader, ret_message);
		if (error == 0) {
			read_settings(arguments);
			error = check_output(arguments, ret_message);
		}
	}
	json_decref(reader.filters);
	if (error != 0)
		arguments_fini(arguments);
	return error;
}

void arguments_fini(struct arguments *arguments)
{
	json_decref(arguments->params);
	arguments->params = NULL;
}
