/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/bench/ruleset.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { SITES_MAX = 64, RULES_A_SITE = 200, RULES_A_PREFIX = 4, DEPTHS = 20 };

/* Where rules take their prefixes from. */
struct pool {
	uint8_t version;
	uint32_t site_count;
	uint32_t count; /* of inside and of outside */
	struct prefix sites[SITES_MAX];
	struct prefix *inside;
	struct prefix *outside;
	unsigned short random[3]; /* state of jrand48() */
};

/* As often as they are listed. */
static const uint8_t depths_ipv4[DEPTHS] = {
	18, 20, 22, 23, 24, 24, 24, 24, 24, 24, 24, 25, 26, 27, 28, 29, 32, 32, 32, 32};
static const uint8_t depths_ipv6[DEPTHS] = {
	50, 52, 56, 56, 60, 64, 64, 64, 64, 64, 64, 64, 64, 80, 96, 128, 128, 128, 128, 128};
static const uint16_t services[] = {443, 443, 443, 80, 80, 22, 53, 25, 123, 3306, 5432, 8080, 8443,
	445, 389, 636, 161, 514, 21, 3389, 5060, 6379, 993, 587};
static const struct match_port ranges[] = {{1024, 65535, false}, {49152, 65535, false},
	{8000, 8100, false}, {5060, 5061, false}, {135, 139, false}, {20, 21, false},
	{6000, 6063, false}, {33434, 33534, false}};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static uint32_t below(struct pool *pool, uint32_t bound)
{
	return (uint32_t)(((uint64_t)(uint32_t)jrand48(pool->random) * bound) >> 32);
}

/* Low numbers more often. */
static uint32_t skewed(struct pool *pool, uint32_t bound)
{
	return below(pool, 1 + below(pool, bound));
}

static uint8_t address_bits(uint8_t version)
{
	return version == 4 ? 32 : 128;
}

static void set_bit(struct prefix *prefix, uint32_t bit, bool one)
{
	uint8_t mask = (uint8_t)(0x80 >> bit % 8);
	uint8_t byte = (uint8_t)(prefix->address[bit / 8] & ~mask);

	prefix->address[bit / 8] = one ? byte | mask : byte;
}

/* Random bits from the prefix's depth on to the new depth; dense: mostly 0 in the high ones. */
static struct prefix extend(struct pool *pool, struct prefix prefix, uint8_t depth, bool dense)
{
	uint32_t half = (uint32_t)(prefix.depth + depth) / 2;

	for (uint32_t bit = prefix.depth; bit < depth; bit++)
		set_bit(&prefix, bit, below(pool, dense && bit < half ? 8 : 2) == 0);
	prefix.depth = depth;
	return prefix;
}

static struct prefix random_prefix(struct pool *pool, const struct prefix *within)
{
	const uint8_t *depths = pool->version == 4 ? depths_ipv4 : depths_ipv6;

	return extend(pool, *within, depths[below(pool, DEPTHS)], true);
}

/* What is given out of all addresses: of IPv6 2000::/3 (RFC 4291 section 2.4). */
static struct prefix global_prefix(uint8_t version)
{
	if (version == 6)
		return (struct prefix){.version = 6, .depth = 3, .address = {0x20}};
	return (struct prefix){.version = 4};
}

static void fill_pool(struct pool *pool)
{
	struct prefix internet = global_prefix(pool->version);

	for (uint32_t i = 0; i < pool->site_count; i++)
		pool->sites[i] = extend(pool, internet, pool->version == 4 ? 16 : 48, false);
	for (uint32_t i = 0; i < pool->count; i++) {
		const struct prefix *site = &pool->sites[skewed(pool, pool->site_count)];
		/* Every other one is in one that came before: subnets, and hosts in them. */
		const struct prefix *in =
			i > 0 && i % 2 == 0 ? &pool->inside[below(pool, i)] : NULL;
		uint8_t bits = address_bits(pool->version);

		pool->inside[i] = random_prefix(pool, site);
		if (in != NULL && in->depth < bits)
			pool->inside[i] = extend(pool, *in, bits, false);
		pool->outside[i] = extend(pool, internet, pool->version == 4 ? 12 : 32, true);
		pool->outside[i] = random_prefix(pool, &pool->outside[i]);
	}
}

/* A match's address list: one prefix of the pool, or now and then none, which is ANY. */
static uint32_t draw_address(struct pool *pool, bool outside, struct match_address *ret_address)
{
	uint32_t i = skewed(pool, pool->count);

	if (outside && below(pool, 5) < 2)
		return 0;
	ret_address->prefix = outside ? pool->outside[i] : pool->inside[i];
	return 1;
}

static uint32_t draw_destination_port(struct pool *pool, bool wide, struct match_port *ret_port)
{
	uint32_t kind = below(pool, 20);

	if (kind < 2 && !wide)
		return 0;
	if (kind < 5 && !wide) {
		*ret_port = ranges[below(pool, COUNT(ranges))];
	} else {
		uint16_t port = kind < 15 ? services[below(pool, COUNT(services))]
					  : (uint16_t)(1024 + below(pool, 48128));
		*ret_port = (struct match_port){port, port, false};
	}
	return 1;
}

