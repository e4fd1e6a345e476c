/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_reader.h"

#include <assert.h>
#include <errno.h>
#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void enter(struct config_reader *reader, struct json_step step)
{
	assert(reader->depth < CONFIG_DEPTH_MAX);
	reader->path[reader->depth++] = step;
}

void config_reader_enter_key(struct config_reader *reader, const char *key)
{
	enter(reader, (struct json_step){.key = key});
}

void config_reader_enter_index(struct config_reader *reader, size_t index)
{
	enter(reader, (struct json_step){.index = index});
}

void config_reader_leave(struct config_reader *reader)
{
	assert(reader->depth > 0);
	reader->depth--;
}

/* Append to the message; what does not fit is cut off. */
__attribute__((format(printf, 2, 0))) static void append(
	struct config_reader *reader, const char *format, va_list arguments)
{
	size_t used = strlen(reader->message);

	vsnprintf(reader->message + used, reader->size - used, format, arguments);
}

__attribute__((format(printf, 2, 3))) static void appendf(
	struct config_reader *reader, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	append(reader, format, arguments);
	va_end(arguments);
}

int config_reader_fail(struct config_reader *reader, const char *format, ...)
{
	size_t line = json_locate(reader->text, reader->length, reader->path, reader->depth);
	va_list arguments;

	reader->message[0] = '\0';
	appendf(reader, "%s:%zu: ", reader->file, line);
	for (size_t i = 0; i < reader->depth; i++) {
		const struct json_step *step = &reader->path[i];

		if (step->key)
			appendf(reader, "%s%.64s", i > 0 ? "." : "", step->key);
		else
			appendf(reader, "[%zu]", step->index);
	}
	if (reader->depth > 0)
		appendf(reader, ": ");
	va_start(arguments, format);
	append(reader, format, arguments);
	va_end(arguments);
	return -EINVAL;
}

const char *config_reader_type(const json_t *value)
{
	static const char *const types[] = {
		[JSON_OBJECT] = "an object",
		[JSON_ARRAY] = "an array",
		[JSON_STRING] = "a string",
		[JSON_INTEGER] = "an integer",
		[JSON_REAL] = "a number with a fraction or exponent",
		[JSON_TRUE] = "true",
		[JSON_FALSE] = "false",
		[JSON_NULL] = "null",
	};

	return types[json_typeof(value)];
}

int config_reader_array(struct config_reader *reader, const json_t *value, size_t low, size_t high)
{
	size_t count = json_array_size(value);

	if (!json_is_array(value))
		return config_reader_fail(
			reader, "must be an array, not %s", config_reader_type(value));
	if (count >= low && count <= high)
		return 0;
	if (low == high)
		return config_reader_fail(reader, "must have %zu elements, not %zu", low, count);
	return config_reader_fail(
		reader, "must have %zu to %zu elements, not %zu", low, high, count);
}

int config_reader_integer(
	struct config_reader *reader, const json_t *value, int64_t low, int64_t high)
{
	json_int_t number = json_integer_value(value);

	if (!json_is_integer(value))
		return config_reader_fail(
			reader, "must be an integer, not %s", config_reader_type(value));
	if (number < low || number > high)
		return config_reader_fail(reader, "must be %lld to %lld, not %lld", (long long)low,
			(long long)high, (long long)number);
	return 0;
}

int config_reader_string(struct config_reader *reader, const json_t *value)
{
	if (!json_is_string(value))
		return config_reader_fail(
			reader, "must be a string, not %s", config_reader_type(value));
	return 0;
}

int config_reader_text(
	struct config_reader *reader, const struct config_key *key, const json_t *value)
{
	size_t length = json_string_length(value);
	regex_t pattern;
	int ret = config_reader_string(reader, value);

