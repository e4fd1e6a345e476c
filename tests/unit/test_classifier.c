/* SPDX-License-Identifier: BSD-3-Clause */
/* The classifier: fixed cases, each a known trap, then random lists against the plainest reference.
 * */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

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

static struct match_address address_of(const char *text)
{
	struct match_address address = {.negated = text[0] == '!'};

	assert_int_equal(prefix_parse(text + address.negated, &address.prefix), 0);
	return address;
}

static struct tuple tuple_of(const char *source, const char *destination, uint8_t protocol,
	uint16_t source_port, uint16_t destination_port, uint8_t flags)
{
	struct tuple tuple = {.version = strchr(source, ':') == NULL ? 4 : 6,
		.protocol = protocol,
		.source_port = source_port,
		.destination_port = destination_port,
		.tcp_flags = flags,
		.has_ports = protocol == 6 || protocol == 17 || protocol == 132};
	int family = tuple.version == 4 ? AF_INET : AF_INET6;

	assert_int_equal(inet_pton(family, source, tuple.source), 1);
	assert_int_equal(inet_pton(family, destination, tuple.destination), 1);
	return tuple;
}

static int32_t first(const struct classifier *classifier, struct tuple tuple)
{
	return classifier_first(classifier, &tuple);
}

static struct classifier *compile(const struct match *matches, uint32_t count)
{
	struct classifier *classifier;

	assert_int_equal(classifier_create(matches, count, &classifier), 0);
	assert_true(classifier_memory(classifier) > 0);
	return classifier;
}

static void test_empty(void **state)
{
	struct classifier *classifier = compile(NULL, 0);

	(void)state;
	assert_int_equal(first(classifier, tuple_of("10.0.0.1", "10.0.0.2", 6, 1, 2, 0)), -1);
	classifier_destroy(classifier);
	classifier_destroy(NULL);
}

/* Prefixes that are each other's ancestors, equal ones in several matches, both orders. */
static void test_nested(void **state)
{
	struct match_address lists[] = {address_of("10.1.2.0/24"), address_of("10.0.0.0/8"),
		address_of("10.1.0.0/16"), address_of("10.1.2.3"), address_of("0.0.0.0/0"),
		address_of("10.0.0.0/8")};
	struct match up[COUNT(lists)] = {{0}}, down[COUNT(lists)] = {{0}};
	struct classifier *forward, *backward;

	(void)state;
	for (size_t i = 0; i < COUNT(lists); i++) {
		up[i] = (struct match){.sources = &lists[i], .source_count = 1};
		down[i] =
			(struct match){.sources = &lists[COUNT(lists) - 1 - i], .source_count = 1};
	}
	forward = compile(up, COUNT(lists));
	backward = compile(down, COUNT(lists));
	assert_int_equal(first(forward, tuple_of("10.1.2.3", "1.1.1.1", 6, 1, 2, 0)), 0);
	assert_int_equal(first(forward, tuple_of("10.1.3.3", "1.1.1.1", 6, 1, 2, 0)), 1);
	assert_int_equal(first(forward, tuple_of("10.2.3.3", "1.1.1.1", 6, 1, 2, 0)), 1);
	assert_int_equal(first(forward, tuple_of("11.2.3.3", "1.1.1.1", 6, 1, 2, 0)), 4);
	/* Reversed: the /8, /0, /32, /16, /8, /24. */
	assert_int_equal(first(backward, tuple_of("10.1.2.3", "1.1.1.1", 6, 1, 2, 0)), 0);
	assert_int_equal(first(backward, tuple_of("9.255.255.255", "1.1.1.1", 6, 1, 2, 0)), 1);
	/* 0.0.0.0/0 is every IPv4 address, and no IPv6 one. */
	assert_int_equal(first(backward, tuple_of("::", "::1", 6, 1, 2, 0)), -1);
	classifier_destroy(forward);
	classifier_destroy(backward);
}

static void test_versions(void **state)
{
	/* The first 4 bytes of the one are the other: 0a00:0001:: and 10.0.0.1. */
	struct match_address four = address_of("10.0.0.1"), six = address_of("a00:1::/32"),
			     all = address_of("::/0"), not_four = address_of("!10.0.0.1");
	struct match matches[] = {{.sources = &four, .source_count = 1},
		{.sources = &six, .source_count = 1}, {.sources = &not_four, .source_count = 1},
		{.sources = &all, .source_count = 1}, {.source_count = 0}};
	struct classifier *classifier = compile(matches, COUNT(matches));

	(void)state;
	assert_int_equal(first(classifier, tuple_of("10.0.0.1", "10.0.0.2", 17, 1, 2, 0)), 0);
	assert_int_equal(first(classifier, tuple_of("a00:1::", "::1", 17, 1, 2, 0)), 1);
	/* A list of negated elements alone is ANY less those, in both versions. */
	assert_int_equal(first(classifier, tuple_of("10.0.0.2", "10.0.0.2", 17, 1, 2, 0)), 2);
	assert_int_equal(first(classifier, tuple_of("b00:1::", "::1", 17, 1, 2, 0)), 2);
	classifier_destroy(classifier);
	classifier = compile(&matches[3], 2);
	assert_int_equal(first(classifier, tuple_of("b00:1::", "::1", 17, 1, 2, 0)), 0);
	assert_int_equal(first(classifier, tuple_of("10.0.0.1", "10.0.0.2", 17, 1, 2, 0)), 1);
	classifier_destroy(classifier);
}

