/* SPDX-License-Identifier: BSD-3-Clause */
/* One daemon on a socket path, and what a dead one left there. */
#include "control/claim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/check.h"

struct fixture {
	char folder[32];
	char path[64]; /* the socket's, in a directory that is not there */
	char lock[80];
	char run[48];
};

static int setup(void **state)
{
	static struct fixture fixture;

	strcpy(fixture.folder, "/tmp/test_claim.XXXXXX");
	if (mkdtemp(fixture.folder) == NULL)
		return -1;
	snprintf(fixture.run, sizeof(fixture.run), "%s/run", fixture.folder);
	snprintf(fixture.path, sizeof(fixture.path), "%s/socket", fixture.run);
	snprintf(fixture.lock, sizeof(fixture.lock), "%s.lock", fixture.path);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	const struct fixture *fixture = *state;

	unlink(fixture->path);
	rmdir(fixture->run);
	return rmdir(fixture->folder);
}

static struct claim *claim(const struct fixture *fixture)
{
	struct claim *claimed = NULL;

	assert_int_equal(claim_create(fixture->path, &claimed), 0);
	return claimed;
}

static void check_refused(const struct fixture *fixture, int error)
{
	struct claim *claimed = NULL;

	assert_int_equal(claim_create(fixture->path, &claimed), error);
	assert_null(claimed);
}

/* A socket at the path, listening or abandoned by who bound it. Returns its file, or -1. */
static int make_socket(const struct fixture *fixture, bool listening)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, fixture->path);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	if (!listening) {
		close(fd);
		return -1;
	}
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static void test_directory_and_lock(void **state)
{
	const struct fixture *fixture = *state;
	struct claim *claimed = claim(fixture);
	struct stat file;

	assert_int_equal(stat(fixture->run, &file), 0);
	assert_int_equal(file.st_mode & 0777, 0755);
	assert_int_equal(stat(fixture->lock, &file), 0);
	claim_destroy(claimed);
	assert_int_equal(stat(fixture->lock, &file), -1);
}

static void test_second_is_refused(void **state)
{
	const struct fixture *fixture = *state;
	struct claim *claimed = claim(fixture);

	check_refused(fixture, -EADDRINUSE);
	claim_destroy(claimed);
	claim_destroy(claim(fixture));
}

/* The lock of a process that died is gone, its file is not. */
static void test_left_lock_file(void **state)
{
	const struct fixture *fixture = *state;
	int fd;

	claim_destroy(claim(fixture));
	fd = open(fixture->lock, O_RDWR | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	check_refused(fixture, -EADDRINUSE);
	close(fd);
	claim_destroy(claim(fixture));
}

static void test_dead_socket_is_removed(void **state)
{
	const struct fixture *fixture = *state;
	struct claim *claimed;
	struct stat file;

	claim_destroy(claim(fixture));
	make_socket(fixture, false);
	claimed = claim(fixture);
	assert_int_equal(lstat(fixture->path, &file), -1);
	claim_destroy(claimed);
}

/* A process that listens without our lock is somebody, too. */
static void test_living_socket_is_kept(void **state)
{
	const struct fixture *fixture = *state;
	struct stat file;
	int fd;

	claim_destroy(claim(fixture));
	fd = make_socket(fixture, true);
	check_refused(fixture, -EADDRINUSE);
	assert_int_equal(lstat(fixture->path, &file), 0);
	assert_int_equal(lstat(fixture->lock, &file), -1);
	close(fd);
}

static void test_other_file_is_kept(void **state)
{
	const struct fixture *fixture = *state;
	struct stat file;
	int fd;

	claim_destroy(claim(fixture));
	fd = open(fixture->path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	close(fd);
	check_refused(fixture, -EEXIST);
	assert_int_equal(lstat(fixture->path, &file), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_directory_and_lock, setup, teardown),
		cmocka_unit_test_setup_teardown(test_second_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_left_lock_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dead_socket_is_removed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_living_socket_is_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_file_is_kept, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
