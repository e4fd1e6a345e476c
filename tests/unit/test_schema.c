/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * docs/control-socket.schema.json says of requests what the tables say that they are checked by: each
 * action and each member with its type, limits, pattern and default, and nothing else. Of answers, which
 * have no tables, the functional tests say whether they are so, and whether each member is ever sent.
 */
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/explain_input.h"
#include "control/firewall_api.h"
#include "control/flow_api.h"
#include "control/flow_filter.h"
#include "control/flow_scope.h"
#include "control/operation.h"
#include "control/start_api.h"

#define DOCUMENT TIDEGATE_SOURCE_ROOT "/docs/control-socket.schema.json"

enum { NAME_SIZE = 64 };

/* What code says of a member beside its row, which is found by name and maximum. */
static const struct {
	const char *name;
	int64_t maximum;
	const char *keywords; /* JSON */
} beyond[] = {
	{"SourcePort", 1024, "{\"pattern\":\"^(ANY|[0-9]+(:[0-9]+)?)$\"}"},
	{"DestinationPort", 1024, "{\"pattern\":\"^(ANY|[0-9]+(:[0-9]+)?)$\"}"},
	{"SourcePort", 5, "{\"pattern\":\"^[0-9]+$\"}"},
	{"DestinationPort", 5, "{\"pattern\":\"^[0-9]+$\"}"},
	{"Protocol", 12, "{\"pattern\":\"^(0|[1-9][0-9]{0,2})$\"}"},
	{"Protocols", 12, "{\"pattern\":\"^(0|[1-9][0-9]{0,2})$\"}"},
};

/* And of members together. */
static const struct {
	const char *action;
	const char *keywords;
} together[] = {
	{"StartFlowCapture",
		"{\"required\":[\"FlowFilters\"],\"allOf\":["
		"{\"if\":{\"properties\":{\"SortBy\":{\"enum\":[\"WindowBytes\",\"WindowPackets\"]}},"
		"\"required\":[\"SortBy\"]},\"then\":{\"required\":[\"WindowSeconds\"]}},"
		"{\"if\":{\"properties\":{\"DeniedByPolicy\":{\"const\":true}},"
		"\"required\":[\"DeniedByPolicy\"]},"
		"\"then\":{\"properties\":{\"WindowSeconds\":false}}}]}"},
	{"StartFlowFlush",
		"{\"anyOf\":[{\"required\":[\"FlowFilters\"]},{\"required\":[\"OfOperation\"]}]}"},
};

static int read_schema(void **state)
{
	*state = json_load_file(DOCUMENT, JSON_REJECT_DUPLICATES, NULL);
	return *state != NULL ? 0 : -1;
}

static int free_schema(void **state)
{
	json_decref(*state);
	return 0;
}

static json_t *definition(json_t *schema, const char *name, const char *suffix)
{
	char whole[NAME_SIZE];
	json_t *found;

	snprintf(whole, sizeof(whole), "%s%s", name, suffix);
	found = json_object_get(json_object_get(schema, "$defs"), whole);
	if (found == NULL)
		fail_msg(DOCUMENT " has no %s", whole);
	return found;
}

/* A copy of a value with all references followed, and without descriptions. */
static json_t *plain(json_t *schema, json_t *value)
{
	const char *reference = json_string_value(json_object_get(value, "$ref"));
	const char *name;
	json_t *copy, *inner;
	size_t i;

	if (json_is_array(value)) {
		copy = json_array();
		json_array_foreach(value, i, inner)
			assert_int_equal(json_array_append_new(copy, plain(schema, inner)), 0);
		return copy;
	}
	if (!json_is_object(value))
		return json_incref(value);
	copy = reference != NULL
		? plain(schema, definition(schema, reference + strlen("#/$defs/"), ""))
		: json_object();
	json_object_foreach(value, name, inner)
		/* A member may be called like the annotation: that is an object. */
		if (strcmp(name, "$ref") != 0 &&
			(strcmp(name, "description") != 0 || !json_is_string(inner)))
			assert_int_equal(json_object_set_new(copy, name, plain(schema, inner)), 0);
	return copy;
}

/* Compare, and release both. */
static void check_same(json_t *found, json_t *wanted, const char *name)
{
	char *left = json_dumps(found, JSON_SORT_KEYS | JSON_ENCODE_ANY);
	char *right = json_dumps(wanted, JSON_SORT_KEYS | JSON_ENCODE_ANY);

	if (!json_equal(found, wanted))
		fail_msg("%s: the schema has\n%s\nand the code\n%s", name, left, right);
	free(left);
	free(right);
	json_decref(found);
	json_decref(wanted);
}

