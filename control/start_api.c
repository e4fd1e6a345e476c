/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/start_api.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/api_target.h"
#include "control/flow_filter.h"

/* What FlowOperation of DescribeFlowOperation tells again, of a capture or a flush. */
#define ECHOED ((START_API_CAPTURE_MEMBERS | START_API_FLUSH_MEMBERS) & ~MEMBER_BIT(CLIENT_TOKEN))

static const struct {
	const char *name; /* of SortBy */
	enum operation_sort sort;
} sorts[] = {
	{"Bytes", SORT_BYTES},
	{"Packets", SORT_PACKETS},
	{"Age", SORT_AGE},
	{"WindowBytes", SORT_WINDOW_BYTES},
	{"WindowPackets", SORT_WINDOW_PACKETS},
};

static enum operation_sort sort_of(const struct api_input *input)
{
	const char *name = api_member_string(input, MEMBER_SORT_BY);

	for (size_t i = 0; name != NULL && i < sizeof(sorts) / sizeof(sorts[0]); i++)
		if (strcmp(sorts[i].name, name) == 0)
			return sorts[i].sort;
	return SORT_NONE;
}

/* Members that are good by themselves, but not together. */
static int check_together(
	const struct api_input *input, const struct operation_request *request, struct reply *reply)
{
	bool by_window = request->sort == SORT_WINDOW_BYTES || request->sort == SORT_WINDOW_PACKETS;

	if (input->values[MEMBER_FLOW_FILTERS] == NULL &&
		input->values[MEMBER_OF_OPERATION] == NULL)
		return api_member_fail(reply, REPLY_PARAMETER, "FlowFilters", NULL, "is required");
	if (by_window && request->window == 0)
		return api_member_fail(reply, REPLY_PARAMETER, "SortBy",
			input->values[MEMBER_SORT_BY], "needs WindowSeconds");
	/* What the policy would do with a flow that has ended is not a question. */
	if (request->denied && request->window != 0)
		return api_member_fail(reply, REPLY_PARAMETER, "DeniedByPolicy",
			input->values[MEMBER_DENIED_BY_POLICY], "does not go with WindowSeconds");
	return 0;
}

/* The texts are NULL still. */
static int parse_request(enum walk_kind kind, const struct api_input *input,
	struct operation_request *request, struct reply *reply)
{
	const char *token = api_member_string(input, MEMBER_CLIENT_TOKEN);
	const char *of_operation = api_member_string(input, MEMBER_OF_OPERATION);

	*request = (struct operation_request){
		.kind = kind,
		.time_box = (uint32_t)api_member_integer(input, MEMBER_TIME_BOX),
		.window = (uint32_t)api_member_integer(input, MEMBER_WINDOW),
		.limit = (uint32_t)api_member_integer(input, MEMBER_LIMIT),
		.sort = sort_of(input),
		.denied = api_member_boolean(input, MEMBER_DENIED_BY_POLICY),
		.transient = api_member_boolean(input, MEMBER_TRANSIENT),
		.dry_run = api_member_boolean(input, MEMBER_DRY_RUN),
		.reset = api_member_boolean(input, MEMBER_REJECT),
		.max_flows = (uint32_t)api_member_integer(input, MEMBER_MAX_FLOWS),
	};
	/* Their lengths were checked against the members' rows. */
	if (token != NULL)
		strcpy(request->client_token, token);
	if (of_operation != NULL)
		strcpy(request->of_operation, of_operation);
	if (flow_scope_parse(input, &request->scope, reply) != 0)
		return -1;
	return check_together(input, request, reply);
}

/* What is told again of a request, and what tells it from another one. */
static int write_texts(const struct api_input *input, struct operation_request *request)
{
	json_t *echo = api_member_pack(input, ECHOED);
	json_t *params = api_member_pack(input, UINT64_MAX & ~MEMBER_BIT(CLIENT_TOKEN));
	json_t *age = json_integer(api_member_integer(input, MEMBER_MINIMUM_FLOW_AGE));

	if (echo != NULL && params != NULL &&
		json_object_set_new(echo, "MinimumFlowAgeInSeconds", age) == 0) {
		request->text = json_dumps(echo, JSON_COMPACT);
		/* Asked for by a token alone. */
		if (request->client_token[0] != '\0')
			request->params = json_dumps(params, JSON_COMPACT | JSON_SORT_KEYS);
	}
	json_decref(echo);
	json_decref(params);
	if (request->text == NULL)
		return -ENOMEM;
	return request->params != NULL || request->client_token[0] == '\0' ? 0 : -ENOMEM;
}

