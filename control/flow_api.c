/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/flow_api.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/api_member.h"
#include "control/api_page.h"
#include "control/explain_api.h"
#include "control/flow_filter.h"
#include "control/page.h"
#include "control/rule_api.h"

enum { SCOPE_SIZE = 80 };

struct api_action {
	const char *name;
	uint32_t members; /* what it takes */
	void (*carry_out)(const struct flow_api *api, const struct api_action *action,
		const struct api_input *input, struct reply *reply);
	enum walk_kind kind; /* of the actions that start an operation */
};

/* ---- parts of answers ---- */

static double timestamp(const struct operation *operation)
{
	return (double)operation->requested / 1000;
}

/* NULL, which "s*" of json_pack() leaves out, when there is no message. */
static const char *message(const struct operation *operation)
{
	return operation->message[0] != '\0' ? operation->message : NULL;
}

static void set_operation_status(
	const struct flow_api *api, const struct operation *operation, struct reply *reply)
{
	reply_set_result(reply,
		json_pack("{s:s, s:s, s:s}", "FirewallArn", api->config->firewall_arn,
			"FlowOperationId", operation->id, "FlowOperationStatus",
			operation_status_name(operation->status)));
}

/* ---- what requests name ---- */

static int check_resource(const struct api_input *input, enum api_member member, const char *name,
	const char *own, struct reply *reply)
{
	const char *given = api_member_string(input, member);

	if (given == NULL || (own != NULL && strcmp(given, own) == 0))
		return 0;
	return api_member_fail(
		reply, REPLY_NOT_FOUND, name, input->values[member], "is not known here");
}

/* Whether the request is for this firewall. */
static int check_firewall(
	const struct flow_api *api, const struct api_input *input, struct reply *reply)
{
	const struct config *config = api->config;

	if (check_resource(
		    input, MEMBER_FIREWALL_ARN, "FirewallArn", config->firewall_arn, reply) != 0 ||
		check_resource(input, MEMBER_AVAILABILITY_ZONE, "AvailabilityZone",
			config->availability_zone, reply) != 0 ||
		check_resource(input, MEMBER_VPC_ENDPOINT_ASSOCIATION_ARN,
			"VpcEndpointAssociationArn", config->vpc_endpoint_association_arn,
			reply) != 0)
		return -1;
	return check_resource(
		input, MEMBER_VPC_ENDPOINT_ID, "VpcEndpointId", config->vpc_endpoint_id, reply);
}

static struct operation *find_operation(
	const struct flow_api *api, const struct api_input *input, struct reply *reply)
{
	const char *id = api_member_string(input, MEMBER_FLOW_OPERATION_ID);
	struct operation *operation = store_find(api->store, id);

	if (operation == NULL)
		check_resource(input, MEMBER_FLOW_OPERATION_ID, "FlowOperationId", NULL, reply);
	return operation;
}

/* ---- the actions ---- */

static int check_idle(const struct flow_api *api, struct reply *reply)
{
	const struct operation *running = collect_running(api->collector);

	if (running == NULL)
		return 0;
	return reply_fail(reply, REPLY_THROTTLED, "flow operation %s is running", running->id);
}

/* FlowOperation, as DescribeFlowOperation returns it. */
static char *request_text(const struct api_input *input, const struct operation_request *request)
{
	json_t *object = json_pack("{s:I, s:O, s:o*}", "MinimumFlowAgeInSeconds",
		api_member_integer(input, MEMBER_MINIMUM_FLOW_AGE), "FlowFilters",
		input->values[MEMBER_FLOW_FILTERS], "Denied", request->denied ? json_true() : NULL);
	char *text = object != NULL ? json_dumps(object, JSON_COMPACT) : NULL;

	json_decref(object);
	return text;
}

/* Compile the filters and begin. */
static void start_compiled(const struct flow_api *api, enum walk_kind kind,
	const struct api_input *input, const struct flow_filters *filters, struct reply *reply)
{
	struct operation_request request = {
		.kind = kind,
		.time_box = (uint32_t)api_member_integer(input, MEMBER_TIME_BOX),
		.limit = (uint32_t)api_member_integer(input, MEMBER_LIMIT),
		.denied = api_member_boolean(input, MEMBER_DENIED),
	};
	struct classifier *classifier;
	struct operation *operation;
	int error;

	walk_scope_init(&request.scope);
	request.scope.minimum_age =
		(uint64_t)api_member_integer(input, MEMBER_MINIMUM_FLOW_AGE) * NANOSECONDS;
	request.text = request_text(input, &request);
	if (request.text == NULL) {
		reply_fail(reply, REPLY_INTERNAL, "no memory for the request's text");
		return;
	}
	error = flow_filter_compile(filters, &classifier);
	if (error != 0) {
		reply_fail(reply, REPLY_INTERNAL, "filters not compiled: %s", strerror(-error));
		goto free_text;
	}
	error = collect_start(api->collector, &request, classifier, &operation);
	if (error != 0) {
		reply_fail(reply, REPLY_INTERNAL, "operation not started: %s", strerror(-error));
		goto free_classifier;
	}
	set_operation_status(api, operation, reply);
	return;

free_classifier:
	classifier_destroy(classifier);
free_text:
	free(request.text);
}