/* The words of a pattern ^(a|b)$, or NULL when it is another one. */
static json_t *words_of(const char *pattern)
{
	char copy[128], *rest = copy, *word;
	json_t *words;
	size_t length = strlen(pattern);

	if (length < 4 || strncmp(pattern, "^(", 2) != 0 ||
		strspn(pattern + 2, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_|") !=
			length - 4)
		return NULL;
	snprintf(copy, sizeof(copy), "%.*s", (int)length - 4, pattern + 2);
	words = json_array();
	while ((word = strsep(&rest, "|")) != NULL)
		json_array_append_new(words, json_string(word));
	return words;
}

static json_t *wanted_string(const struct api_constraint *row)
{
	json_t *words = row->pattern != NULL ? words_of(row->pattern) : NULL;
	json_t *wanted = json_pack("{s:s, s:o*}", "type", "string", "enum", words);

	if (words != NULL)
		return wanted;
	if (row->minimum > 0)
		json_object_set_new(wanted, "minLength", json_integer(row->minimum));
	if (row->maximum < INT32_MAX)
		json_object_set_new(wanted, "maxLength", json_integer(row->maximum));
	if (row->pattern != NULL)
		json_object_set_new(wanted, "pattern", json_string(row->pattern));
	return wanted;
}

static json_t *wanted_integer(const struct api_constraint *row)
{
	json_t *wanted = json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum",
		(json_int_t)row->minimum, "maximum", (json_int_t)row->maximum);

	if (row->type == API_EITHER)
		json_object_set_new(wanted, "enum",
			json_pack("[I, I]", (json_int_t)row->minimum, (json_int_t)row->maximum));
	/* A default out of range stands for not given. */
	if (!row->required && row->default_value >= row->minimum &&
		row->default_value <= row->maximum)
		json_object_set_new(wanted, "default", json_integer(row->default_value));
	return wanted;
}

static json_t *wanted_value(const struct api_constraint *row);

static void add_member(json_t *object, const struct api_constraint *row)
{
	json_t *required = json_object_get(object, "required");

	json_object_set_new(json_object_get(object, "properties"), row->name, wanted_value(row));
	if (row->required)
		json_array_append_new(required, json_string(row->name));
}

static json_t *empty_object(void)
{
	return json_pack("{s:s, s:{}, s:[], s:b}", "type", "object", "properties", "required",
		"additionalProperties", 0);
}

/* An entry of a list. */
static json_t *wanted_entry(const char *list)
{
	json_t *filter;

	for (const struct api_constraint *row = flow_scope_entries; row->name != NULL; row++) {
		if (strcmp(row->name, list) == 0)
			return wanted_value(row);
	}
	if (strcmp(list, "Protocols") == 0)
		return wanted_value(&flow_filter_protocol_string);
	if (strcmp(list, "VpcIds") == 0)
		return wanted_value(&firewall_api_vpc_id);
	if (strcmp(list, "TCPFlags") == 0)
		return json_pack("{s:s, s:o}", "type", "string", "enum", explain_input_flags(0xff));
	assert_string_equal(list, "FlowFilters");
	filter = empty_object();
	for (const struct api_constraint *row = flow_filter_members; row->name != NULL; row++)
		add_member(filter, row);
	return filter;
}

static json_t *wanted_list(const struct api_constraint *row)
{
	json_t *wanted = json_pack("{s:s, s:I, s:o}", "type", "array", "maxItems",
		(json_int_t)row->maximum, "items", wanted_entry(row->name));

	if (row->minimum > 0)
		json_object_set_new(wanted, "minItems", json_integer(row->minimum));
	return wanted;
}

static json_t *wanted_value(const struct api_constraint *row)
{
	json_t *wanted = NULL;

	switch (row->type) {
	case API_STRING:
		wanted = wanted_string(row);
		break;
	case API_INTEGER:
	case API_EITHER:
		wanted = wanted_integer(row);
		break;
	case API_LIST:
		wanted = wanted_list(row);
		break;
	case API_OBJECT:
		wanted = empty_object();
		add_member(wanted, &flow_filter_address_definition);
		break;
	case API_BOOLEAN:
		wanted = json_pack("{s:s}", "type", "boolean");
		break;
	}
	for (size_t i = 0; i < sizeof(beyond) / sizeof(beyond[0]); i++)
		if (strcmp(beyond[i].name, row->name) == 0 && beyond[i].maximum == row->maximum)
			json_object_update_new(wanted, json_loads(beyond[i].keywords, 0, NULL));
	return wanted;
}

static json_t *wanted_members(uint64_t members)
{
	json_t *wanted = empty_object();

	for (int member = 0; member < MEMBER_COUNT; member++)
		if ((members >> member & 1) != 0)
			add_member(wanted, api_member_constraint((enum api_member)member));
	return wanted;
}

/* "required" says the same in any order. */
static void sort_required(json_t *object)
{
	json_t *list = json_object_get(object, "required"), *sorted = json_object();
	json_t *value;
	size_t i;

	json_array_foreach(list, i, value)
		json_object_set_new(sorted, json_string_value(value), json_true());
	json_object_set_new(object, "required", sorted);
}

