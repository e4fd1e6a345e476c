/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/reload.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "control/config_changes.h"
#include "control/left_out.h"
#include "control/log.h"

enum status { STATUS_NONE, STATUS_IN_PROGRESS, STATUS_COMPLETED, STATUS_FAILED };

static const char *const status_names[] = {
	[STATUS_IN_PROGRESS] = "IN_PROGRESS",
	[STATUS_COMPLETED] = "COMPLETED",
	[STATUS_FAILED] = "FAILED",
};

/* What the thread works on. */
struct job {
	const char *path;
	cpu_set_t cpus;
	const struct config *running;
	int done; /* eventfd, written when the thread is through */
	/* The result. */
	struct generation *generation; /* NULL: failed, and message says why */
	json_t *restart;	       /* array of the keys that need one */
	char message[CONFIG_MESSAGE_SIZE];
};

struct reload {
	struct publisher *publisher;
	struct event *event;
	pthread_t thread; /* while IN_PROGRESS */
	struct job job;
	bool again; /* another one after this one */
	enum status status;
	char message[CONFIG_MESSAGE_SIZE]; /* of a failed one */
	json_t *restart;		   /* array of keys, of a completed one */
};

/* ---- in the thread ---- */

/* The keys that need a restart. Returns 0 or -ENOMEM. */
static int compare(const struct job *job, const struct config *config, json_t **ret_keys)
{
	json_t *keys = json_array();
	const char *key;
	int error = 0;

	for (size_t i = 0; (key = config_changes_restart(job->running, config, i)) != NULL; i++)
		if (json_array_append_new(keys, json_string(key)) != 0)
			error = -ENOMEM;
	if (keys == NULL || error != 0) {
		json_decref(keys);
		return -ENOMEM;
	}
	*ret_keys = keys;
	return 0;
}

static void carry_out(struct job *job)
{
	struct config *config;
	int error = config_load(job->path, &job->cpus, &config, job->message, sizeof(job->message));

	if (error != 0)
		return;
	error = compare(job, config, &job->restart);
	if (error == 0)
		error = generation_create(
			config, job->running->dataplane.worker_count, &job->generation);
	config_destroy(config);
	if (error != 0)
		snprintf(job->message, sizeof(job->message), "%s: rules not compiled: %s",
			job->path, strerrordesc_np(-error));
}

static void *run(void *context)
{
	struct job *job = context;

	carry_out(job);
	eventfd_write(job->done, 1);
	return NULL;
}

/* ---- in the event loop ---- */

static void job_fini(struct job *job)
{
	generation_destroy(job->generation);
	json_decref(job->restart);
	job->generation = NULL;
	job->restart = NULL;
}

/* Keep the message for JSON: a value quoted in it may be cut within a character. */
static void keep_message(struct reload *reload)
{
	json_t *string;

	memcpy(reload->message, reload->job.message, sizeof(reload->message));
	string = json_string(reload->message);
	for (char *at = reload->message; string == NULL && *at != '\0'; at++)
		if ((unsigned char)*at >= 0x80)
			*at = '?';
	json_decref(string);
}

/* "needs a restart: ports, flows_per_worker" */
static void log_restart(const json_t *keys)
{
	char text[512] = "";
	size_t length = 0, i;
	const json_t *key;

	json_array_foreach(keys, i, key) {
		if (length < sizeof(text))
			length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s",
				i > 0 ? ", " : "", json_string_value(key));
	}
	if (length > 0)
		log_write(LOG_WARNING, "reload: needs a restart: %s", text);
}

static void publish(struct reload *reload)
{
	struct generation *generation = reload->job.generation;
	char text[GENERATION_TEXT_SIZE];

	reload->job.generation = NULL;
	reload->restart = reload->job.restart;
	reload->job.restart = NULL;
	publisher_publish(reload->publisher, generation);
	reload->status = STATUS_COMPLETED;
	left_out_log(generation->document);
	generation_describe(generation, text, sizeof(text));
	log_write(LOG_NOTICE, "reload: policy %u in force: %s, flows %s",
		generation->names->generation, text,
		generation->change == POLICY_KEEP ? "keep their verdicts" : "are judged again");
	log_restart(reload->restart);
}

static void on_done(evutil_socket_t fd, short events, void *context)
{
	struct reload *reload = context;
	eventfd_t count;

	(void)events;
	eventfd_read(fd, &count);
	pthread_join(reload->thread, NULL);
	if (reload->job.generation != NULL) {
		publish(reload);
	} else {
		reload->status = STATUS_FAILED;
		keep_message(reload);
		log_write(LOG_ERR, "reload: nothing changed: %s", reload->message);
	}
	job_fini(&reload->job);
	if (reload->again) {
		reload->again = false;
		reload_request(reload);
	}
}

int reload_create(struct event_base *base, const char *path, const cpu_set_t *cpus,
	const struct config *running, struct publisher *publisher, struct reload **ret_reload)
{
	struct reload *reload = calloc(1, sizeof(*reload));
	int error = -ENOMEM;

	if (reload == NULL)
		return -ENOMEM;
	reload->publisher = publisher;
	reload->job.path = path;
	reload->job.cpus = *cpus;
	reload->job.running = running;
	reload->job.done = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (reload->job.done < 0) {
		error = -errno;
		goto free_reload;
	}
	reload->event = event_new(base, reload->job.done, EV_READ | EV_PERSIST, on_done, reload);
	if (reload->event == NULL)
		goto close_done;
	if (event_add(reload->event, NULL) != 0)
		goto free_event;
	*ret_reload = reload;
	return 0;

free_event:
	event_free(reload->event);
close_done:
	close(reload->job.done);
free_reload:
	free(reload);
	return error;
}

void reload_destroy(struct reload *reload)
{
	if (reload == NULL)
		return;
	if (reload->status == STATUS_IN_PROGRESS)
		pthread_join(reload->thread, NULL);
	job_fini(&reload->job);
	event_free(reload->event);
	close(reload->job.done);
	json_decref(reload->restart);
	free(reload);
}

int reload_start(struct reload *reload)
{
	sigset_t all, before;
	int error;

	if (reload->status == STATUS_IN_PROGRESS)
		return -EBUSY;
	/* Signals are the event loop's; the thread inherits this thread's mask, and its CPUs. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&reload->thread, NULL, run, &reload->job);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error != 0)
		return -error;
	reload->status = STATUS_IN_PROGRESS;
	json_decref(reload->restart);
	reload->restart = NULL;
	return 0;
}

void reload_request(struct reload *reload)
{
	int error = reload_start(reload);

	if (error == -EBUSY)
		reload->again = true;
	else if (error != 0)
		log_failure(error, "reload not started");
}

static json_t *last_report(const struct reload *reload)
{
	bool failed = reload->status == STATUS_FAILED;
	bool restart = json_array_size(reload->restart) > 0;

	return json_pack("{s:s, s:s*, s:O*}", "Status", status_names[reload->status], "Message",
		failed ? reload->message : NULL, "NeedsRestart", restart ? reload->restart : NULL);
}

json_t *reload_report(const struct reload *reload)
{
	json_t *report = publisher_report(reload->publisher);

	if (reload->status != STATUS_NONE &&
		json_object_set_new(report, "LastReload", last_report(reload)) != 0) {
		json_decref(report);
		return NULL;
	}
	return report;
}
