/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tidegate-check-policy: read and compile a policy without a daemon, and report what it comes to:
 * counts, memory, rules that are never reached, rules left out.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/policy/policy_document.h"
#include "control/policy/shadow.h"
#include "dataplane/dataplane.h"

enum { EXIT_USAGE = 2, LISTS_MAX = 256 };

struct options {
	struct policy_files files;
	struct policy_prefix_list lists[LISTS_MAX];
	bool skip_unsupported;
};

static void print_usage(FILE *out)
{
	fputs("Usage: tidegate-check-policy [--skip-unsupported] [--prefix-list NAME=FILE]...\n"
	      "                             POLICY [RULE-GROUP...]\n"
	      "Read and compile the JSON documents of a policy, and report what is in it.\n\n"
	      "  -s, --skip-unsupported       leave out what is not supported, and list it\n"
	      "  -p, --prefix-list NAME=FILE  the prefixes of a reference set, one a line\n"
	      "  -V, --version                print the version\n"
	      "  -h, --help                   print this text\n\n"
	      "Exit status: 0, 1 when the policy cannot be read, 2 for a wrong call.\n",
		out);
}

/* "NAME=FILE"; the text is cut in two. */
static bool add_prefix_list(struct options *options, char *text)
{
	char *equals = strchr(text, '=');

	if (equals == NULL || equals == text || equals[1] == '\0' ||
		options->files.prefix_list_count == LISTS_MAX)
		return false;
	*equals = '\0';
	options->lists[options->files.prefix_list_count++] =
		(struct policy_prefix_list){.name = text, .path = equals + 1};
	return true;
}

static void parse_options(int argc, char **argv, struct options *options)
{
	static const struct option long_options[] = {
		{"skip-unsupported", no_argument, NULL, 's'},
		{"prefix-list", required_argument, NULL, 'p'},
		{"version", no_argument, NULL, 'V'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "sp:Vh", long_options, NULL)) != -1) {
		if (option == 's') {
			options->skip_unsupported = true;
		} else if (option == 'p' && add_prefix_list(options, optarg)) {
			continue;
		} else if (option == 'V') {
			puts("tidegate-check-policy " TIDEGATE_VERSION);
			exit(EXIT_SUCCESS);
		} else {
			print_usage(option == 'h' ? stdout : stderr);
			exit(option == 'h' ? EXIT_SUCCESS : EXIT_USAGE);
		}
	}
	if (optind == argc) {
		print_usage(stderr);
		exit(EXIT_USAGE);
	}
	options->files.policy = argv[optind];
	options->files.rule_groups = (const char *const *)argv + optind + 1;
	options->files.rule_group_count = argc - optind - 1;
	options->files.prefix_lists = options->lists;
}

static void print_rule(const struct policy_document *document, bool stateful, uint32_t index)
{
	const struct policy_rule *rule =
		stateful ? &document->stateful[index] : &document->stateless[index];

	printf("%s %u of group %s", stateful ? "stateful rule sid" : "stateless rule priority",
		rule->id, rule->group);
}

/* Returns 0 or -errno. */
static int print_shadows(const struct policy_document *document)
{
	struct shadow *shadows;
	uint32_t count;
	int result = shadow_find(document, &shadows, &count);

	if (result < 0)
		return result;
	for (uint32_t i = 0; i < count; i++) {
		print_rule(document, shadows[i].stateful, shadows[i].rule);
		printf(" is never reached: ");
		print_rule(document, shadows[i].stateful, shadows[i].by);
		printf(" covers it\n");
	}
	free(shadows);
	return 0;
}

static void print_left_out(const struct policy_document *document)
{
	for (uint32_t i = 0; i < document->left_out_count; i++) {
		const struct policy_left_out *one = &document->left_out[i];

		printf("left out: ");
		if (one->sid != 0)
			printf("rule sid %u of ", one->sid);
		printf("%s%s: %s\n", one->group != NULL ? "group " : "the policy",
			one->group != NULL ? one->group : "", one->reason);
	}
}

/* Compile as the daemon does, for one worker. Returns 0 or -errno. */
static int report(const struct policy_document *document)
{
	const struct policy_rules *rules = &document->rules;
	struct policy *policy;
	int result = policy_create(rules, 1, &policy);

	if (result < 0)
		return result;
	printf("stateless rules: %u, %zu bytes compiled\n", rules->stateless_count,
		policy_memory(policy, RULE_STATELESS));
	printf("stateful rules: %u, %zu bytes compiled\n", rules->stateful_count,
		policy_memory(policy, RULE_STATEFUL));
	policy_destroy(policy);
	printf("custom action counters: %u\n", rules->metric_count);
	printf("TCP idle timeout: %u s\n", document->tcp_idle_timeout);
	print_left_out(document);
	return print_shadows(document);
}

int main(int argc, char **argv)
{
	char message[POLICY_MESSAGE_SIZE];
	struct options options = {.skip_unsupported = false};
	struct policy_document *document;
	int result;

	parse_options(argc, argv, &options);
	result = policy_document_load(
		&options.files, options.skip_unsupported, &document, message, sizeof(message));
	if (result < 0) {
		fprintf(stderr, "tidegate-check-policy: %s\n", message);
		return EXIT_FAILURE;
	}
	result = report(document);
	policy_document_destroy(document);
	if (result < 0)
		fprintf(stderr, "tidegate-check-policy: %s: cannot be compiled\n",
			options.files.policy);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "tidegate-check-policy: cannot write the report\n");
		return EXIT_FAILURE;
	}
	return result < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
