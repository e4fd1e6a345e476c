/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/httpd/api.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "control/httpd/access.h"
#include "control/log.h"

#define TARGET_PREFIX "NetworkFirewall_20201112."
#define CONTENT_TYPE "application/x-amz-json-1.0"

enum { RESULTS_MAX = 100 }; /* of MaxResults in the public API */

static const struct action {
	const char *name;
	enum role role;
	bool flows;  /* of a firewall, which has to be named */
	bool starts; /* an operation: not to be done twice */
} actions[] = {
	{"StartFlowCapture", ROLE_OPERATE, true, true},
	{"StartFlowFlush", ROLE_ADMIN, true, true},
	{"DescribeFlowOperation", ROLE_READ, true, false},
	{"ListFlowOperations", ROLE_READ, true, false},
	{"ListFlowOperationResults", ROLE_READ, true, false},
	{"ListFirewalls", ROLE_READ, false, false},
	{"DescribeFirewall", ROLE_READ, false, false},
	{"ListFirewallPolicies", ROLE_READ, false, false},
	{"DescribeFirewallPolicy", ROLE_READ, false, false},
	{"ListRuleGroups", ROLE_READ, false, false},
	{"DescribeRuleGroup", ROLE_READ, false, false},
};

/* ---- answers ---- */

/* Integers of the API have 32 bits. */
static int saturate(json_t *result)
{
	json_t *flow;
	size_t i;

	json_array_foreach(json_object_get(result, "Flows"), i, flow) {
		if (json_integer_value(json_object_get(flow, "PacketCount")) > INT32_MAX &&
			json_object_set_new(flow, "PacketCount", json_integer(INT32_MAX)) != 0)
			return -ENOMEM;
	}
	return 0;
}

static void answer_refusal(struct exchange *exchange, const json_t *refusal)
{
	static const struct {
		const char *type;
		unsigned int status;
	} types[] = {
		{"InvalidRequestException", MHD_HTTP_BAD_REQUEST},
		{"ResourceNotFoundException", MHD_HTTP_BAD_REQUEST},
		{"ThrottlingException", MHD_HTTP_BAD_REQUEST},
		{"InternalServerError", MHD_HTTP_INTERNAL_SERVER_ERROR},
	};
	const json_t *data = json_object_get(refusal, "data");
	const char *type = json_string_value(json_object_get(data, "__type"));
	const char *id = json_string_value(json_object_get(data, "RequestId"));
	const char *message = json_string_value(json_object_get(refusal, "message"));

	if (id != NULL)
		log_write(LOG_ERR, "%s: request %s in the log of the daemon", exchange->id, id);
	for (size_t i = 0; type != NULL && i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(type, types[i].type) != 0)
			continue;
		exchange_fail(exchange, types[i].status, types[i].type, "%s", message);
		return;
	}
	/* A line that the daemon does not take, by its size. */
	exchange_fail(exchange, MHD_HTTP_BAD_REQUEST, "InvalidRequestException", "%s", message);
}

static void on_answered(int error, json_t *result, const json_t *refusal, void *context)
{
	struct exchange *exchange = context;

	if (error == 0 && saturate(result) == 0)
		exchange_answer_json(exchange, MHD_HTTP_OK, result);
	else if (error == -EREMOTEIO)
		answer_refusal(exchange, refusal);
	else
		exchange_fail(exchange, MHD_HTTP_SERVICE_UNAVAILABLE, "ServiceUnavailable",
			"The firewall does not answer.");
}

/* ---- requests ---- */

static void refuse_member(
	struct exchange *exchange, const char *name, const char *problem, const json_t *value)
{
	char *text = value != NULL ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

	exchange_fail(exchange, MHD_HTTP_BAD_REQUEST, "InvalidRequestException",
		"%s %s, parameter: [%s], context: %s", name, problem, text != NULL ? text : "",
		name);
	free(text);
}

/* What the public API has and the control socket has not. */
static bool check_params(
	struct exchange *exchange, const struct action *action, const json_t *params)
{
	const json_t *results = json_object_get(params, "MaxResults");

	if (action->flows && json_object_get(params, "FirewallArn") == NULL)
		refuse_member(exchange, "FirewallArn", "is required", NULL);
	else if (json_integer_value(results) > RESULTS_MAX)
		refuse_member(exchange, "MaxResults", "must be from 1 to 100", results);
	else
		return true;
	return false;
}

