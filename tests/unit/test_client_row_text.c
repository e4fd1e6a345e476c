/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows read from their text: what is found in it, and csv from it against csv from parsed rows. */
#include "control/client/row_text.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/client/output.h"
#include "tests/unit/check.h"

static const struct {
	const char *text;
	const char *path; /* NULL: the row is to be parsed */
	const char *value;
} rows[] = {
	{"{\"a\":\"b\"}", "a", "b"},
	{"{\"a\":\"\"}", "a", ""},
	{"{\"a\":0,\"b\":123456789012345678}", "b", "123456789012345678"},
	{"{\"a\":0,\"b\":true,\"c\":false}", "a", "0"},
	{"{\"a\":0,\"b\":true,\"c\":false}", "b", "true"},
	{"{\"a\":0,\"b\":true,\"c\":false}", "c", "false"},
	{"{\"o\":{\"a\":\"in\"},\"a\":\"out\"}", "o.a", "in"},
	{"{\"o\":{\"a\":\"in\"},\"a\":\"out\"}", "a", "out"},
	{"{\"o\":{},\"a\":1}", "a", "1"},
	/* not there, or only something that looks like it */
	{"{}", "a", NULL},
	{"{\"a\":null}", "a", NULL},
	{"{\"ab\":1,\"b\":2}", "a", NULL},
	{"{\"o\":{\"a\":1}}", "a", NULL},
	{"{\"o\":{\"a\":1}}", "p.a", NULL},
	{"{\"o\":{\"a\":1}}", "oxa", NULL},
	{"{\"o.a\":1}", "o.b", NULL},
	{"{\"o\":{\"a\":1}}", "o", NULL}, /* an object has no text */
	/* to be parsed */
	{"{\"a\":\"\\u0041\"}", NULL, NULL},
	{"{\"a\":\"\xc3\xa9\"}", NULL, NULL},
	{"{\"a\":1.5}", NULL, NULL},
	{"{\"a\":-1}", NULL, NULL},
	{"{\"a\":1e3}", NULL, NULL},
	{"{\"a\":1234567890123456789}", NULL, NULL},
	{"{\"a\":[1]}", NULL, NULL},
	{"{\"a\":{\"b\":{}}}", NULL, NULL},
	{"{\"a\": 1}", NULL, NULL},
	/* no rows */
	{"", NULL, NULL},
	{"[]", NULL, NULL},
	{"{", NULL, NULL},
	{"{\"a\":01}", NULL, NULL},
	{"{\"a\"", NULL, NULL},
	{"{\"a\":", NULL, NULL},
	{"{\"a\":\"b", NULL, NULL},
	{"{\"a\":tru}", NULL, NULL},
	{"{\"a\":1", NULL, NULL},
	{"{\"a\":1,}", NULL, NULL},
	{"{\"a\":1}x", NULL, NULL},
	{"{\"a\":\"b\tc\"}", NULL, NULL},
};

static void test_members(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* as long as its text alone, for the sanitizer to see what is read beyond it */
		size_t length = strlen(rows[i].text);
		char *text = malloc(length > 0 ? length : 1);
		const struct row_member *member;
		struct row_text row;

		assert_non_null(text);
		memcpy(text, rows[i].text, length);
		if (row_text_read(&row, text, length) != (rows[i].path != NULL))
			fail_msg("%s", rows[i].text);
		member = rows[i].path != NULL ? row_text_find(&row, rows[i].path) : NULL;
		if ((member != NULL && member->value.text != NULL) != (rows[i].value != NULL))
			fail_msg("%s: %s", rows[i].text, rows[i].path);
		if (rows[i].value != NULL) {
			assert_int_equal(member->value.length, strlen(rows[i].value));
			assert_memory_equal(
				member->value.text, rows[i].value, member->value.length);
		}
		free(text);
	}
}