static void test_negated(void **state)
{
	struct match_address hole[] = {
		address_of("!10.1.0.0/16"), address_of("10.0.0.0/8"), address_of("10.1.1.0/24")};
	struct match_address nothing[] = {address_of("10.0.0.0/8"), address_of("!10.0.0.0/7")};
	static const struct match_port ports[] = {{0, 65535, false}, {80, 90, true}};
	struct match matches[] = {{.destinations = nothing, .destination_count = 2},
		{.destinations = hole, .destination_count = 3},
		{.destination_ports = ports, .destination_port_count = 2}};
	struct classifier *classifier = compile(matches, COUNT(matches));

	(void)state;
	assert_int_equal(first(classifier, tuple_of("1.1.1.1", "10.2.0.1", 6, 1, 80, 0)), 1);
	/* What is negated stays out, whatever the order and however long the other prefix. */
	assert_int_equal(first(classifier, tuple_of("1.1.1.1", "10.1.1.1", 6, 1, 80, 0)), -1);
	assert_int_equal(first(classifier, tuple_of("1.1.1.1", "10.1.1.1", 6, 1, 79, 0)), 2);
	assert_int_equal(first(classifier, tuple_of("1.1.1.1", "12.0.0.1", 6, 1, 90, 0)), -1);
	assert_int_equal(first(classifier, tuple_of("1.1.1.1", "12.0.0.1", 6, 1, 91, 0)), 2);
	classifier_destroy(classifier);
}

static void test_ports(void **state)
{
	static const struct match_port low = {0, 0, false}, high = {65535, 65535, false},
				       all = {0, 65535, false};
	static const uint8_t icmp = 1;
	struct match matches[] = {{.source_ports = &low, .source_port_count = 1},
		{.source_ports = &high, .source_port_count = 1},
		{.source_ports = &all, .source_port_count = 1},
		{.protocols = &icmp, .protocol_count = 1}};
	struct classifier *classifier = compile(matches, COUNT(matches));

	(void)state;
	assert_int_equal(first(classifier, tuple_of("1.1.1.1", "1.1.1.2", 6, 0, 5, 0)), 0);
	assert_int_equal(first(classifier, tuple_of("1.1.1.1", "1.1.1.2", 17, 65535, 5, 0)), 1);
	assert_int_equal(first(classifier, tuple_of("1.1.1.1", "1.1.1.2", 132, 1, 5, 0)), 2);
	/* Without ports no port list accepts, not even the one of all ports. */
	assert_int_equal(first(classifier, tuple_of("1.1.1.1", "1.1.1.2", 1, 0, 0, 0)), 3);
	assert_int_equal(first(classifier, tuple_of("1.1.1.1", "1.1.1.2", 47, 0, 0, 0)), -1);
	classifier_destroy(classifier);
}

static void test_flags(void **state)
{
	/* SYN of SYN and ACK; no flag at all of all; anything. */
	struct match matches[] = {
		{.flags = 2, .flag_mask = 2 | 16}, {.flags = 0, .flag_mask = 255}, {.flags = 0}};
	struct classifier *classifier = compile(matches, COUNT(matches));

	(void)state;
	assert_int_equal(first(classifier, tuple_of("1.1.1.1", "1.1.1.2", 6, 1, 5, 2)), 0);
	assert_int_equal(
		first(classifier, tuple_of("1.1.1.1", "1.1.1.2", 6, 1, 5, 2 | 1 | 128)), 0);
	assert_int_equal(first(classifier, tuple_of("1.1.1.1", "1.1.1.2", 6, 1, 5, 18)), 2);
	assert_int_equal(first(classifier, tuple_of("1.1.1.1", "1.1.1.2", 6, 1, 5, 0)), 1);
	/* Flags are TCP's. */
	assert_int_equal(first(classifier, tuple_of("1.1.1.1", "1.1.1.2", 17, 1, 5, 2)), 2);
	classifier_destroy(classifier);
}

static void test_refused(void **state)
{
	static const struct match_port reversed = {2, 1, false};
	struct match_address deep = {.prefix = {.version = 4, .depth = 33}},
			     six = {.prefix = {.version = 6, .depth = 129}},
			     none = {.prefix = {.version = 5, .depth = 1}};
	const struct match bad[] = {{.source_ports = &reversed, .source_port_count = 1},
		{.destination_ports = &reversed, .destination_port_count = 1},
		{.sources = &deep, .source_count = 1},
		{.destinations = &six, .destination_count = 1},
		{.destinations = &none, .destination_count = 1}, {.flags = 3, .flag_mask = 1}};
	struct match *many = calloc(CLASSIFIER_MATCH_MAX + 1, sizeof(*many));
	struct classifier *classifier = NULL;

	(void)state;
	assert_non_null(many);
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(classifier_create(&bad[i], 1, &classifier), -EINVAL);
	assert_int_equal(classifier_create(many, CLASSIFIER_MATCH_MAX + 1, &classifier), -E2BIG);
	assert_null(classifier);
	assert_int_equal(classifier_create(many, CLASSIFIER_MATCH_MAX, &classifier), 0);
	assert_int_equal(first(classifier, tuple_of("::1", "::2", 6, 1, 2, 3)), 0);
	classifier_destroy(classifier);
	free(many);
}

/* ---- random lists ---- */

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
	classifier = compile(matches, count);
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
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_negated),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
