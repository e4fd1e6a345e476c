/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/client/shorthand.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "control/client/caret.h"
#include "control/client/message.h"
#include "control/client/paramfile.h"

/* Lists and hashes in one another, at most; the flow API needs two. */
#define DEPTH_LIMIT 32

#define BLANKS " \t\n\r\v\f"
#define KEY_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.#/:"

/*
 * Characters that no word begins with, and those that end one. Only a first value, or one in
 * brackets, may hold "="; only a further one "]" and "}".
 */
#define WORD_START_STOPS "\"',=[{" BLANKS
#define FIRST_WORD_STOPS "\"',]}"
#define FURTHER_WORD_STOPS "\"',="

struct parser {
	const char *text;
	size_t index;
	unsigned int depth;
	bool files; /* the key at hand was followed by "@=" */

	/* What failed: set with -EINVAL, taken back where the parser turns back to a comma. */
	const char *expected;
	const char *received; /* NULL: the character at error_index */
	size_t error_index;

	char *duplicate; /* the key that came twice, or NULL */
	char *message;	 /* of every other error */
};

static int parse_item(struct parser *parser, json_t **ret_value);

static bool at_end(const struct parser *parser)
{
	return parser->text[parser->index] == '\0';
}

static void skip_blanks(struct parser *parser)
{
	parser->index += strspn(parser->text + parser->index, BLANKS);
}

static int syntax_error(struct parser *parser, const char *expected, const char *received)
{
	parser->expected = expected;
	parser->received = received;
	parser->error_index = parser->index;
	return -EINVAL;
}

/* Step over one character and the blanks after it. token is that character as a string. */
static int expect(struct parser *parser, const char *token)
{
	if (parser->text[parser->index] != *token)
		return syntax_error(parser, token, at_end(parser) ? "EOF" : NULL);
	parser->index++;
	skip_blanks(parser);
	return 0;
}

/* Take over text, a value without its quotes and escapes, as a JSON string. */
static int value_string(struct parser *parser, char *text, json_t **ret_value)
{
	char *content = text;
	int error = 0;

	if (parser->files)
		error = paramfile_load(text, &content, &parser->message);
	if (error == 0) {
		*ret_value = json_string(content);
		if (*ret_value == NULL)
			error = message_set(&parser->message, -EILSEQ, "%s: not UTF-8 text", text);
	}
	if (content != text)
		free(content);
	free(text);
	/* -EINVAL is for the syntax alone. */
	return error == -EINVAL ? -EIO : error;
}

/* The length of the word that text begins with; 0: there is none. */
static size_t word_length(const char *text, const char *stops)
{
	size_t length = 0;

	for (;;) {
		unsigned char character = (unsigned char)text[length];

		if (character == '\\' && text[length + 1] == ',') {
			length += 2;
			continue;
		}
		if (character < 0x20 && (character == '\0' || strchr(BLANKS, character) == NULL))
			return length;
		if (strchr(length == 0 ? WORD_START_STOPS : stops, character) != NULL)
			return length;
		length++;
	}
}

static int parse_word(struct parser *parser, const char *stops, json_t **ret_value)
{
	const char *in = parser->text + parser->index;
	const char *end = in + word_length(in, stops);
	char *word = malloc((size_t)(end - in) + 1);
	char *out = word;

	if (word == NULL)
		return -ENOMEM;
	parser->index += (size_t)(end - in);
	while (in < end) {
		if (in[0] == '\\' && in[1] == ',')
			in++;
		*out++ = *in++;
	}
	while (out > word && strchr(BLANKS, out[-1]) != NULL)
		out--;
	*out = '\0';
	return value_string(parser, word, ret_value);
}

/* The closing quote, or NULL. in is behind the opening one. */
static const char *quoted_end(const char *in, char quote)
{
	for (; *in != quote; in++) {
		if (in[0] == '\\' && (in[1] == quote || in[1] == '\\'))
			in++;
		if (*in == '\0')
			return NULL;
	}
	return in;
}

