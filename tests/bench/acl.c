/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/bench/acl.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <rte_acl.h>
#include <rte_common.h>
#include <rte_eal.h>
#include <rte_malloc.h>

#include "tests/bench/measure.h"

/* Of IPv6: the protocol, two addresses of four words, two ports. */
enum { FIELDS_MAX = 11, KEY_MAX = 40 };

RTE_ACL_RULE_DEF(acl_rule, FIELDS_MAX);

struct acl {
	struct rte_acl_ctx *context;
	uint32_t words; /* of an address, 32 bits each */
	enum rte_acl_classify_alg method;
	uint8_t keys[RULESET_TUPLES][KEY_MAX];
	const uint8_t *key_pointers[RULESET_TUPLES];
	size_t memory;
};

static const struct {
	enum rte_acl_classify_alg method;
	const char *name;
} methods[] = {
	{RTE_ACL_CLASSIFY_SCALAR, "scalar"},
	{RTE_ACL_CLASSIFY_SSE, "SSE"},
	{RTE_ACL_CLASSIFY_AVX2, "AVX2"},
	{RTE_ACL_CLASSIFY_AVX512X16, "AVX512X16"},
	{RTE_ACL_CLASSIFY_AVX512X32, "AVX512X32"},
	{RTE_ACL_CLASSIFY_NEON, "NEON"},
	{RTE_ACL_CLASSIFY_ALTIVEC, "ALTIVEC"},
};

int acl_init(void)
{
	static char *arguments[] = {"bench", "--no-huge", "--no-shconf", "--no-pci",
		"--no-telemetry", "-m4096", "--lcores=0", "--log-level=error",
		"--force-max-simd-bitwidth=512"};

	return rte_eal_init(RTE_DIM(arguments), arguments) < 0 ? -1 : 0;
}

/* Write a prefix as masks of words. */
static void set_address(struct rte_acl_field *fields, const struct match_address *address,
	uint32_t count, uint32_t words)
{
	for (uint32_t i = 0; count > 0 && i < words; i++) {
		uint32_t value, before = RTE_MIN(32 * i, (uint32_t)address->prefix.depth);

		memcpy(&value, &address->prefix.address[4 * i], sizeof(value));
		fields[i].value.u32 = ntohl(value);
		fields[i].mask_range.u32 = RTE_MIN(32U, address->prefix.depth - before);
	}
}

static void set_port(struct rte_acl_field *field, const struct match_port *port, uint32_t count)
{
	field->value.u16 = count > 0 ? port->low : 0;
	field->mask_range.u16 = count > 0 ? port->high : UINT16_MAX;
}

static int add_rules(struct acl *acl, const struct ruleset *ruleset)
{
	for (uint32_t i = 0; i < ruleset->count; i++) {
		const struct match *match = &ruleset->matches[i];
		struct acl_rule rule = {.data = {.category_mask = 1,
						.priority = (int32_t)(ruleset->count - i),
						.userdata = i + 1}};
		struct rte_acl_field *ports = &rule.field[1 + 2 * acl->words];

		rule.field[0].value.u8 = match->protocols[0];
		rule.field[0].mask_range.u8 = UINT8_MAX;
		set_address(&rule.field[1], match->sources, match->source_count, acl->words);
		set_address(&rule.field[1 + acl->words], match->destinations,
			match->destination_count, acl->words);
		set_port(&ports[0], match->source_ports, match->source_port_count);
		set_port(&ports[1], match->destination_ports, match->destination_port_count);
		if (rte_acl_add_rules(acl->context, (const struct rte_acl_rule *)&rule, 1) != 0)
			return -1;
	}
	return 0;
}

/* A key: the protocol in a word of its own, source, destination, both ports in a word. */
static void set_key(uint8_t key[KEY_MAX], const struct tuple *tuple, uint32_t words)
{
	uint16_t ports[] = {htons(tuple->source_port), htons(tuple->destination_port)};

	key[0] = tuple->protocol;
	memcpy(&key[4], tuple->source, 4 * words);
	memcpy(&key[4 + 4 * words], tuple->destination, 4 * words);
	memcpy(&key[4 + 8 * words], ports, sizeof(ports));
}

