/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tidegated, the daemon: its command line, and its start and stop.
 */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "control/channels.h"
#include "control/claim.h"
#include "control/collect.h"
#include "control/config.h"
#include "control/event_log.h"
#include "control/flow_api.h"
#include "control/generation.h"
#include "control/left_out.h"
#include "control/log.h"
#include "control/loop.h"
#include "control/publisher.h"
#include "control/reload.h"
#include "control/server.h"
#include "control/status.h"
#include "control/store.h"
#include "control/xdp.h"
#include "control/xdp_sockets.h"
#include "dataplane/dataplane.h"

enum { EXIT_USAGE = 2 };

struct options {
	const char *config_path;
	bool check;
};

/* All that runs, in the order of the start. */
struct daemon {
	const char *config_path;
	cpu_set_t cpus; /* of the process, before the EAL narrows those of this thread */
	struct config *config;
	struct loop *loop;
	struct claim *claim;
	bool initialised;	  /* the EAL */
	struct generation *first; /* the policy until the publisher has it */
	struct xdp_sockets sockets;
	struct dataplane *dataplane;
	struct publisher *publisher;
	struct store *store;
	struct collector *collector;
	struct status *status;
	struct reload *reload;
	struct event_log *event_log;
	struct flow_api api;
	struct server *server;
	bool started; /* the workers */
};

static const char usage[] =
	"Usage: tidegated -c FILE [--check]\n"
	"Run the firewall that the JSON configuration FILE describes, until SIGTERM. SIGHUP makes\n"
	"it read FILE again, put the rules in force and open the event log anew.\n"
	"\n"
	"  -c, --config FILE  the configuration\n"
	"      --check        validate the configuration and exit: 0 when it is good, 1 when not\n"
	"      --version      print the version and exit\n"
	"  -h, --help         print this help and exit\n";

/* Free every port's interface of the XDP program of a daemon that died, or in the end of our own.
 */
static int release_xdp(const struct config *config)
{
	char message[CONFIG_MESSAGE_SIZE];
	int result = 0;

	for (uint16_t i = 0; i < config->dataplane.port_count; i++) {
		const struct dataplane_port_config *port = &config->dataplane.ports[i];
		int released = xdp_release_stale(port->device, message, sizeof(message));

		if (released != 0)
			log_write(released < 0 ? LOG_ERR : LOG_NOTICE, "port %s: %s", port->name,
				message);
		if (released < 0)
			result = -1;
	}
	return result;
}

static int start_dataplane(struct daemon *daemon)
{
	struct config *config = daemon->config;
	const struct dataplane_eal_config eal = {
		.program = "tidegated",
		.dataplane = &config->dataplane,
		.memory_megabytes = config->memory_megabytes,
		.hugepages = config->hugepages,
		.quiet = true,
	};
	char message[CONFIG_MESSAGE_SIZE];
	int error;

	channels_choose(&config->dataplane);
	config->dataplane.port_ready = xdp_sockets_note;
	config->dataplane.port_context = &daemon->sockets;
	error = dataplane_init(&eal);
	if (error != 0)
		return log_failure(error, "DPDK does not start");
	daemon->initialised = true;
	error = generation_create(config, config->dataplane.worker_count, &daemon->first);
	if (error != 0)
		return log_failure(error, "rules not compiled");
	error = dataplane_create(&config->dataplane, daemon->first->policy, message,
		sizeof(message), &daemon->dataplane);
	if (error != 0) {
		log_write(LOG_ERR, "%s", message);
		return -1;
	}
	xdp_sockets_log(&daemon->sockets, &config->dataplane);
	return 0;
}

static int start_control(struct daemon *daemon)
{
	const struct config *config = daemon->config;
	const struct store_limits limits = {
		.age = config->operations_retention * UINT64_C(1000),
		.count = STORE_COUNT,
		.memory = STORE_MEMORY,
		.size = (uint64_t)config->operations_size << 20,
	};
	struct event_base *base = loop_base(daemon->loop);
	int error;

	error = publisher_create(base, daemon->dataplane, daemon->first, &daemon->publisher);
	if (error != 0)
		return log_failure(error, "publisher of policies");
	daemon->first = NULL;
	error = store_create(base, config->operations_directory, &limits, &daemon->store);
	if (error != 0)
		return log_failure(error, "store of operations");
	error = collect_create(
		base, daemon->dataplane, daemon->publisher, daemon->store, &daemon->collector);
	if (error != 0)
		return log_failure(error, "collector of flow records");
	error = status_create(base, config, daemon->dataplane, &daemon->sockets, &daemon->status);
	if (error != 0)
		return log_failure(error, "status");
	error = reload_create(base, daemon->config_path, &daemon->cpus, config, daemon->publisher,
		&daemon->reload);
	if (error != 0)
		return log_failure(error, "reload");
	error = event_log_create(
		base, config, daemon->dataplane, daemon->publisher, &daemon->event_log);
	if (error != 0)
		return log_failure(error, "event log %s",
			config->event_log_path != NULL ? config->event_log_path : "");
	daemon->api = (struct flow_api){
		.config = config,
		.store = daemon->store,
		.collector = daemon->collector,
		.publisher = daemon->publisher,
		.status = daemon->status,
		.reload = daemon->reload,
		.event_log = daemon->event_log,
		.token_key = *store_token_key(daemon->store),
	};
	return server_create(
		base, &daemon->api, config->socket_path, config->socket_group, &daemon->server);
}

