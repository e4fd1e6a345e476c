/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What decides a packet and why other rules do not, of random rules and packets: against the
 * plainest classifier, asked for one field after the other.
 */
#include "control/policy/explain.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/check.h"
#include "tests/unit/reference_classifier.h"

enum { TCP = 6, UDP = 17, ICMP = 1 };

enum {
	STATELESS = 8,
	STATEFUL = 12,
	LISTS = 6,
	LIST_MAX = 40,
	POLICIES = 300,
	PACKETS = 300,
	FIELDS = EXPLAIN_TCP_FLAGS + 1,
};

static uint32_t below(uint32_t bound)
{
	return (uint32_t)random() % bound;
}

/* Of a small world, so that prefixes meet. */
static void random_address(uint8_t version, uint8_t address[16])
{
	static const uint8_t bytes[] = {0, 1, 127, 128, 255};

	memset(address, 0, 16);
	for (uint32_t i = 0; i < (version == 4 ? 4u : 16u); i++)
		address[i] = i < 1 ? 10 : bytes[below(5)];
}

static struct match_address random_element(uint32_t count)
{
	struct match_address element = {.prefix = {.version = below(2) == 0 ? 4 : 6}};
	uint32_t bits = element.prefix.version == 4 ? 32 : 128;

	random_address(element.prefix.version, element.prefix.address);
	/* Long lists of short prefixes would hold everything. */
	element.prefix.depth = (uint8_t)(count > 4 ? 8 + below(bits - 7) : below(bits + 1));
	for (uint32_t bit = element.prefix.depth; bit < 128; bit++)
		element.prefix.address[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
	element.negated = below(4) == 0;
	return element;
}

/* What the rules of one policy choose from: lists that several of them share. */
struct pool {
	struct match_address addresses[LISTS][LIST_MAX];
	struct match_port ports[LISTS][LIST_MAX];
	uint32_t address_counts[LISTS];
	uint32_t port_counts[LISTS];
};

static void fill_pool(struct pool *pool)
{
	static const uint32_t counts[LISTS] = {0, 0, 1, 3, 15, LIST_MAX};

	for (uint32_t i = 0; i < LISTS; i++) {
		pool->address_counts[i] = pool->port_counts[i] = counts[i];
		for (uint32_t j = 0; j < counts[i]; j++) {
			uint16_t low = (uint16_t)below(UINT16_MAX + 1);

			pool->addresses[i][j] = random_element(counts[i]);
			pool->ports[i][j] = (struct match_port){
				low, (uint16_t)(low + below(UINT16_MAX + 1u - low)), below(6) == 0};
		}
	}
}

static struct match random_match(const struct pool *pool)
{
	static const uint8_t protocols[] = {TCP, UDP};
	struct match match = {.protocols = &protocols[below(2)], .protocol_count = below(3) == 0};
	uint32_t at;

	at = below(LISTS), match.sources = pool->addresses[at];
	match.source_count = pool->address_counts[at];
	at = below(LISTS), match.destinations = pool->addresses[at];
	match.destination_count = pool->address_counts[at];
	at = below(LISTS), match.source_ports = pool->ports[at];
	match.source_port_count = pool->port_counts[at];
	at = below(LISTS), match.destination_ports = pool->ports[at];
	match.destination_port_count = pool->port_counts[at];
	match.flag_mask = below(3) == 0 ? (uint8_t)below(32) : 0;
	match.flags = (uint8_t)below(32) & match.flag_mask;
	return match;
}

static struct explain_packet random_packet(void)
{
	static const uint8_t protocols[] = {TCP, UDP, ICMP};
	struct explain_packet packet = {
		.tuple = {.version = below(2) == 0 ? 4 : 6,
			.protocol = protocols[below(3)],
			.tcp_flags = (uint8_t)below(32)},
		.to_client = below(2) == 0,
		.established = below(2) == 0,
		.fragment = below(4) == 0,
	};
	struct tuple *tuple = &packet.tuple;

	random_address(tuple->version, tuple->source);
	random_address(tuple->version, tuple->destination);
	tuple->has_ports = tuple->protocol != ICMP;
	if (tuple->has_ports) {
		tuple->source_port = (uint16_t)below(UINT16_MAX + 1);
		tuple->destination_port = (uint16_t)below(UINT16_MAX + 1);
	}
	return packet;
}

/* The match with its first count fields alone. */
static struct match cut(const struct match *match, int count)
{
	struct match part = *match;