struct acl *acl_create(const struct ruleset *ruleset)
{
	struct acl *acl = calloc(1, sizeof(*acl));

	if (acl == NULL)
		return NULL;
	acl->words = ruleset->version == 4 ? 1 : 4;
	acl->method = RTE_ACL_CLASSIFY_SCALAR;
	struct rte_acl_param parameters = {.name = ruleset->version == 4 ? "ipv4" : "ipv6",
		.rule_size = RTE_ACL_RULE_SZ(3 + 2 * acl->words),
		.max_rule_num = ruleset->count};
	acl->context = rte_acl_create(&parameters);
	if (acl->context == NULL || add_rules(acl, ruleset) != 0) {
		acl_destroy(acl);
		return NULL;
	}
	for (uint32_t i = 0; i < RULESET_TUPLES; i++) {
		set_key(acl->keys[i], &ruleset->tuples[i], acl->words);
		acl->key_pointers[i] = acl->keys[i];
	}
	return acl;
}

void acl_destroy(struct acl *acl)
{
	if (acl == NULL)
		return;
	rte_acl_free(acl->context);
	free(acl);
}

static struct rte_acl_field_def field_of(
	uint32_t field, uint8_t type, uint8_t size, uint32_t input, uint32_t offset)
{
	return (struct rte_acl_field_def){.type = type,
		.size = size,
		.field_index = (uint8_t)field,
		.input_index = (uint8_t)input,
		.offset = offset};
}

static size_t heap_used(void)
{
	struct rte_malloc_socket_stats stats;

	return rte_malloc_get_socket_stats(0, &stats) == 0 ? stats.heap_allocsz_bytes : 0;
}

int acl_build(struct acl *acl)
{
	uint32_t ports = 1 + 2 * acl->words, offset = 4 * ports;
	struct rte_acl_config config = {.num_categories = 1, .num_fields = 2 + ports};
	size_t before = heap_used() - acl->memory;

	config.defs[0] = field_of(0, RTE_ACL_FIELD_TYPE_BITMASK, 1, 0, 0);
	for (uint32_t i = 1; i < ports; i++)
		config.defs[i] = field_of(i, RTE_ACL_FIELD_TYPE_MASK, 4, i, 4 * i);
	config.defs[ports] = field_of(ports, RTE_ACL_FIELD_TYPE_RANGE, 2, ports, offset);
	config.defs[ports + 1] =
		field_of(ports + 1, RTE_ACL_FIELD_TYPE_RANGE, 2, ports, offset + 2);
	int result = rte_acl_build(acl->context, &config);
	acl->memory = heap_used() - before;
	return result;
}

size_t acl_memory(const struct acl *acl)
{
	return acl->memory;
}

void acl_classify(struct acl *acl, uint32_t bulk, uint32_t *results)
{
	for (uint32_t i = 0; i < RULESET_TUPLES; i += bulk)
		rte_acl_classify_alg(
			acl->context, acl->key_pointers + i, results + i, bulk, 1, acl->method);
}

struct trial {
	struct acl *acl;
	uint32_t bulk;
	uint32_t results[RULESET_TUPLES];
};

static void run_trial(void *context)
{
	struct trial *trial = context;

	acl_classify(trial->acl, trial->bulk, trial->results);
}

const char *acl_choose(struct acl *acl, uint32_t bulk)
{
	enum { TRIES = 9 };
	struct trial trial = {.acl = acl, .bulk = bulk};
	struct subject subject = {run_trial, &trial, RULESET_TUPLES, false};
	double best = 0;
	size_t chosen = 0;

	for (size_t i = 0; i < RTE_DIM(methods); i++) {
		double times[TRIES];

		if (rte_acl_set_ctx_classify(acl->context, methods[i].method) != 0)
			continue;
		acl->method = methods[i].method;
		for (size_t j = 0; j < TRIES; j++)
			times[j] = measure_once(&subject);
		double time = measure_spread(times, TRIES).value;
		if (best == 0 || time < best) {
			best = time;
			chosen = i;
		}
	}
	acl->method = methods[chosen].method;
	return methods[chosen].name;
}
