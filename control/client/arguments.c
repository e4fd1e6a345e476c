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
	TIMEOUT_LIMIT = 86400,
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
	const struct option_spec *option = &command_options[id];

	reader->in_filters = option->kind == OPTION_FILTERS;
	reader->arguments->values[id] = optarg != NULL ? optarg : "";
	return reader->in_filters ? read_filter(reader, "--flow-filters", optarg) : 0;
}

/* What getopt_long() refused: optopt where that is an option of ours, else the last word. */
static int refuse_option(const struct reader *reader, int result, char **argv)
{
	if (result == ':')
		return message_set(reader->message, -EINVAL, "option --%s needs a value",
			command_options[optopt - GETOPT_BASE].name);
	if (optopt >= GETOPT_BASE)
		return message_set(reader->message, -EINVAL, "option --%s takes no value",
			command_options[optopt - GETOPT_BASE].name);
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
		const struct option_spec *option = &command_options[i];

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

static int parse_integer(
	const char *option, const char *text, json_int_t *ret_value, char **ret_message)
{
	const char *digits = text + (*text == '-');
	char *end;

	errno = 0;
	*ret_value = strtoll(text, &end, 10);
	if (*digits < '0' || *digits > '9' || *end != '\0' || errno != 0)
		return message_set(
			ret_message, -EINVAL, "option --%s: '%s' is not an integer", option, text);
	return 0;
}

/* The client's own options. */
static int read_settings(struct arguments *arguments, char **ret_message)
{
	const char *output = arguments->values[OPTION_OUTPUT];
	const char *timeout = arguments->values[OPTION_TIMEOUT];
	json_int_t seconds = TIMEOUT_DEFAULT;
	int error = 0;

	if (output != NULL) {
		arguments->output = output_format_find(output);
		if (arguments->output == NULL)
			return message_set(ret_message, -EINVAL,
				"option --output: '%s' is none of table, json, ndjson, csv",
				output);
	}
	if (timeout != NULL)
		error = parse_integer("timeout", timeout, &seconds, ret_message);
	if (error == 0 && (seconds < 1 || seconds > TIMEOUT_LIMIT))
		error = message_set(ret_message, -EINVAL, "option --timeout: %s is not in 1 to %d",
			timeout, TIMEOUT_LIMIT);
	arguments->timeout = (unsigned int)seconds;
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

/* "SYN,ACK": a list of what is between the commas. NULL when it is not UTF-8, or without memory. */
static json_t *split(const char *text)
{
	json_t *list = json_array();

	for (;;) {
		size_t length = strcspn(text, ",");

		if (json_array_append_new(list, json_stringn(text, length)) != 0) {
			json_decref(list);
			return NULL;
		}
		if (text[length] == '\0')
			return list;
		text += length + 1;
	}
}

static json_t *text_value(const struct option_spec *option, const char *text)
{
	if (option->kind == OPTION_LIST)
		return split(text);
	if (option->kind != OPTION_FLAG)
		return json_string(text);
	return option->value != NULL ? json_string(option->value) : json_true();
}

static int set_member(struct arguments *arguments, enum option_id id, char **ret_message)
{
	const struct option_spec *option = &command_options[id];
	const char *text = arguments->values[id];
	json_int_t integer;
	json_t *value;
	int error;

	if (option->kind == OPTION_INTEGER) {
		error = parse_integer(option->name, text, &integer, ret_message);
		if (error != 0)
			return error;
		value = json_integer(integer);
	} else {
		value = text_value(option, text);
		if (value == NULL)
			return message_set(ret_message, -EINVAL,
				"option --%s: '%s' is not UTF-8 text", option->name, text);
	}
	return json_object_set_new(arguments->params, option->member, value) == 0 ? 0 : -ENOMEM;
}

/* What a command must have, in its request or beside it. */
static int check_required(const struct arguments *arguments, char **ret_message)
{
	const struct command *command = arguments->command;
	const char *unless = NULL;

	for (int i = 0; i < OPTION_COUNT; i++) {
		if (command->required & OPTION_BIT(i) &&
			json_object_get(arguments->params, command_options[i].member) == NULL)
			return message_set(ret_message, -EINVAL, "option --%s is required",
				command_options[i].name);
		if (command->filter_unless & OPTION_BIT(i)) {
			if (arguments->values[i] != NULL)
				return 0;
			unless = command_options[i].name;
		}
	}
	if (unless != NULL && json_object_get(arguments->params, "FlowFilters") == NULL)
		return message_set(ret_message, -EINVAL,
			"a %s or option --%s is required; {} is every flow", command->operand,
			unless);
	return 0;
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
	for (int i = 0; i < OPTION_COUNT && error == 0; i++) {
		const struct option_spec *option = &command_options[i];

		if (arguments->values[i] != NULL && option->member != NULL &&
			option->kind != OPTION_FILTERS)
			error = set_member(arguments, (enum option_id)i, ret_message);
	}
	if (error == 0 && reader->filters != NULL &&
		json_object_set(arguments->params, "FlowFilters", reader->filters) < 0)
		error = -ENOMEM;
	if (error == 0)
		error = set_operands(reader, arguments->params);
	return error != 0 ? error : check_required(arguments, ret_message);
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
				command_options[i].name, command->name);
	return 0;
}

int arguments_parse(int argc, char **argv, struct arguments *arguments, char **ret_message)
{
	struct reader reader = {.arguments = arguments, .message = ret_message};
	int error;

	*arguments = (struct arguments){.command = NULL};
	error = read_words(&reader, argc, argv);
	if (error == 0)
		error = read_settings(arguments, ret_message);
	if (error == 0 && arguments->values[OPTION_HELP] == NULL &&
		arguments->values[OPTION_VERSION] == NULL) {
		error = check_command(arguments, ret_message);
		if (error == 0)
			error = build_params(&reader, ret_message);
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
