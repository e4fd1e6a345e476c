/* SPDX-License-Identifier: BSD-3-Clause */
/* Which events come to the file, under whose name, and what is told of the others. */
#include "control/event_log.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/rate_limit.h"
#include "tests/unit/check.h"
#include "tests/unit/control_fixture.h"

enum { RATE = 10, LINES_MAX = 64 };

#define MILLISECOND (NANOSECONDS / 1000)

static struct control_fixture fixture;
static char path[] = "/tmp/test_event_log.XXXXXX";

/* A line in three seconds is 1000/3 milliseconds each; none is gained or lost by rounding. */
static void test_rate_limit(void **state)
{
	static const struct {
		uint64_t milliseconds;
		unsigned asked, taken;
	} steps[] = {
		{5000, 4, 3}, /* the bucket was full */
		{5333, 1, 0}, {5334, 2, 1}, {5666, 1, 0}, {5667, 1, 1}, {6000, 2, 1},
		{9000000, 9, 3}, /* and holds one second's worth however long it takes */
	};
	struct rate_limit limit;

	(void)state;
	rate_limit_init(&limit, 3, 5000 * MILLISECOND);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		unsigned taken = 0;

		for (unsigned j = 0; j < steps[i].asked; j++)
			taken += rate_limit_take(&limit, steps[i].milliseconds * MILLISECOND);
		assert_int_equal(taken, steps[i].taken);
	}
	rate_limit_init(&limit, 100000, 0);
	for (unsigned i = 0; i < 100000; i++)
		assert_true(rate_limit_take(&limit, 0));
	assert_false(rate_limit_take(&limit, 0));
	assert_false(rate_limit_take(&limit, 9999));
	assert_true(rate_limit_take(&limit, 10000));
}

static struct event_log *create(void)
{
	struct event_log *log;

	fixture.config->event_log_path = path;
	fixture.config->event_log_rate = RATE;
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(event_log_create(fixture.base, fixture.config, fixture.dataplane,
				 fixture.publisher, &log),
		0);
	return log;
}

/* Write what waits, and read all lines back. Returns how many. */
static size_t finish(struct event_log *log, json_t *lines[LINES_MAX])
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t size = 0, count = 0;

	event_log_destroy(log);
	fixture.config->event_log_path = NULL;
	assert_non_null(file);
	while (getline(&line, &size, file) > 0) {
		assert_true(count < LINES_MAX);
		lines[count] = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(lines[count]);
		count++;
	}
	free(line);
	fclose(file);
	return count;
}

