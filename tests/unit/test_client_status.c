/* SPDX-License-Identifier: BSD-3-Clause */
/* A table of the status command has a column for each member that GetStatus answers with. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "control/client/view.h"
#include "tests/unit/check.h"

#define SCHEMA TIDEGATE_SOURCE_ROOT "/docs/control-socket.schema.json"

enum { PATH_SIZE = 128 };

/* Members that are no column: rows of other tables, what the rows of view_drops add up to, and
 * lists of totals, which are for /metrics: the rules themselves are in the tables of the rules
 * command. */
static const char *const elsewhere[] = {"Ports", "Workers", "Drops", "DropReasons",
	"RuleTotals.RuleGroups", "RuleTotals.DefaultActions", "RuleTotals.Metrics", "Operations",
	"PollTimes"};

static bool is_elsewhere(const char *path)
{
	for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++)
		if (strcmp(elsewhere[i], path) == 0)
			return true;
	return false;
}

static bool is_shown(const struct view *view, const char *path)
{
	for (size_t i = 0; i < view->column_count; i++)
		if (view->columns[i].heading != NULL && strcmp(view->columns[i].path, path) == 0)
			return true;
	return false;
}

/* What a value's schema says, behind its $ref. */
static const json_t *resolve(const json_t *definitions, const json_t *value)
{
	const char *reference = json_string_value(json_object_get(value, "$ref"));

	return reference == NULL ? value
				 : json_object_get(definitions, reference + strlen("#/$defs/"));
}

/* Objects within the object are looked into: prefix is what leads to it, ending in ".", or
 * empty. */
static void check_members(const json_t *definitions, const json_t *object, const char *prefix,
	const struct view *view)
{
	json_t *properties = json_object_get(object, "properties");
	const char *name;
	json_t *value;

	assert_true(json_object_size(properties) > 0);
	json_object_foreach(properties, name, value) {
		const json_t *schema = resolve(definitions, value);
		char path[PATH_SIZE];

		snprintf(path, sizeof(path), "%s%s", prefix, name);
		if (json_object_get(schema, "properties") != NULL) {
			strcat(path, ".");
			check_members(definitions, schema, path, view);
		} else if (!is_elsewhere(path) && !is_shown(view, path)) {
			fail_msg("%s is not shown", path);
		}
	}
}

static void test_every_member_is_shown(void **state)
{
	static const struct {
		const char *name; /* in $defs */
		const struct view *view;
	} parts[] = {
		{"GetStatusResult", &view_status},
		{"Port", &view_ports},
		{"Worker", &view_workers},
	};
	json_t *schema = json_load_file(SCHEMA, 0, NULL);
	const json_t *definitions = json_object_get(schema, "$defs");

	(void)state;
	assert_non_null(definitions);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const json_t *part = json_object_get(definitions, parts[i].name);

		check_members(definitions, part, "", parts[i].view);
	}
	json_decref(schema);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_member_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
