/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The operations that are kept: their results page by page against flow_json, across restarts, and
 * within the bounds of age, number and size.
 */
#include "control/store.h"

#include <errno.h>
#include <stdbool.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "control/chunk.h"
#include "control/flow_json.h"
#include "tests/unit/check.h"
#include "tests/unit/clock.h"
#include "tests/unit/store_fixture.h"

enum { OPERATIONS = 6, STEPS_MAX = 1000 };

/* The page as flow_json writes the flows, with the rules' names. */
static char *expected_page(uint32_t first, uint32_t count)
{
	static const char *const rules[] = {"\"Rule\":\"zero\"", "\"Rule\":\"o\\\"ne\"",
		"\"Rule\":\"two\"", "\"Rule\":\"three\"", "\"Rule\":\"four\""};
	char *text = malloc((size_t)count * (FLOW_JSON_SIZE + 32) + 1), *at = text;

	assert_non_null(text);
	*at = '\0';
	for (uint32_t i = first; i < first + count; i++) {
		struct flow_record flow = store_fixture_flow(i);

		if (i > first)
			*at++ = ',';
		at += flow_json_write(&flow, flow.rule != RULE_NONE ? rules[flow.rule] : NULL,
			false, at, FLOW_JSON_SIZE + 32);
	}
	return text;
}

static void check_page(
	struct store_fixture *fixture, struct operation *operation, uint32_t first, uint32_t count)
{
	char *found = store_fixture_page(fixture, operation, first, count);
	char *expected = expected_page(first, count);

	assert_non_null(found);
	assert_true(strcmp(found, expected) == 0);
	free(found);
	free(expected);
}

/* From any place, over the ends of chunks. */
static void check_pages(struct store_fixture *fixture, struct operation *operation, uint32_t count)
{
	static const struct {
		uint32_t first;
		uint32_t count;
	} pages[] = {{0, 1}, {0, CHUNK_RECORDS}, {CHUNK_RECORDS - 1, 2}, {CHUNK_RECORDS, 1},
		{1, 2 * CHUNK_RECORDS}, {0, 5000}, {4999, 1}, {100, 0}};

	assert_int_equal(operation->status, OPERATION_COMPLETED);
	assert_int_equal(operation_flow_count(operation), count);
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		check_page(fixture, operation, pages[i].first, pages[i].count);
}

static void test_restart(void **state)
{
	struct store_fixture *fixture = *state;
	struct operation *operation;
	struct token_key key;
	char id[UUID_STR_LEN], *receipt, *again;
	uint64_t sequence;
	int64_t requested;

	store_fixture_open(fixture);
	operation = store_fixture_add(fixture, 0, 5000);
	assert_true(operation->same_run);
	check_pages(fixture, operation, 5000);
	strcpy(id, operation->id);
	sequence = operation->sequence;
	requested = operation->requested;
	receipt = operation_receipt(operation);
	key = *store_token_key(fixture->store);
	for (int i = 0; i < 2; i++) {
		store_fixture_close(fixture);
		store_fixture_open(fixture);
		operation = store_find(fixture->store, id);
		assert_non_null(operation);
		assert_false(operation->same_run);
		assert_int_equal(operation->sequence, sequence);
		assert_int_equal(operation->requested, requested);
		assert_string_equal(operation->request.text, "{\"FlowFilters\":[{}]}");
		assert_string_equal(operation->request.params, "{\"a\":1}");
		assert_string_equal(operation->request.client_token, "token-1");
		again = operation_receipt(operation);
		assert_string_equal(again, receipt);
		free(again);
		assert_memory_equal(store_token_key(fixture->store), &key, sizeof(key));
		check_pages(fixture, operation, 5000);
	}
	free(receipt);
	/* A later one is newer, also when it is asked for in the same millisecond. */
	operation = store_fixture_add(fixture, 0, 1);
	assert_true(operation->sequence > sequence);
	assert_string_equal(store_older(operation)->id, id);
}

/* What was under way is FAILED, once and for all; the ones before and after it are what they
 * were. */
