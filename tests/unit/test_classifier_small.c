/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The classifier with small random lists of matches of every kind, against the plainest
 * reference. Long lists are in test_classifier_random.c.
 */
#include <stdlib.h>
#include <string.h>

#include "lpm/lpm.h"
#include "tests/unit/check.h"
#include "tests/unit/reference_classifier.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

enum { ADDRESSES_MAX = 5, PORTS_MAX = 3, PROTOCOLS_MAX = 3, TUPLES = 1200000 };

/* A match with room for its lists. */
struct list_match {
	struct match_address sources[ADDRESSES_MAX];
	struct match_address destinations[ADDRESSES_MAX];
	struct match_port source_ports[PORTS_MAX];
	struct match_port destination_ports[PORTS_MAX];
	uint8_t protocols[PROTOCOLS_MAX];
};

static uint32_t below(uint32_t bound)
{
	return (uint32_t)random() % bound;
}

/* Few distinct high bits, so that prefixes nest and meet; any depth, the ends often. */
static struct prefix random_prefix(void)
{
	struct prefix prefix = {.version = below(3) == 0 ? 6 : 4};
	unsigned bits = prefix.version == 4 ? 32 : 128;

	prefix.depth = below(8) == 0 ? (below(2) == 0 ? 0 : bits) : below(bits + 1);
	prefix.address[0] = 10 + below(2);
	for (unsigned i = 1; i < bits / 8; i++)
		prefix.address[i] = below(4) == 0 ? below(256) : below(2) * 255;
	for (unsigned bit = prefix.depth; bit < bits; bit++)
		prefix.address[bit / 8] &= ~(0x80 >> bit % 8);
	return prefix;
}

static uint32_t random_addresses(struct match_address *list)
{
	uint32_t count = below(3) == 0 ? 0 : 1 + below(ADDRESSES_MAX);

	for (uint32_t i = 0; i < count; i++)
		list[i] = (struct match_address){random_prefix(), below(4) == 0};
	return count;
}

static uint16_t random_port(void)
{
	static const uint16_t edges[] = {0, 1, 79, 80, 81, 1023, 1024, 65534, 65535};

	return below(2) == 0 ? edges[below(COUNT(edges))] : below(65536);
}

static uint32_t random_ports(struct match_port *list)
{
	uint32_t count = below(2) == 0 ? 0 : 1 + below(PORTS_MAX);

	for (uint32_t i = 0; i < count; i++) {
		uint16_t a = random_port(), b = below(2) == 0 ? a : random_port();

		list[i] = (struct match_port){a < b ? a : b, a < b ? b : a, below(4) == 0};
	}
	return count;
}

static const uint8_t protocol_values[] = {1, 6, 17, 58, 132, 47, 0, 255};

static void random_match(struct match *match, struct list_match *lists)
{
	memset(match, 0, sizeof(*match));
	match->sources = lists->sources;
	match->source_count = random_addresses(lists->sources);
	match->destinations = lists->destinations;
	match->destination_count = random_addresses(lists->destinations);
	match->source_ports = lists->source_ports;
	match->source_port_count = random_ports(lists->source_ports);
	match->destination_ports = lists->destination_ports;
	match->destination_port_count = random_ports(lists->destination_ports);
	match->protocols = lists->protocols;
	match->protocol_count = below(2) == 0 ? 0 : 1 + below(PROTOCOLS_MAX);
	for (uint32_t i = 0; i < match->protocol_count; i++)
		lists->protocols[i] = protocol_values[below(COUNT(protocol_values))];
	if (below(6) == 0) {
		match->flag_mask = 1 + below(255);
		match->flags = below(256) & match->flag_mask;
	}
}

/* An address at or beside an edge of one of the list's prefixes, or anywhere. */
static void random_address(
	const struct match_address *list, uint32_t count, uint8_t version, uint8_t address[16])
{
	unsigned bytes = version == 4 ? 4 : 16;
	int step = (int)below(3) - 1;

	for (unsigned i = 0; i < bytes; i++)
		address[i] = i == 0 ? 10 + below(2) : below(4) == 0 ? below(256) : below(2) * 255;
	if (count > 0 && below(4) != 0) {
		const struct prefix *prefix = &list[below(count)].prefix;

		memcpy(address, prefix->address, bytes);
		if (below(2) == 0)
			for (unsigned bit = prefix->depth; bit < bytes * 8; bit++)
				address[bit / 8] |= 0x80 >> bit % 8;
	}
	for (unsigned i = bytes; step != 0 && i > 0; i--) {
		address[i - 1] += step;
		if (address[i - 1] != (step > 0 ? 0 : 255))
			break;
	}
}

