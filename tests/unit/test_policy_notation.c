/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Suricata's notation of addresses and ports: lists with the sets worked out by hand, then random
 * ones against plain sets of a few sample values.
 */
#include "tests/unit/check.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/policy/scope.h"
#include "tests/unit/folder.h"
#include "tests/unit/policy_fixture.h"
#include "tests/unit/reference_classifier.h"

#define GROUP                                                                                      \
	"{`ReferenceSets`: {`IPSetReferences`: {`list`: {`ReferenceArn`: "                         \
	"`arn:aws:ec2:eu-1:1:prefix-list/list`}}}, `RuleVariables`: {`IPSets`: {"                  \
	"`TWO`: {`Definition`: [`$ONE`, `10.0.0.8/29`]}, `ONE`: {`Definition`: [`10.0.0.0/30`]}, " \
	"`NOT`: {`Definition`: [`!10.0.0.0/30`]}}, `PortSets`: {`WEB`: {`Definition`: [`1:3`, "    \
	"`!2`]}}}, `RulesSource`: {`RulesString`: `drop tcp %s %s -> any any (sid:1;)`}}"

static int try(const char *source, const char *port, struct policy_document **ret_document)
{
	char group[4096], message[POLICY_MESSAGE_SIZE];
	const struct policy_fixture fixture = {
		.policy = STATEFUL_POLICY,
		.groups = {group},
		.prefixes = "10.0.0.4/30 # four\n\n# none\r\n 2001:db8::/127\r\n",
	};

	assert_in_range(snprintf(group, sizeof(group), GROUP, source, port), 1, sizeof(group) - 1);
	return policy_fixture_try(&fixture, ret_document, message);
}

static bool accepts_address(const struct policy_document *document, const char *address)
{
	struct tuple tuple = {
		.version = strchr(address, ':') ? 6 : 4, .protocol = 6, .has_ports = true};

	assert_int_equal(
		inet_pton(tuple.version == 4 ? AF_INET : AF_INET6, address, tuple.source), 1);
	return reference_classifier_first(&document->rules.stateful[0].match, 1, &tuple) == 0;
}

/* A port, or -1 for a packet without. */
static bool accepts_port(const struct policy_document *document, int port)
{
	const struct tuple tuple = {.version = 4,
		.protocol = 6,
		.has_ports = port >= 0,
		.source_port = port >= 0 ? (uint16_t)port : 0};

	return reference_classifier_first(&document->rules.stateful[0].match, 1, &tuple) == 0;
}

