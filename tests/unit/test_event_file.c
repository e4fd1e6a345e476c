/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines come to the file whole or not at all, each is counted, and nothing waits for the file. */
#include "control/event_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/check.h"

enum { DEADLINE = 10 }; /* seconds */

static char directory[] = "/tmp/test_event_file.XXXXXX";
static char path[64], moved[64];

static int set_up(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "%s/eve.json", directory);
	snprintf(moved, sizeof(moved), "%s/eve.json.1", directory);
	return 0;
}

static int clean_up(void **state)
{
	(void)state;
	unlink(path);
	unlink(moved);
	return 0;
}

static struct event_file *create(void)
{
	struct event_file *file;

	assert_int_equal(event_file_create(path, &file), 0);
	return file;
}

static void put(struct event_file *file, const char *line)
{
	event_file_put(file, line, strlen(line));
}

/* Wait until so many lines are written or lost. */
static void wait_for(struct event_file *file, uint64_t written, uint64_t lost)
{
	const struct timespec moment = {0, 1000000};
	struct event_file_totals totals;
	time_t end = time(NULL) + DEADLINE;

	do {
		event_file_totals(file, &totals);
		if (totals.written == written && totals.lost == lost)
			return;
		nanosleep(&moment, NULL);
	} while (time(NULL) < end);
	fail_msg("%llu lines written, %llu lost", (unsigned long long)totals.written,
		(unsigned long long)totals.lost);
}

static void assert_content(const char *name, const char *expected)
{
	static char text[8192];
	FILE *file = fopen(name, "r");

	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(text, expected);
}

static void test_append(void **state)
{
	struct event_file *file;
	struct stat stat_of;
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	(void)state;
	assert_int_equal(write(fd, "before\n", 7), 7);
	close(fd);
	file = create();
	put(file, "one\n");
	wait_for(file, 1, 0);
	put(file, "two\n");
	put(file, "three\n");
	event_file_destroy(file); /* writes what is left */
	assert_content(path, "before\none\ntwo\nthree\n");

	unlink(path);
	event_file_destroy(create());
	assert_int_equal(stat(path, &stat_of), 0);
	assert_int_equal(stat_of.st_mode, S_IFREG | 0640);
}

static void test_not_opened(void **state)
{
	struct event_file *file;

	(void)state;
	assert_int_equal(event_file_create(directory, &file), -EISDIR);
	assert_int_equal(event_file_create("/tmp/no/such/directory/eve.json", &file), -ENOENT);
	assert_int_equal(symlink("/tmp/elsewhere", path), 0);
	assert_int_equal(event_file_create(path, &file), -ELOOP);
}

