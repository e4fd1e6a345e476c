/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tidegate-httpd: its command line, its start and its stop.
 *
 * It needs no privilege: who is root becomes the user of the settings before anything else is
 * opened.
 */
#include <errno.h>
#include <event2/event.h>
#include <getopt.h>
#include <grp.h>
#include <jansson.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/client/clock.h"
#include "control/httpd/api.h"
#include "control/httpd/backend.h"
#include "control/httpd/keys.h"
#include "control/httpd/listener.h"
#include "control/httpd/metrics.h"
#include "control/httpd/server.h"
#include "control/httpd/settings.h"
#include "control/httpd/tls.h"
#include "control/log.h"

enum { EXIT_USAGE = 2 };

/* How long requests under way may take once the process is to stop. */
static const struct timeval drain_time = {2, 0};

static const int signals[] = {SIGTERM, SIGINT, SIGHUP};

enum { SIGNAL_COUNT = sizeof(signals) / sizeof(signals[0]) };

struct options {
	const char *path; /* NULL: the defaults */
	bool check;
};

/* All that runs, in the order of the start. */
struct httpd {
	struct settings *settings;
	struct event_base *base;
	struct event *signals[SIGNAL_COUNT];
	struct keys *keys;
	struct backend *backend;
	struct api api;
	struct metrics metrics;
	struct server *server;
	struct listener *listeners[SETTINGS_LISTEN_MAX];
};

static const char usage[] =
	"Usage: tidegate-httpd [-c FILE] [--check]\n"
	"Serve the API of a tidegated on this machine over HTTP, until SIGTERM. SIGHUP makes it\n"
	"read the file of access keys again.\n"
	"\n"
	"  -c, --config FILE  the configuration; without it, the defaults\n"
	"      --check        validate the configuration and exit: 0 when it is good, 1 when not\n"
	"      --version      print the version and exit\n"
	"  -h, --help         print this help and exit\n";

static void close_listeners(struct httpd *httpd)
{
	for (size_t i = 0; i < SETTINGS_LISTEN_MAX; i++) {
		listener_destroy(httpd->listeners[i]);
		httpd->listeners[i] = NULL;
	}
}

static void on_signal(evutil_socket_t number, short events, void *context)
{
	struct httpd *httpd = context;

	(void)events;
	if (number == SIGHUP) {
		keys_reload(httpd->keys);
		return;
	}
	log_write(LOG_NOTICE, "stopping on SIG%s", sigabbrev_np(number));
	close_listeners(httpd);
	event_base_loopexit(httpd->base, &drain_time);
	server_drain(httpd->server);
}

static void on_request(struct exchange *exchange, void *context)
{
	struct httpd *httpd = context;

	if (metrics_is_asked(exchange))
		metrics_handle(&httpd->metrics, exchange);
	else
		api_handle(&httpd->api, exchange);
}

static int drop_privileges(const char *user)
{
	const struct passwd *entry;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return log_failure(-errno, "cannot give up new privileges");
	if (geteuid() != 0)
		return 0;
	if (user == NULL) {
		log_write(LOG_ERR, "root needs the key user, to become that user");
		return -EPERM;
	}
	errno = 0;
	entry = getpwnam(user);
	if (entry == NULL || entry->pw_uid == 0)
		return log_failure(errno != 0 ? -errno : -EINVAL, "cannot become user %s", user);
	if (initgroups(user, entry->pw_gid) != 0 || setgid(entry->pw_gid) != 0 ||
		setuid(entry->pw_uid) != 0)
		return log_failure(-errno, "cannot become user %s", user);
	return 0;
}

static int start_loop(struct httpd *httpd)
{
	httpd->base = event_base_new();
	if (httpd->base == NULL)
		return log_failure(-ENOMEM, "event loop");
	for (int i = 0; i < SIGNAL_COUNT; i++) {
		/* What event_free() goes back to: one signal more must not kill a process that
		 * ends. */
		signal(signals[i], SIG_IGN);
		httpd->signals[i] = evsignal_new(httpd->base, signals[i], on_signal, httpd);
		if (httpd->signals[i] == NULL || event_add(httpd->signals[i], NULL) != 0)
			return log_failure(-ENOMEM, "event loop");
	}
	return 0;
}

