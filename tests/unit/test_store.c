/* SPDX-License-Identifier: BSD-3-Clause */
/* The operations that are kept, within the bounds of age, number and memory. */
#include "control/store.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check.h"

#define HOUR (3600 * INT64_C(1000)) /* milliseconds */

enum { OPERATIONS = 6 };

struct fixture {
	struct event_base *base;
	struct store *store;
	struct operation *operations[OPERATIONS]; /* the oldest first */
};

static struct operation *operation_with(uint32_t flows)
{
	struct operation_request request = {.limit = UINT32_MAX - 1, .text = strdup("{}")};
	struct flow_record record = {.version = 4};
	struct operation *operation;

	assert_non_null(request.text);
	assert_int_equal(operation_create(&request, 1, 0, &operation), 0);
	for (uint32_t i = 0; i < flows; i++)
		operation_take(operation, 0, &record, NULL);
	operation_finish(operation, false);
	operation_publish(operation);
	return operation;
}

/* Operations of 1,000 flows each. */
static void fill(struct fixture *fixture, const struct store_limits *limits)
{
	fixture->base = event_base_new();
	assert_non_null(fixture->base);
	assert_int_equal(store_create(fixture->base, limits, &fixture->store), 0);
	for (int i = 0; i < OPERATIONS; i++) {
		fixture->operations[i] = operation_with(1000);
		store_add(fixture->store, fixture->operations[i]);
	}
}

static void empty(struct fixture *fixture)
{
	store_destroy(fixture->store);
	event_base_free(fixture->base);
	for (int i = 0; i < OPERATIONS; i++) {
		assert_int_equal(fixture->operations[i]->references, 1);
		operation_unref(fixture->operations[i]);
	}
}

/* Operations number first and later are there, the newest first; the older ones are not. */
static void check_kept(const struct fixture *fixture, int first)
{
	const struct operation *operation = store_before(fixture->store, UINT64_MAX);

	for (int i = OPERATIONS - 1; i >= first; i--) {
		assert_ptr_equal(operation, fixture->operations[i]);
		assert_ptr_equal(store_find(fixture->store, operation->id), operation);
		operation = store_older(operation);
	}
	assert_null(operation);
	for (int i = 0; i < first; i++)
		assert_null(store_find(fixture->store, fixture->operations[i]->id));
}

/* Milliseconds since the epoch. */
static int64_t end_of(const struct operation *operation)
{
	return operation->requested + (int64_t)operation->elapsed;
}

static void test_order(void **state)
{
	static const struct store_limits limits = {12 * HOUR, 100, UINT64_MAX};
	struct fixture fixture;

	(void)state;
	fill(&fixture, &limits);
	store_expire(fixture.store, end_of(fixture.operations[OPERATIONS - 1]));
	check_kept(&fixture, 0);
	for (int i = 1; i < OPERATIONS; i++)
		assert_ptr_equal(store_before(fixture.store, fixture.operations[i]->sequence),
			fixture.operations[i - 1]);
	assert_null(store_before(fixture.store, fixture.operations[0]->sequence));
	empty(&fixture);
}

static void test_age(void **state)
{
	static const struct store_limits limits = {12 * HOUR, 100, UINT64_MAX};
	struct fixture fixture;
	int64_t end;

	(void)state;
	fill(&fixture, &limits);
	end = end_of(fixture.operations[OPERATIONS - 1]);
	for (int i = 0; i < OPERATIONS; i++)
		fixture.operations[i]->requested =
			end - (int64_t)fixture.operations[i]->elapsed + i * HOUR;
	store_expire(fixture.store, end + 12 * HOUR - 1);
	check_kept(&fixture, 0);
	store_expire(fixture.store, end + 12 * HOUR);
	check_kept(&fixture, 1);
	store_expire(fixture.store, end + 15 * HOUR);
	check_kept(&fixture, 4);
	store_expire(fixture.store, end + 1000 * HOUR);
	check_kept(&fixture, OPERATIONS);
	empty(&fixture);
}

static void test_count(void **state)
{
	static const struct store_limits limits = {12 * HOUR, 4, UINT64_MAX};
	struct fixture fixture;

	(void)state;
	fill(&fixture, &limits);
	store_expire(fixture.store, end_of(fixture.operations[OPERATIONS - 1]));
	check_kept(&fixture, 2);
	empty(&fixture);
}

/* A result of 1,000 records takes at least these bytes, and not half as many more. */
static void test_memory(void **state)
{
	const uint64_t size = 1000 * sizeof(struct flow_record);
	const struct store_limits three = {12 * HOUR, 100, 3 * size + size / 2},
				  none = {12 * HOUR, 100, 1};
	struct fixture fixture;

	(void)state;
	fill(&fixture, &three);
	store_expire(fixture.store, end_of(fixture.operations[OPERATIONS - 1]));
	check_kept(&fixture, OPERATIONS - 3);
	empty(&fixture);

	fill(&fixture, &none);
	store_expire(fixture.store, end_of(fixture.operations[OPERATIONS - 1]));
	check_kept(&fixture, OPERATIONS - 1); /* the newest, whatever it takes */
	empty(&fixture);
}

/* What runs is kept, past every bound. */
static void test_running(void **state)
{
	static const struct store_limits limits = {HOUR, 1, 1};
	struct fixture fixture;

	(void)state;
	fill(&fixture, &limits);
	fixture.operations[0]->status = OPERATION_IN_PROGRESS;
	store_expire(fixture.store, end_of(fixture.operations[OPERATIONS - 1]) + 10 * HOUR);
	check_kept(&fixture, 0);
	empty(&fixture);
}

static int setup(void **state)
{
	const struct dataplane_eal_config eal = {.program = "test_store", .quiet = true};

	(void)state;
	return dataplane_init(&eal); /* for the clock */
}

static int teardown(void **state)
{
	(void)state;
	dataplane_fini();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_age),
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_running),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