static void test_interrupted(void **state)
{
	struct store_fixture *fixture = *state;
	struct operation *operation;
	char id[UUID_STR_LEN];

	store_fixture_open(fixture);
	store_fixture_add(fixture, 0, 10);
	operation = store_fixture_begin(fixture);
	strcpy(id, operation->id);
	operation_unref(operation);
	store_fixture_close(fixture);
	for (int i = 0; i < 2; i++) {
		store_fixture_open(fixture);
		operation = store_find(fixture->store, id);
		assert_non_null(operation);
		assert_int_equal(operation->status, OPERATION_FAILED);
		assert_string_equal(
			operation->message, "Flow operation error - the daemon was restarted");
		assert_int_equal(operation_flow_count(operation), 0);
		assert_int_equal(store_older(operation)->status, OPERATION_COMPLETED);
		check_page(fixture, store_older(operation), 0, 10);
		store_fixture_close(fixture);
	}
}

/* Of 5,000 flows the bytes grow with the number: the last ones come first. */
static void test_sorted(void **state)
{
	struct store_fixture *fixture = *state;
	struct operation *operation;

	store_fixture_open(fixture);
	operation = store_fixture_begin(fixture);
	operation->request.sort = SORT_BYTES;
	operation->request.limit = 3000;
	store_fixture_finish(fixture, operation, 0, 5000);
	assert_int_equal(operation->status, OPERATION_COMPLETED);
	assert_int_equal(operation_flow_count(operation), 3000);
	for (uint32_t i = 0; i < 3000; i += 499) {
		char *found = store_fixture_page(fixture, operation, i, 1);
		char *expected = expected_page(4999 - i, 1);

		assert_string_equal(found, expected);
		free(found);
		free(expected);
	}
	operation_unref(operation);
}

/* Flows of a capture with a window have its counters, also after a restart. */
static void test_window(void **state)
{
	static const char counters[] = ",\"WindowPacketCount\":3,\"WindowByteCount\":300,";
	struct store_fixture *fixture = *state;
	struct operation *operation;

	store_fixture_open(fixture);
	operation = store_fixture_begin(fixture);
	operation->request.window = 5;
	store_fixture_finish(fixture, operation, 0, 1);
	operation_unref(operation);
	for (int i = 0; i < 2; i++) {
		char *page =
			store_fixture_page(fixture, store_before(fixture->store, UINT64_MAX), 0, 1);

		assert_non_null(strstr(page, counters));
		free(page);
		store_fixture_close(fixture);
		store_fixture_open(fixture);
	}
}

/* The newest first; returns how many there are. */
static int count_kept(const struct store_fixture *fixture)
{
	const struct operation *operation = store_before(fixture->store, UINT64_MAX);
	uint64_t newer = UINT64_MAX;
	int count = 0;

	for (; operation != NULL; operation = store_older(operation), count++) {
		assert_true(operation->sequence < newer);
		newer = operation->sequence;
		assert_ptr_equal(store_find(fixture->store, operation->id), operation);
	}
	return count;
}

/* So many of the newest are kept; the others are also not there after a restart. */
static void check_kept(struct store_fixture *fixture, int kept)
{
	assert_int_equal(count_kept(fixture), kept);
	store_fixture_close(fixture);
	store_fixture_open(fixture);
	assert_int_equal(count_kept(fixture), kept);
	for (struct operation *operation = store_before(fixture->store, UINT64_MAX);
		operation != NULL; operation = store_older(operation))
		check_page(fixture, operation, 0, 3000);
}

static int64_t fill(struct store_fixture *fixture, int64_t apart)
{
	struct operation *operation = NULL;

	store_fixture_open(fixture);
	for (int i = 0; i < OPERATIONS; i++) {
		operation = store_fixture_begin(fixture);
		operation->requested += i * apart;
		store_fixture_finish(fixture, operation, 0, 3000);
		operation_unref(operation);
	}
	return operation->requested + (int64_t)operation->elapsed;
}

static void test_age(void **state)
{
	enum { HOUR = 3600 * 1000 };
	struct store_fixture *fixture = *state;
	int64_t last;

	fixture->limits.age = 12 * HOUR;
	last = fill(fixture, HOUR);
	store_expire(fixture->store, last);
	check_kept(fixture, OPERATIONS);
	store_expire(fixture->store, last + 12 * HOUR - HOUR / 2);
	check_kept(fixture, 1);
	store_expire(fixture->store, last + 12 * HOUR - 1);
	check_kept(fixture, 1);
	store_expire(fixture->store, last + 12 * HOUR);
	check_kept(fixture, 0);
}

