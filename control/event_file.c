/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/event_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/log.h"

enum { PATIENCE = 1000 }; /* milliseconds until a reader that takes nothing counts as a failure */

/* Whole lines. */
struct batch {
	char *text; /* EVENT_FILE_BUFFER bytes */
	size_t length;
	uint64_t lines;
};

struct event_file {
	char *path;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	/* Guarded by the lock. */
	struct batch filling;
	struct event_file_totals totals;
	bool reopen;
	bool stop;
	/* The thread's, once it runs. */
	struct batch writing;
	char rest[EVENT_FILE_LINE]; /* of a line that was written in part */
	size_t rest_length;
	int fd;	      /* -1: a FIFO without a reader */
	bool failing; /* and logged */
};

static int open_path(const struct event_file *file)
{
	/* O_NONBLOCK: neither the open nor a write waits for a FIFO's reader. */
	int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY;
	int fd = open(file->path, flags, 0640);

	return fd >= 0 ? fd : -errno;
}

/* ---- in the thread ---- */

static void note_failure(struct event_file *file, int error)
{
	if (!file->failing)
		log_failure(error, "event log %s: events are lost", file->path);
	file->failing = true;
}

static void note_success(struct event_file *file)
{
	if (file->failing)
		log_write(LOG_NOTICE, "event log %s: written again", file->path);
	file->failing = false;
}

static bool wait_for_reader(const struct event_file *file)
{
	struct pollfd pollfd = {.fd = file->fd, .events = POLLOUT};
	int ready;

	do
		ready = poll(&pollfd, 1, PATIENCE);
	while (ready < 0 && errno == EINTR);
	return ready > 0;
}

/* Returns how much was written; all, or *ret_error says why not. */
static size_t write_text(struct event_file *file, const char *text, size_t length, int *ret_error)
{
	size_t done = 0;

	*ret_error = 0;
	while (done < length && *ret_error == 0) {
		ssize_t count = write(file->fd, text + done, length - done);

		if (count > 0)
			done += (size_t)count;
		else if (count == 0)
			*ret_error = -EIO;
		else if (errno != EINTR && (errno != EAGAIN || !wait_for_reader(file)))
			*ret_error = -errno;
	}
	return done;
}

static void count(struct event_file *file, uint64_t written, uint64_t lost)
{
	pthread_mutex_lock(&file->lock);
	file->totals.written += written;
	file->totals.lost += lost;
	pthread_mutex_unlock(&file->lock);
}

/* Finish the line that was written in part, if there is one. */
static int write_rest(struct event_file *file)
{
	size_t done;
	int error;

	if (file->rest_length == 0)
		return 0;
	done = write_text(file, file->rest, file->rest_length, &error);
	file->rest_length -= done;
	memmove(file->rest, file->rest + done, file->rest_length);
	if (error == 0)
		count(file, 1, 0);
	return error;
}

static void close_file(struct event_file *file)
{
	if (file->fd < 0)
		return;
	close(file->fd);
	file->fd = -1;
	count(file, 0, file->rest_length > 0);
	file->rest_length = 0;
}

/* Open the path if it is not open. */
static int open_file(struct event_file *file)
{
	int fd = file->fd >= 0 ? file->fd : open_path(file);

	if (fd < 0)
		return fd;
	file->fd = fd;
	return 0;
}

/* The first done bytes of the batch are written: count its lines, and keep the rest of one that is
 * not whole. */
static void settle_batch(struct event_file *file, size_t done)
{
	const struct batch *batch = &file->writing;
	uint64_t written = 0, begun = 0;

	for (size_t i = 0; i < done; i++)
		written += batch->text[i] == '\n';
	if (done > 0 && batch->text[done - 1] != '\n') {
		const char *text = batch->text + done;
		const char *end = memchr(text, '\n', batch->length - done);

		file->rest_length = (size_t)(end + 1 - text);
		memcpy(file->rest, text, file->rest_length);
		begun = 1;
	}
	count(file, written, batch->lines - written - begun);
}

