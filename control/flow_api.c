/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/flow_api.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/api_member.h"
#include "control/api_page.h"
#include "control/api_target.h"
#include "control/document_api.h"
#include "control/explain_api.h"
#include "control/firewall_api.h"
#include "control/page.h"
#include "control/rule_api.h"
#include "control/rule_totals.h"
#include "control/start_api.h"
#include "control/tally.h"

enum { SCOPE_SIZE = 80 };

struct api_action {
	const char *name;
	uint64_t members; /* what it takes */
	void (*carry_out)(const struct flow_api *api, const struct api_action *action,
		const struct api_input *input, struct reply *reply);
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

/* ---- the actions ---- */

static void start_capture(const struct flow_api *api, const struct api_action *action,
	const struct api_input *input, struct reply *reply)
{
	(void)action;
	start_api_start(api, WALK_CAPTURE, input, reply);
}

static void start_flush(const struct flow_api *api, const struct api_action *action,
	const struct api_input *input, struct reply *reply)
{
	(void)action;
	start_api_start(api, WALK_FLUSH, input, reply);
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
	operation = api_target_find(api->config, api->store, input, reply);
	if (operation == NULL)
		return;
	reply_set_result(reply,
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:s*, s:f, s:o, s:I, s:o*, s:o, s:I}",
			"FirewallArn", api->config->firewall_arn, "AvailabilityZone",
			api->config->availability_zone, "FlowOperationId", operation->id,
			"FlowOperationType", operation_type_name(operation->request.kind),
			"FlowOperationStatus", operation_status_name(operation->status),
			"StatusMessage", message(operation), "FlowRequestTimestamp",
			timestamp(operation), "FlowOperation",
			json_loads(operation->request.text, 0, NULL), "FlowCount",
			(json_int_t)operation_found(operation), "AsymmetricFlowCount",
			operation->asymmetric != 0 ? json_integer(operation->asymmetric) : NULL,
			"Progress", progress(operation), "ElapsedMilliseconds",
			(json_int_t)operation_elapsed(operation)));
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
	if (api_target_check(api->config, input, reply) != 0 ||
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

	operation = api_target_find(api->config, api->store, input, reply);
	if (operation == NULL)
		return;
	snprintf(scope, sizeof(scope), "%s/%s", action->name, operation->id);
	if (api_page_first(&api->token_key, input, scope, &first, reply) != 0)
		return;
	total = operation_flow_count(operation);
	if (first > total)
		first = total; /* it has FAILED since */
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
		reply_fail(reply, REPLY_INTERNAL, "a page of %s cannot be made", operation->id);
}

static void cancel(const struct flow_api *api, const struct api_action *action,
	const struct api_input *input, struct reply *reply)
{
	struct operation *operation;

	(void)action;
	operation = api_target_find(api->config, api->store, input, reply);
	if (operation == NULL)
		return;
	if (operation == collect_running(api->collector))
		collect_cancel(api->collector);
	api_target_answer(api->config, operation, reply);
	store_forget(api->store, operation);
}

/*
 * "Asymmetry" of GetStatus: how many conversations of the newest result came to two workers. NULL
 * when no operation of this run has found flows.
 */
static json_t *asymmetry_report(const struct flow_api *api)
{
	const struct operation *operation = store_before(api->store, UINT64_MAX);

	while (operation != NULL && (!operation->same_run || operation->flow_count == 0))
		operation = store_older(operation);
	if (operation == NULL)
		return NULL;
	return json_pack("{s:s, s:I, s:I, s:f}", "FlowOperationId", operation->id, "FlowCount",
		(json_int_t)operation->flow_count, "AsymmetricFlowCount",
		(json_int_t)operation->asymmetric, "SharePercent", operation_asymmetry(operation));
}

