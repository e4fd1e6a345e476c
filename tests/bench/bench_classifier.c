/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench_classifier: the classifier beside rte_acl with the same rules and tuples.
 *
 * Overview: for each number of rules and IP version it measures single tuples, bulks of 32 and
 * building, each with rte_acl and the classifier in turns; then what 30,000 rules cost beside 10;
 * then the time to build the largest tables. Before a measurement both have to give the same
 * results. The table goes to the standard output, all figures with their spread to --json FILE.
 * --quick measures less often, and leaves out rte_acl with 30,000 rules.
 */
#include <stdlib.h>

#include "lpm/lpm.h"
#include "tests/bench/measure.h"
#include "tests/bench/program.h"
#include "tests/bench/report.h"
#include "tests/bench/rivals.h"

enum { SEED = 20261123, PREFIXES = 1000000, SETS = 20, NAME_SIZE = 80 };

static const struct size {
	uint32_t rules;
	const char *name;
	uint32_t builds; /* pairs of builds to compare: rte_acl takes seconds for many rules */
} sizes[] = {{10, "10", 41}, {1000, "1k", 9}, {10000, "10k", 3}, {30000, "30k", 3}};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* Short, to be over before the scheduler gives the processor to something else. */
static const double block_ms = 1;

static const struct target no_target = {TARGET_NONE, 0};
static const struct target no_slower = {TARGET_AT_MOST, 1};
static const struct target build_faster = {TARGET_AT_LEAST, 5};
static const struct target scale = {TARGET_AT_MOST, 2};
static const struct target rules_seconds = {TARGET_AT_MOST, 1};
static const struct target prefixes_seconds = {TARGET_AT_MOST, 3};

struct bench {
	struct program program;
	size_t acl_sizes; /* so many of the sizes are measured beside rte_acl */
	uint32_t pairs;
};

/* Write classifier.<what>.<size>.ipv<version>. */
static void put_figure(struct bench *bench, const char *what, const struct size *size,
	uint8_t version, struct spread spread, const char *unit, struct target target)
{
	char name[NAME_SIZE];

	snprintf(name, sizeof(name), "classifier.%s.%s.ipv%u", what, size->name, version);
	report_figure(&bench->program.report, name, spread, unit, target);
}

/* Compare a way of matching, "single" or "bulk". */
static void compare_matching(struct bench *bench, struct rivals *rivals, const struct size *size,
	const char *way, uint32_t bulk)
{
	uint8_t version = rivals->ruleset->version;
	char what[32];
	struct subject acl = {
		bulk == 1 ? rivals_acl_single : rivals_acl_bulk, rivals, RULESET_TUPLES, true};
	struct subject own = {
		bulk == 1 ? rivals_single : rivals_bulk, rivals, RULESET_TUPLES, true};

	const char *method = acl_choose(rivals->acl, bulk);
	struct comparison found = measure_compare(&acl, &own, bench->pairs, block_ms);

	printf("%7.1f %7.1f %5.2f (%4.2f-%4.2f; A/A %4.2f-%4.2f) %-9s ", found.b.value,
		found.a.value, found.ratio.value, found.ratio.low, found.ratio.high,
		found.noise.low, found.noise.high, method);
	snprintf(what, sizeof(what), "%s_ns", way);
	put_figure(bench, what, size, version, found.b, "ns", no_target);
	snprintf(what, sizeof(what), "acl_%s_ns", way);
	put_figure(bench, what, size, version, found.a, "ns", no_target);
	snprintf(what, sizeof(what), "acl_%s_noise", way);
	put_figure(bench, what, size, version, found.noise, "ratio", no_target);
	snprintf(what, sizeof(what), "acl_%s_ratio", way);
	put_figure(bench, what, size, version, found.ratio, "ratio", no_slower);
}

static struct spread in_ms(struct spread ns)
{
	return (struct spread){ns.value / 1e6, ns.low / 1e6, ns.high / 1e6};
}

