/* SPDX-License-Identifier: BSD-3-Clause */
/* A store whose directory another one had at the start: what is in it is listed once it can be opened. */
#include "control/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/check.h"
#include "tests/unit/store_fixture.h"

enum { EARLIER = 3 };

struct late {
	struct store_fixture fixture;
	char ids[EARLIER][UUID_STR_LEN]; /* the oldest first; the last one was under way */
	int lock;
};

/* A daemon does not start in the millisecond in which the one before it has begun its last operation. */
static void wait_past(int64_t milliseconds)
{
	struct timespec now;

	do
		clock_gettime(CLOCK_REALTIME, &now);
	while ((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 <= milliseconds + EARLIER);
}

/* Three operations, and a store that has found their directory locked. */
static int begin(void **state)
{
	static struct late late;
	struct store_fixture *fixture = &late.fixture;
	int64_t requested = 0;

	store_fixture_init(fixture);
	store_fixture_open(fixture);
	for (unsigned i = 0; i < EARLIER; i++) {
		struct operation *operation = store_fixture_begin(fixture);

		strcpy(late.ids[i], operation->id);
		requested = operation->requested;
		if (i < EARLIER - 1)
			store_fixture_finish(fixture, operation, 10 * i, 10);
		operation_unref(operation);
	}
	store_fixture_close(fixture);
	wait_past(requested);
	late.lock = open(fixture->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(flock(late.lock, LOCK_EX | LOCK_NB), 0);
	store_fixture_open(fixture);
	assert_null(store_before(fixture->store, UINT64_MAX));
	*state = &late;
	return 0;
}

static int end(void **state)
{
	struct late *late = *state;

	store_fixture_fini(&late->fixture);
	return 0;
}

/* From the newest of them on there are the three, in their order; each page is as it was. */
static void check_earlier(struct late *late, struct operation *operation)
{
	for (unsigned i = EARLIER; i-- > 0; operation = store_older(operation)) {
		struct flow_record first = store_fixture_flow(10 * i);
		char source[32], *page;

		assert_non_null(operation);
		assert_string_equal(operation->id, late->ids[i]);
		assert_ptr_equal(store_find(late->fixture.store, late->ids[i]), operation);
		if (i == EARLIER - 1) {
			assert_int_equal(operation->status, OPERATION_FAILED);
			assert_string_equal(operation->message,
				"Flow operation error - the daemon was restarted");
			continue;
		}
		assert_int_equal(operation->status, OPERATION_COMPLETED);
		assert_int_equal(operation->flow_count, 10);
		page = store_fixture_page(&late->fixture, operation, 0, 10);
		assert_non_null(page);
		snprintf(source, sizeof(source), "\"10.0.0.%u\"", first.source[3]);
		assert_non_null(strstr(page, source));
		free(page);
	}
	assert_null(operation);
}

/* By itself, as the timer does it; and once. */
static void test_open(void **state)
{
	struct late *late = *state;
	struct store *store = late->fixture.store;

	store_open(store);
	store_fixture_settle(&late->fixture);
	assert_null(store_before(store, UINT64_MAX));
	close(late->lock);
	for (int i = 0; i < 2; i++) {
		store_open(store);
		store_fixture_settle(&late->fixture);
		check_earlier(late, store_before(store, UINT64_MAX));
	}
	store_fixture_close(&late->fixture);
	store_fixture_open(&late->fixture);
	check_earlier(late, store_before(late->fixture.store, UINT64_MAX));
}

/* With an operation that is stored: it is the newest, and runs on. One that could not be stored stays
 * between. */
static void test_operation(void **state)
{
	struct late *late = *state;
	struct store_fixture *fixture = &late->fixture;
	struct operation *failed, *running;

	failed = store_fixture_add(fixture, 0, 5);
	assert_int_equal(failed->status, OPERATION_FAILED);
	close(late->lock);
	running = store_fixture_begin(fixture);
	store_fixture_settle(fixture);
	assert_int_equal(running->status, OPERATION_IN_PROGRESS);
	assert_ptr_equal(store_before(fixture->store, UINT64_MAX), running);
	assert_ptr_equal(store_older(running), failed);
	check_earlier(late, store_older(failed));
	store_fixture_finish(fixture, running, 0, 5);
	assert_int_equal(running->status, OPERATION_COMPLETED);
	operation_unref(running);
}

/* They are within the bounds, too. */
static void test_bounds(void **state)
{
	struct late *late = *state;
	struct store_fixture *fixture = &late->fixture;

	close(late->lock);
	fixture->limits.age = 1;
	store_fixture_close(fixture);
	late->lock = open(fixture->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(flock(late->lock, LOCK_EX | LOCK_NB), 0);
	store_fixture_open(fixture);
	close(late->lock);
	store_open(fixture->store);
	store_fixture_settle(fixture);
	store_fixture_settle(fixture); /* the one under way is noted as FAILED */
	store_expire(fixture->store, INT64_MAX / 2);
	assert_null(store_before(fixture->store, UINT64_MAX));
	store_fixture_close(fixture);
	store_fixture_open(fixture);
	assert_null(store_before(fixture->store, UINT64_MAX));
}

static int setup(void **state)
{
	const struct dataplane_eal_config eal = {.program = "test_store_late", .quiet = true};

	(void)state;
	return dataplane_init(&eal); /* for the clock */
}

static int teardown(void **state)
{
	(void)state;
	dataplane_fini();
	return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_open),
		CASE(test_operation),
		CASE(test_bounds),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