/* A row with more members than there is room for is parsed. */
static void test_many_members(void **state)
{
	char text[16 * (ROW_TEXT_MEMBERS + 1)] = "{";
	struct row_text row;

	(void)state;
	for (int i = 0; i <= ROW_TEXT_MEMBERS; i++) {
		char *end = text + strlen(text);

		sprintf(end, "%s\"m%d\":%d}", i > 0 ? "," : "", i, i);
		assert_int_equal(row_text_read(&row, text, strlen(text)), i < ROW_TEXT_MEMBERS);
		text[strlen(text) - 1] = '\0';
	}
}

/* Rows of flows, of which none is like another: text, and what only a parser knows. */
static const char *const flows[] = {
	"{\"SourceAddress\":{\"AddressDefinition\":\"10.0.0.1\"},"
	"\"DestinationAddress\":{\"AddressDefinition\":\"2001:db8::1\"},\"SourcePort\":\"40000\","
	"\"DestinationPort\":\"443\",\"Protocol\":\"6\",\"Age\":3725,\"PacketCount\":12,"
	"\"ByteCount\":345678901234567890,\"IdleMilliseconds\":0,\"State\":\"new\","
	"\"Action\":\"passed\",\"Midstream\":true,\"Rule\":\"web\",\"Vlan\":7}",
	"{\"Rule\":\"web, tls\",\"Age\":1}",
	"{\"RuleSid\":7,\"RuleGroup\":\"a,b\"}",
	"{\"RulePriority\":10,\"RuleGroup\":\"edge\"}",
	"{\"State\":\"a,b\",\"Action\":\"\",\"Age\":null}",
	"{\"Rule\":\"web \\\"tls\\\"\",\"State\":\"\\r\\n\"}",
	"{\"Rule\":\"\xc3\xa9t\xc3\xa9\"}",
	"{\"Age\":-1,\"PacketCount\":1.5,\"ByteCount\":9223372036854775807}",
	"{\"Age\":true,\"SourcePort\":false,\"Vlan\":{\"x\":1},\"Action\":[1,2]}",
	"{\"SourceAddress\":\"x\",\"WindowPacketCount\":0,\"WindowByteCount\":5}",
	"{\"SourceAddress\":{\"AddressDefinition\":{\"a\":1}}}",
	"{\"Rule\":{\"a\":1},\"Other\":{\"b\":[1,{}]}}",
	"{\"Rule\":{\"a\":1}}",
	"{\"RuleSid\":7,\"RuleGroup\":\"\"}",
	"{}",
};

static char *csv(const char *text, json_t *parsed)
{
	struct output output;
	char *printed;
	size_t size;
	FILE *stream = open_memstream(&printed, &size);

	assert_non_null(stream);
	output_init(&output, &output_csv, stream, false);
	assert_int_equal(text != NULL ? output_list_text(&output, &view_flows, text, strlen(text))
				      : output_list_rows(&output, &view_flows, parsed),
		0);
	output_fini(&output);
	fclose(stream);
	return printed;
}

static void test_csv(void **state)
{
	size_t count = sizeof(flows) / sizeof(flows[0]);
	char all[4096] = "", *found, *wanted;
	json_t *list = json_array();

	(void)state;
	for (size_t i = 0; i < count; i++) {
		json_t *one = json_pack("[o]", json_loads(flows[i], 0, NULL));

		found = csv(flows[i], NULL);
		wanted = csv(NULL, one);
		assert_string_equal(found, wanted);
		free(found);
		free(wanted);
		json_array_extend(list, one);
		json_decref(one);
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s", i > 0 ? "\n" : "",
			flows[i]);
	}
	assert_int_equal(json_array_size(list), count);
	found = csv(all, NULL);
	wanted = csv(NULL, list);
	assert_string_equal(found, wanted);
	free(found);
	free(wanted);
	json_decref(list);
}

/* What is neither simple nor JSON is an error, not a line. */
static void test_no_json(void **state)
{
	struct output output;

	(void)state;
	output_init(&output, &output_csv, stdout, false);
	assert_int_equal(output_list_text(&output, &view_flows, "{\"Age\":}", 8), -EBADMSG);
	assert_int_equal(output_list_text(&output, &view_flows, "", 0), 0);
	output_fini(&output);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_many_members),
		cmocka_unit_test(test_csv),
		cmocka_unit_test(test_no_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