static struct spread in_mb(size_t bytes)
{
	double mb = (double)bytes / 1e6;

	return (struct spread){mb, mb, mb};
}

static void compare_building(struct bench *bench, struct rivals *rivals, const struct size *size)
{
	uint8_t version = rivals->ruleset->version;
	struct subject acl = {rivals_acl_build, rivals, 1, false};
	struct subject own = {rivals_build, rivals, 1, false};
	struct comparison found = measure_compare(&own, &acl, size->builds, block_ms);
	struct spread own_ms = in_ms(found.a), acl_ms = in_ms(found.b);
	struct spread own_mb = in_mb(classifier_memory(rivals->classifier));
	struct spread acl_mb = in_mb(acl_memory(rivals->acl));

	printf("%7.1f %7.1f %5.1f %6.1f %6.1f\n", own_ms.value, acl_ms.value, found.ratio.value,
		own_mb.value, acl_mb.value);
	put_figure(bench, "build_ms", size, version, own_ms, "ms", no_target);
	put_figure(bench, "acl_build_ms", size, version, acl_ms, "ms", no_target);
	put_figure(bench, "acl_build_ratio", size, version, found.ratio, "ratio", build_faster);
	put_figure(bench, "memory", size, version, own_mb, "MB", no_target);
	put_figure(bench, "acl_memory", size, version, acl_mb, "MB", no_target);
}

/* Returns 0, or -1 with a message. */
static int compare_rivals(struct bench *bench, const struct size *size, uint8_t version)
{
	struct rivals rivals;

	if (rivals_init(&rivals, size->rules, version, true) != 0)
		return -1;
	double matched = rivals_agree(&rivals);
	if (matched >= 0) {
		printf("%5u IPv%u %3.0f", size->rules, version, 100 * matched);
		compare_matching(bench, &rivals, size, "single", 1);
		compare_matching(bench, &rivals, size, "bulk", RIVALS_BULK);
		compare_building(bench, &rivals, size);
	}
	rivals_fini(&rivals);
	return matched < 0 ? -1 : 0;
}

static int compare_all(struct bench *bench)
{
	printf("The classifier beside rte_acl with the same rules: share of tuples that match, ns a\n"
	       "tuple one by one and in bulks of %u, ratio (quartiles; those of A/A), rte_acl's\n"
	       "method, ms to build, MB.\n"
	       "rules    match%%  single rte_acl ratio %39s bulk rte_acl ratio %38s build rte_acl "
	       "ratio     MB rte_acl\n",
		RIVALS_BULK, "", "");
	for (uint8_t version = 4; version <= 6; version += 2)
		for (size_t i = 0; i < bench->acl_sizes; i++)
			if (compare_rivals(bench, &sizes[i], version) != 0)
				return -1;
	return 0;
}

/* Single tuples: the most rules beside the fewest. */
static int compare_scale(struct bench *bench, uint8_t version)
{
	uint32_t few_rules = sizes[0].rules, many_rules = sizes[COUNT(sizes) - 1].rules;
	struct rivals few, many;
	char name[NAME_SIZE];

	if (rivals_init(&few, few_rules, version, false) != 0)
		return -1;
	if (rivals_init(&many, many_rules, version, false) != 0) {
		rivals_fini(&few);
		return -1;
	}
	struct subject a = {rivals_single, &few, RULESET_TUPLES, true};
	struct subject b = {rivals_single, &many, RULESET_TUPLES, true};
	struct comparison found = measure_compare(&a, &b, bench->pairs, block_ms);
	printf("IPv%u, %u rules beside %u: %.1f / %.1f ns, %.2f (%.2f-%.2f, A/A %.2f-%.2f)\n",
		version, many_rules, few_rules, found.b.value, found.a.value, found.ratio.value,
		found.ratio.low, found.ratio.high, found.noise.low, found.noise.high);
	snprintf(name, sizeof(name), "classifier.scale_ratio.ipv%u", version);
	report_figure(&bench->program.report, name, found.ratio, "ratio",
		version == 4 ? scale : no_target);
	rivals_fini(&few);
	rivals_fini(&many);
	return 0;
}