static int check_idle(const struct flow_api *api, struct reply *reply)
{
	const struct operation *running = collect_running(api->collector);

	if (running == NULL)
		return 0;
	return reply_fail(reply, REPLY_THROTTLED, "flow operation %s is running", running->id);
}

/*
 * A request with the token of an earlier one is the same request again: it is answered with what
 * the earlier one started. Returns whether there was an earlier one.
 */
static bool answer_again(const struct flow_api *api, const struct api_input *input,
	const struct operation_request *request, struct reply *reply)
{
	const struct operation *earlier;

	if (request->client_token[0] == '\0')
		return false;
	earlier = store_find_token(api->store, request->client_token);
	if (earlier == NULL)
		return false;
	if (earlier->request.kind == request->kind &&
		strcmp(earlier->request.params, request->params) == 0)
		api_target_answer(api->config, earlier, reply);
	else
		api_member_fail(reply, REPLY_PARAMETER, "ClientToken",
			input->values[MEMBER_CLIENT_TOKEN], "came with another request before");
	return true;
}

/* The operation whose flows are to be flushed, in *ret; NULL when none is named. */
static int find_listed(const struct flow_api *api, const struct api_input *input,
	struct operation **ret, struct reply *reply)
{
	const json_t *value = input->values[MEMBER_OF_OPERATION];

	*ret = NULL;
	if (value == NULL)
		return 0;
	*ret = api_target_operation(api->store, input, MEMBER_OF_OPERATION, reply);
	if (*ret == NULL)
		return -1;
	if ((*ret)->status == OPERATION_IN_PROGRESS)
		return api_member_fail(
			reply, REPLY_PARAMETER, "OfOperation", value, "has not ended");
	if (!(*ret)->same_run)
		return api_member_fail(reply, REPLY_PARAMETER, "OfOperation", value,
			"is from before the firewall was started: its flows are gone");
	return 0;
}

/* Compile the filters and begin. The texts are the operation's on success alone. */
static int start_compiled(const struct flow_api *api, const struct operation_request *request,
	const struct flow_filters *filters, struct operation *listed, struct reply *reply)
{
	struct classifier *classifier = NULL;
	struct operation *operation;
	int error = 0;

	if (filters != NULL)
		error = flow_filter_compile(filters, &classifier);
	if (error != 0)
		return reply_fail(
			reply, REPLY_INTERNAL, "filters not compiled: %s", strerror(-error));
	error = collect_start(api->collector, request, classifier, listed, &operation);
	if (error != 0) {
		classifier_destroy(classifier);
		return reply_fail(
			reply, REPLY_INTERNAL, "operation not started: %s", strerror(-error));
	}
	api_target_answer(api->config, operation, reply);
	return 0;
}

static void start_parsed(const struct flow_api *api, const struct api_input *input,
	struct operation_request *request, const struct flow_filters *filters, struct reply *reply)
{
	struct operation *listed;

	if (write_texts(input, request) != 0)
		reply_fail(reply, REPLY_INTERNAL, "no memory for the request's text");
	else if (api_target_check(api->config, input, reply) == 0 &&
		!answer_again(api, input, request, reply) &&
		find_listed(api, input, &listed, reply) == 0 && check_idle(api, reply) == 0 &&
		start_compiled(api, request, filters, listed, reply) == 0)
		return;
	free(request->text);
	free(request->params);
}

void start_api_start(const struct flow_api *api, enum walk_kind kind, const struct api_input *input,
	struct reply *reply)
{
	struct flow_filters *filters = NULL;
	struct operation_request request;
	json_t *list = input->values[MEMBER_FLOW_FILTERS];

	if (parse_request(kind, input, &request, reply) != 0)
		return;
	if (list != NULL && flow_filter_parse(list, &filters, reply) != 0)
		return;
	start_parsed(api, input, &request, filters, reply);
	flow_filter_destroy(filters);
}
