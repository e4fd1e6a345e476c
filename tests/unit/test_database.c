/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is in the place of the file of operations when the daemon starts, or becomes of it while it
 * runs: the store begins whatever it is, and never gives out flows that are not what was stored.
 */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "control/store.h"
#include "tests/unit/check.h"
#include "tests/unit/clock.h"
#include "tests/unit/store_fixture.h"

enum { FLOWS = 3000 };

static bool is_there(const struct store_fixture *fixture, const char *ending)
{
	char path[128];

	snprintf(path, sizeof(path), "%s%s", fixture->file, ending);
	return access(path, F_OK) == 0;
}

static void put_file(const char *path, const void *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), size);
	close(fd);
}

static uint8_t *get_file(const char *path, size_t *ret_size)
{
	int fd = open(path, O_RDONLY);
	struct stat status;
	uint8_t *data;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &status), 0);
	data = malloc((size_t)status.st_size);
	assert_int_equal(read(fd, data, (size_t)status.st_size), status.st_size);
	close(fd);
	*ret_size = (size_t)status.st_size;
	return data;
}

/* Operations are stored and read. */
static void check_works(struct store_fixture *fixture)
{
	struct operation *operation = store_fixture_add(fixture, 7, 10);
	char *page;

	assert_int_equal(operation->status, OPERATION_COMPLETED);
	page = store_fixture_page(fixture, operation, 0, 10);
	assert_non_null(page);
	free(page);
}

/* With a result in it; returns the file as it is when it is closed. */
static uint8_t *fill(struct store_fixture *fixture, size_t *ret_size)
{
	store_fixture_open(fixture);
	store_fixture_add(fixture, 0, FLOWS);
	store_fixture_close(fixture);
	return get_file(fixture->file, ret_size);
}

/* What is no database of ours is moved aside. */
static void check_moved(struct store_fixture *fixture)
{
	store_fixture_open(fixture);
	assert_null(store_before(fixture->store, UINT64_MAX));
	assert_true(is_there(fixture, ".damaged"));
	check_works(fixture);
	store_fixture_close(fixture);
	store_fixture_open(fixture);
	assert_non_null(store_before(fixture->store, UINT64_MAX));
}

static void test_text_in_its_place(void **state)
{
	struct store_fixture *fixture = *state;

	put_file(fixture->file, "what is this?", 13);
	check_moved(fixture);
}

static void test_directory_in_its_place(void **state)
{
	struct store_fixture *fixture = *state;

	assert_int_equal(mkdir(fixture->file, 0700), 0);
	check_moved(fixture);
}

/* A crash may leave one: it is begun as if there were none. */
static void test_empty_file(void **state)
{
	struct store_fixture *fixture = *state;

	put_file(fixture->file, "", 0);
	store_fixture_open(fixture);
	check_works(fixture);
	assert_false(is_there(fixture, ".damaged"));
}

