/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The classifier with random lists of shapes that its tables have to grow for: lists of many
 * prefixes, clusters of them, lists that matches share, and more matches than one summary word
 * has blocks for. Small lists of every kind are in test_classifier_small.c.
 */
#include <stdlib.h>
#include <string.h>

#include "lpm/lpm.h"
#include "tests/unit/check.h"
#include "tests/unit/reference_classifier.h"

enum { CLUSTERS = 12, BULK_MAX = 100 };

struct shape {
	const char *name;
	uint32_t matches;
	uint32_t lists;	   /* address lists, which the matches share */
	uint32_t prefixes; /* of a list */
	uint8_t cluster;   /* bits that the prefixes of a cluster share; of IPv6 three times that */
	uint8_t depth;	   /* the least depth, likewise */
	uint32_t tuples;
};

static const struct shape shapes[] = {
	{"one list of many prefixes", 1, 1, 20000, 16, 18, 1000},
	{"two lists of many prefixes", 4, 2, 5000, 12, 14, 2000},
	{"lists of some prefixes", 400, 400, 20, 10, 20, 20000},
	{"shared lists", 2000, 8, 30, 14, 20, 2000},
	{"a block and one more", 513, 513, 1, 8, 12, 20000},
	{"many matches", 30000, 30000, 1, 4, 20, 4000},
	{"two summary words", 33000, 33000, 1, 6, 24, 3000},
	{"the most matches", CLASSIFIER_MATCH_MAX, 50000, 1, 2, 24, 1500},
};

/* One shape filled in. */
struct policy {
	const struct shape *shape;
	struct match_address *addresses; /* lists × prefixes */
	struct match_port *ports;	 /* one a match */
	struct match *matches;
	struct prefix clusters[CLUSTERS];
};

static uint32_t below(uint32_t bound)
{
	return (uint32_t)random() % bound;
}

static uint32_t address_bits(uint8_t version)
{
	return version == 4 ? 32 : 128;
}

/* Set the bits of an address from the given one on to random ones, or all to one value. */
static void fill_bits(uint8_t *address, uint32_t from, uint32_t bits)
{
	uint32_t kind = below(6);

	for (uint32_t bit = from; bit < bits; bit++) {
		uint8_t mask = (uint8_t)(0x80 >> bit % 8);
		bool one = kind > 1 ? below(2) == 0 : kind == 1;
		address[bit / 8] = (uint8_t)((address[bit / 8] & ~mask) | (one ? mask : 0));
	}
}

/* Most prefixes are in a cluster. */
static struct prefix random_prefix(const struct policy *policy)
{
	struct prefix prefix = policy->clusters[below(CLUSTERS)];
	uint32_t bits = address_bits(prefix.version);
	uint32_t least = policy->shape->depth * (prefix.version == 4 ? 1 : 3);

	if (below(8) == 0)
		fill_bits(prefix.address, 0, bits);
	else
		fill_bits(prefix.address, prefix.depth, bits);
	prefix.depth = (uint8_t)(below(4) == 0 ? bits : least + below(bits - least + 1));
	for (uint32_t bit = prefix.depth; bit < bits; bit++)
		prefix.address[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
	return prefix;
}

static const struct match_address *random_list(const struct policy *policy, uint32_t *ret_count)
{
	const struct shape *shape = policy->shape;

	*ret_count = below(16) == 0 ? 0 : shape->prefixes;
	return policy->addresses + (size_t)below(shape->lists) * shape->prefixes;
}

static void fill_policy(struct policy *policy)
{
	static const uint8_t protocols[] = {6, 17};
	const struct shape *shape = policy->shape;

	for (uint32_t i = 0; i < CLUSTERS; i++) {
		struct prefix *cluster = &policy->clusters[i];
		*cluster = (struct prefix){.version = i % 2 == 0 ? 4 : 6};
		cluster->depth = (uint8_t)(shape->cluster * (cluster->version == 4 ? 1 : 3));
		fill_bits(cluster->address, 0, address_bits(cluster->version));
	}
	for (size_t i = 0; i < (size_t)shape->lists * shape->prefixes; i++) {
		struct prefix prefix = random_prefix(policy);
		bool host = prefix.depth == address_bits(prefix.version);
		/* A wide one would leave nothing of its list, and one alone is nearly ANY. */
		bool negated = host && shape->prefixes > 1 && below(2) == 0;
		policy->addresses[i] = (struct match_address){prefix, negated};
	}
	for (uint32_t i = 0; i < shape->matches; i++) {
		struct match *match = &policy->matches[i];
		struct match_port *port = &policy->ports[i];

		match->sources = random_list(policy, &match->source_count);
		match->destinations = random_list(policy, &match->destination_count);
		/* Not both ANY: that would take all the tuples of the matches behind it. */
		if (match->source_count + match->destination_count == 0)
			match->source_count = shape->prefixes;
		port->low = (uint16_t)below(UINT16_MAX + 1);
		port->high = (uint16_t)(port->low + below(UINT16_MAX + 1u - port->low));
		match->destination_ports = port;
		match->destination_port_count = below(2);
		match->protocols = &protocols[below(2)];
		match->protocol_count = below(2);
	}
}

/* An address of the list: in one of its prefixes, or one step beside; else in a cluster. */
static void random_address(const struct policy *policy, const struct match_address *list,
	uint32_t count, uint8_t version, uint8_t address[16])
{
	const struct prefix *prefix = &policy->clusters[below(CLUSTERS / 2) * 2 + (version == 6)];
	uint32_t bytes = address_bits(version) / 8;
	int step = (int)below(3) - 1;

	if (count > 0) {
		const struct prefix *near = &list[below(count)].prefix;
		prefix = near->version == version ? near : prefix;
	}
	memcpy(address, prefix->address, sizeof(prefix->address));
	fill_bits(address, prefix->depth, bytes * 8);
	for (uint32_t i = bytes; step != 0 && i > 0; i--) {
		address[i - 1] = (uint8_t)(address[i - 1] + step);
		if (address[i - 1] != (step > 0 ? 0 : 255))
			break;
	}
}

static struct tuple random_tuple(const struct policy *policy)
{
	const struct match *near = &policy->matches[below(policy->shape->matches)];
	struct tuple tuple = {.version = below(2) == 0 ? 4 : 6, .protocol = below(2) == 0 ? 6 : 17};

