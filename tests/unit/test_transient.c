/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Transient operations: their results are read like others', but are not in the database, nor the
 * operations in the list; they go by age and size.
 */
#include "control/transient.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/unit/check.h"
#include "tests/unit/store_fixture.h"

enum { MEBIBYTE = 1 << 20 };

static int begin(void **state)
{
	static struct store_fixture fixture;

	store_fixture_init(&fixture);
	fixture.transient = true;
	*state = &fixture;
	return 0;
}

static int end(void **state)
{
	store_fixture_fini(*state);
	return 0;
}

/* A result of both kinds has the same pages. */
static void test_pages(void **state)
{
	static const uint32_t pages[][2] = {
		{0, 1}, {2047, 2}, {2048, 1}, {1, 4096}, {0, 5000}, {9, 0}};
	struct store_fixture *fixture = *state;
	struct operation *transient, *stored;

	store_fixture_open(fixture);
	transient = store_fixture_add(fixture, 0, 5000);
	fixture->transient = false;
	stored = store_fixture_add(fixture, 0, 5000);
	assert_int_equal(transient->status, OPERATION_COMPLETED);
	assert_int_equal(transient->flow_count, 5000);
	assert_int_equal(transient->size, stored->size);
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		char *found = store_fixture_page(fixture, transient, pages[i][0], pages[i][1]);
		char *expected = store_fixture_page(fixture, stored, pages[i][0], pages[i][1]);

		assert_string_equal(found, expected);
		free(found);
		free(expected);
	}
}

static int count_flow(const struct flow_record *flow, void *context)
{
	struct flow_record expected = store_fixture_flow(*(uint32_t *)context);

	++*(uint32_t *)context;
	return memcmp(flow->source, expected.source, sizeof(expected.source)) == 0 ? 0 : -1;
}

static void on_visited(int error, void *context)
{
	assert_int_equal(error, 0);
	assert_int_equal(*(uint32_t *)context, 3000);
	*(uint32_t *)context = UINT32_MAX;
}

static void test_visit(void **state)
{
	struct store_fixture *fixture = *state;
	uint32_t count = 0;

	store_fixture_open(fixture);
	assert_int_equal(store_visit(fixture->store, store_fixture_add(fixture, 0, 3000),
				 count_flow, on_visited, &count),
		0);
	while (count != UINT32_MAX)
		event_base_loop(fixture->base, EVLOOP_ONCE);
}

/* Found by its id and token, but not in the list; a restart knows nothing of it. */
static void test_not_kept(void **state)
{
	struct store_fixture *fixture = *state;
	struct operation *stored, *transient;
	char id[UUID_STR_LEN];

	store_fixture_open(fixture);
	fixture->transient = false;
	stored = store_fixture_add(fixture, 0, 10);
	fixture->transient = true;
	transient = store_fixture_add(fixture, 0, 10);
	strcpy(id, transient->id);
	assert_ptr_equal(store_find(fixture->store, id), transient);
	assert_ptr_equal(store_before(fixture->store, UINT64_MAX), stored);
	assert_null(store_older(stored));
	store_forget(fixture->store, stored);
	assert_ptr_equal(store_before(fixture->store, UINT64_MAX), stored);
	store_fixture_close(fixture);
	store_fixture_open(fixture);
	assert_null(store_find(fixture->store, id));
	assert_non_null(store_before(fixture->store, UINT64_MAX));
	transient = store_fixture_add(fixture, 0, 10);
	strcpy(id, transient->id);
	assert_non_null(store_find_token(fixture->store, "token-1"));
	store_forget(fixture->store, transient);
	assert_null(store_find(fixture->store, id));
}

/* No directory that can be written is needed. */
static void test_without_database(void **state)
{
	struct store_fixture *fixture = *state;
	struct operation *operation;
	char *page;

	assert_int_equal(mkdir(fixture->file, 0700), 0);
	store_fixture_open(fixture);
	operation = store_fixture_add(fixture, 0, 10);
	assert_int_equal(operation->status, OPERATION_COMPLETED);
	page = store_fixture_page(fixture, operation, 0, 10);
	assert_non_null(page);
	free(page);
}

static void test_age(void **state)
{
	struct store_fixture *fixture = *state;
	struct operation *operation;
	char id[UUID_STR_LEN];
	int64_t over;

	store_fixture_open(fixture);
	operation = store_fixture_begin(fixture);
	strcpy(id, operation->id);
	over = operation->requested + INT64_C(1000000000);
	store_expire(fixture->store, over);
	assert_non_null(store_find(fixture->store, id)); /* it runs */
	store_fixture_finish(fixture, operation, 0, 10);
	over = operation->requested + (int64_t)operation->elapsed + TRANSIENT_AGE;
	store_expire(fixture->store, INT64_MAX / 2);
	assert_non_null(store_find(fixture->store, id)); /* it is being read */
	operation_unref(operation);
	store_expire(fixture->store, over - 1);
	assert_non_null(store_find(fixture->store, id));
	store_expire(fixture->store, over);
	assert_null(store_find(fixture->store, id));
}

/* The oldest go first, the newest never. */
static void test_size(void **state)
{
	static const uint64_t sizes[] = {100, 100, 56, 100, 1000};
	static const unsigned kept[] = {1, 2, 3, 3, 1}; /* 100 + 56 + 100 fit in */
	struct store_fixture *fixture = *state;
	struct operation *operations[5];
	char ids[5][UUID_STR_LEN];

	store_fixture_open(fixture);
	for (unsigned i = 0; i < 5; i++) {
		unsigned found = 0;

		operations[i] = store_fixture_add(fixture, 0, 10);
		operations[i]->size = sizes[i] * MEBIBYTE;
		strcpy(ids[i], operations[i]->id);
		store_expire(fixture->store, operations[i]->requested);
		for (unsigned j = 0; j <= i; j++)
			found += store_find(fixture->store, ids[j]) != NULL;
		assert_int_equal(found, kept[i]);
		assert_non_null(store_find(fixture->store, ids[i]));
	}
}

static int setup(void **state)
{
	const struct dataplane_eal_config eal = {.program = "test_transient", .quiet = true};

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
		CASE(test_pages),
		CASE(test_visit),
		CASE(test_not_kept),
		CASE(test_without_database),
		CASE(test_age),
		CASE(test_size),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