static int parse_quoted(struct parser *parser, json_t **ret_value)
{
	const char *in = parser->text + parser->index + 1;
	char quote = in[-1];
	const char *end = quoted_end(in, quote);
	char *content;
	char *out;

	if (end == NULL)
		return syntax_error(
			parser, quote == '"' ? "<double quoted>" : "<single quoted>", "<none>");
	content = malloc((size_t)(end - in) + 1);
	if (content == NULL)
		return -ENOMEM;
	out = content;
	while (in < end) {
		if (in[0] == '\\' && (in[1] == quote || in[1] == '\\'))
			in++;
		*out++ = *in++;
	}
	*out = '\0';
	parser->index = (size_t)(end + 1 - parser->text);
	return value_string(parser, content, ret_value);
}

static bool at_quote(const struct parser *parser)
{
	return parser->text[parser->index] == '"' || parser->text[parser->index] == '\'';
}

/* The first value after "=", or one in brackets: it may be empty. */
static int parse_first(struct parser *parser, json_t **ret_value)
{
	if (at_quote(parser))
		return parse_quoted(parser, ret_value);
	return parse_word(parser, FIRST_WORD_STOPS, ret_value);
}

/* One more value after a comma: not empty, and a comma or the end is next. */
static int parse_further(struct parser *parser, json_t **ret_value)
{
	json_t *value = NULL;
	int error;

	if (at_quote(parser))
		error = parse_quoted(parser, &value);
	else if (word_length(parser->text + parser->index, FURTHER_WORD_STOPS) == 0)
		error = syntax_error(parser, "<second>", "<none>");
	else
		error = parse_word(parser, FURTHER_WORD_STOPS, &value);
	if (error != 0)
		return error;
	skip_blanks(parser);
	if (!at_end(parser) && parser->text[parser->index] != ',') {
		json_decref(value);
		return syntax_error(parser, ",", NULL);
	}
	*ret_value = value;
	return 0;
}

/*
 * "a" as a string, or "a,b,c" as a list. Where no further value follows a comma, the next pair has
 * to: the parser turns back to that comma.
 */
static int parse_values(struct parser *parser, json_t **ret_value)
{
	json_t *list = json_array();
	json_t *value = NULL;
	size_t comma;
	int error = parse_first(parser, &value);

	if (error == 0 && json_array_append_new(list, value) < 0)
		error = -ENOMEM;
	skip_blanks(parser);
	while (error == 0 && parser->text[parser->index] == ',') {
		comma = parser->index++;
		skip_blanks(parser);
		error = parse_further(parser, &value);
		if (error == -EINVAL && !at_end(parser)) {
			/* After "a=b,," the aws command turns back to the second comma. */
			if (parser->text[parser->index] != ',')
				parser->index = comma;
			error = 0;
			break;
		}
		if (error == 0 && json_array_append_new(list, value) < 0)
			error = -ENOMEM;
	}
	if (error == 0)
		*ret_value = json_array_size(list) > 1 ? json_incref(list)
						       : json_incref(json_array_get(list, 0));
	json_decref(list);
	return error;
}

/*
 * "key=" or "key@=" and, by parse(), what comes after, into object. An error about the key points
 * at start.
 */
static int parse_pair(struct parser *parser, size_t start, json_t *object,
	int (*parse)(struct parser *parser, json_t **ret_value))
{
	const char *text = parser->text + parser->index;
	size_t length = strspn(text, KEY_CHARACTERS);
	json_t *value = NULL;
	char *key;
	int error;

	parser->index += length;
	skip_blanks(parser);
	parser->files = parser->text[parser->index] == '@';
	if (parser->files)
		expect(parser, "@");
	error = expect(parser, "=");
	if (error == 0)
		error = parse(parser, &value);
	if (error != 0)
		return error;
	key = strndup(text, length);
	if (key != NULL && json_object_get(object, key) != NULL) {
		json_decref(value);
		parser->error_index = start;
		parser->duplicate = key;
		return -EINVAL;
	}
	if (json_object_set_new(object, key, value) < 0)
		error = -ENOMEM;
	free(key);
	return error;
}

