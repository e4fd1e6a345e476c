/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/pipeline/random_policy.h"

#include <arpa/inet.h>
#include <string.h>

#include <rte_common.h>

enum { TCP = 6, UDP = 17, SCTP = 132, ADDRESSES = 8 };

/* Neighbours, ends of prefixes, and the first and the last one. */
static const char *const addresses[2][ADDRESSES] = {
	{"10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.255", "10.0.1.0", "192.0.2.1", "0.0.0.0",
		"255.255.255.255"},
	{"2001:db8::", "2001:db8::1", "2001:db8::2", "2001:db8::ffff:ffff:ffff:ffff",
		"2001:db8:0:1::", "a00::", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
};
static const uint8_t depths[2][ADDRESSES] = {
	{0, 1, 8, 23, 24, 30, 31, 32},
	{0, 1, 32, 63, 64, 126, 127, 128},
};
static const uint16_t ports[] = {0, 1, 53, 80, 1024, 65534, 65535};
static const uint8_t protocols[] = {TCP, TCP, TCP, UDP, UDP, SCTP, 1, 58, 47};
static const uint8_t flag_sets[] = {SYN, SYN | ACK, ACK, ACK, ACK, ACK | PSH, FIN | ACK, RST,
	RST | ACK, FIN, 0, SYN | RST, 0xff};

static bool one_in(uint32_t count)
{
	return random_below(count) == 0;
}

static void put_address(uint8_t version, uint8_t number, uint8_t address[16])
{
	memset(address, 0, 16);
	inet_pton(version == 4 ? AF_INET : AF_INET6, addresses[version == 6][number], address);
}

static struct prefix random_prefix(void)
{
	struct prefix prefix = {.version = one_in(3) ? 6 : 4};

	put_address(prefix.version, random_below(ADDRESSES), prefix.address);
	prefix.depth = depths[prefix.version == 6][random_below(ADDRESSES)];
	for (unsigned bit = prefix.depth; bit < 128; bit++)
		prefix.address[bit / 8] &= ~(0x80 >> bit % 8);
	return prefix;
}

/* Half of the lists are ANY. A negated element may take out all that the list holds. */
static uint32_t random_addresses(struct match_address list[RANDOM_LIST])
{
	uint32_t count = one_in(2) ? 0 : 1 + random_below(RANDOM_LIST);

	for (uint32_t i = 0; i < count; i++) {
		list[i].prefix = i > 0 && one_in(4) ? list[i - 1].prefix : random_prefix();
		list[i].negated = one_in(4);
	}
	return count;
}

static uint32_t random_ports(struct match_port list[RANDOM_LIST])
{
	uint32_t count = one_in(4) ? 1 + random_below(RANDOM_LIST) : 0;

	for (uint32_t i = 0; i < count; i++) {
		uint16_t a = ports[random_below(RTE_DIM(ports))];
		uint16_t b = one_in(2) ? a : ports[random_below(RTE_DIM(ports))];

		list[i] = (struct match_port){RTE_MIN(a, b), RTE_MAX(a, b), one_in(4)};
	}
	return count;
}

static uint32_t random_protocols(uint8_t list[RANDOM_LIST])
{
	uint32_t count = one_in(2) ? 0 : 1 + random_below(RANDOM_LIST);

	for (uint32_t i = 0; i < count; i++)
		list[i] = protocols[random_below(RTE_DIM(protocols))];
	return count;
}

static struct match random_match(struct random_lists *lists)
{
	return (struct match){
		.sources = lists->addresses[0],
		.destinations = lists->addresses[1],
		.source_ports = lists->ports[0],
		.destination_ports = lists->ports[1],
		.protocols = lists->protocols,
		.source_count = random_addresses(lists->addresses[0]),
		.destination_count = random_addresses(lists->addresses[1]),
		.source_port_count = random_ports(lists->ports[0]),
		.destination_port_count = random_ports(lists->ports[1]),
		.protocol_count = random_protocols(lists->protocols),
	};
}

static struct stateless_verdict random_verdict(void)
{
	static const uint8_t actions[] = {STATELESS_FORWARD, STATELESS_FORWARD, STATELESS_FORWARD,
		STATELESS_PASS, STATELESS_DROP};

	return (struct stateless_verdict){actions[random_below(RTE_DIM(actions))],
		one_in(2) ? METRIC_NONE : random_below(REFERENCE_METRICS)};
}

/* Of a dimension of the keyword flow: mostly either, else one of two bits. */
static uint8_t random_flow(uint8_t one, uint8_t other)
{
	return one_in(2) ? 0 : one_in(2) ? one : other;
}

void random_policy(struct random_policy *policy)
{
	static const uint8_t actions[] = {STATEFUL_PASS, STATEFUL_PASS, STATEFUL_DROP,
		STATEFUL_REJECT, STATEFUL_ALERT, STATEFUL_ALERT};
	uint32_t stateless_count = one_in(4) ? 0 : random_below(16);
	/* Now and then more alerts than are told. */
	uint32_t alerts = one_in(16) ? 24 : 0;
	uint32_t stateful_count = one_in(8) ? 0 : alerts + random_below(REFERENCE_RULES - alerts);

	for (uint32_t i = 0; i < stateless_count; i++) {
		struct match match = random_match(&policy->lists[i]);

		if (one_in(4)) {
			match.flag_mask = one_in(3) ? 0xff : random_below(256);
			match.flags = flag_sets[random_below(RTE_DIM(flag_sets))] & match.flag_mask;
		}
		policy->stateless[i] = (struct stateless_rule){match, random_verdict()};
	}
	for (uint32_t i = 0; i < stateful_count; i++)
		policy->stateful[i] = (struct stateful_rule){
			.match = random_match(&policy->lists[REFERENCE_RULES + i]),
			.action = i < alerts ? STATEFUL_ALERT
					     : actions[random_below(RTE_DIM(actions))],
			.flow = random_flow(RULE_TO_SERVER, RULE_TO_CLIENT) |
				random_flow(RULE_ESTABLISHED, RULE_NOT_ESTABLISHED),
			.both = one_in(3),
		};
	for (uint32_t i = 0; i < alerts && i < stateful_count; i++)
		policy->stateful[i].match = (struct match){0};
	policy->rules = (struct policy_rules){
		.stateless = policy->stateless,
		.stateful = policy->stateful,
		.stateless_count = stateless_count,
		.stateful_count = stateful_count,
		.metric_count = REFERENCE_METRICS,
		.stateless_default = random_verdict(),
		.stateless_fragment_default = random_verdict(),
		.stateful_default = one_in(3) ? 0 : random_below(16),
	};
}

static bool has_ports(uint8_t protocol)
{
	return protocol == TCP || protocol == UDP || protocol == SCTP;
}

void random_conversation(struct random_conversation *conversation)
{
	*conversation = (struct random_conversation){
		.version = one_in(3) ? 6 : 4,
		.protocol = protocols[random_below(RTE_DIM(protocols))],
	};
	for (unsigned end = 0; end < 2; end++) {
		conversation->ends[end] = random_below(ADDRESSES);
		if (has_ports(conversation->protocol))
			conversation->ports[end] = ports[random_below(RTE_DIM(ports))];
	}
}

/* What fills the transport header up to a multiple of 8 bytes, as a first fragment has it. */
static uint16_t cut_payload(uint8_t protocol)
{
	unsigned odd = protocol == TCP || protocol == SCTP ? 4 : 0;

	return odd + 8 * (1 + random_below(7));
}

void random_packet(const struct random_conversation *conversation, uint16_t id,
	struct frame_spec *spec, struct reference_packet *packet)
{
	unsigned from = random_below(3) == 0;
	bool ipv6 = conversation->version == 6;

	*packet = (struct reference_packet){
		.tuple =
			{
				.source_port = conversation->ports[from],
				.destination_port = conversation->ports[!from],
				.version = conversation->version,
				.protocol = conversation->protocol,
				.has_ports = has_ports(conversation->protocol),
			},
		.fragment = one_in(16),
	};
	put_address(conversation->version, conversation->ends[from], packet->tuple.source);
	put_address(conversation->version, conversation->ends[!from], packet->tuple.destination);
	if (conversation->protocol == TCP)
		packet->tuple.tcp_flags = flag_sets[random_below(RTE_DIM(flag_sets))];
	*spec = (struct frame_spec){
		.source = addresses[ipv6][conversation->ends[from]],
		.destination = addresses[ipv6][conversation->ends[!from]],
		.protocol = conversation->protocol,
		.source_port = conversation->ports[from],
		.destination_port = conversation->ports[!from],
		.tcp_flags = packet->tuple.tcp_flags,
		.payload =
			packet->fragment ? cut_payload(conversation->protocol) : random_below(64),
		.fragment_id = id,
		.more_fragments = packet->fragment,
		/* Without more it is an atomic fragment, which is whole. */
		.fragment_header = ipv6 && (packet->fragment || one_in(16)),
	};
}

void random_later_fragment(struct frame_spec *spec, struct reference_packet *packet)
{
	/* Behind what was there, and seldom right behind it. */
	spec->fragment_offset += 8 * (16 + random_below(10));
	spec->payload = 8 * (1 + random_below(8));
	spec->more_fragments = one_in(2);
	packet->later = true;
	packet->tuple.tcp_flags = 0;
}