static int start(struct daemon *daemon)
{
	char message[CONFIG_MESSAGE_SIZE];
	int error;

	error = loop_create(&daemon->loop);
	if (error != 0)
		return log_failure(error, "event loop");
	if (claim_create(daemon->config->socket_path, &daemon->claim) != 0 ||
		release_xdp(daemon->config) != 0 || start_dataplane(daemon) != 0 ||
		start_control(daemon) != 0)
		return -1;
	if (dataplane_start(daemon->dataplane, message, sizeof(message)) != 0) {
		log_write(LOG_ERR, "%s", message);
		return -1;
	}
	daemon->started = true;
	return 0;
}

/* The start in reverse, from wherever it got to. */
static void stop(struct daemon *daemon)
{
	bool initialised = daemon->initialised;

	if (daemon->started)
		dataplane_stop(daemon->dataplane);
	server_destroy(daemon->server);
	event_log_destroy(daemon->event_log);
	reload_destroy(daemon->reload);
	status_destroy(daemon->status);
	collect_destroy(daemon->collector);
	store_destroy(daemon->store);
	dataplane_destroy(daemon->dataplane);
	publisher_destroy(daemon->publisher);
	generation_destroy(daemon->first);
	if (initialised) {
		dataplane_fini();
		release_xdp(daemon->config);
	}
	claim_destroy(daemon->claim);
	loop_destroy(daemon->loop);
	config_destroy(daemon->config);
}

/* "ready: ports inside, outside; workers on CPUs 1, 2; socket /run/tidegate/control.sock" */
static void log_ready(const struct config *config, const struct generation *generation)
{
	char rules[GENERATION_TEXT_SIZE];
	char ports[PORT_MAX * (PORT_NAME_SIZE + 2)] = "", cpus[WORKER_MAX * 8] = "";
	size_t length = 0;

	for (uint16_t i = 0; i < config->dataplane.port_count; i++)
		length += (size_t)snprintf(ports + length, sizeof(ports) - length, "%s%s",
			i > 0 ? ", " : "", config->dataplane.ports[i].name);
	length = 0;
	for (uint16_t i = 0; i < config->dataplane.worker_count; i++)
		length += (size_t)snprintf(cpus + length, sizeof(cpus) - length, "%s%u",
			i > 0 ? ", " : "", config->dataplane.worker_cpus[i]);
	generation_describe(generation, rules, sizeof(rules));
	log_write(LOG_NOTICE, "policy 0 in force: %s", rules);
	log_write(LOG_NOTICE, "ready: ports %s; workers on CPUs %s; socket %s", ports, cpus,
		config->socket_path);
}

static int run(const struct options *options)
{
	struct daemon daemon = {.config_path = options->config_path};
	char message[CONFIG_MESSAGE_SIZE];
	int result = EXIT_FAILURE;

	if (sched_getaffinity(0, sizeof(daemon.cpus), &daemon.cpus) != 0) {
		log_failure(-errno, "cannot ask for this process's CPUs");
		return EXIT_FAILURE;
	}
	if (config_load(options->config_path, &daemon.cpus, &daemon.config, message,
		    sizeof(message)) != 0) {
		log_write(LOG_ERR, "%s", message);
		return EXIT_FAILURE;
	}
	left_out_log(daemon.config->document);
	if (options->check) {
		printf("%s: ok\n", options->config_path);
		config_destroy(daemon.config);
		return EXIT_SUCCESS;
	}
	if (start(&daemon) == 0) {
		log_ready(daemon.config, publisher_current(daemon.publisher));
		if (loop_run(daemon.loop, daemon.server, daemon.reload, daemon.event_log) == 0)
			result = EXIT_SUCCESS;
		else
			log_write(LOG_ERR, "the event loop failed");
	}
	stop(&daemon);
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
			options->config_path = optarg;
			break;
		case CHECK:
			options->check = true;
			break;
		case VERSION:
			puts("tidegated " TIDEGATE_VERSION);
			return EXIT_SUCCESS;
		case 'h':
			fputs(usage, stdout);
			return EXIT_SUCCESS;
		default:
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
	}
	if (options->config_path != NULL && optind == argc)
		return -1;
	fprintf(stderr, "tidegated: %s\n%s",
		optind < argc ? "there are no arguments but options" : "-c FILE is needed", usage);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	struct options options = {0};
	int status = parse_options(argc, argv, &options);

	if (status >= 0)
		return status;
	log_init("tidegated");
	umask(022); /* the socket's directory is for its group to pass through */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN); /* until the loop catches it: the file is still to be read */
	json_object_seed(0);	 /* before there are threads */
	return run(&options);
}