	if (ret < 0)
		return ret;
	if (length < (size_t)key->low || length > (size_t)key->high)
		return config_reader_fail(reader, "must be %lld to %lld bytes long, not %zu",
			(long long)key->low, (long long)key->high, length);
	if (regcomp(&pattern, key->pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return -ENOMEM;
	ret = regexec(&pattern, json_string_value(value), 0, NULL, 0);
	regfree(&pattern);
	if (ret != 0)
		return config_reader_fail(
			reader, "must be %s, not \"%.64s\"", key->words, json_string_value(value));
	return 0;
}

/* The position of a string in a list that ends with NULL, or -1. */
static int find_choice(const char *const *choices, const json_t *value)
{
	const char *text = json_string_value(value);

	for (int i = 0; text && choices[i]; i++) {
		if (strcmp(text, choices[i]) == 0)
			return i;
	}
	return -1;
}

static int check_choice(
	struct config_reader *reader, const struct config_key *key, const json_t *value)
{
	char list[128] = "";
	int ret = config_reader_string(reader, value);

	if (ret < 0 || find_choice(key->choices, value) >= 0)
		return ret;
	for (size_t i = 0; key->choices[i]; i++) {
		size_t used = strlen(list);

		snprintf(list + used, sizeof(list) - used, "%s\"%s\"", i > 0 ? " or " : "",
			key->choices[i]);
	}
	return config_reader_fail(
		reader, "must be %s, not \"%.64s\"", list, json_string_value(value));
}

static int check(struct config_reader *reader, const struct config_key *key, const json_t *value)
{
	switch (key->type) {
	case CONFIG_STRING:
		return config_reader_text(reader, key, value);
	case CONFIG_INTEGER:
		return config_reader_integer(reader, value, key->low, key->high);
	case CONFIG_BOOLEAN:
		if (!json_is_boolean(value))
			return config_reader_fail(
				reader, "must be true or false, not %s", config_reader_type(value));
		return 0;
	case CONFIG_CHOICE:
		return check_choice(reader, key, value);
	case CONFIG_ARRAY:
		return config_reader_array(reader, value, (size_t)key->low, (size_t)key->high);
	case CONFIG_OBJECT: /* config_reader_object() checks it */
	case CONFIG_MIXED:
		break;
	}
	return 0;
}

static int read_member(struct config_reader *reader, const struct config_key *key,
	const json_t *object, void *target)
{
	json_t *fallback = NULL;
	const json_t *value = json_object_get(object, key->name);
	int ret;

	if (!value && key->required)
		return config_reader_fail(reader, "is required");
	if (!value && key->fallback) {
		value = fallback = json_loads(key->fallback, JSON_DECODE_ANY, NULL);
		if (!fallback)
			return -ENOMEM;
	}
	ret = value ? check(reader, key, value) : 0;
	if (ret == 0)
		ret = key->store(reader, key, value, target);
	json_decref(fallback);
	return ret;
}

static const struct config_key *find_key(const struct config_key *members, const char *name)
{
	for (const struct config_key *key = members; key->name; key++) {
		if (strcmp(key->name, name) == 0)
			return key;
	}
	return NULL;
}

int config_reader_object(struct config_reader *reader, const struct config_key *members,
	const json_t *value, void *target)
{
	/* jansson iterates by a pointer that it may write through, and does not. */
	json_t *object = (json_t *)value;

	if (!json_is_object(value))
		return config_reader_fail(
			reader, "must be an object, not %s", config_reader_type(value));
	for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
		config_reader_enter_key(reader, json_object_iter_key(at));
		if (!find_key(members, json_object_iter_key(at)))
			return config_reader_fail(reader, "unknown key");
		config_reader_leave(reader);
	}
	for (const struct config_key *key = members; key->name; key++) {
		int ret;

		config_reader_enter_key(reader, key->name);
		ret = read_member(reader, key, value, target);
		if (ret < 0)
			return ret;
		config_reader_leave(reader);
	}
	return 0;
}

int config_reader_store_string(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	char **field = (char **)((char *)target + key->offset);

	(void)reader;
	if (!value)
		return 0;
	*field = strdup(json_string_value(value));
	return *field ? 0 : -ENOMEM;
}

int config_reader_store_text(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	(void)reader;
	if (value)
		memcpy((char *)target + key->offset, json_string_value(value),
			json_string_length(value) + 1);
	return 0;
}

int config_reader_store_number(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	(void)reader;
	if (value)
		*(uint32_t *)((char *)target + key->offset) = (uint32_t)json_integer_value(value);
	return 0;
}

int config_reader_store_choice(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	(void)reader;
	if (value)
		*(unsigned int *)((char *)target + key->offset) =
			(unsigned int)find_choice(key->choices, value);
	return 0;
}
