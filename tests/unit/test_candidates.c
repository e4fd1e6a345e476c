/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The candidates of IPv4: lists that have them and lists that are to be left to the bitsets, each
 * against the plainest reference, and the bitsets alone beside. Built a second time without the
 * vector operations.
 */
#include <stdlib.h>
#include <string.h>

#include "lpm/classifier.h"
#include "tests/unit/check.h"
#include "tests/unit/reference_classifier.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

enum { MATCHES_MAX = 64, ELEMENTS_MAX = 20, LISTS = 40, TUPLES = 3000, BULK = 100 };

/* What random lists are made of. */
struct shape {
	const char *name;
	uint32_t matches;
	uint32_t any;	    /* in so many of 8 matches an address list is ANY */
	uint32_t elements;  /* the most of an address list */
	uint8_t depth;	    /* the least */
	uint8_t hosts;	    /* so many of the low bits of addresses differ */
	uint32_t source;    /* the most source port ranges: 0, or a bound to draw from */
	uint32_t protocols; /* so many numbers */
	uint32_t flags;	    /* so many masks of TCP flags */
	bool candidates;    /* whether most lists are to have them, or none */
	bool chained;	    /* whether some tuples are to be decided by further blocks */
};

static const struct shape shapes[] = {
	{"hosts to hosts", 48, 0, 1, 32, 2, 2, 2, 0, true, true},
	{"nested prefixes", 16, 1, 1, 8, 4, 2, 2, 1, true, true},
	{"one source", 64, 4, 1, 32, 0, 3, 2, 0, true, true},
	{"ports alone", 64, 8, 0, 0, 0, 3, 2, 1, true, true},
	{"lists with negated elements", 8, 1, 6, 20, 8, 2, 3, 0, true, true},
	{"one match", 1, 2, 2, 24, 4, 1, 1, 1, true, false},
	{"many ranges of source ports", 64, 1, 1, 24, 6, 40, 2, 0, false, false},
	{"many protocols", 64, 1, 1, 24, 6, 1, 40, 0, false, false},
	{"long lists of addresses", 16, 0, ELEMENTS_MAX, 24, 8, 1, 2, 0, false, false},
};

struct list_match {
	struct match_address sources[ELEMENTS_MAX];
	struct match_address destinations[ELEMENTS_MAX];
	struct match_port source_port;
	struct match_port destination_ports[2];
	uint8_t protocol;
};

static uint32_t below(uint32_t bound)
{
	return (uint32_t)random() % bound;
}