static void draw_rule(struct pool *pool, struct rule *rule, struct match *match)
{
	uint32_t way = below(pool, 10); /* into a site, out of it, between two */
	uint32_t kind = below(pool, 20);

	*match = (struct match){.sources = &rule->source,
		.destinations = &rule->destination,
		.source_ports = &rule->source_port,
		.destination_ports = &rule->destination_port,
		.protocols = &rule->protocol,
		.protocol_count = 1};
	match->source_count = draw_address(pool, way < 5, &rule->source);
	match->destination_count = draw_address(pool, way >= 5 && way < 8, &rule->destination);
	rule->protocol = kind < 13 ? IPPROTO_TCP : IPPROTO_UDP;
	if (kind == 19) {
		rule->protocol = pool->version == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
		return;
	}
	bool wide = match->source_count == 0 || match->destination_count == 0;
	match->destination_port_count = draw_destination_port(pool, wide, &rule->destination_port);
	if (below(pool, 12) == 0) {
		match->source_port_count = 1;
		rule->source_port = (struct match_port){1024, 65535, false};
	}
}

/* An address in the list's prefix, or of the pool where the list is ANY. */
static void draw_tuple_address(
	struct pool *pool, const struct match_address *list, uint32_t count, uint8_t address[16])
{
	const struct prefix *any = below(pool, 2) == 0 ? pool->inside : pool->outside;
	const struct prefix *prefix = count > 0 ? &list->prefix : &any[below(pool, pool->count)];
	struct prefix host = extend(pool, *prefix, address_bits(pool->version), false);

	memcpy(address, host.address, sizeof(host.address));
}

static uint16_t draw_tuple_port(struct pool *pool, const struct match_port *list, uint32_t count)
{
	if (count == 0)
		return (uint16_t)(1024 + below(pool, 64512));
	return (uint16_t)(list->low + below(pool, list->high - list->low + 1u));
}

static void draw_tuple(struct pool *pool, const struct ruleset *ruleset, struct tuple *tuple)
{
	static const struct match anything;
	const struct match *match = &ruleset->matches[below(pool, ruleset->count)];

	*tuple = (struct tuple){.version = pool->version,
		.protocol = match->protocols[0],
		.tcp_flags = 2}; /* SYN */
	if (below(pool, 5) == 0)
		match = &anything;
	tuple->has_ports = tuple->protocol == IPPROTO_TCP || tuple->protocol == IPPROTO_UDP;
	draw_tuple_address(pool, match->sources, match->source_count, tuple->source);
	draw_tuple_address(pool, match->destinations, match->destination_count, tuple->destination);
	if (tuple->has_ports) {
		tuple->source_port =
			draw_tuple_port(pool, match->source_ports, match->source_port_count);
		tuple->destination_port = draw_tuple_port(
			pool, match->destination_ports, match->destination_port_count);
	}
}

/* Returns whether there was memory for it. */
static bool pool_init(struct pool *pool, uint32_t rules, uint8_t version, uint64_t seed)
{
	uint32_t sites = 2 + rules / RULES_A_SITE;

	*pool = (struct pool){.version = version,
		.site_count = sites < SITES_MAX ? sites : SITES_MAX,
		.count = 4 + rules / RULES_A_PREFIX,
		.random = {(unsigned short)seed, (unsigned short)(seed >> 16),
			(unsigned short)(seed >> 32)}};
	pool->inside = calloc(pool->count, sizeof(*pool->inside));
	pool->outside = calloc(pool->count, sizeof(*pool->outside));
	if (pool->inside == NULL || pool->outside == NULL)
		return false;
	fill_pool(pool);
	return true;
}

static void pool_fini(struct pool *pool)
{
	free(pool->inside);
	free(pool->outside);
}

struct ruleset *ruleset_create(uint32_t count, uint8_t version, uint64_t seed)
{
	struct ruleset *ruleset = calloc(1, sizeof(*ruleset));
	struct pool pool;

	if (ruleset == NULL)
		return NULL;
	ruleset->version = version;
	ruleset->count = count;
	ruleset->matches = calloc(count, sizeof(*ruleset->matches));
	ruleset->rules = calloc(count, sizeof(*ruleset->rules));
	bool made = pool_init(&pool, count, version, seed);
	if (!made || ruleset->matches == NULL || ruleset->rules == NULL) {
		pool_fini(&pool);
		ruleset_destroy(ruleset);
		return NULL;
	}
	for (uint32_t i = 0; i < count; i++)
		draw_rule(&pool, &ruleset->rules[i], &ruleset->matches[i]);
	for (uint32_t i = 0; i < RULESET_TUPLES; i++)
		draw_tuple(&pool, ruleset, &ruleset->tuples[i]);
	pool_fini(&pool);
	return ruleset;
}

void ruleset_destroy(struct ruleset *ruleset)
{
	if (ruleset == NULL)
		return;
	free(ruleset->matches);
	free(ruleset->rules);
	free(ruleset);
}

struct match_address *ruleset_prefixes(uint32_t count, uint8_t version, uint64_t seed)
{
	enum { CLUSTERS = 50 };
	uint8_t least = version == 4 ? 24 : 48, most = address_bits(version);
	struct match_address *list = calloc(count, sizeof(*list));
	struct prefix clusters[CLUSTERS];
	struct pool pool = {.version = version, .random = {(unsigned short)seed}};

	if (list == NULL)
		return NULL;
	for (uint32_t i = 0; i < CLUSTERS; i++)
		clusters[i] = extend(&pool, global_prefix(version), version == 4 ? 8 : 32, false);
	for (uint32_t i = 0; i < count; i++)
		list[i].prefix = extend(&pool, clusters[below(&pool, CLUSTERS)],
			(uint8_t)(least + below(&pool, most - least + 1u)), false);
	return list;
}