static void write_batch(struct event_file *file)
{
	struct batch *batch = &file->writing;
	size_t done = 0;
	int error;

	error = open_file(file);
	if (error == 0)
		error = write_rest(file);
	if (error == 0)
		done = write_text(file, batch->text, batch->length, &error);
	settle_batch(file, done);
	batch->length = 0;
	batch->lines = 0;
	if (error != 0)
		note_failure(file, error);
	else
		note_success(file);
	if (error == -EPIPE)
		close_file(file);
}

static void reopen(struct event_file *file)
{
	int fd = open_path(file);

	if (fd < 0) {
		log_failure(fd, "event log %s: not opened again", file->path);
		return;
	}
	write_rest(file);
	close_file(file);
	file->fd = fd;
}

/* Wait for something to do, and take what there is to write. Returns false when that was all. */
static bool next_task(struct event_file *file, bool *ret_reopen)
{
	struct batch empty = file->writing;
	bool more;

	pthread_mutex_lock(&file->lock);
	while (file->filling.length == 0 && !file->reopen && !file->stop)
		pthread_cond_wait(&file->wake, &file->lock);
	more = file->filling.length > 0 || !file->stop;
	file->writing = file->filling;
	file->filling = empty;
	*ret_reopen = file->reopen;
	file->reopen = false;
	pthread_mutex_unlock(&file->lock);
	return more;
}

static void *run(void *context)
{
	struct event_file *file = context;
	bool again;

	while (next_task(file, &again)) {
		if (again)
			reopen(file);
		if (file->writing.length > 0)
			write_batch(file);
	}
	write_rest(file);
	close_file(file);
	return NULL;
}

/* ---- in the event loop ---- */

static int start_thread(struct event_file *file)
{
	sigset_t all, before;
	int error;

	/* Signals are the event loop's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&file->thread, NULL, run, file);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -error;
}

int event_file_create(const char *path, struct event_file **ret_file)
{
	struct event_file *file = calloc(1, sizeof(*file));
	int error = -ENOMEM;

	if (file == NULL)
		return -ENOMEM;
	pthread_mutex_init(&file->lock, NULL);
	pthread_cond_init(&file->wake, NULL);
	file->fd = -1;
	file->path = strdup(path);
	file->filling.text = malloc(EVENT_FILE_BUFFER);
	file->writing.text = malloc(EVENT_FILE_BUFFER);
	if (file->path == NULL || file->filling.text == NULL || file->writing.text == NULL)
		goto fail;
	error = open_file(file);
	if (error == -ENXIO)
		note_failure(file, error);
	else if (error != 0)
		goto fail;
	error = start_thread(file);
	if (error != 0)
		goto fail;
	*ret_file = file;
	return 0;

fail:
	if (file->fd >= 0)
		close(file->fd);
	free(file->writing.text);
	free(file->filling.text);
	free(file->path);
	free(file);
	return error;
}

void event_file_destroy(struct event_file *file)
{
	if (file == NULL)
		return;
	pthread_mutex_lock(&file->lock);
	file->stop = true;
	pthread_cond_signal(&file->wake);
	pthread_mutex_unlock(&file->lock);
	pthread_join(file->thread, NULL);
	pthread_cond_destroy(&file->wake);
	pthread_mutex_destroy(&file->lock);
	free(file->writing.text);
	free(file->filling.text);
	free(file->path);
	free(file);
}

void event_file_put(struct event_file *file, const char *line, size_t length)
{
	struct batch *batch = &file->filling;

	pthread_mutex_lock(&file->lock);
	if (length <= EVENT_FILE_BUFFER - batch->length) {
		memcpy(batch->text + batch->length, line, length);
		batch->length += length;
		batch->lines++;
		pthread_cond_signal(&file->wake);
	} else {
		file->totals.lost++;
	}
	pthread_mutex_unlock(&file->lock);
}

void event_file_reopen(struct event_file *file)
{
	pthread_mutex_lock(&file->lock);
	file->reopen = true;
	pthread_cond_signal(&file->wake);
	pthread_mutex_unlock(&file->lock);
}

void event_file_totals(struct event_file *file, struct event_file_totals *ret_totals)
{
	pthread_mutex_lock(&file->lock);
	*ret_totals = file->totals;
	pthread_mutex_unlock(&file->lock);
}
