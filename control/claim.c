/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/claim.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/log.h"

struct claim {
	int fd;
	char lock_path[];
};

static int make_directory(const char *path)
{
	char *copy = strdup(path);
	const char *directory;
	int error = 0;

	if (copy == NULL)
		return log_failure(-ENOMEM, "socket %s", path);
	directory = dirname(copy);
	if (mkdir(directory, 0755) != 0 && errno != EEXIST)
		error = log_failure(-errno, "cannot make directory %s", directory);
	free(copy);
	return error;
}

/* Whether the open file is the one at the path. */
static bool is_at(int fd, const char *path)
{
	struct stat opened, named;

	return fstat(fd, &opened) == 0 && stat(path, &named) == 0 &&
		opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

/* Returns a locked file, or -errno. */
static int lock(const char *lock_path)
{
	for (;;) {
		int error, fd = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

		if (fd < 0)
			return -errno;
		if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
			error = -errno;
			close(fd);
			return error;
		}
		if (is_at(fd, lock_path))
			return fd;
		close(fd);
	}
}

int claim_socket(const char *path, struct sockaddr_un *ret_address)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return log_failure(-ENAMETOOLONG, "socket %s", path);
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return log_failure(-errno, "socket %s", path);
	*ret_address = address;
	return fd;
}

/* Remove what is left at the path of a socket that nobody listens on. */
static int remove_dead_socket(const char *path)
{
	struct sockaddr_un address;
	struct stat file;
	int fd, error = 0;

	if (lstat(path, &file) != 0)
		return errno == ENOENT ? 0 : log_failure(-errno, "socket %s", path);
	if (!S_ISSOCK(file.st_mode))
		return log_failure(-EEXIST, "%s is not a socket", path);
	fd = claim_socket(path, &address);
	if (fd < 0)
		return fd;
	/* EAGAIN: somebody listens, with a full backlog. */
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 || errno == EAGAIN)
		error = log_failure(-EADDRINUSE, "another process listens on %s", path);
	else if (errno != ECONNREFUSED && errno != ENOENT)
		error = log_failure(-errno, "socket %s", path);
	else if (unlink(path) != 0 && errno != ENOENT)
		error = log_failure(-errno, "cannot remove %s", path);
	close(fd);
	return error;
}

int claim_create(const char *path, struct claim **ret_claim)
{
	size_t path_size = strlen(path) + sizeof(".lock");
	struct claim *claim;
	int error;

	error = make_directory(path);
	if (error != 0)
		return error;
	claim = malloc(sizeof(*claim) + path_size);
	if (claim == NULL)
		return log_failure(-ENOMEM, "socket %s", path);
	snprintf(claim->lock_path, path_size, "%s.lock", path);
	claim->fd = lock(claim->lock_path);
	if (claim->fd == -EWOULDBLOCK)
		error = log_failure(-EADDRINUSE, "another daemon lives on %s", path);
	else if (claim->fd < 0)
		error = log_failure(claim->fd, "cannot lock %s", claim->lock_path);
	if (error != 0) {
		free(claim);
		return error;
	}
	error = remove_dead_socket(path);
	if (error != 0) {
		claim_destroy(claim);
		return error;
	}
	*ret_claim = claim;
	return 0;
}

void claim_destroy(struct claim *claim)
{
	if (claim == NULL)
		return;
	unlink(claim->lock_path);
	close(claim->fd);
	free(claim);
}
