/* SPDX-License-Identifier: BSD-3-Clause */
/* The classifier: fixed cases, each a known trap. Random lists are in the files beside. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

#include "lpm/lpm.h"
#include "tests/unit/check.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

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
	struct tuple tuple = tuple_of("10.0.0.1", "10.0.0.2", 6, 1, 2, 0);

	(void)state;
	assert_int_equal(first(classifier, tuple), -1);
	assert_int_equal(classifier_next(classifier, &tuple, -1), -1);
	assert_int_equal(classifier_next(classifier, &tuple, 0), -1);
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

/* The first match alone, and only without any constraint. */
static void test_takes_all(void **state)
{
	static const struct match_port port = {1, 2, false};
	static const uint8_t tcp = 6;
	struct match_address address = {.prefix = {.version = 4}};
	const struct match constraints[] = {{.sources = &address, .source_count = 1},
		{.destinations = &address, .destination_count = 1},
		{.source_ports = &port, .source_port_count = 1},
		{.destination_ports = &port, .destination_port_count = 1},
		{.protocols = &tcp, .protocol_count = 1}, {.flag_mask = 1}};
	struct classifier *classifier = compile(NULL, 0);

	(void)state;
	assert_false(classifier_takes_all(classifier));
	classifier_destroy(classifier);
	for (unsigned i = 0; i < COUNT(constraints); i++) {
		struct match matches[] = {constraints[i], {.flags = 0}};

		classifier = compile(matches, 2);
		assert_false(classifier_takes_all(classifier));
		classifier_destroy(classifier);
		classifier = compile(&matches[1], 1);
		assert_true(classifier_takes_all(classifier));
		classifier_destroy(classifier);
	}
}

/* Two blocks of like matches, their indexes alternating: the odd ones are of another source. */
static void test_next(void **state)
{
	enum { MATCHES = 2000 };
	struct match_address even = address_of("10.0.0.0/8"), odd = address_of("10.1.0.0/16");
	struct tuple both = tuple_of("10.1.0.1", "1.1.1.1", 6, 1, 2, 0),
		     one = tuple_of("10.2.0.1", "1.1.1.1", 6, 1, 2, 0),
		     none = tuple_of("11.0.0.1", "1.1.1.1", 6, 1, 2, 0);
	static struct match matches[MATCHES];

	(void)state;
	for (int32_t i = 0; i < MATCHES; i++)
		matches[i] =
			(struct match){.sources = i % 2 == 0 ? &even : &odd, .source_count = 1};
	struct classifier *classifier = compile(matches, MATCHES);
	for (int32_t after = -1; after < MATCHES - 1; after++) {
		int32_t next_even = after % 2 == 0 ? after + 2 : after + 1;

		assert_int_equal(classifier_next(classifier, &both, after), after + 1);
		assert_int_equal(classifier_next(classifier, &one, after),
			next_even < MATCHES ? next_even : -1);
		assert_int_equal(classifier_next(classifier, &none, after), -1);
	}
	assert_int_equal(classifier_next(classifier, &both, INT32_MIN), 0);
	assert_int_equal(classifier_next(classifier, &both, MATCHES - 1), -1);
	assert_int_equal(classifier_next(classifier, &both, MATCHES), -1);
	assert_int_equal(classifier_next(classifier, &both, UINT16_MAX), -1);
	assert_int_equal(classifier_next(classifier, &both, INT32_MAX), -1);
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
	struct tuple tuple = tuple_of("::1", "::2", 6, 1, 2, 3);
	assert_int_equal(first(classifier, tuple), 0);
	assert_int_equal(classifier_next(classifier, &tuple, CLASSIFIER_MATCH_MAX - 2),
		CLASSIFIER_MATCH_MAX - 1);
	assert_int_equal(classifier_next(classifier, &tuple, CLASSIFIER_MATCH_MAX - 1), -1);
	classifier_destroy(classifier);
	free(many);
}

/* More classes of ports than their tables hold numbers, and than can be crossed. */
static void test_many_ports(void **state)
{
	enum { PORTS = 65536 };
	static const uint8_t protocols[] = {6, 17};
	struct match *matches = calloc(PORTS, sizeof(*matches));
	struct match_port *ports = calloc(PORTS, sizeof(*ports));

	(void)state;
	assert_non_null(matches);
	assert_non_null(ports);
	for (uint32_t i = 0; i < PORTS; i++) {
		ports[i] = (struct match_port){(uint16_t)i, (uint16_t)i, false};
		matches[i] =
			(struct match){.destination_ports = &ports[i], .destination_port_count = 1};
	}
	struct classifier *classifier = compile(matches, PORTS);
	for (uint32_t i = 0; i < PORTS; i++)
		assert_int_equal(
			first(classifier, tuple_of("::1", "::2", 6, 0, (uint16_t)i, 0)), i);
	assert_int_equal(first(classifier, tuple_of("::1", "::2", 1, 0, 0, 0)), -1);
	classifier_destroy(classifier);

	for (uint32_t i = 0; i < PORTS; i++) {
		matches[i].source_ports = &ports[PORTS - 1 - i];
		matches[i].source_port_count = 1;
		matches[i].protocols = &protocols[i % 2];
		matches[i].protocol_count = 1;
	}
	classifier = compile(matches, PORTS);
	for (uint32_t i = 0; i < PORTS; i++) {
		uint16_t source = (uint16_t)(PORTS - 1 - i), destination = (uint16_t)i;
		struct tuple tuple =
			tuple_of("10.0.0.1", "10.0.0.2", protocols[i % 2], source, destination, 0);
		int32_t bulk[2];

		assert_int_equal(first(classifier, tuple), i);
		struct tuple both[] = {tuple, tuple};
		both[0].protocol ^= 6 ^ 17;
		classifier_first_bulk(classifier, both, 2, bulk);
		assert_int_equal(bulk[0], -1);
		assert_int_equal(bulk[1], i);
		assert_int_equal(classifier_next(classifier, &tuple, -1), i);
	}
	classifier_destroy(classifier);
	free(matches);
	free(ports);
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
		cmocka_unit_test(test_takes_all),
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_many_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
