/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/policy/explain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	ACCEPTED = EXPLAIN_REASON_COUNT, /* no field refuses: later than any */
	LONG_LIST = 16, /* elements; whether a list accepts is remembered from here on */
	TCP = 6,
};

/* One end of the packet. */
struct end {
	uint64_t high; /* the address, host order */
	uint64_t low;
	uint16_t port;
	uint8_t version;
	bool has_port;
};

enum { SOURCE, DESTINATION, END_COUNT };

enum { UNKNOWN, REFUSED, TAKEN };

/* Whether a long list accepts the ends. */
struct memory {
	const void *list; /* NULL: a free slot */
	uint32_t count;
	uint8_t accepted[END_COUNT];
};

struct walk {
	const struct explain_packet *packet;
	struct end ends[END_COUNT];
	struct memory *slots; /* hash table with open addressing; more slots than there are lists */
	size_t slot_mask;
};

const char *explain_reason_name(enum explain_reason reason)
{
	static const char *const names[] = {
#define EXPLAIN_NAME(symbol, text) [EXPLAIN_##symbol] = text,
		EXPLAIN_REASONS(EXPLAIN_NAME)
#undef EXPLAIN_NAME
	};

	return names[reason];
}

/* ---- one list ---- */

static uint64_t load(const uint8_t *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof(value));
	return be64toh(value);
}

/* An IPv4 prefix is at most 32 bits of the high half. */
static bool prefix_holds(const struct prefix *prefix, const struct end *end)
{
	uint64_t high = load(prefix->address) ^ end->high;

	if (prefix->version != end->version)
		return false;
	if (prefix->depth <= 64)
		return prefix->depth == 0 || high >> (64 - prefix->depth) == 0;
	return high == 0 && (load(prefix->address + 8) ^ end->low) >> (128 - prefix->depth) == 0;
}

static bool addresses_accept(const void *list, uint32_t count, const struct end *end)
{
	const struct match_address *addresses = list;
	bool any = false, held = false;

	for (uint32_t i = 0; i < count; i++) {
		any = any || !addresses[i].negated;
		if (!prefix_holds(&addresses[i].prefix, end))
			continue;
		if (addresses[i].negated)
			return false;
		held = true;
	}
	return held || !any;
}

static bool ports_accept(const void *list, uint32_t count, const struct end *end)
{
	const struct match_port *ports = list;
	bool any = false, held = false;

	for (uint32_t i = 0; i < count; i++) {
		any = any || !ports[i].negated;
		if (!end->has_port || end->port < ports[i].low || end->port > ports[i].high)
			continue;
		if (ports[i].negated)
			return false;
		held = true;
	}
	return held || !any;
}

static struct memory *find_memory(const struct walk *walk, const void *list, uint32_t count)
{
	/* Lists are 8 bytes apart at least; the multiplier is 2^64 by the golden ratio. */
	uint64_t hash = ((uintptr_t)list / 8 + count) * UINT64_C(0x9e3779b97f4a7c15);
	size_t at = hash >> 32 & walk->slot_mask;

	while (walk->slots[at].list != NULL &&
		(walk->slots[at].list != list || walk->slots[at].count != count))
		at = (at + 1) & walk->slot_mask;
	walk->slots[at].list = list;
	walk->slots[at].count = count;
	return &walk->slots[at];
}

/* function: addresses_accept() or ports_accept(). */
static bool accepts(const struct walk *walk, const void *list, uint32_t count, int end,
	bool (*function)(const void *list, uint32_t count, const struct end *end))
{
	uint8_t *accepted;

	if (count < LONG_LIST)
		return function(list, count, &walk->ends[end]);
	accepted = &find_memory(walk, list, count)->accepted[end];
	if (*accepted == UNKNOWN)
		*accepted = function(list, count, &walk->ends[end]) ? TAKEN : REFUSED;
	return *accepted == TAKEN;
}

/* ---- one rule ---- */

static bool protocols_accept(const struct match *match, uint8_t protocol)
{
	return match->protocol_count == 0 ||
		memchr(match->protocols, protocol, match->protocol_count) != NULL;
}

/* from is the end that the match's sources are for. Returns the field that refuses, or ACCEPTED. */
static int try_match(const struct walk *walk, const struct match *match, int from)
{
	const struct tuple *tuple = &walk->packet->tuple;
	int to = from == SOURCE ? DESTINATION : SOURCE;

	if (!accepts(walk, match->sources, match->source_count, from, addresses_accept))
		return EXPLAIN_SOURCE_ADDRESS;
	if (!accepts(walk, match->destinations, match->destination_count, to, addresses_accept))
		return EXPLAIN_DESTINATION_ADDRESS;
	if (!accepts(walk, match->source_ports, match->source_port_count, from, ports_accept))
		return EXPLAIN_SOURCE_PORT;
	if (!accepts(walk, match->destination_ports, match->destination_port_count, to,
		    ports_accept))
		return EXPLAIN_DESTINATION_PORT;
	if (!protocols_accept(match, tuple->protocol))
		return EXPLAIN_PROTOCOL;
	if (match->flag_mask != 0 &&
		(tuple->protocol != TCP || (tuple->tcp_flags & match->flag_mask) != match->flags))
		return EXPLAIN_TCP_FLAGS;
	return ACCEPTED;
}

/* Whether a rule with these bits, of one dimension, looks at a packet that has the bit. */
static bool flow_accepts(uint8_t bits, uint8_t bit)
{
	return bits == 0 || (bits & bit) != 0;
}