static void execute(const struct store_fixture *fixture, const char *sql)
{
	sqlite3 *file;

	assert_int_equal(sqlite3_open(fixture->file, &file), SQLITE_OK);
	assert_int_equal(sqlite3_exec(file, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(file);
}

static void test_foreign_database(void **state)
{
	struct store_fixture *fixture = *state;

	execute(fixture, "CREATE TABLE operation (id TEXT); INSERT INTO operation VALUES ('x')");
	check_moved(fixture);
}

/* Ours by its mark, with something else that would act on what is put in. */
static void test_other_schema(void **state)
{
	struct store_fixture *fixture = *state;
	size_t size;

	free(fill(fixture, &size));
	execute(fixture, "CREATE TRIGGER t AFTER INSERT ON chunk BEGIN DELETE FROM operation; END");
	check_moved(fixture);
}

/* A daemon before an update must not destroy what the one after it has written. */
static void test_newer_version(void **state)
{
	struct store_fixture *fixture = *state;
	struct operation *operation;
	uint8_t *before, *after;
	size_t size, again;

	free(fill(fixture, &size));
	execute(fixture, "PRAGMA user_version = 2");
	before = get_file(fixture->file, &size);
	store_fixture_open(fixture);
	operation = store_fixture_add(fixture, 0, 10);
	assert_int_equal(operation->status, OPERATION_FAILED);
	assert_string_equal(operation->message,
		"Flow operation error - results were not stored - the file is of a newer version");
	store_fixture_close(fixture);
	after = get_file(fixture->file, &again);
	assert_int_equal(again, size);
	assert_memory_equal(before, after, size);
	assert_false(is_there(fixture, ".damaged"));
	free(before);
	free(after);
}

/* What of the result can be read is what was stored: all of it, or nothing and the operation
 * FAILED, or the whole file was moved aside. */
static void check_damaged(struct store_fixture *fixture, const char *expected)
{
	struct operation *operation;
	char *page;

	store_fixture_open(fixture);
	operation = store_before(fixture->store, UINT64_MAX);
	if (operation == NULL) {
		assert_true(is_there(fixture, ".damaged"));
	} else if (operation->status == OPERATION_COMPLETED) {
		operation_ref(operation);
		assert_int_equal(operation_flow_count(operation), FLOWS);
		page = store_fixture_page(fixture, operation, 0, FLOWS);
		if (page != NULL) {
			assert_true(strcmp(page, expected) == 0);
		} else {
			assert_int_equal(operation->status, OPERATION_FAILED);
			assert_string_equal(
				operation->message, "Flow operation error - results are damaged");
		}
		free(page);
		operation_unref(operation);
	}
	store_fixture_close(fixture);
}

static char *page_of(struct store_fixture *fixture)
{
	char *page;

	store_fixture_open(fixture);
	page = store_fixture_page(fixture, store_before(fixture->store, UINT64_MAX), 0, FLOWS);
	assert_non_null(page);
	store_fixture_close(fixture);
	return page;
}

/* Every byte of the header, and random ones of all pages. */
static void test_flipped_bits(void **state)
{
	enum { HEADER = 100, ROUNDS = 200 };
	struct store_fixture *fixture = *state;
	unsigned int seed = (unsigned int)time(NULL);
	size_t size;
	uint8_t *data = fill(fixture, &size);
	char *page = page_of(fixture);

	print_message("seed %u\n", seed);
	for (size_t i = 0; i < HEADER + ROUNDS; i++) {
		size_t at = i < HEADER ? i : (size_t)rand_r(&seed) % size;
		uint8_t bit = (uint8_t)(1 << rand_r(&seed) % 8);

		data[at] ^= bit;
		put_file(fixture->file, data, size);
		check_damaged(fixture, page);
		data[at] ^= bit;
	}
	free(data);
	free(page);
}

static void test_truncated(void **state)
{
	struct store_fixture *fixture = *state;
	size_t size;
	uint8_t *data = fill(fixture, &size);
	char *page = page_of(fixture);

	for (size_t part = 1; part < size; part += size / 40) {
		put_file(fixture->file, data, part);
		check_damaged(fixture, page);
	}
	free(data);
	free(page);
}

/* A file that is overwritten under a running daemon: the next operations are stored again. */
static void test_damaged_while_it_runs(void **state)
{
	enum { TRIES = 3 };
	struct store_fixture *fixture = *state;
	struct operation *operation;
	char rubbish[4096];
	int fd, tries = 0;

	memset(rubbish, 'x', sizeof(rubbish));
	store_fixture_open(fixture);
	store_fixture_add(fixture, 0, FLOWS);
	store_fixture_settle(fixture);
	fd = open(fixture->file, O_WRONLY);
	for (int i = 0; i < 20; i++)
		assert_int_equal(write(fd, rubbish, sizeof(rubbish)), sizeof(rubbish));
	close(fd);
	do
		operation = store_fixture_add(fixture, 0, FLOWS);
	while (operation->status == OPERATION_FAILED && ++tries < TRIES);
	assert_int_equal(operation->status, OPERATION_COMPLETED);
	check_works(fixture);
}

/* Another daemon's directory: the operation is FAILED, and the next one stored once it is gone. */
static void test_locked(void **state)
{
	struct store_fixture *fixture = *state;
	struct operation *operation;
	int other = open(fixture->directory, O_RDONLY | O_DIRECTORY);

	assert_int_equal(flock(other, LOCK_EX), 0);
	store_fixture_open(fixture);
	operation = store_fixture_add(fixture, 0, 10);
	assert_int_equal(operation->status, OPERATION_FAILED);
	assert_string_equal(operation->message,
		"Flow operation error - results were not stored - another daemon has the directory");
	assert_int_equal(operation_flow_count(operation), 0);
	close(other);
	check_works(fixture);
}

static void test_no_directory(void **state)
{
	struct store_fixture *fixture = *state;
	struct operation *operation;

	snprintf(fixture->directory + strlen(fixture->directory), 8, "/a/b");
	store_fixture_open(fixture);
	operation = store_fixture_add(fixture, 0, 10);
	fixture->directory[strlen(fixture->directory) - 4] = '\0';
	assert_int_equal(operation->status, OPERATION_FAILED);
	assert_string_equal(operation->message,
		"Flow operation error - results were not stored - no such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_FIXTURE_TEST(test_text_in_its_place),
		STORE_FIXTURE_TEST(test_directory_in_its_place),
		STORE_FIXTURE_TEST(test_empty_file),
		STORE_FIXTURE_TEST(test_foreign_database),
		STORE_FIXTURE_TEST(test_other_schema),
		STORE_FIXTURE_TEST(test_newer_version),
		STORE_FIXTURE_TEST(test_flipped_bits),
		STORE_FIXTURE_TEST(test_truncated),
		STORE_FIXTURE_TEST(test_damaged_while_it_runs),
		STORE_FIXTURE_TEST(test_locked),
		STORE_FIXTURE_TEST(test_no_directory),
	};

	return cmocka_run_group_tests(tests, clock_setup, clock_teardown);
}