	part.source_count = count > EXPLAIN_SOURCE_ADDRESS ? match->source_count : 0;
	part.destination_count = count > EXPLAIN_DESTINATION_ADDRESS ? match->destination_count : 0;
	part.source_port_count = count > EXPLAIN_SOURCE_PORT ? match->source_port_count : 0;
	part.destination_port_count =
		count > EXPLAIN_DESTINATION_PORT ? match->destination_port_count : 0;
	part.protocol_count = count > EXPLAIN_PROTOCOL ? match->protocol_count : 0;
	part.flag_mask = count > EXPLAIN_TCP_FLAGS ? match->flag_mask : 0;
	return part;
}

/* The field at which the reference refuses it first, or FIELDS. */
static int reference_field(const struct match *match, const struct tuple *tuple)
{
	for (int count = 1; count <= FIELDS; count++) {
		const struct match part = cut(match, count);

		if (reference_classifier_first(&part, 1, tuple) < 0)
			return count - 1;
	}
	return FIELDS;
}

static int reference_stateful(const struct stateful_rule *rule, const struct explain_packet *packet)
{
	struct tuple other = packet->tuple;
	int field = reference_field(&rule->match, &packet->tuple), exchanged;

	memcpy(other.source, packet->tuple.destination, 16);
	memcpy(other.destination, packet->tuple.source, 16);
	other.source_port = packet->tuple.destination_port;
	other.destination_port = packet->tuple.source_port;
	exchanged = rule->both ? reference_field(&rule->match, &other) : 0;
	field = exchanged > field ? exchanged : field;
	if (field < FIELDS)
		return field;
	if (rule->flow & (RULE_TO_SERVER | RULE_TO_CLIENT) &&
		!(rule->flow & (packet->to_client ? RULE_TO_CLIENT : RULE_TO_SERVER)))
		return EXPLAIN_FLOW_DIRECTION;
	if (rule->flow & (RULE_ESTABLISHED | RULE_NOT_ESTABLISHED) &&
		!(rule->flow & (packet->established ? RULE_ESTABLISHED : RULE_NOT_ESTABLISHED)))
		return EXPLAIN_FLOW_STATE;
	return rule->action == STATEFUL_ALERT ? EXPLAIN_ALERTS : EXPLAIN_REASON_COUNT;
}

/* Whoever decides, every rule before has the reference's reason and itself none. */
static void compare(const struct policy_document *document, const struct explain_packet *packet,
	const struct explanation *explanation)
{
	const struct policy_rules *rules = &document->rules;
	uint32_t stateless = explanation->tried[RULE_STATELESS];
	bool forwarded = stateless > 0 && explanation->reasons[stateless - 1] == EXPLAIN_FORWARDS;

	for (uint32_t i = 0; i < stateless - forwarded; i++)
		assert_int_equal(explanation->reasons[i],
			reference_field(&rules->stateless[i].match, &packet->tuple));
	if (forwarded || (explanation->kind == RULE_STATELESS && explanation->rule != RULE_NONE)) {
		const struct stateless_rule *rule = &rules->stateless[stateless - forwarded];

		assert_int_equal(reference_field(&rule->match, &packet->tuple), FIELDS);
		assert_int_equal(rule->verdict.action == STATELESS_FORWARD, forwarded);
	} else {
		assert_int_equal(stateless, rules->stateless_count);
	}
	for (uint32_t i = 0; i < explanation->tried[RULE_STATEFUL]; i++)
		assert_int_equal(explanation->reasons[stateless + i],
			reference_stateful(&rules->stateful[i], packet));
	if (explanation->kind != RULE_STATEFUL)
		return;
	if (explanation->rule == RULE_NONE) {
		assert_int_equal(explanation->tried[RULE_STATEFUL], rules->stateful_count);
		return;
	}
	assert_int_equal(explanation->rule, explanation->tried[RULE_STATEFUL]);
	assert_int_equal(reference_stateful(&rules->stateful[explanation->rule], packet),
		EXPLAIN_REASON_COUNT);
	assert_int_equal(explanation->verdict, rules->stateful[explanation->rule].action);
}

/* The classifier of the stateless rules finds the one that explain_packet() stopped at. */
static void compare_classifier(const struct classifier *classifier,
	const struct explain_packet *packet, const struct explanation *explanation)
{
	uint32_t stateless = explanation->tried[RULE_STATELESS];
	bool forwarded = stateless > 0 && explanation->reasons[stateless - 1] == EXPLAIN_FORWARDS;
	int32_t first = classifier_first(classifier, &packet->tuple);

	assert_int_equal(first < 0 ? STATELESS : (uint32_t)first, stateless - forwarded);
}

static void random_rules(void **state)
{
	static struct pool pool;
	struct stateless_rule stateless_rules[STATELESS];
	struct stateful_rule stateful_rules_[STATEFUL];
	struct policy_document document = {
		.rules = {.stateless = stateless_rules,
			.stateful = stateful_rules_,
			.stateless_count = STATELESS,
			.stateful_count = STATEFUL,
			.stateless_default = {STATELESS_FORWARD, METRIC_NONE},
			.stateless_fragment_default = {STATELESS_DROP, METRIC_NONE}},
	};
	struct match matches[STATELESS];
	struct classifier *classifier;
	uint32_t by_rule[2] = {0, 0};
	const unsigned int seed = 20261123;

	(void)state;
	print_message("seed %u\n", seed);
	srandom(seed);
	for (int round = 0; round < POLICIES; round++) {
		fill_pool(&pool);
		for (int i = 0; i < STATELESS; i++) {
			matches[i] = random_match(&pool);
			stateless_rules[i] = (struct stateless_rule){
				matches[i], {(uint8_t)below(3), METRIC_NONE}};
		}
		assert_int_equal(classifier_create(matches, STATELESS, &classifier), 0);
		for (int i = 0; i < STATEFUL; i++)
			stateful_rules_[i] = (struct stateful_rule){random_match(&pool),
				(uint8_t)below(4), (uint8_t)(below(16) & below(16)), below(3) == 0};
		for (int i = 0; i < PACKETS; i++) {
			struct explain_packet packet = random_packet();
			struct explanation *explanation;

			assert_int_equal(explain_packet(&document, &packet, &explanation), 0);
			compare(&document, &packet, explanation);
			compare_classifier(classifier, &packet, explanation);
			if (explanation->rule != RULE_NONE)
				by_rule[explanation->kind]++;
			free(explanation);
		}
		classifier_destroy(classifier);
	}
	/* So that the loop above has not been idle. */
	assert_in_range(by_rule[RULE_STATELESS], POLICIES * PACKETS / 20, POLICIES * PACKETS);
	assert_in_range(by_rule[RULE_STATEFUL], POLICIES * PACKETS / 20, POLICIES * PACKETS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(random_rules)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