static int try_stateful(const struct walk *walk, const struct stateful_rule *rule)
{
	uint8_t direction = walk->packet->to_client ? RULE_TO_CLIENT : RULE_TO_SERVER;
	uint8_t state = walk->packet->established ? RULE_ESTABLISHED : RULE_NOT_ESTABLISHED;
	int reason = try_match(walk, &rule->match, SOURCE);

	if (reason != ACCEPTED && rule->both) {
		int exchanged = try_match(walk, &rule->match, DESTINATION);

		/* Of two that refuse, the one that comes further tells more. */
		reason = exchanged > reason ? exchanged : reason;
	}
	if (reason != ACCEPTED)
		return reason;
	if (!flow_accepts(rule->flow & (RULE_TO_SERVER | RULE_TO_CLIENT), direction))
		return EXPLAIN_FLOW_DIRECTION;
	if (!flow_accepts(rule->flow & (RULE_ESTABLISHED | RULE_NOT_ESTABLISHED), state))
		return EXPLAIN_FLOW_STATE;
	return rule->action == STATEFUL_ALERT ? EXPLAIN_ALERTS : ACCEPTED;
}

/* ---- all rules ---- */

/* Returns whether the stateless rules decide; else the packet is for the stateful ones. */
static bool explain_stateless(
	const struct walk *walk, const struct policy_rules *rules, struct explanation *explanation)
{
	const struct stateless_verdict *verdict = walk->packet->fragment
		? &rules->stateless_fragment_default
		: &rules->stateless_default;
	uint32_t i = 0;

	for (; i < rules->stateless_count; i++) {
		int reason = try_match(walk, &rules->stateless[i].match, SOURCE);

		if (reason == ACCEPTED)
			break;
		explanation->reasons[i] = (uint8_t)reason;
	}
	explanation->kind = RULE_STATELESS;
	explanation->tried[RULE_STATELESS] = i;
	explanation->rule = RULE_NONE;
	if (i < rules->stateless_count) {
		explanation->rule = i;
		verdict = &rules->stateless[i].verdict;
	}
	if (verdict->action != STATELESS_FORWARD) {
		explanation->verdict =
			verdict->action == STATELESS_PASS ? STATEFUL_PASS : STATEFUL_DROP;
		return true;
	}
	if (i < rules->stateless_count) {
		explanation->reasons[i] = EXPLAIN_FORWARDS;
		explanation->tried[RULE_STATELESS]++;
	}
	return false;
}

static void explain_default(
	const struct walk *walk, const struct policy_rules *rules, struct explanation *explanation)
{
	uint8_t bits = DEFAULT_DROP_STRICT | DEFAULT_ALERT_STRICT;

	if (walk->packet->established)
		bits |= DEFAULT_DROP_ESTABLISHED | DEFAULT_ALERT_ESTABLISHED;
	bits &= rules->stateful_default;
	explanation->rule = RULE_NONE;
	explanation->defaults = bits;
	explanation->verdict = bits & (DEFAULT_DROP_STRICT | DEFAULT_DROP_ESTABLISHED)
		? STATEFUL_DROP
		: STATEFUL_PASS;
}

static void explain_stateful(
	const struct walk *walk, const struct policy_rules *rules, struct explanation *explanation)
{
	uint8_t *reasons = &explanation->reasons[explanation->tried[RULE_STATELESS]];
	uint32_t i = 0;

	for (; i < rules->stateful_count; i++) {
		int reason = try_stateful(walk, &rules->stateful[i]);

		if (reason == ACCEPTED)
			break;
		reasons[i] = (uint8_t)reason;
	}
	explanation->kind = RULE_STATEFUL;
	explanation->tried[RULE_STATEFUL] = i;
	if (i == rules->stateful_count) {
		explain_default(walk, rules, explanation);
		return;
	}
	explanation->rule = i;
	explanation->verdict = rules->stateful[i].action;
}

static struct end make_end(const struct tuple *tuple, const uint8_t *address, uint16_t port)
{
	return (struct end){
		.high = load(address),
		.low = load(address + 8),
		.port = port,
		.version = tuple->version,
		.has_port = tuple->has_ports,
	};
}

int explain_packet(const struct policy_document *document, const struct explain_packet *packet,
	struct explanation **ret_explanation)
{
	const struct policy_rules *rules = &document->rules;
	size_t count = (size_t)rules->stateless_count + rules->stateful_count, slots = 1;
	const struct tuple *tuple = &packet->tuple;
	struct explanation *explanation = calloc(1, sizeof(*explanation) + count);
	struct walk walk = {
		.packet = packet,
		.ends[SOURCE] = make_end(tuple, tuple->source, tuple->source_port),
		.ends[DESTINATION] = make_end(tuple, tuple->destination, tuple->destination_port),
	};

	/* A rule has up to four lists. */
	while (slots <= 4 * count)
		slots *= 2;
	walk.slot_mask = slots - 1;
	walk.slots = calloc(slots, sizeof(*walk.slots));
	if (explanation == NULL || walk.slots == NULL) {
		free(explanation);
		free(walk.slots);
		return -ENOMEM;
	}
	if (!explain_stateless(&walk, rules, explanation))
		explain_stateful(&walk, rules, explanation);
	free(walk.slots);
	*ret_explanation = explanation;
	return 0;
}