static void test_rotation(void **state)
{
	struct event_file *file = create();

	(void)state;
	put(file, "old\n");
	wait_for(file, 1, 0);
	assert_int_equal(rename(path, moved), 0);
	put(file, "old too\n");
	wait_for(file, 2, 0);
	event_file_reopen(file);
	put(file, "new\n");
	wait_for(file, 3, 0);
	assert_content(moved, "old\nold too\n");
	assert_content(path, "new\n");

	/* A path that cannot be opened: the old file goes on. */
	assert_int_equal(rename(path, moved), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	event_file_reopen(file);
	put(file, "still\n");
	wait_for(file, 4, 0);
	assert_content(moved, "new\nstill\n");
	event_file_destroy(file);
	assert_int_equal(rmdir(path), 0);
}

static void test_no_space(void **state)
{
	struct event_file *file;

	(void)state;
	assert_int_equal(event_file_create("/dev/full", &file), 0);
	put(file, "one\n");
	put(file, "two\n");
	wait_for(file, 0, 2);
	put(file, "three\n");
	wait_for(file, 0, 3);
	event_file_destroy(file);
}

/* Room for a line and a half. Of the three the second one is finished when there is room again. */
static void test_space_for_a_part(void **state)
{
	struct rlimit before, limit;
	char line[601], expected[2000];
	struct event_file *file = create();

	(void)state;
	memset(line, 'x', sizeof(line));
	strcpy(line + 599, "\n");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = (struct rlimit){900, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (int i = 0; i < 3; i++)
		put(file, line);
	wait_for(file, 1, 1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	put(file, "after\n");
	wait_for(file, 3, 1);
	event_file_destroy(file);
	snprintf(expected, sizeof(expected), "%s%safter\n", line, line);
	assert_content(path, expected);
}

/*
 * A reader that takes nothing until lines are lost, then everything: whole lines, as many as are
 * counted. The reader is a thread's, so that the writer finds it at any point.
 */
struct reader {
	int fd;
	uint64_t lines;
	uint64_t broken;
};

static const char fifo_line[] = "{\"a line of a length that is no divisor of any pipe\":0}\n";

static void *read_all(void *context)
{
	struct reader *reader = context;
	FILE *stream = fdopen(reader->fd, "r");
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stream) > 0) {
		reader->lines++;
		reader->broken += strcmp(line, fifo_line) != 0;
	}
	free(line);
	fclose(stream);
	return NULL;
}

static void test_full_fifo(void **state)
{
	enum { LINES = 200000 }; /* more than the buffers hold */
	const struct timespec moment = {0, 1000000};
	struct event_file_totals totals = {0};
	time_t end = time(NULL) + DEADLINE;
	struct event_file *file;
	struct reader reader = {0};
	pthread_t thread;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	reader.fd = open(path, O_RDONLY | O_NONBLOCK);
	assert_true(reader.fd >= 0);
	file = create();
	for (int i = 0; i < LINES; i++)
		put(file, fifo_line);
	/* Nobody reads: some lines are in the FIFO, the last of them in part, and a batch is
	 * lost. */
	while (totals.written == 0 && time(NULL) < end) {
		nanosleep(&moment, NULL);
		event_file_totals(file, &totals);
	}
	assert_in_range(totals.written, 1, 65536 / (sizeof(fifo_line) - 1));
	assert_true(totals.lost > 0);
	assert_int_equal(fcntl(reader.fd, F_SETFL, 0), 0); /* reads until the writer has closed */
	assert_int_equal(pthread_create(&thread, NULL, read_all, &reader), 0);
	put(file, fifo_line); /* with it the line that is there in part is finished */
	while (totals.written + totals.lost < LINES + 1 && time(NULL) < end) {
		nanosleep(&moment, NULL);
		event_file_totals(file, &totals);
	}
	event_file_destroy(file);
	pthread_join(thread, NULL);
	assert_int_equal(totals.written + totals.lost, LINES + 1);
	assert_int_equal(reader.lines, totals.written);
	assert_int_equal(reader.broken, 0);
}

/* A FIFO without a reader, then with one, then without. */
static void test_reader_comes_and_goes(void **state)
{
	struct event_file *file;
	char text[16] = "";
	int fd;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	file = create();
	put(file, "nobody\n");
	wait_for(file, 0, 1);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	put(file, "reads\n");
	wait_for(file, 1, 1);
	assert_int_equal(read(fd, text, sizeof(text) - 1), 6);
	assert_string_equal(text, "reads\n");
	close(fd);
	put(file, "gone\n");
	wait_for(file, 1, 2);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	put(file, "again\n");
	wait_for(file, 2, 2);
	close(fd);
	event_file_destroy(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_append, clean_up),
		cmocka_unit_test_teardown(test_not_opened, clean_up),
		cmocka_unit_test_teardown(test_rotation, clean_up),
		cmocka_unit_test_teardown(test_no_space, clean_up),
		cmocka_unit_test_teardown(test_space_for_a_part, clean_up),
		cmocka_unit_test_teardown(test_full_fifo, clean_up),
		cmocka_unit_test_teardown(test_reader_comes_and_goes, clean_up),
	};
	int failed;

	signal(SIGPIPE, SIG_IGN);
	if (mkdtemp(directory) == NULL)
		return 1;
	failed = cmocka_run_group_tests(tests, set_up, NULL);
	rmdir(directory);
	return failed;
}
