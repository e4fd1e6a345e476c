/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/client/filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/client/message.h"
#include "control/client/paramfile.h"
#include "control/client/protocol.h"
#include "control/client/shorthand.h"

/* Make the member's value of what the shorthand parser gave for a key: strings, lists, objects. */
typedef int convert_fn(const char *key, json_t *value, json_t **ret_value, char **ret_message);

static int convert_text(const char *key, json_t *value, json_t **ret_value, char **ret_message)
{
	if (!json_is_string(value))
		return message_set(ret_message, -EINVAL, "%s takes one value", key);
	*ret_value = json_incref(value);
	return 0;
}

/* {AddressDefinition=10.0.0.0/8} */
static int convert_structure(const char *key, json_t *value, json_t **ret_value, char **ret_message)
{
	json_t *address = json_object_get(value, "AddressDefinition");

	if (json_object_size(value) != 1 || !json_is_string(address))
		return message_set(ret_message, -EINVAL,
			"%s takes {AddressDefinition=ADDRESS}, an IP address or CIDR", key);
	*ret_value = json_incref(value);
	return 0;
}

/* The short form of the above: the address alone. */
static int convert_address(const char *key, json_t *value, json_t **ret_value, char **ret_message)
{
	if (!json_is_string(value))
		return message_set(ret_message, -EINVAL, "%s takes one address", key);
	*ret_value = json_pack("{sO}", "AddressDefinition", value);
	return *ret_value != NULL ? 0 : -ENOMEM;
}

/* A list of strings; one string is a list of one. */
static int convert_list(const char *key, json_t *value, json_t **ret_value, char **ret_message)
{
	json_t *element;
	size_t i;

	if (json_is_string(value)) {
		*ret_value = json_pack("[O]", value);
		return *ret_value != NULL ? 0 : -ENOMEM;
	}
	if (!json_is_array(value))
		return message_set(ret_message, -EINVAL, "%s takes a list", key);
	json_array_foreach(value, i, element)
		if (!json_is_string(element))
			return message_set(ret_message, -EINVAL, "%s takes a flat list", key);
	*ret_value = json_incref(value);
	return 0;
}

/* A list of protocols by name or number. Whether a number is one the server tells. */
static int convert_protocols(const char *key, json_t *value, json_t **ret_value, char **ret_message)
{
	json_t *list = NULL;
	json_t *element;
	size_t i;
	int error = convert_list(key, value, &list, ret_message);

	if (error != 0)
		return error;
	json_array_foreach(list, i, element) {
		const char *text = json_string_value(element);
		const char *number = protocol_number(text);

		if (number == NULL && (*text == '\0' || text[strspn(text, "0123456789")] != '\0'))
			error = message_set(ret_message, -EINVAL,
				"unknown protocol '%s', give a number or one of: " PROTOCOL_NAMES,
				text);
		else if (number != NULL && json_array_set_new(list, i, json_string(number)) < 0)
			error = -ENOMEM;
		if (error != 0)
			break;
	}
	if (error != 0)
		json_decref(list);
	else
		*ret_value = list;
	return error;
}

/* The keys of a filter in shorthand. */
static const struct {
	const char *key;
	const char *member; /* of FlowFilter */
	convert_fn *convert;
} keys[] = {
	{"SourceAddress", "SourceAddress", convert_structure},
	{"DestinationAddress", "DestinationAddress", convert_structure},
	{"SourcePort", "SourcePort", convert_text},
	{"DestinationPort", "DestinationPort", convert_text},
	{"Protocols", "Protocols", convert_list},
	{"src", "SourceAddress", convert_address},
	{"dst", "DestinationAddress", convert_address},
	{"sport", "SourcePort", convert_text},
	{"dport", "DestinationPort", convert_text},
	{"proto", "Protocols", convert_protocols},
};

enum { KEY_COUNT = sizeof(keys) / sizeof(keys[0]) };

static int unknown_key(const char *key, char **ret_message)
{
	char list[256] = "";

	for (size_t i = 0; i < KEY_COUNT; i++) {
		strncat(list, i == 0 ? "" : ", ", sizeof(list) - strlen(list) - 1);
		strncat(list, keys[i].key, sizeof(list) - strlen(list) - 1);
	}
	return message_set(
		ret_message, -EINVAL, "Unknown key '%s', valid choices are: %s", key, list);
}

static int convert_key(const char *key, json_t *value, json_t *filter, char **ret_message)
{
	json_t *converted = NULL;
	int error;

	for (size_t i = 0; i < KEY_COUNT; i++) {
		if (strcmp(keys[i].key, key) != 0)
			continue;
		if (json_object_get(filter, keys[i].member) != NULL)
			return message_set(
				ret_message, -EINVAL, "%s is given twice", keys[i].member);
		error = keys[i].convert(key, value, &converted, ret_message);
		if (error == 0 && json_object_set_new(filter, keys[i].member, converted) < 0)
			error = -ENOMEM;
		return error;
	}
	return unknown_key(key, ret_message);
}

static int parse_shorthand(const char *text, json_t *filters, char **ret_message)
{
	json_t *filter = json_object();
	json_t *object = NULL;
	const char *key;
	json_t *value;
	int error = shorthand_parse(text, &object, ret_message);

	json_object_foreach(object, key, value) {
		if (error == 0)
			error = convert_key(key, value, filter, ret_message);
	}
	json_decref(object);
	if (error != 0)
		json_decref(filter);
	else if (json_array_append_new(filters, filter) < 0)
		error = -ENOMEM;
	return error;
}

static int parse_json(const char *text, json_t *filters, char **ret_message)
{
	json_error_t where;
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &where);
	int error;

	if (json == NULL)
		return message_set(ret_message, -EINVAL, "Invalid JSON: line %d, column %d: %s",
			where.line, where.column, where.text);
	error = json_is_array(json) ? json_array_extend(filters, json)
				    : json_array_append(filters, json);
	json_decref(json);
	return error == 0 ? 0 : -ENOMEM;
}

int filter_parse(const char *text, json_t *filters, char **ret_message)
{
	char *content = NULL;
	const char *start;
	int error = paramfile_load(text, &content, ret_message);

	if (error != 0)
		return error;
	start = content + strspn(content, " \t\r\n");
	if (*start == '{' || *start == '[')
		error = parse_json(content, filters, ret_message);
	else
		error = parse_shorthand(content, filters, ret_message);
	free(content);
	return error;
}