static void test_count(void **state)
{
	struct store_fixture *fixture = *state;

	fixture->limits.count = 4;
	fill(fixture, 0);
	check_kept(fixture, 4);
}

/* The size of the file, or 0. */
static int64_t file_size(const struct store_fixture *fixture)
{
	struct stat status;

	return stat(fixture->file, &status) == 0 ? status.st_size : 0;
}

/* 3,000 flows take at least 3,000 times addresses and ports. What goes gives its space back. */
static void test_size(void **state)
{
	struct store_fixture *fixture = *state;
	int64_t whole;
	uint64_t one;

	fill(fixture, 0);
	one = store_before(fixture->store, UINT64_MAX)->size;
	assert_in_range(one, 3000 * 12, 3000 * 60);
	store_fixture_close(fixture);
	whole = file_size(fixture);
	assert_true(whole > (int64_t)(OPERATIONS * one));
	fixture->limits.size = 3 * one + one / 2;
	store_fixture_open(fixture);
	check_kept(fixture, 3);
	fixture->limits.size = 1;
	store_fixture_close(fixture);
	store_fixture_open(fixture);
	check_kept(fixture, 1); /* the newest, whatever it takes */
	/* In steps, while there is nothing else to do. */
	for (int steps = 0; file_size(fixture) > whole / 3; steps++) {
		assert_true(steps < STEPS_MAX);
		store_fixture_close(fixture);
		store_fixture_open(fixture);
		assert_int_equal(count_kept(fixture), 1);
		store_fixture_settle(fixture);
	}
}

/* What runs is kept, and what is being read. */
static void test_in_use(void **state)
{
	struct store_fixture *fixture = *state;
	struct operation *running, *read;

	store_fixture_open(fixture);
	read = operation_ref(store_fixture_add(fixture, 0, 3000));
	store_fixture_add(fixture, 0, 10);
	store_expire(fixture->store, INT64_MAX / 2);
	assert_int_equal(count_kept(fixture), 1);
	check_page(fixture, read, 0, 3000);
	operation_unref(read);
	running = store_fixture_begin(fixture);
	store_expire(fixture->store, INT64_MAX / 2);
	assert_int_equal(count_kept(fixture), 1);
	store_fixture_finish(fixture, running, 0, 3000);
	check_page(fixture, running, 0, 3000);
	operation_unref(running);
}

struct visit {
	uint32_t count;
	uint32_t stop; /* at this flow, with -ECANCELED */
	int error;
	bool done;
};

static int visit_flow(const struct flow_record *flow, void *context)
{
	struct visit *visit = context;
	struct flow_record expected = store_fixture_flow(visit->count);

	if (visit->count == visit->stop)
		return -ECANCELED;
	visit->count++;
	return memcmp(flow->source, expected.source, 16) == 0 &&
			flow->captured == expected.captured &&
			flow->first_seen == expected.first_seen
		? 0
		: -EINVAL;
}

static void on_visited(int error, void *context)
{
	struct visit *visit = context;

	visit->error = error;
	visit->done = true;
}

static void test_visit(void **state)
{
	struct store_fixture *fixture = *state;
	struct visit all = {.stop = UINT32_MAX}, part = {.stop = 2500};
	struct operation *operation;

	store_fixture_open(fixture);
	operation = store_fixture_add(fixture, 0, 5000);
	assert_int_equal(store_visit(fixture->store, operation, visit_flow, on_visited, &all), 0);
	assert_int_equal(store_visit(fixture->store, operation, visit_flow, on_visited, &part), 0);
	while (!part.done)
		event_base_loop(fixture->base, EVLOOP_ONCE);
	assert_true(all.done);
	assert_int_equal(all.error, 0);
	assert_int_equal(all.count, 5000);
	assert_int_equal(part.error, -ECANCELED);
	assert_int_equal(part.count, 2500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_FIXTURE_TEST(test_restart),
		STORE_FIXTURE_TEST(test_interrupted),
		STORE_FIXTURE_TEST(test_sorted),
		STORE_FIXTURE_TEST(test_window),
		STORE_FIXTURE_TEST(test_age),
		STORE_FIXTURE_TEST(test_count),
		STORE_FIXTURE_TEST(test_size),
		STORE_FIXTURE_TEST(test_in_use),
		STORE_FIXTURE_TEST(test_visit),
	};

	return cmocka_run_group_tests(tests, clock_setup, clock_teardown);
}