static void release(json_t *lines[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		json_decref(lines[i]);
}

static struct event_record event_of(uint32_t rule)
{
	return (struct event_record){
		.flow = {.source = {192, 0, 2, 1},
			.destination = {192, 0, 2, 2},
			.version = 4,
			.protocol = 17,
			.rule = rule,
			.rule_kind = RULE_STATEFUL},
		.port = 1,
		.length = 100,
		.action = STATEFUL_DROP,
	};
}

static void assert_totals(const json_t *line, int alert, int suppressed)
{
	int found_alert, found_suppressed, lost;
	const char *type;

	assert_int_equal(
		json_unpack((json_t *)line, "{s:s, s:{s:{s:i, s:i, s:i}}}", "event_type", &type,
			"stats", "detect", "alert", &found_alert, "alerts_suppressed",
			&found_suppressed, "alert_queue_overflow", &lost),
		0);
	assert_string_equal(type, "stats");
	assert_int_equal(found_alert, alert);
	assert_int_equal(found_suppressed, suppressed);
	assert_int_equal(lost, 0);
}

/* 25 events at once, and more within the second; what is left out is told once a second. */
static void test_suppression(void **state)
{
	struct event_record events[25];
	struct event_log *log = create();
	uint64_t now = dataplane_now();
	json_t *lines[LINES_MAX], *report;
	size_t count;

	(void)state;
	for (size_t i = 0; i < 25; i++)
		events[i] = event_of(0);
	event_log_write(log, events, 25, now);
	event_log_tell(log, now); /* 10, 15 */
	event_log_tell(log, now + 2 * NANOSECONDS);
	event_log_write(log, events, 3, now + 200 * MILLISECOND); /* 2 and 1 */
	event_log_tell(log, now + 999 * MILLISECOND);
	event_log_tell(log, now + 1000 * MILLISECOND);		    /* 12, 16 */
	event_log_write(log, events, 12, now + 3000 * MILLISECOND); /* 10 and 2 */

	report = event_log_report(log);
	assert_string_equal(json_string_value(json_object_get(report, "Path")), path);
	assert_int_equal(json_integer_value(json_object_get(report, "EventsWritten")), 22);
	assert_int_equal(json_integer_value(json_object_get(report, "EventsSuppressed")), 18);
	assert_int_equal(json_integer_value(json_object_get(report, "EventsLost")), 0);
	json_decref(report);

	count = finish(log, lines); /* tells the last ones, 22 and 18 */
	assert_int_equal(count, 22 + 3);
	for (size_t i = 0; i < count; i++)
		if (i != 10 && i != 13 && i != 24)
			assert_string_equal(
				json_string_value(json_object_get(lines[i], "event_type")),
				"alert");
	assert_totals(lines[10], 10, 15);
	assert_totals(lines[13], 12, 16);
	assert_totals(lines[24], 22, 18);
	release(lines, count);
}

/* Nothing is told where nothing was left out. */
static void test_nothing_left_out(void **state)
{
	struct event_record event = event_of(0);
	struct event_log *log = create();
	json_t *lines[LINES_MAX];
	size_t count;

	(void)state;
	event_log_write(log, &event, 1, dataplane_now());
	event_log_tell(log, dataplane_now() + NANOSECONDS);
	count = finish(log, lines);
	assert_int_equal(count, 1);
	release(lines, count);
}

/* The fixture's rule 0 is called web "in"; it has no other, and generation 0 is the only one. */
static void test_names(void **state)
{
	static const struct {
		uint32_t rule, generation;
		const char *signature;
		int sid;
	} cases[] = {
		{0, 0, "web \"in\"", 0},
		{1, 0, "rule of an earlier policy", 0},
		{0, 7, "rule of an earlier policy", 0},
		{RULE_NONE, 7, "aws:alert_strict action", 2},
		{RULE_NONE, 0, "aws:alert_established action", 4},
	};
	struct event_log *log = create();
	json_t *lines[LINES_MAX];
	size_t count;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct event_record event = event_of(cases[i].rule);

		event.flow.generation = cases[i].generation;
		event_log_write(log, &event, 1, dataplane_now());
	}
	count = finish(log, lines);
	assert_int_equal(count, sizeof(cases) / sizeof(cases[0]));
	for (size_t i = 0; i < count; i++) {
		const char *signature, *port;
		int sid;

		assert_int_equal(json_unpack(lines[i], "{s:s, s:{s:s, s:i}}", "in_iface", &port,
					 "alert", "signature", &signature, "signature_id", &sid),
			0);
		assert_string_equal(port, "right");
		assert_string_equal(signature, cases[i].signature);
		assert_int_equal(sid, cases[i].sid);
	}
	release(lines, count);
}

/* Events without a log are thrown away; GetStatus has the counts all the same. */
static void test_no_log(void **state)
{
	struct event_record event = event_of(0);
	json_t *answer, *report;

	(void)state;
	event_log_write(fixture.api.event_log, &event, 1, dataplane_now());
	event_log_tell(fixture.api.event_log, dataplane_now() + NANOSECONDS);
	event_log_reopen(fixture.api.event_log);
	answer = control_fixture_call(&fixture, "GetStatus", "{}");
	report = json_pack(
		"{s:i, s:i, s:i}", "EventsWritten", 0, "EventsSuppressed", 0, "EventsLost", 0);
	assert_true(
		json_equal(json_object_get(json_object_get(answer, "result"), "EventLog"), report));
	json_decref(report);
	json_decref(answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rate_limit),
		cmocka_unit_test(test_suppression),
		cmocka_unit_test(test_nothing_left_out),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_no_log),
	};
	int fd = mkstemp(path), failed;

	if (fd < 0)
		return 1;
	close(fd);
	control_fixture_init_dataplane(&fixture);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	control_fixture_fini(&fixture);
	unlink(path);
	return failed;
}