static void get_status(const struct flow_api *api, const struct api_action *action,
	const struct api_input *input, struct reply *reply)
{
	const struct operation *running = collect_running(api->collector);
	json_t *report = status_report(api->status, running != NULL ? running->id : NULL);
	json_t *asymmetry = asymmetry_report(api);

	(void)action;
	(void)input;
	if (json_object_set_new(report, "Policy", reload_report(api->reload)) != 0 ||
		json_object_set_new(report, "RuleTotals",
			rule_totals_report(publisher_current(api->publisher))) != 0 ||
		json_object_set_new(report, "EventLog", event_log_report(api->event_log)) != 0 ||
		json_object_set_new(report, "Operations", tally_report(store_tally(api->store))) !=
			0 ||
		(asymmetry != NULL && json_object_set(report, "Asymmetry", asymmetry) != 0)) {
		json_decref(report);
		report = NULL;
	}
	json_decref(asymmetry);
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

static void list_firewalls(const struct flow_api *api, const struct api_action *action,
	const struct api_input *input, struct reply *reply)
{
	(void)action;
	firewall_api_list(api->config, &api->token_key, input, reply);
}

static void describe_firewall(const struct flow_api *api, const struct api_action *action,
	const struct api_input *input, struct reply *reply)
{
	(void)action;
	firewall_api_describe(api->config, api->publisher, input, reply);
}

static void list_policies(const struct flow_api *api, const struct api_action *action,
	const struct api_input *input, struct reply *reply)
{
	(void)action;
	document_api_list_policies(api->config, api->publisher, &api->token_key, input, reply);
}

static void describe_policy(const struct flow_api *api, const struct api_action *action,
	const struct api_input *input, struct reply *reply)
{
	(void)action;
	document_api_describe_policy(api->config, api->publisher, input, reply);
}

static void list_groups(const struct flow_api *api, const struct api_action *action,
	const struct api_input *input, struct reply *reply)
{
	(void)action;
	document_api_list_groups(api->config, api->publisher, &api->token_key, input, reply);
}

static void describe_group(const struct flow_api *api, const struct api_action *action,
	const struct api_input *input, struct reply *reply)
{
	(void)action;
	document_api_describe_group(api->config, api->publisher, input, reply);
}

static const struct api_action actions[] = {
	{"StartFlowCapture", MEMBERS_FIREWALL | START_API_CAPTURE_MEMBERS, start_capture},
	{"StartFlowFlush", MEMBERS_FIREWALL | START_API_FLUSH_MEMBERS, start_flush},
	{"DescribeFlowOperation", MEMBERS_FIREWALL | MEMBER_BIT(FLOW_OPERATION_ID), describe},
	{"ListFlowOperations", MEMBERS_FIREWALL | MEMBER_BIT(FLOW_OPERATION_TYPE) | MEMBERS_PAGE,
		list_operations},
	{"ListFlowOperationResults",
		MEMBERS_FIREWALL | MEMBER_BIT(FLOW_OPERATION_ID) | MEMBERS_PAGE, list_results},
	{"CancelFlowOperation", MEMBERS_FIREWALL | MEMBER_BIT(FLOW_OPERATION_ID), cancel},
	{"GetStatus", 0, get_status},
	{"Reload", 0, begin_reload},
	{"ListRules", MEMBERS_PAGE, list_rules},
	{"ExplainPacket", EXPLAIN_API_MEMBERS, explain},
	{"ListFirewalls", MEMBER_BIT(VPC_IDS) | MEMBERS_PAGE, list_firewalls},
	{"DescribeFirewall", MEMBER_BIT(FIREWALL_NAME) | MEMBER_BIT(FIREWALL_ARN),
		describe_firewall},
	{"ListFirewallPolicies", MEMBERS_PAGE, list_policies},
	{"DescribeFirewallPolicy",
		MEMBER_BIT(FIREWALL_POLICY_NAME) | MEMBER_BIT(FIREWALL_POLICY_ARN),
		describe_policy},
	{"ListRuleGroups", DOCUMENT_API_LIST_GROUPS_MEMBERS, list_groups},
	{"DescribeRuleGroup", DOCUMENT_API_DESCRIBE_GROUP_MEMBERS, describe_group},
};

bool flow_api_action(size_t number, const char **ret_name, uint64_t *ret_members)
{
	if (number >= sizeof(actions) / sizeof(actions[0]))
		return false;
	*ret_name = actions[number].name;
	*ret_members = actions[number].members;
	return true;
}

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