static void test_params(void **state)
{
	const char *action;
	uint64_t members;

	for (size_t i = 0; flow_api_action(i, &action, &members); i++) {
		json_t *found = plain(*state, definition(*state, action, "Params"));
		json_t *wanted = wanted_members(members);

		for (size_t j = 0; j < sizeof(together) / sizeof(together[0]); j++)
			if (strcmp(together[j].action, action) == 0)
				json_object_update_new(
					wanted, json_loads(together[j].keywords, 0, NULL));
		sort_required(found);
		sort_required(wanted);
		check_same(found, wanted, action);
	}
}

/* What DescribeFlowOperation tells again. */
static void test_echo(void **state)
{
	json_t *found = plain(*state, definition(*state, "FlowOperation", ""));
	json_t *wanted = wanted_members(
		(START_API_CAPTURE_MEMBERS | START_API_FLUSH_MEMBERS) & ~MEMBER_BIT(CLIENT_TOKEN));

	json_object_set_new(wanted, "required", json_pack("[s]", "MinimumFlowAgeInSeconds"));
	check_same(found, wanted, "FlowOperation");
}

static bool has_end(const char *text, const char *end)
{
	return strlen(text) > strlen(end) && strcmp(text + strlen(text) - strlen(end), end) == 0;
}

/* The methods are the actions, each with its params and result, and there are none of others. */
static void test_actions(void **state)
{
	json_t *request = definition(*state, "Request", ""), *methods = json_array();
	json_t *choices = json_object_get(request, "allOf"), *unused;
	size_t suffixed = 0, count;
	const char *name;
	uint64_t members;

	for (count = 0; flow_api_action(count, &name, &members); count++) {
		json_t *params = definition(*state, name, "Params");
		bool needs = json_array_size(json_object_get(params, "required")) > 0 ||
			json_object_get(params, "anyOf") != NULL;
		char reference[NAME_SIZE];

		definition(*state, name, "Result");
		json_array_append_new(methods, json_string(name));
		snprintf(reference, sizeof(reference), "#/$defs/%sParams", name);
		check_same(json_incref(json_array_get(choices, count)),
			json_pack("{s:{s:{s:{s:s}}}, s:{s:{s:{s:s}}, s:o*}}", "if", "properties",
				"method", "const", name, "then", "properties", "params", "$ref",
				reference, "required", needs ? json_pack("[s]", "params") : NULL),
			name);
	}
	assert_int_equal(json_array_size(choices), count);
	check_same(
		json_incref(json_object_get(
			json_object_get(json_object_get(request, "properties"), "method"), "enum")),
		methods, "method");
	json_object_foreach(json_object_get(*state, "$defs"), name, unused)
		suffixed += has_end(name, "Params") || has_end(name, "Result");
	assert_int_equal(suffixed, 2 * count);
}

static void test_errors(void **state)
{
	static const struct {
		int code;
		const char *exception;
	} errors[] = {
#define ROW(symbol, code, exception) {code, exception},
		REPLY_ERRORS(ROW)
#undef ROW
	};
	size_t count = sizeof(errors) / sizeof(errors[0]);
	json_t *choices = json_object_get(definition(*state, "Error", ""), "oneOf");

	assert_int_equal(json_array_size(choices), count);
	for (size_t i = 0; i < count; i++) {
		json_t *found = json_object_get(json_array_get(choices, i), "properties");
		json_t *data = json_object_get(json_object_get(found, "data"), "properties");
		const char *exception = json_string_value(
			json_object_get(json_object_get(data, "__type"), "const"));

		assert_int_equal(json_integer_value(
					 json_object_get(json_object_get(found, "code"), "const")),
			errors[i].code);
		assert_int_equal(exception == NULL, errors[i].exception == NULL);
		if (exception != NULL)
			assert_string_equal(exception, errors[i].exception);
	}
}

static void check_words(json_t *schema, const char *name, json_t *wanted)
{
	check_same(
		json_incref(json_object_get(definition(schema, name, ""), "enum")), wanted, name);
}

static void test_words(void **state)
{
	json_t *statuses = json_array(), *states = json_array(), *reasons = json_array();

	for (int i = OPERATION_IN_PROGRESS; i <= OPERATION_FAILED; i++)
		json_array_append_new(
			statuses, json_string(operation_status_name((enum operation_status)i)));
	for (int i = FLOW_NEW; i < FLOW_STATE_COUNT; i++)
		json_array_append_new(states, json_string(flow_state_name((enum flow_state)i)));
	for (int i = 0; i < EXPLAIN_REASON_COUNT; i++)
		json_array_append_new(
			reasons, json_string(explain_reason_name((enum explain_reason)i)));
	check_words(*state, "FlowOperationStatus", statuses);
	check_words(*state, "State", states);
	check_words(*state, "Reason", reasons);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_params),
		cmocka_unit_test(test_echo),
		cmocka_unit_test(test_actions),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, read_schema, free_schema);
}