static void start(const struct flow_api *api, const struct api_action *action,
	const struct api_input *input, struct reply *reply)
{
	struct flow_filters *filters;

	if (flow_filter_parse(input->values[MEMBER_FLOW_FILTERS], &filters, reply) != 0)
		return;
	if (check_firewall(api, input, reply) == 0 && check_idle(api, reply) == 0)
		start_compiled(api, action->kind, input, filters, reply);
	flow_filter_destroy(filters);
}

static json_t *progress(const struct operation *operation)
{
	char *text = operation_receipt(operation);
	json_t *list = text != NULL ? json_loads(text, 0, NULL) : NULL;

	free(text);
	return list;
}

static void describe(const struct flow_api *api, const struct api_action *action,
	const struct api_input *input, struct reply *reply)
{
	const struct operation *operation;

	(void)action;
	if (check_firewall(api, input, reply) != 0)
		return;
	operation = find_operation(api, input, reply);
	if (operation == NULL)
		return;
	reply_set_result(reply,
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:s*, s:f, s:o, s:I, s:o, s:I}", "FirewallArn",
			api->config->firewall_arn, "AvailabilityZone",
			api->config->availability_zone, "FlowOperationId", operation->id,
			"FlowOperationType", operation_type_name(operation->request.kind),
			"FlowOperationStatus", operation_status_name(operation->status),
			"StatusMessage", message(operation), "FlowRequestTimestamp",
			timestamp(operation), "FlowOperation",
			json_loads(operation->request.text, 0, NULL), "FlowCount",
			(json_int_t)operation_found(operation), "Progress", progress(operation),
			"ElapsedMilliseconds", (json_int_t)operation_elapsed(operation)));
}

static int append_metadata(json_t *list, const struct operation *operation)
{
	return json_array_append_new(list,
		json_pack("{s:s, s:s, s:f, s:s}", "FlowOperationId", operation->id,
			"FlowOperationType", operation_type_name(operation->request.kind),
			"FlowRequestTimestamp", timestamp(operation), "FlowOperationStatus",
			operation_status_name(operation->status)));
}

/* Append up to count operations of a type, NULL for any, from *next on; *next is what comes then.
 */
static int append_operations(
	json_t *list, const char *type, int64_t count, const struct operation **next)
{
	const struct operation *operation = *next;
	int64_t listed = 0;

	for (; operation != NULL; operation = store_older(operation)) {
		if (type != NULL && strcmp(type, operation_type_name(operation->request.kind)) != 0)
			continue;
		if (listed++ == count)
			break;
		if (append_metadata(list, operation) != 0)
			return -1;
	}
	*next = operation;
	return 0;
}

static void list_operations(const struct flow_api *api, const struct api_action *action,
	const struct api_input *input, struct reply *reply)
{
	const char *type = api_member_string(input, MEMBER_FLOW_OPERATION_TYPE);
	int64_t count = api_page_count(input);
	uint64_t newer = UINT64_MAX; /* sequence number of the operation listed last */
	const struct operation *next;
	char scope[SCOPE_SIZE];
	json_t *list, *result;

	snprintf(scope, sizeof(scope), "%s/%s", action->name, type != NULL ? type : "");
	if (check_firewall(api, input, reply) != 0 ||
		api_page_first(&api->token_key, input, scope, &newer, reply) != 0)
		return;
	list = json_array();
	next = store_before(api->store, newer);
	if (append_operations(list, type, count, &next) != 0) {
		json_decref(list);
		list = NULL;
	}
	result = json_pack("{s:o}", "FlowOperations", list);
	if (result != NULL && next != NULL &&
		api_page_add_token(&api->token_key, scope, next->sequence + 1, result) != 0) {
		json_decref(result);
		result = NULL;
	}
	reply_set_result(reply, result);
}