static uint16_t near_port(const struct match_port *list, uint32_t count)
{
	if (count == 0 || below(3) == 0)
		return random_port();
	return (below(2) == 0 ? list[below(count)].low : list[below(count)].high) + below(3) - 1;
}

static struct tuple random_tuple(const struct match *matches, uint32_t count)
{
	static const struct match anything;
	const struct match *near = count > 0 ? &matches[below(count)] : &anything;
	struct tuple tuple = {.version = below(3) == 0 ? 6 : 4};

	random_address(near->sources, near->source_count, tuple.version, tuple.source);
	random_address(
		near->destinations, near->destination_count, tuple.version, tuple.destination);
	tuple.protocol = near->protocol_count > 0 && below(3) != 0
		? near->protocols[below(near->protocol_count)]
		: protocol_values[below(COUNT(protocol_values))];
	tuple.has_ports = below(8) != 0 &&
		(tuple.protocol == 6 || tuple.protocol == 17 || tuple.protocol == 132);
	if (tuple.has_ports) {
		tuple.source_port = near_port(near->source_ports, near->source_port_count);
		tuple.destination_port =
			near_port(near->destination_ports, near->destination_port_count);
	}
	tuple.tcp_flags = below(2) == 0 ? near->flags : below(256);
	return tuple;
}

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

/* One random list, and tuples by ones and in bulk. Returns how many matched. */
static uint32_t run_random(uint32_t count, uint32_t tuples)
{
	enum { BULK = 100 };
	struct match *matches = calloc(count + 1, sizeof(*matches));
	struct list_match *lists = calloc(count + 1, sizeof(*lists));
	struct classifier *classifier;
	uint32_t matched = 0;

	assert_non_null(matches);
	assert_non_null(lists);
	for (uint32_t i = 0; i < count; i++)
		random_match(&matches[i], &lists[i]);
	assert_int_equal(classifier_create(matches, count, &classifier), 0);
	assert_true(classifier_memory(classifier) > 0);
	for (uint32_t done = 0; done < tuples; done += BULK) {
		struct tuple batch[BULK];
		int32_t results[BULK];

		for (uint32_t i = 0; i < BULK; i++)
			batch[i] = random_tuple(matches, count);
		classifier_first_bulk(classifier, batch, BULK, results);
		for (uint32_t i = 0; i < BULK; i++) {
			int32_t expected = reference_classifier_first(matches, count, &batch[i]);

			assert_int_equal(classifier_first(classifier, &batch[i]), expected);
			assert_int_equal(results[i], expected);
			check_all(classifier, matches, count, &batch[i]);
			matched += expected >= 0;
		}
	}
	classifier_destroy(classifier);
	free(lists);
	free(matches);
	return matched;
}

static void test_random(void **state)
{
	static const struct {
		uint32_t matches, lists;
	} sizes[] = {{0, 2}, {1, 400}, {2, 400}, {5, 400}, {64, 100}, {65, 100}, {300, 40},
		{513, 20}, {2000, 6}};
	const char *text = getenv("TIDEGATE_TEST_SEED");
	unsigned seed = text != NULL ? (unsigned)strtoul(text, NULL, 10) : 20261123;

	(void)state;
	print_message("seed %u\n", seed);
	srandom(seed);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		uint32_t matched = 0, tuples = TUPLES / COUNT(sizes) / sizes[i].lists;

		for (uint32_t list = 0; list < sizes[i].lists; list++)
			matched += run_random(sizes[i].matches, tuples + 100);
		/* The tuples are near the lists: a fair part of them has to match. */
		if (sizes[i].matches > 0)
			assert_true(matched > tuples * sizes[i].lists / 10);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_random)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