struct build {
	const struct match *matches;
	uint32_t count;
	size_t memory;
};

static void run_create(void *context)
{
	struct build *build = context;
	struct classifier *classifier;

	if (classifier_create(build->matches, build->count, &classifier) != 0)
		abort();
	build->memory = classifier_memory(classifier);
	classifier_destroy(classifier);
}

/* Seconds to build, and to free again. */
static void time_build(
	struct bench *bench, const char *name, struct build *build, struct target target)
{
	enum { TRIES = 3 };
	struct subject subject = {run_create, build, 1, false};
	double seconds[TRIES];

	for (size_t i = 0; i < TRIES; i++)
		seconds[i] = measure_once(&subject) / 1e9;
	struct spread spread = measure_spread(seconds, TRIES);
	printf("%s: %.3f s (%.3f-%.3f), %.1f MB\n", name, spread.value, spread.low, spread.high,
		(double)build->memory / 1e6);
	report_figure(&bench->program.report, name, spread, "s", target);
}

static int time_rules(struct bench *bench, uint8_t version)
{
	const struct size *most = &sizes[COUNT(sizes) - 1];
	struct rivals rivals;
	char name[NAME_SIZE];

	if (rivals_init(&rivals, most->rules, version, false) != 0)
		return -1;
	struct build build = {rivals.ruleset->matches, rivals.ruleset->count, 0};
	snprintf(name, sizeof(name), "classifier.build_seconds.%s.ipv%u", most->name, version);
	time_build(bench, name, &build, rules_seconds);
	rivals_fini(&rivals);
	return 0;
}

/* A million prefixes in 20 reference sets, which 1,000 rules name on either side. */
static int time_prefixes(struct bench *bench, uint8_t version)
{
	enum { MATCHES = 1000 };
	struct match *matches = calloc(MATCHES, sizeof(*matches));
	struct match_address *prefixes = ruleset_prefixes(PREFIXES, version, SEED);
	char name[NAME_SIZE];

	if (matches == NULL || prefixes == NULL) {
		fprintf(stderr, "%u prefixes of IPv%u: not enough memory\n", PREFIXES, version);
		free(matches);
		free(prefixes);
		return -1;
	}
	for (uint32_t i = 0; i < MATCHES; i++) {
		const struct match_address *set = prefixes + i % SETS * (PREFIXES / SETS);

		if (i / SETS % 2 == 0)
			matches[i] =
				(struct match){.sources = set, .source_count = PREFIXES / SETS};
		else
			matches[i] = (struct match){
				.destinations = set, .destination_count = PREFIXES / SETS};
	}
	struct build build = {matches, MATCHES, 0};
	snprintf(name, sizeof(name), "classifier.build_seconds.1m_prefixes.ipv%u", version);
	time_build(bench, name, &build, prefixes_seconds);
	free(matches);
	free(prefixes);
	return 0;
}

static int run(struct bench *bench)
{
	if (compare_all(bench) != 0)
		return -1;
	for (uint8_t version = 4; version <= 6; version += 2)
		if (compare_scale(bench, version) != 0 || time_rules(bench, version) != 0 ||
			time_prefixes(bench, version) != 0)
			return -1;
	return 0;
}

int main(int argument_count, char **arguments)
{
	struct bench bench = {.acl_sizes = COUNT(sizes), .pairs = MEASURE_PAIRS_MAX};
	int status;

	program_begin(&bench.program, argument_count, arguments);
	if (bench.program.quick) {
		bench.acl_sizes = COUNT(sizes) - 1;
		bench.pairs = 21;
	}
	if (acl_init() != 0)
		return EXIT_FAILURE;
	status = run(&bench) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
	program_end(&bench.program);
	return status;
}