static int start_server(struct httpd *httpd)
{
	const struct settings *settings = httpd->settings;
	struct tls tls;
	int error = tls_init(&tls, settings);

	if (error != 0)
		return error;
	error = server_create(httpd->base, settings, &tls, on_request, httpd, &httpd->server);
	tls_fini(&tls);
	return error;
}

static int start(struct httpd *httpd)
{
	const struct settings *settings = httpd->settings;
	int error = drop_privileges(settings->user);

	/* Secrets are in its memory, which other processes of the user are not to read. */
	if (error == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		error = log_failure(-errno, "cannot keep the memory to this process");
	if (error == 0)
		error = start_loop(httpd);
	if (error == 0)
		error = keys_create(httpd->base, settings->key_file, settings->requests_per_second,
			&httpd->keys);
	if (error != 0)
		return error;
	if (backend_create(httpd->base, settings->daemon_socket, &httpd->backend) != 0)
		return log_failure(-ENOMEM, "server");
	error = start_server(httpd);
	if (error != 0)
		return error;
	httpd->api = (struct api){httpd->backend, httpd->keys, settings->region};
	httpd->metrics =
		(struct metrics){.backend = httpd->backend, .to_all = settings->metrics_to_all};
	rate_limit_init(&httpd->metrics.limit, settings->requests_per_second, clock_nanoseconds());
	for (size_t i = 0; i < settings->listen_count; i++) {
		error = listener_create(
			httpd->base, &settings->listen[i], httpd->server, &httpd->listeners[i]);
		if (error != 0)
			return error;
	}
	for (size_t i = 0; i < settings->listen_count; i++)
		log_write(LOG_NOTICE, "ready: %s, %s%s", settings->listen[i].text,
			settings->tls_certificate != NULL ? "TLS, " : "",
			settings->key_file != NULL ? "signed requests" : "no keys are needed");
	return 0;
}

/* The start in reverse, from wherever it got to. */
static void stop(struct httpd *httpd)
{
	close_listeners(httpd);
	backend_destroy(httpd->backend);
	server_destroy(httpd->server);
	keys_destroy(httpd->keys);
	for (int i = 0; i < SIGNAL_COUNT; i++)
		if (httpd->signals[i] != NULL)
			event_free(httpd->signals[i]);
	if (httpd->base != NULL)
		event_base_free(httpd->base);
	settings_destroy(httpd->settings);
}

static int run(const struct options *options)
{
	char message[SETTINGS_MESSAGE_SIZE] = "";
	struct httpd httpd = {.settings = NULL};
	int result = EXIT_FAILURE;

	if (settings_load(options->path, &httpd.settings, message, sizeof(message)) != 0) {
		log_write(LOG_ERR, "%s", message);
		return EXIT_FAILURE;
	}
	if (options->check) {
		printf("%s: ok\n", options->path != NULL ? options->path : "defaults");
		settings_destroy(httpd.settings);
		return EXIT_SUCCESS;
	}
	if (start(&httpd) == 0) {
		if (event_base_dispatch(httpd.base) >= 0)
			result = EXIT_SUCCESS;
		else
			log_write(LOG_ERR, "the event loop failed");
	}
	stop(&httpd);
	return result;
}

/* Returns -1 to go on, or the exit status. */
static int parse_options(int argc, char **argv, struct options *options)
{
	enum { CHECK = 256, VERSION };
	static const struct option table[] = {
		{"config", required_argument, NULL, 'c'},
		{"check", no_argument, NULL, CHECK},
		{"version", no_argument, NULL, VERSION},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "c:h", table, NULL)) != -1) {
		switch (option) {
		case 'c':
			options->path = optarg;
			break;
		case CHECK:
			options->check = true;
			break;
		case VERSION:
			puts("tidegate-httpd " TIDEGATE_VERSION);
			return EXIT_SUCCESS;
		case 'h':
			fputs(usage, stdout);
			return EXIT_SUCCESS;
		default:
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "tidegate-httpd: there are no arguments but options\n%s", usage);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	struct options options = {0};
	int status = parse_options(argc, argv, &options);

	if (status >= 0)
		return status;
	log_init("tidegate-httpd");
	umask(022); /* the directory of a Unix socket is for others to pass through */
	signal(SIGPIPE, SIG_IGN);
	json_object_seed(0);
	return run(&options);
}