static void list_results(const struct flow_api *api, const struct api_action *action,
	const struct api_input *input, struct reply *reply)
{
	uint32_t count = (uint32_t)api_member_integer(input, MEMBER_MAX_RESULTS), total;
	struct operation *operation;
	char scope[SCOPE_SIZE];
	uint64_t first = 0;

	if (check_firewall(api, input, reply) != 0)
		return;
	operation = find_operation(api, input, reply);
	if (operation == NULL)
		return;
	snprintf(scope, sizeof(scope), "%s/%s", action->name, operation->id);
	if (api_page_first(&api->token_key, input, scope, &first, reply) != 0)
		return;
	total = operation_flow_count(operation);
	if (count > total - first)
		count = (uint32_t)(total - first);
	reply_set_result(reply,
		json_pack("{s:s, s:s, s:s, s:s, s:s*, s:f}", "FirewallArn",
			api->config->firewall_arn, "AvailabilityZone",
			api->config->availability_zone, "FlowOperationId", operation->id,
			"FlowOperationStatus", operation_status_name(operation->status),
			"StatusMessage", message(operation), "FlowRequestTimestamp",
			timestamp(operation)));
	if (reply->result == NULL)
		return;
	if ((first + count < total &&
		    api_page_add_token(&api->token_key, scope, first + count, reply->result) !=
			    0) ||
		page_create(api->store, operation, (uint32_t)first, count, &reply->page) != 0)
		reply_fail(reply, REPLY_INTERNAL, "no memory for a page of %s", operation->id);
}

static void cancel(const struct flow_api *api, const struct api_action *action,
	const struct api_input *input, struct reply *reply)
{
	struct operation *operation;

	(void)action;
	if (check_firewall(api, input, reply) != 0)
		return;
	operation = find_operation(api, input, reply);
	if (operation == NULL)
		return;
	if (operation == collect_running(api->collector))
		collect_cancel(api->collector);
	set_operation_status(api, operation, reply);
}

static void get_status(const struct flow_api *api, const struct api_action *action,
	const struct api_input *input, struct reply *reply)
{
	const struct operation *running = collect_running(api->collector);
	json_t *report = status_report(api->status, running != NULL ? running->id : NULL);

	(void)action;
	(void)input;
	if (json_object_set_new(report, "Policy", reload_report(api->reload)) != 0 ||
		json_object_set_new(report, "EventLog", event_log_report(api->event_log)) != 0) {
		json_decref(report);
		report = NULL;
	}
	reply_set_result(reply, report);
}

static void begin_reload(const struct flow_api *api, const struct api_action *action,
	const struct api_input *input, struct reply *reply)
{
	int error = reload_start(api->reload);

	(void)action;
	(void)input;
	if (error == -EBUSY)
		reply_fail(reply, REPLY_THROTTLED, "a reload is running");
	else if (error != 0)
		reply_fail(reply, REPLY_INTERNAL, "reload not started: %s", strerror(-error));
	else
		reply_set_result(reply, json_pack("{s:s}", "Status", "IN_PROGRESS"));
}

static void list_rules(const struct flow_api *api, const struct api_action *action,
	const struct api_input *input, struct reply *reply)
{
	(void)action;
	rule_api_list(api->publisher, &api->token_key, input, reply);
}

static void explain(const struct flow_api *api, const struct api_action *action,
	const struct api_input *input, struct reply *reply)
{
	(void)action;
	explain_api_explain(api->publisher, &api->token_key, input, reply);
}

#define START_MEMBERS                                                                              \
	(MEMBERS_FIREWALL | MEMBER_BIT(MINIMUM_FLOW_AGE) | MEMBER_BIT(FLOW_FILTERS) |              \
		MEMBER_BIT(TIME_BOX))

static const struct api_action actions[] = {
	{"StartFlowCapture", START_MEMBERS | MEMBER_BIT(LIMIT), start, WALK_CAPTURE},
	{"StartFlowFlush", START_MEMBERS | MEMBER_BIT(DENIED), start, WALK_FLUSH},
	{"DescribeFlowOperation", MEMBERS_FIREWALL | MEMBER_BIT(FLOW_OPERATION_ID), describe, 0},
	{"ListFlowOperations", MEMBERS_FIREWALL | MEMBER_BIT(FLOW_OPERATION_TYPE) | MEMBERS_PAGE,
		list_operations, 0},
	{"ListFlowOperationResults",
		MEMBERS_FIREWALL | MEMBER_BIT(FLOW_OPERATION_ID) | MEMBERS_PAGE, list_results, 0},
	{"CancelFlowOperation", MEMBERS_FIREWALL | MEMBER_BIT(FLOW_OPERATION_ID), cancel, 0},
	{"GetStatus", 0, get_status, 0},
	{"Reload", 0, begin_reload, 0},
	{"ListRules", MEMBERS_PAGE, list_rules, 0},
	{"ExplainPacket", EXPLAIN_API_MEMBERS, explain, 0},
};

void flow_api_call(
	const struct flow_api *api, const char *action, json_t *params, struct reply *reply)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		struct api_input input;

		if (strcmp(actions[i].name, action) != 0)
			continue;
		if (api_member_parse(action, actions[i].members, params, &input, reply) == 0)
			actions[i].carry_out(api, &actions[i], &input, reply);
		return;
	}
	reply_fail(reply, REPLY_METHOD, "there is no method %.64s", action);
}