static void addresses(void **state)
{
	static const struct {
		const char *text;
		const char *in[4];
		const char *out[4];
	} cases[] = {
		{"any", {"0.0.0.0", "255.255.255.255", "::", "ffff::"}, {NULL}},
		{"ANY", {"10.0.0.0", "::1"}, {NULL}},
		{"10.0.0.0/8", {"10.0.0.0", "10.255.255.255"},
			{"9.255.255.255", "11.0.0.0", "a00::"}},
		{"!10.0.0.0/8", {"9.255.255.255", "11.0.0.0", "::", "a00::"}, {"10.0.0.0"}},
		{"192.0.2.1", {"192.0.2.1"}, {"192.0.2.0", "192.0.2.2"}},
		{"[10.0.0.0/8,!10.1.0.0/16]", {"10.0.0.0", "10.2.0.0"},
			{"10.1.0.0", "10.1.255.255", "11.0.0.0", "::"}},
		{"[!10.1.0.0/16, 10.0.0.0/8]", {"10.0.0.0", "10.2.0.0"}, {"10.1.0.0", "11.0.0.0"}},
		/* The negated ones go out whatever stands behind them. */
		{"[10.0.0.0/8,!10.1.0.0/16,10.1.2.0/24]", {"10.0.0.0"}, {"10.1.2.0", "10.1.0.0"}},
		{"[[10.0.0.0/8,!10.1.0.0/16],10.1.2.0/24]", {"10.0.0.0"}, {"10.1.2.0"}},
		{"![10.0.0.0/8,11.0.0.0/8]", {"12.0.0.0", "::"}, {"10.0.0.0", "11.0.0.0"}},
		{"[!10.0.0.0/8,!11.0.0.0/8]", {"12.0.0.0", "::"}, {"10.0.0.0", "11.0.0.0"}},
		{"![!10.0.0.0/8,!11.0.0.0/8]", {"10.0.0.0", "11.0.0.0"}, {"12.0.0.0", "::"}},
		{"[any,!10.0.0.0/8]", {"11.0.0.0", "::"}, {"10.0.0.0"}},
		{"[0.0.0.0/0,!10.0.0.0/8]", {"11.0.0.0"}, {"10.0.0.0", "::"}},
		{"!0.0.0.0/0", {"::"}, {"0.0.0.0", "10.0.0.0"}},
		{"[2001:db8::/32,!2001:db8:1::/48]", {"2001:db8::1", "2001:db8:2::"},
			{"2001:db8:1::1", "2001:db9::", "32.1.13.184"}},
		{"$HOME_NET", {"10.0.0.0", "172.31.255.255", "192.168.1.1"},
			{"172.32.0.0", "8.8.8.8"}},
		{"$EXTERNAL_NET", {"172.32.0.0", "8.8.8.8", "2001:db8::"},
			{"10.0.0.0", "192.168.1.1"}},
		{"$TWO", {"10.0.0.3", "10.0.0.8"}, {"10.0.0.4", "10.0.0.16"}},
		{"!$TWO", {"10.0.0.4", "10.0.0.16"}, {"10.0.0.3", "10.0.0.8"}},
		{"[$TWO,!$ONE]", {"10.0.0.8", "10.0.0.15"}, {"10.0.0.0", "10.0.0.3"}},
		{"$NOT", {"10.0.0.4", "::"}, {"10.0.0.0", "10.0.0.3"}},
		{"!$NOT", {"10.0.0.0", "10.0.0.3"}, {"10.0.0.4", "::"}},
		{"@list", {"10.0.0.4", "10.0.0.7", "2001:db8::1"}, {"10.0.0.3", "2001:db8::2"}},
		{"!@list", {"10.0.0.3", "2001:db8::2"}, {"10.0.0.4", "2001:db8::1"}},
		{"[$TWO,@list,!10.0.0.4/31]", {"10.0.0.0", "10.0.0.6", "10.0.0.9"}, {"10.0.0.5"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct policy_document *document;

		assert_int_equal(try(cases[i].text, "any", &document), 0);
		for (int j = 0; j < 4 && cases[i].in[j]; j++)
			assert_true(accepts_address(document, cases[i].in[j]));
		for (int j = 0; j < 4 && cases[i].out[j]; j++)
			assert_false(accepts_address(document, cases[i].out[j]));
		policy_document_destroy(document);
	}
}

static void ports(void **state)
{
	static const struct {
		const char *text;
		int in[4]; /* up to -2; -1: a packet without ports */
		int out[4];
	} cases[] = {
		{"any", {-1, 0, 65535, -2}, {-2}},
		{"0:65535", {-1, 0, 65535, -2}, {-2}},
		{"0:", {-1, 0, 65535, -2}, {-2}},
		{":65535", {-1, 0, 65535, -2}, {-2}},
		{"80", {80, -2}, {79, 81, -1, -2}},
		{"1024:", {1024, 65535, -2}, {1023, 0, -1, -2}},
		{":1023", {0, 1023, -2}, {1024, 65535, -1, -2}},
		{"!80", {79, 81, -1, -2}, {80, -2}},
		{"[80,443,!8080]", {80, 443, -2}, {8080, 81, -1, -2}},
		{"[8000:8100,!8080]", {8000, 8100, -2}, {8080, 7999, 8101, -2}},
		{"![80,443]", {79, 444, -2}, {80, 443, -2}},
		{"[1:1,[2,[3]]]", {1, 2, 3, -2}, {0, 4, -1, -2}},
		{"$WEB", {1, 3, -2}, {2, 4, -2}},
		{"[any,!25]", {24, 26, -1, -2}, {25, -2}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct policy_document *document;

		assert_int_equal(try("any", cases[i].text, &document), 0);
		for (int j = 0; j < 4 && cases[i].in[j] > -2; j++)
			assert_true(accepts_port(document, cases[i].in[j]));
		for (int j = 0; j < 4 && cases[i].out[j] > -2; j++)
			assert_false(accepts_port(document, cases[i].out[j]));
		policy_document_destroy(document);
	}
}

/* A list as it is written, and the sets of samples that its plain and negated elements hold. */
struct random_list {
	char text[2048];
	uint64_t plain;
	uint64_t negated;
	bool has_plain;
	bool has_negated;
	bool whole;	    /* one plain element holds everything */
	bool negated_whole; /* one negated element does */
	bool refused;	    /* a negated list of both kinds */
};

/* Samples: addresses 10.0.0.0–15, 2001:db8::–f, then 10.0.0.16, 2001:db8::10; bits in this order.
 * Ports 0–9, 65535, none. */
enum { SAMPLES_V6 = 16, OUTSIDE_V4 = 32, OUTSIDE_V6 = 33, PORT_LAST = 10, PORT_NONE = 11 };

static uint64_t bits(unsigned int low, unsigned int high)
{
	return (UINT64_MAX >> (63 - high + low)) << low;
}

static void random_address(struct random_list *list)
{
	unsigned int depth = (unsigned int)rand() % 5; /* of the last four bits */
	unsigned int size = 16U >> depth;
	unsigned int first = (unsigned int)rand() % 16 / size * size;

	list->has_plain = true;
	switch (rand() % 16) {
	case 0:
		strcpy(list->text, "0.0.0.0/0");
		list->plain = bits(0, 15) | bits(OUTSIDE_V4, OUTSIDE_V4);
		break;
	case 1:
		strcpy(list->text, "any");
		list->plain = bits(0, OUTSIDE_V6);
		break;
	case 2:
	case 3:
	case 4:
	case 5:
		snprintf(list->text, sizeof(list->text), "2001:db8::%x/%u", first, 124 + depth);
		list->plain = bits(first, first + size - 1) << SAMPLES_V6;
		break;
	default:
		snprintf(list->text, sizeof(list->text), "10.0.0.%u/%u", first, 28 + depth);
		list->plain = bits(first, first + size - 1);
	}
}

static void random_port(struct random_list *list)
{
	unsigned int low = (unsigned int)rand() % 10;
	unsigned int high = low + (unsigned int)rand() % (10 - low);

	list->has_plain = true;
	switch (rand() % 16) {
	case 0:
		strcpy(list->text, "any");
		list->plain = bits(0, PORT_LAST);
		list->whole = true;
		break;
	case 1:
	case 2:
		snprintf(list->text, sizeof(list->text), "%u:", low);
		list->plain = bits(low, PORT_LAST);
		list->whole = low == 0;
		break;
	default:
		snprintf(list->text, sizeof(list->text), "%u:%u", low, high);
		list->plain = bits(low, high);
	}
}

static void add(struct random_list *list, const struct random_list *other)
{
	list->plain |= other->plain;
	list->negated |= other->negated;
	list->has_plain |= other->has_plain;
	list->has_negated |= other->has_negated;
	list->whole |= other->whole;
	list->negated_whole |= other->negated_whole;
	list->refused |= other->refused;
}

static void negate(struct random_list *list)
{
	struct random_list plain = *list;

	memmove(list->text + 1, list->text, strlen(list->text) + 1);
	list->text[0] = '!';
	list->refused |= list->has_plain && list->has_negated;
	list->plain = plain.negated;
	list->negated = plain.plain;
	list->has_plain = plain.has_negated;
	list->has_negated = plain.has_plain;
	list->whole = plain.negated_whole;
	list->negated_whole = plain.whole;
}

static void random_list(struct random_list *list, void (*leaf)(struct random_list *), int depth)
{
	int count = depth > 0 ? rand() % 4 : 0;

	memset(list, 0, sizeof(*list));
	if (count == 0)
		leaf(list);
	else
		strcpy(list->text, "[");
	for (int i = 0; i < count; i++) {
		struct random_list item;

		random_list(&item, leaf, depth - 1);
		add(list, &item);
		snprintf(list->text + strlen(list->text), sizeof(list->text) - strlen(list->text),
			"%s%s", item.text, i + 1 < count ? "," : "]");
	}
	if (rand() % 3 == 0)
		negate(list);
}

static uint64_t accepted(const struct random_list *list, uint64_t everything)
{
	return (list->has_plain ? list->plain : everything) & ~list->negated;
}

/* Read a list by itself. Returns as scope_list(), and then a match of that list as its source. */
static int read_list(
	enum list_type type, const char *text, struct arena *arena, struct match *match)
{
	char message[POLICY_MESSAGE_SIZE];
	struct config_reader reader = {
		.file = "t", .text = "", .message = message, .size = sizeof(message)};
	struct scope scope;
	struct list list = {0};
	int ret;

	assert_int_equal(scope_init(&scope, arena, NULL), 0);
	ret = scope_list(&scope, type, &reader, text, &list);
	scope_fini(&scope);
	*match = (struct match){0};
	if (type == LIST_ADDRESSES) {
		match->sources = list.elements;
		match->source_count = list.count;
	} else {
		match->source_ports = list.elements;
		match->source_port_count = list.count;
	}
	return ret;
}

/* Sample j of the list's type as a tuple. */
static struct tuple sample(enum list_type type, int j)
{
	struct tuple tuple = {.version = 4, .protocol = 6, .has_ports = true};

	if (type == LIST_PORTS) {
		tuple.has_ports = j != PORT_NONE;
		tuple.source_port = j == PORT_LAST ? UINT16_MAX : j == PORT_NONE ? 0 : (uint16_t)j;
	} else if (j < SAMPLES_V6 || j == OUTSIDE_V4) {
		memcpy(tuple.source, (uint8_t[]){10, 0, 0, j == OUTSIDE_V4 ? 16 : (uint8_t)j}, 4);
	} else {
		tuple.version = 6;
		memcpy(tuple.source, (uint8_t[]){0x20, 0x01, 0x0d, 0xb8}, 4);
		tuple.source[15] = j == OUTSIDE_V6 ? 16 : (uint8_t)(j - SAMPLES_V6);
	}
	return tuple;
}

static void random_lists(
	enum list_type type, void (*leaf)(struct random_list *list), int last, unsigned int seed)
{
	srand(seed);
	for (int i = 0; i < 20000; i++) {
		struct arena arena = {0};
		struct random_list list;
		struct match match;
		uint64_t expected;
		int ret;

		random_list(&list, leaf, 3);
		expected = list.refused ? 0 : accepted(&list, bits(0, (unsigned int)last));
		ret = read_list(type, list.text, &arena, &match);
		if ((ret == 0) != (expected != 0))
			fail_msg("seed %u, list %s: %d", seed, list.text, ret);
		if (type == LIST_PORTS && (!list.has_plain || list.whole))
			expected |= bits(PORT_NONE, PORT_NONE);
		for (int j = 0; ret == 0 && j <= (type == LIST_PORTS ? PORT_NONE : last); j++) {
			const struct tuple tuple = sample(type, j);

			if ((reference_classifier_first(&match, 1, &tuple) == 0) !=
				(expected >> j & 1))
				fail_msg("seed %u, list %s: sample %d", seed, list.text, j);
		}
		arena_fini(&arena);
	}
}

static void random_addresses(void **state)
{
	(void)state;
	random_lists(LIST_ADDRESSES, random_address, OUTSIDE_V6, 20240501);
}

static void random_ports(void **state)
{
	(void)state;
	random_lists(LIST_PORTS, random_port, PORT_LAST, 20240502);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(ports),
		cmocka_unit_test(random_addresses),
		cmocka_unit_test(random_ports),
	};

	return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
