/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tidegate-replay: the packet path on capture files. Flows out, or a verdict a frame; no daemon, no
 * privilege. All files of a call are one run of the program, each with flow tables of its own.
 */
#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "control/config.h"
#include "control/replay/capture.h"
#include "control/replay/in_order.h"
#include "control/replay/output.h"
#include "control/rule_names.h"
#include "dataplane/dataplane.h"

enum {
	EXIT_USAGE = 2,
	FLOWS_MIN = 64,
	FLOWS_MAX = 1 << 24,
	FLOWS_UNCOUNTED = 1 << 20, /* for a stream, which is read only once */
};

struct options {
	const char *config;
	const struct output_format *format;
	bool verdicts;
	uint16_t burst;
	char **files;
	int file_count;
};

/* What all files of a call share. */
struct replay {
	struct dataplane_flow_config flows;
	struct policy *policy;
	struct rule_names *names;
	struct output output;
	bool fixed_capacity; /* as configured, not as the file needs */
	bool verdicts;
	uint16_t burst; /* frames that the pipeline is handed at once */
};

/* What comes out of one file. */
struct run {
	struct replay *replay;
	const char *name;
	struct flow_record *flows; /* in the order in which they ended */
	size_t count;
	size_t size;
	struct in_order verdicts;
	uint64_t refused; /* frames dropped because the flow table was full */
	bool failed;	  /* out of memory */
};

static void print_usage(FILE *out)
{
	fputs("Usage: tidegate-replay FILE... [--config FILE] [--verdicts] [--burst N]\n"
	      "                       [--output csv|ndjson|json]\n"
	      "Run the firewall's packet path on capture files and print their flows.\n\n"
	      "  -c, --config FILE    rules or policy documents, idle timeouts and table size of this\n"
	      "                       configuration; without: everything is allowed, nothing\n"
	      "                       is checked, no flow expires\n"
	      "  -v, --verdicts       print a line a frame: number, verdict, drop reason, flow, rule\n"
	      "  -b, --burst N        hand over up to N frames at once, as a worker finds them; 1 to 64.\n"
	      "                       Frames of a burst are at most 1 ms apart and have the time of\n"
	      "                       its last one, so that a verdict by a timeout may come 1 ms\n"
	      "                       early; flow and rule are those after the burst. Default: 1,\n"
	      "                       each frame at its own time\n"
	      "  -o, --output FORMAT  csv (default), ndjson or json\n"
	      "  -V, --version        print the version\n"
	      "  -h, --help           print this text\n\n"
	      "Exit status: 0, 1 when a file could not be read whole, 2 for a wrong call.\n",
		out);
}

static _Noreturn void refuse_value(const char *option, const char *value, const char *expected)
{
	fprintf(stderr, "tidegate-replay: %s %s: not %s\n", option, value, expected);
	exit(EXIT_USAGE);
}

static uint16_t parse_burst(const char *text)
{
	char *end;
	unsigned long count = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || count < 1 ||
		count > OFFLINE_BURST_MAX)
		refuse_value("--burst", text, "1 to 64");
	return count;
}

