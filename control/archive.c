/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/archive.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "control/database.h"

TAILQ_HEAD(job_list, job);

struct archive {
	char *directory;
	struct event *event;
	int wake; /* eventfd: there are done jobs */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* Guarded by the lock. */
	struct job_list waiting;
	struct job_list done;
	bool busy;
	bool stop;
	struct job_place place; /* the thread's, once it runs */
};

/* ---- in the thread ---- */

/* The next job; NULL when there is none, now or, with *ret_stop, for good. */
static struct job *next_job(struct archive *archive, bool wait, bool *ret_stop)
{
	struct job *job;

	pthread_mutex_lock(&archive->lock);
	archive->busy = false;
	pthread_cond_broadcast(&archive->changed);
	while (wait && TAILQ_EMPTY(&archive->waiting) && !archive->stop)
		pthread_cond_wait(&archive->changed, &archive->lock);
	job = TAILQ_FIRST(&archive->waiting);
	if (job != NULL) {
		TAILQ_REMOVE(&archive->waiting, job, link);
		archive->busy = true;
	}
	*ret_stop = job == NULL && archive->stop;
	pthread_mutex_unlock(&archive->lock);
	return job;
}

static void give_back(struct archive *archive, struct job *job)
{
	pthread_mutex_lock(&archive->lock);
	TAILQ_INSERT_TAIL(&archive->done, job, link);
	pthread_mutex_unlock(&archive->lock);
	eventfd_write(archive->wake, 1);
}

static void *run(void *context)
{
	struct archive *archive = context;
	bool more = true, stop;

	do {
		struct job *job = next_job(archive, !more, &stop);

		if (job != NULL) {
			job_carry_out(job, &archive->place);
			give_back(archive, job);
			more = true;
		} else if (!stop) {
			more = job_tidy(&archive->place);
		}
	} while (!stop);
	database_close(archive->place.database);
	return NULL;
}

/* ---- in the event loop ---- */

static struct job *take_done(struct archive *archive)
{
	struct job *job;

	pthread_mutex_lock(&archive->lock);
	job = TAILQ_FIRST(&archive->done);
	if (job != NULL)
		TAILQ_REMOVE(&archive->done, job, link);
	pthread_mutex_unlock(&archive->lock);
	return job;
}

static void on_done(evutil_socket_t fd, short events, void *context)
{
	struct archive *archive = context;
	struct job *job;
	eventfd_t count;

	(void)events;
	eventfd_read(fd, &count);
	while ((job = take_done(archive)) != NULL)
		job->done(job, job->context);
}

static int start_thread(struct archive *archive)
{
	sigset_t all, before;
	int error;

	/* Signals are the event loop's; the thread inherits this thread's mask, and its CPUs. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&archive->thread, NULL, run, archive);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -error;
}

static int start(struct archive *archive, struct event_base *base)
{
	archive->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (archive->wake < 0)
		return -errno;
	archive->event = event_new(base, archive->wake, EV_READ | EV_PERSIST, on_done, archive);
	if (archive->event == NULL || event_add(archive->event, NULL) != 0)
		return -ENOMEM;
	return start_thread(archive);
}

static void fini(struct archive *archive)
{
	if (archive->event != NULL)
		event_free(archive->event);
	if (archive->wake >= 0)
		close(archive->wake);
	pthread_cond_destroy(&archive->changed);
	pthread_mutex_destroy(&archive->lock);
	free(archive->directory);
	free(archive);
}

int archive_create(struct event_base *base, const char *directory, const struct token_key *key,
	struct database *database, struct archive **ret_archive)
{
	struct archive *archive = calloc(1, sizeof(*archive));
	int error;

	if (archive == NULL)
		return -ENOMEM;
	TAILQ_INIT(&archive->waiting);
	TAILQ_INIT(&archive->done);
	pthread_mutex_init(&archive->lock, NULL);
	pthread_cond_init(&archive->changed, NULL);
	archive->wake = -1;
	archive->directory = strdup(directory);
	archive->place = (struct job_place){
		.directory = archive->directory,
		.key = *key,
		.database = database,
		.failing = database == NULL,
		.unlisted = database == NULL,
		.untidy = true,
	};
	error = archive->directory != NULL ? start(archive, base) : -ENOMEM;
	if (error != 0) {
		fini(archive);
		return error;
	}
	*ret_archive = archive;
	return 0;
}

void archive_destroy(struct archive *archive)
{
	struct job *job;

	if (archive == NULL)
		return;
	pthread_mutex_lock(&archive->lock);
	archive->stop = true;
	pthread_cond_broadcast(&archive->changed);
	pthread_mutex_unlock(&archive->lock);
	pthread_join(archive->thread, NULL);
	while ((job = take_done(archive)) != NULL)
		job_free(job);
	fini(archive);
}

void archive_put(struct archive *archive, struct job *job)
{
	pthread_mutex_lock(&archive->lock);
	TAILQ_INSERT_TAIL(&archive->waiting, job, link);
	archive->busy = true;
	pthread_cond_broadcast(&archive->changed);
	pthread_mutex_unlock(&archive->lock);
}

void archive_wait(struct archive *archive, uint32_t milliseconds)
{
	struct timespec until;
	int result = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += (long)milliseconds * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&archive->lock);
	while ((archive->busy || !TAILQ_EMPTY(&archive->waiting)) && result == 0)
		result = pthread_cond_clockwait(
			&archive->changed, &archive->lock, CLOCK_MONOTONIC, &until);
	pthread_mutex_unlock(&archive->lock);
}