	if (near->source_count > 0)
		tuple.version = near->sources[0].prefix.version;
	random_address(policy, near->sources, near->source_count, tuple.version, tuple.source);
	random_address(policy, near->destinations, near->destination_count, tuple.version,
		tuple.destination);
	tuple.has_ports = below(16) != 0;
	if (tuple.has_ports) {
		tuple.source_port = (uint16_t)below(UINT16_MAX + 1);
		tuple.destination_port = near->destination_ports->low;
	}
	return tuple;
}

/* What was found of a shape: its test is worth little when it is all the same. */
struct found {
	uint32_t tuples;
	uint32_t matched;
	int32_t latest; /* the highest index */
};

/* All matches of a tuple, one after the other, against the reference. */
static void check_all(const struct classifier *classifier, const struct match *matches,
	uint32_t count, const struct tuple *tuple)
{
	int32_t after = -1;

	do {
		int32_t expected = reference_classifier_next(matches, count, tuple, after);

		assert_int_equal(classifier_next(classifier, tuple, after), expected);
		after = expected;
	} while (after >= 0);
}

/* By ones and in bulks of all sizes, against the reference. */
static struct found compare(const struct policy *policy, const struct classifier *classifier)
{
	struct tuple tuples[BULK_MAX];
	int32_t results[BULK_MAX];
	struct found found = {.latest = -1};

	while (found.tuples < policy->shape->tuples) {
		uint32_t bulk = 1 + below(BULK_MAX);

		for (uint32_t i = 0; i < bulk; i++)
			tuples[i] = random_tuple(policy);
		classifier_first_bulk(classifier, tuples, bulk, results);
		for (uint32_t i = 0; i < bulk; i++) {
			int32_t expected = reference_classifier_first(
				policy->matches, policy->shape->matches, &tuples[i]);
			assert_int_equal(classifier_first(classifier, &tuples[i]), expected);
			assert_int_equal(results[i], expected);
			check_all(classifier, policy->matches, policy->shape->matches, &tuples[i]);
			found.matched += expected >= 0;
			found.latest = expected > found.latest ? expected : found.latest;
		}
		found.tuples += bulk;
	}
	return found;
}

static void run_shape(const struct shape *shape)
{
	struct policy policy = {.shape = shape};
	size_t prefixes = (size_t)shape->lists * shape->prefixes;
	struct classifier *classifier;

	policy.addresses = calloc(prefixes, sizeof(*policy.addresses));
	policy.ports = calloc(shape->matches, sizeof(*policy.ports));
	policy.matches = calloc(shape->matches, sizeof(*policy.matches));
	assert_non_null(policy.addresses);
	assert_non_null(policy.ports);
	assert_non_null(policy.matches);
	fill_policy(&policy);
	assert_int_equal(classifier_create(policy.matches, shape->matches, &classifier), 0);
	/* A table of 65,536 ports, and what grows with the lists. */
	assert_true(classifier_memory(classifier) <
		(1 << 20) + 1000 * (size_t)shape->matches + 200 * prefixes);
	struct found found = compare(&policy, classifier);
	assert_in_range(found.matched, found.tuples / 10, found.tuples * 9 / 10);
	assert_true(found.latest >= (int32_t)shape->matches / 4);
	classifier_destroy(classifier);
	free(policy.matches);
	free(policy.ports);
	free(policy.addresses);
}

static void test_shapes(void **state)
{
	const char *text = getenv("TIDEGATE_TEST_SEED");
	unsigned int seed = text != NULL ? (unsigned int)strtoul(text, NULL, 10) : 20261123;

	(void)state;
	srandom(seed);
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		print_message("seed %u, %s\n", seed, shapes[i].name);
		run_shape(&shapes[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_shapes)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