static void parse_options(int argc, char **argv, struct options *options)
{
	static const struct option long_options[] = {
		{"config", required_argument, NULL, 'c'},
		{"verdicts", no_argument, NULL, 'v'},
		{"burst", required_argument, NULL, 'b'},
		{"output", required_argument, NULL, 'o'},
		{"version", no_argument, NULL, 'V'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option;

	options->format = output_format_find("csv");
	options->burst = 1;
	while ((option = getopt_long(argc, argv, "c:vb:o:Vh", long_options, NULL)) != -1) {
		switch (option) {
		case 'c':
			options->config = optarg;
			break;
		case 'v':
			options->verdicts = true;
			break;
		case 'b':
			options->burst = parse_burst(optarg);
			break;
		case 'o':
			options->format = output_format_find(optarg);
			if (options->format == NULL)
				refuse_value("--output", optarg, "csv, ndjson or json");
			break;
		case 'V':
			puts("tidegate-replay " TIDEGATE_VERSION);
			exit(EXIT_SUCCESS);
		case 'h':
			print_usage(stdout);
			exit(EXIT_SUCCESS);
		default:
			print_usage(stderr);
			exit(EXIT_USAGE);
		}
	}
	options->files = argv + optind;
	options->file_count = argc - optind;
	if (options->file_count == 0) {
		fputs("tidegate-replay: no capture file given\n", stderr);
		print_usage(stderr);
		exit(EXIT_USAGE);
	}
}

static void keep_flow(const struct flow_record *flow, void *context)
{
	struct run *run = context;

	if (run->replay->verdicts)
		return;
	if (run->count == run->size) {
		size_t size = run->size == 0 ? 1024 : run->size * 2;
		struct flow_record *grown = reallocarray(run->flows, size, sizeof(*grown));

		if (grown == NULL) {
			run->failed = true;
			return;
		}
		run->flows = grown;
		run->size = size;
	}
	run->flows[run->count++] = *flow;
}

static void take_verdict(const struct offline_verdict *verdict, void *context)
{
	struct run *run = context;

	if (!verdict->passed && verdict->reason == DROP_TABLE_FULL)
		run->refused++;
	if (!run->replay->verdicts)
		return;
	if (in_order_put(&run->verdicts, verdict) < 0)
		run->failed = true;
	while ((verdict = in_order_get(&run->verdicts)) != NULL)
		output_verdict(&run->replay->output, run->name, verdict->number + 1, verdict,
			run->replay->names);
}

/* By first packet; ties, which a capture's clock makes, by address so that the order is always the
 * same. */
static int compare_flows(const void *a, const void *b)
{
	const struct flow_record *x = a, *y = b;

	if (x->first_seen != y->first_seen)
		return x->first_seen < y->first_seen ? -1 : 1;
	if (x->source_port != y->source_port)
		return x->source_port < y->source_port ? -1 : 1;
	return memcmp(x, y, offsetof(struct flow_record, packets));
}

/* How many frames a regular file has: as many flows it may have at most. */
static uint32_t count_frames(const char *path)
{
	char message[CAPTURE_MESSAGE_SIZE];
	struct capture_frame frame;
	struct capture *capture;
	struct stat status;
	uint32_t count = 0;

	if (stat(path, &status) < 0 || !S_ISREG(status.st_mode) ||
		capture_open(path, &capture, message) < 0)
		return FLOWS_UNCOUNTED;
	while (count < FLOWS_MAX && capture_next(capture, &frame, message) == 1)
		count++;
	capture_close(capture);
	return count < FLOWS_MIN ? FLOWS_MIN : count;
}

/* Feed a file's frames to the pipeline. Returns 0, or -errno when the file could not be read whole.
 */
static int replay_frames(struct run *run, struct capture *capture, struct offline *offline)
{
	char message[CAPTURE_MESSAGE_SIZE];
	struct capture_frame frame;
	uint64_t number = 0;
	int result;

	while ((result = capture_next(capture, &frame, message)) == 1) {
		number++;
		result = offline_packet(
			offline, frame.data, frame.length, frame.wire_length, frame.time);
		if (result < 0) {
			snprintf(message, sizeof(message), "%s: frame %lu: %u bytes are too many",
				run->name, (unsigned long)number, frame.wire_length);
			break;
		}
	}
	offline_finish(offline);
	if (result < 0)
		fprintf(stderr, "tidegate-replay: %s\n", message);
	if (run->refused > 0)
		fprintf(stderr,
			"tidegate-replay: %s: %lu frames dropped, the flow table was full\n",
			run->name, (unsigned long)run->refused);
	return result;
}

static int print_flows(struct run *run)
{
	if (run->failed) {
		fprintf(stderr, "tidegate-replay: %s: out of memory\n", run->name);
		return -ENOMEM;
	}
	if (run->count > 0)
		qsort(run->flows, run->count, sizeof(*run->flows), compare_flows);
	for (size_t i = 0; i < run->count; i++)
		output_flow(&run->replay->output, run->name, &run->flows[i]);
	return 0;
}

static int replay_file(struct replay *replay, char *path)
{
	char message[CAPTURE_MESSAGE_SIZE];
	struct run run = {.replay = replay, .name = basename(path)};
	struct offline *offline = NULL;
	struct capture *capture;
	int result, printed = 0;

	if (!replay->fixed_capacity)
		replay->flows.capacity = count_frames(path);
	result = capture_open(path, &capture, message);
	if (result < 0) {
		fprintf(stderr, "tidegate-replay: %s\n", message);
		return result;
	}
	result = offline_create(
		&replay->flows, replay->policy, keep_flow, take_verdict, &run, &offline);
	if (result < 0) {
		fprintf(stderr, "tidegate-replay: %s: tables for %u flows: %s\n", run.name,
			replay->flows.capacity, strerror(-result));
	} else {
		offline_set_burst(offline, replay->burst);
		result = replay_frames(&run, capture, offline);
		printed = print_flows(&run);
	}
	offline_destroy(offline);
	capture_close(capture);
	in_order_fini(&run.verdicts);
	free(run.flows);
	return result < 0 ? result : printed;
}

/* Without a configuration everything is allowed, and what is idle stays. */
static int prepare(struct replay *replay, const char *path)
{
	static const struct policy_document empty = {
		.rules.stateless_default = {STATELESS_FORWARD, METRIC_NONE},
		.rules.stateless_fragment_default = {STATELESS_FORWARD, METRIC_NONE},
		.rules.stream_exception = STREAM_CONTINUE,
	};
	char message[CONFIG_MESSAGE_SIZE];
	struct config *config;
	int result;

	if (path == NULL) {
		for (unsigned i = 0; i < TIMEOUT_COUNT; i++)
			replay->flows.timeouts[i] = TIMEOUT_NEVER;
		replay->flows.pass_non_ip = true;
		replay->flows.tcp_unchecked = true;
		result = rule_names_create(&empty, &replay->names);
		return result < 0 ? result : policy_create(&empty.rules, 1, &replay->policy);
	}
	result = config_load(path, NULL, &config, message, sizeof(message));
	if (result < 0) {
		fprintf(stderr, "tidegate-replay: %s\n", message);
		return result;
	}
	replay->flows = config->dataplane.flows;
	replay->fixed_capacity = true;
	if (config->document->left_out_count > 0)
		fprintf(stderr, "tidegate-replay: %s: %u parts are not supported and left out\n",
			config->document->file, config->document->left_out_count);
	result = rule_names_create(config->document, &replay->names);
	if (result == 0)
		result = policy_create(&config->document->rules, 1, &replay->policy);
	if (result < 0)
		fprintf(stderr, "tidegate-replay: %s: rules: %s\n", path, strerror(-result));
	config_destroy(config);
	return result;
}

int main(int argc, char **argv)
{
	struct dataplane_eal_config eal = {.program = "tidegate-replay", .quiet = true};
	struct options options = {NULL};
	struct replay replay = {.policy = NULL};
	int result;

	parse_options(argc, argv, &options);
	result = dataplane_init(&eal);
	if (result < 0) {
		fprintf(stderr, "tidegate-replay: cannot start DPDK: %s\n", strerror(-result));
		return EXIT_FAILURE;
	}
	replay.verdicts = options.verdicts;
	replay.burst = options.burst;
	result = prepare(&replay, options.config);
	if (result == 0) {
		output_begin(&replay.output, options.format,
			options.verdicts ? OUTPUT_VERDICTS : OUTPUT_FLOWS);
		for (int i = 0; i < options.file_count; i++) {
			int one = replay_file(&replay, options.files[i]);

			result = result < 0 ? result : one;
		}
		output_end(&replay.output);
	}
	rule_names_unref(replay.names);
	policy_destroy(replay.policy);
	dataplane_fini();
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "tidegate-replay: standard output: %s\n", strerror(errno));
		return EXIT_FAILURE;
	}
	return result < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