/*
 * Members with commas between them, in brackets, each put into the container by parse(). Takes the
 * container over.
 */
static int parse_brackets(struct parser *parser, const char *begin, char end, json_t *container,
	int (*parse)(struct parser *parser, json_t *container), json_t **ret_value)
{
	int error = expect(parser, begin);

	while (error == 0 && parser->text[parser->index] != end) {
		error = parse(parser, container);
		skip_blanks(parser);
		if (error == 0 && parser->text[parser->index] != end)
			error = expect(parser, ",");
	}
	if (error != 0) {
		json_decref(container);
		return error;
	}
	parser->index++;
	*ret_value = container;
	return 0;
}

static int add_item(struct parser *parser, json_t *list)
{
	json_t *item = NULL;
	int error = parse_item(parser, &item);

	if (error == 0 && json_array_append_new(list, item) < 0)
		error = -ENOMEM;
	return error;
}

static int add_pair(struct parser *parser, json_t *hash)
{
	return parse_pair(parser, parser->index, hash, parse_item);
}

/* What lists and hashes hold, and what starts with a bracket behind "=". */
static int parse_item(struct parser *parser, json_t **ret_value)
{
	char first = parser->text[parser->index];
	int error;

	if (first != '[' && first != '{')
		return parse_first(parser, ret_value);
	if (parser->depth == DEPTH_LIMIT)
		return message_set(&parser->message, -E2BIG,
			"more than %d lists and hashes in one another", DEPTH_LIMIT);
	parser->depth++;
	error = first == '[' ? parse_brackets(parser, "[", ']', json_array(), add_item, ret_value)
			     : parse_brackets(parser, "{", '}', json_object(), add_pair, ret_value);
	parser->depth--;
	return error;
}

static int parse_right_side(struct parser *parser, json_t **ret_value)
{
	if (parser->text[parser->index] == '[' || parser->text[parser->index] == '{')
		return parse_item(parser, ret_value);
	return parse_values(parser, ret_value);
}

static int parse_text(struct parser *parser, json_t *object)
{
	int error = parse_pair(parser, 0, object, parse_right_side);

	while (error == 0 && !at_end(parser)) {
		size_t start = parser->index + 1;

		skip_blanks(parser);
		error = expect(parser, ",");
		if (error == 0)
			error = parse_pair(parser, start, object, parse_right_side);
	}
	return error;
}

/* The message of a syntax error, in the words of the aws command. */
static void describe_error(const struct parser *parser, char **ret_message)
{
	const char *at = parser->text + parser->error_index;
	char *place = caret_show(parser->text, parser->error_index);
	size_t length = *at != '\0';

	while (((unsigned char)at[length] & 0xc0) == 0x80)
		length++;
	if (place == NULL)
		*ret_message = NULL;
	else if (parser->duplicate != NULL)
		message_set(ret_message, 0,
			"Second instance of key \"%s\" encountered for input:\n%s\n"
			"This is often because there is a preceding \",\" instead of a space.",
			parser->duplicate, place);
	else if (parser->received != NULL)
		message_set(ret_message, 0, "Expected: '%s', received: '%s' for input:\n%s",
			parser->expected, parser->received, place);
	else
		message_set(ret_message, 0, "Expected: '%s', received: '%.*s' for input:\n%s",
			parser->expected, (int)length, at, place);
	free(place);
}

int shorthand_parse(const char *text, json_t **ret_object, char **ret_message)
{
	struct parser parser = {.text = text};
	json_t *object = json_object();
	int error = parse_text(&parser, object);

	if (error == 0) {
		*ret_object = object;
		return 0;
	}
	json_decref(object);
	if (error == -EINVAL)
		describe_error(&parser, ret_message);
	else
		*ret_message = parser.message;
	free(parser.duplicate);
	return error;
}