/*
 * An SDK that tries a request again sends the invocation's identifier again. Together with who
 * signed it is the token by which the daemon knows a request that it has had.
 */
static int add_token(const struct exchange *exchange, json_t *params)
{
	const char *id = sigv4_header_value(&exchange->request, "amz-sdk-invocation-id");
	char hash[SIGV4_HASH_SIZE], *text;
	int length, error;

	if (id == NULL || json_object_get(params, "ClientToken") != NULL)
		return 0;
	length = asprintf(
		&text, "%s/%s", exchange->access_key != NULL ? exchange->access_key : "", id);
	if (length < 0)
		return -ENOMEM;
	error = sigv4_hash(text, (size_t)length, hash);
	free(text);
	if (error == 0 && json_object_set_new(params, "ClientToken", json_string(hash)) != 0)
		error = -ENOMEM;
	return error;
}

static void call_daemon(const struct api *api, struct exchange *exchange,
	const struct action *action, json_t *params)
{
	int error = action->starts ? add_token(exchange, params) : 0;

	if (error == 0)
		error = backend_call(api->backend, action->name, params, on_answered, exchange);
	if (error != 0)
		on_answered(error, NULL, NULL, exchange);
}

static const struct action *find_action(struct exchange *exchange)
{
	const char *target = sigv4_header_value(&exchange->request, "x-amz-target");
	size_t length = strlen(TARGET_PREFIX);

	if (target == NULL || strncmp(target, TARGET_PREFIX, length) != 0)
		return NULL;
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(target + length, actions[i].name) == 0)
			return &actions[i];
	return NULL;
}

static void carry_out(const struct api *api, struct exchange *exchange, const struct action *action)
{
	json_error_t where;
	json_t *params =
		json_loadb(exchange->body, exchange->body_length, JSON_REJECT_DUPLICATES, &where);

	if (!json_is_object(params))
		exchange_fail(exchange, MHD_HTTP_BAD_REQUEST, "SerializationException",
			"The body must be a JSON object.");
	else if (check_params(exchange, action, params))
		call_daemon(api, exchange, action, params);
	json_decref(params);
}

/* Whether the header has the content type of the protocol, with or without parameters. */
static bool has_content_type(const struct exchange *exchange)
{
	const char *type = sigv4_header_value(&exchange->request, MHD_HTTP_HEADER_CONTENT_TYPE);
	size_t length = strlen(CONTENT_TYPE);

	return type != NULL && strncasecmp(type, CONTENT_TYPE, length) == 0 &&
		(type[length] == '\0' || strchr("; \t", type[length]) != NULL);
}

static bool is_post_root(struct exchange *exchange)
{
	if (exchange->target[0] != '/' || strcspn(exchange->target, "?") != 1) {
		exchange_fail(exchange, MHD_HTTP_NOT_FOUND, "ResourceNotFoundException",
			"There is nothing here.");
		return false;
	}
	if (strcmp(exchange->request.method, MHD_HTTP_METHOD_POST) == 0)
		return true;
	exchange_fail(exchange, MHD_HTTP_METHOD_NOT_ALLOWED, "UnknownOperationException",
		"Requests are sent by POST.");
	if (exchange->response != NULL)
		MHD_add_response_header(
			exchange->response, MHD_HTTP_HEADER_ALLOW, MHD_HTTP_METHOD_POST);
	return false;
}

void api_handle(const struct api *api, struct exchange *exchange)
{
	const struct action *action;
	struct key *key;

	if (!is_post_root(exchange))
		return;
	key = access_check(exchange, api->keys, api->region);
	if (key == NULL)
		return;
	action = find_action(exchange);
	if (action != NULL)
		exchange->action = action->name;
	if (!keys_take(key))
		exchange_fail(
			exchange, MHD_HTTP_BAD_REQUEST, "ThrottlingException", "Rate exceeded");
	else if (!has_content_type(exchange))
		exchange_fail(exchange, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE,
			"UnsupportedMediaTypeException", "Content-Type must be " CONTENT_TYPE ".");
	else if (action == NULL)
		exchange_fail(exchange, MHD_HTTP_NOT_FOUND, "UnknownOperationException",
			"X-Amz-Target names no action that is served here.");
	else if (key->role < action->role)
		exchange_fail(exchange, MHD_HTTP_FORBIDDEN, "AccessDeniedException",
			"The role of access key %s does not allow %s.", key->access_key,
			action->name);
	else
		carry_out(api, exchange, action);
}