static void set_address(uint8_t *address, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		address[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* 10.1.2.0 and up, or just below. */
static uint32_t random_host(const struct shape *shape)
{
	return 0x0a010200 + below(1U << shape->hosts) - (below(16) == 0);
}

static uint32_t random_addresses(const struct shape *shape, struct match_address *list)
{
	/* The most elements at times, so that they are too many where they are to be. */
	uint32_t count = shape->elements;

	if (below(8) < shape->any)
		return 0;
	if (shape->candidates)
		count = 1 + below(shape->elements);
	for (uint32_t i = 0; i < count; i++) {
		uint8_t depth = (uint8_t)(shape->depth + below(33U - shape->depth));
		uint32_t mask = depth == 0 ? 0 : UINT32_MAX << (32 - depth);

		list[i] = (struct match_address){.prefix = {.version = 4, .depth = depth},
			.negated = count > 1 && below(4) == 0};
		set_address(list[i].prefix.address, random_host(shape) & mask);
	}
	return count;
}

static struct match_port random_range(void)
{
	static const uint16_t edges[] = {0, 1, 80, 81, 1024, 65534, 65535};
	uint16_t a = edges[below(COUNT(edges))], b = below(2) == 0 ? a : edges[below(COUNT(edges))];

	return (struct match_port){RTE_MIN(a, b), RTE_MAX(a, b), below(8) == 0};
}

static void random_match(const struct shape *shape, struct match *match, struct list_match *lists)
{
	*match = (struct match){.sources = lists->sources,
		.destinations = lists->destinations,
		.source_ports = &lists->source_port,
		.destination_ports = lists->destination_ports,
		.protocols = &lists->protocol};
	match->source_count = random_addresses(shape, lists->sources);
	match->destination_count = random_addresses(shape, lists->destinations);
	match->source_port_count = below(3) == 0;
	/* Up to 6 inner edges make 7 ranges. */
	uint16_t edge = (uint16_t)(1000 * (1 + below(shape->source)));
	lists->source_port = below(2) == 0 ? (struct match_port){0, edge, below(4) == 0}
					   : (struct match_port){edge + 1, 65535, below(4) == 0};
	match->destination_port_count = below(3);
	lists->destination_ports[0] = random_range();
	lists->destination_ports[1] = random_range();
	match->protocol_count = below(4) != 0;
	lists->protocol =
		below(shape->protocols) == 0 ? 6 : (uint8_t)(16 + below(shape->protocols));
	if (shape->flags > 0 && below(4) == 0) {
		match->flag_mask = 2;
		match->flags = below(2) == 0 ? 0 : 2;
	}
}

static struct tuple random_tuple(const struct shape *shape, const struct match *matches)
{
	static const uint16_t ports[] = {0, 1, 2, 79, 80, 81, 82, 1023, 1024, 65533, 65534, 65535};
	const struct match *near = &matches[below(shape->matches)];
	struct tuple tuple = {.version = below(20) == 0 ? 6 : 4,
		.protocol = below(3) == 0 ? 17 : *near->protocols,
		.tcp_flags = (uint8_t)below(256),
		.has_ports = below(8) != 0};

	set_address(tuple.source, random_host(shape));
	set_address(tuple.destination, random_host(shape));
	if (tuple.has_ports) {
		uint16_t port = (uint16_t)(1000 * (1 + below(shape->source)) + below(2));

		tuple.source_port = below(4) == 0 ? ports[below(COUNT(ports))] : port;
		tuple.destination_port = ports[below(COUNT(ports))];
	}
	return tuple;
}

/* Whether more than a tuple's first blocks are needed to find this result. */
static bool is_chained(
	const struct candidates *candidates, const struct tuple *tuple, int32_t result)
{
	struct candidate_key key;

	if (candidates->blocks == NULL || tuple->version != 4 || result < 0)
		return false;
	candidates_set_key(candidates, tuple, &key);
	for (uint32_t d = 0; d < 2; d++) {
		const struct candidate_block *block =
			candidates_find(candidates, &key, (enum dimension)d);
		if (candidates_compare(block, &key, key.addresses[1 - d]) == (uint32_t)result)
			return false;
	}
	if (candidates->any_list == 0)
		return true;
	const struct candidate_block *any =
		candidates_bucket(candidates, candidates->any_list, key.port);
	return candidates_compare(any, &key, 0) != (uint32_t)result;
}

/* Tuples by ones and in bulk, also without the candidates. Returns how many were chained. */
static uint32_t compare(const struct classifier *classifier, const struct shape *shape,
	const struct match *matches, uint32_t *matched)
{
	struct classifier bitsets = *classifier;
	uint32_t chained = 0;

	bitsets.candidates.blocks = NULL;
	for (uint32_t done = 0; done < TUPLES; done += BULK) {
		struct tuple tuples[BULK];
		int32_t results[BULK];

		for (uint32_t i = 0; i < BULK; i++) {
			tuples[i] = random_tuple(shape, matches);
			/* Bulks of IPv4 alone are looked up together. */
			if (done % (4 * BULK) != 0)
				tuples[i].version = 4;
		}
		classifier_first_bulk(classifier, tuples, BULK, results);
		for (uint32_t i = 0; i < BULK; i++) {
			int32_t expected =
				reference_classifier_first(matches, shape->matches, &tuples[i]);

			assert_int_equal(results[i], expected);
			assert_int_equal(classifier_first(classifier, &tuples[i]), expected);
			assert_int_equal(classifier_first(&bitsets, &tuples[i]), expected);
			chained += is_chained(&classifier->candidates, &tuples[i], expected);
			*matched += expected >= 0;
		}
	}
	return chained;
}

static void run_shape(const struct shape *shape)
{
	static struct list_match lists[MATCHES_MAX];
	static struct match matches[MATCHES_MAX];
	uint32_t chained = 0, matched = 0, have = 0;

	for (uint32_t list = 0; list < LISTS; list++) {
		struct classifier *classifier;

		for (uint32_t i = 0; i < shape->matches; i++)
			random_match(shape, &matches[i], &lists[i]);
		/* Of equal matches the first one counts. */
		if (shape->matches > 1)
			matches[shape->matches / 2] = matches[0];
		assert_int_equal(classifier_create(matches, shape->matches, &classifier), 0);
		have += classifier->candidates.blocks != NULL;
		chained += compare(classifier, shape, matches, &matched);
		classifier_destroy(classifier);
	}
	print_message("%s: %u lists, %u with candidates, %u tuples, %u matched, %u chained\n",
		shape->name, LISTS, have, LISTS * TUPLES, matched, chained);
	assert_in_range(have, shape->candidates ? LISTS / 2 : 0, shape->candidates ? LISTS : 0);
	assert_true(matched > LISTS * TUPLES / 50);
	assert_int_equal(chained > 0, shape->chained);
}

static void test_shapes(void **state)
{
	const char *text = getenv("TIDEGATE_TEST_SEED");
	unsigned int seed = text != NULL ? (unsigned int)strtoul(text, NULL, 10) : 20261123;

	(void)state;
	print_message("seed %u\n", seed);
	srandom(seed);
	for (size_t i = 0; i < COUNT(shapes); i++)
		run_shape(&shapes[i]);
}

static bool has_candidates(const struct match *matches, uint32_t count)
{
	struct classifier *classifier;

	assert_int_equal(classifier_create(matches, count, &classifier), 0);
	bool has = classifier->candidates.blocks != NULL;
	classifier_destroy(classifier);
	return has;
}

/* 7 ranges of source ports, and 8 classes of protocols, are the most: 6 edges, and 7 numbers
 * beside all others. */
static void test_limits(void **state)
{
	static const uint16_t edges[] = {1, 2, 3, 4, 5, 6, 7};
	static const uint8_t numbers[] = {1, 2, 3, 4, 5, 17, 47, 50};
	struct match_port ports[COUNT(edges)];
	struct match by_port[COUNT(edges)] = {{0}}, by_protocol[COUNT(numbers)] = {{0}};

	(void)state;
	for (uint32_t i = 0; i < COUNT(edges); i++) {
		ports[i] = (struct match_port){0, edges[i], false};
		by_port[i] = (struct match){.source_ports = &ports[i], .source_port_count = 1};
	}
	for (uint32_t i = 0; i < COUNT(numbers); i++)
		by_protocol[i] = (struct match){.protocols = &numbers[i], .protocol_count = 1};
	assert_true(has_candidates(by_port, 6));
	assert_false(has_candidates(by_port, 7));
	assert_true(has_candidates(by_protocol, 7));
	assert_false(has_candidates(by_protocol, 8));
}

/* The most matches that candidates have numbers for, all of one source; and one more. */
static void test_most_matches(void **state)
{
	enum { MOST = CANDIDATES_NONE };
	struct match_address source = {.prefix = {.version = 4, .depth = 8, .address = {10}}};
	struct match *matches = calloc(MOST + 1, sizeof(*matches));
	struct match_port *ports = calloc(MOST + 1, sizeof(*ports));
	struct classifier *classifier;

	(void)state;
	assert_non_null(matches);
	assert_non_null(ports);
	for (uint32_t i = 0; i <= MOST; i++) {
		ports[i] = (struct match_port){(uint16_t)i, (uint16_t)i, false};
		matches[i] = (struct match){.sources = &source,
			.source_count = 1,
			.destination_ports = &ports[i],
			.destination_port_count = 1};
	}
	for (uint32_t count = MOST; count <= MOST + 1; count++) {
		assert_int_equal(classifier_create(matches, count, &classifier), 0);
		assert_int_equal(classifier->candidates.blocks != NULL, count == MOST);
		for (uint32_t i = 0; i <= MOST; i++) {
			struct tuple tuple = {.source = {10, 1},
				.version = 4,
				.protocol = 17,
				.has_ports = true,
				.destination_port = (uint16_t)i};
			int32_t expected = i < count ? (int32_t)i : -1, result;

			assert_int_equal(classifier_first(classifier, &tuple), expected);
			classifier_first_bulk(classifier, &tuple, 1, &result);
			assert_int_equal(result, expected);
		}
		classifier_destroy(classifier);
	}
	free(matches);
	free(ports);
}

/* A source of many matches that each of many prefixes lies within: lists past what is allowed. */
static void test_budget(void **state)
{
	enum { MATCHES = 2000 };
	static struct match_address sources[MATCHES], destinations[MATCHES];
	static struct match matches[MATCHES];
	struct classifier *classifier;

	(void)state;
	for (uint32_t i = 0; i < MATCHES; i++) {
		/* Half are 10.0.0.0/8 to hosts' networks, the others a host in it to 0.0.0.0/0. */
		bool wide = i % 2 == 0;

		sources[i].prefix = (struct prefix){.version = 4, .depth = wide ? 8 : 32};
		set_address(sources[i].prefix.address, wide ? 10U << 24 : (10U << 24) + 512 * i);
		destinations[i].prefix = (struct prefix){.version = 4, .depth = wide ? 7 : 0};
		set_address(destinations[i].prefix.address, wide ? (i % 128) << 25 : 0);
		matches[i] = (struct match){.sources = &sources[i],
			.destinations = &destinations[i],
			.source_count = 1,
			.destination_count = 1};
	}
	assert_int_equal(classifier_create(matches, MATCHES, &classifier), 0);
	assert_null(classifier->candidates.blocks);
	for (uint32_t i = 0; i < MATCHES; i++) {
		struct tuple tuple = {.version = 4, .protocol = 1};

		set_address(tuple.source, (10U << 24) + 512 * i);
		set_address(tuple.destination, (i % 128) << 25);
		assert_int_equal(classifier_first(classifier, &tuple),
			reference_classifier_first(matches, MATCHES, &tuple));
	}
	classifier_destroy(classifier);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_most_matches),
		cmocka_unit_test(test_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
