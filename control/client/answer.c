/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/client/answer.h"

#include <errno.h>
#include <string.h>

#include "control/client/message.h"

/* "ThrottlingException: message"; an error of JSON-RPC itself has no exception, but its code. */
static int describe_error(const json_t *error, char **ret_message)
{
	const char *message = json_string_value(json_object_get(error, "message"));
	const json_t *data = json_object_get(error, "data");
	const char *type = json_string_value(json_object_get(data, "__type"));
	const json_t *code = json_object_get(error, "code");

	if (message == NULL || !json_is_integer(code))
		return message_set(
			ret_message, -EPROTO, "the answer's error has no code or message");
	if (type != NULL)
		message_set(ret_message, 0, "%s: %s", type, message);
	else
		message_set(ret_message, 0, "error %" JSON_INTEGER_FORMAT ": %s",
			json_integer_value(code), message);
	if (*ret_message != NULL)
		message_clean(*ret_message);
	return -EREMOTEIO;
}

static int take_result(const json_t *answer, json_int_t id, json_t **ret_result, json_t **ret_error,
	char **ret_message)
{
	const char *version = json_string_value(json_object_get(answer, "jsonrpc"));
	const json_t *answer_id = json_object_get(answer, "id");
	json_t *error = json_object_get(answer, "error");
	json_t *result = json_object_get(answer, "result");

	if (version == NULL || strcmp(version, "2.0") != 0 || (error == NULL) == (result == NULL))
		return message_set(ret_message, -EPROTO, "the answer is not JSON-RPC 2.0");
	/* A request that the server could not read has no id in its answer. */
	if (!(error != NULL && json_is_null(answer_id)) &&
		(!json_is_integer(answer_id) || json_integer_value(answer_id) != id))
		return message_set(ret_message, -EPROTO, "the answer is to another request");
	if (error != NULL) {
		*ret_error = json_incref(error);
		return describe_error(error, ret_message);
	}
	if (!json_is_object(result))
		return message_set(ret_message, -EPROTO, "the answer's result is no object");
	*ret_result = json_incref(result);
	return 0;
}

int answer_parse(
	const char *text, size_t length, json_int_t id, json_t **ret_result, char **ret_message)
{
	json_t *refusal = NULL;
	int error = answer_parse_error(text, length, id, ret_result, &refusal, ret_message);

	json_decref(refusal);
	return error;
}

int answer_parse_error(const char *text, size_t length, json_int_t id, json_t **ret_result,
	json_t **ret_error, char **ret_message)
{
	json_error_t where;
	json_t *answer = json_loadb(text, length, JSON_REJECT_DUPLICATES, &where);
	int error;

	if (answer == NULL) {
		message_clean(where.text);
		return message_set(ret_message, -EPROTO, "the answer is not JSON: column %d: %s",
			where.column, where.text);
	}
	error = take_result(answer, id, ret_result, ret_error, ret_message);
	json_decref(answer);
	return error;
}
