/* SPDX-License-Identifier: BSD-3-Clause */
/* Names for addresses: each asked for once, and none waited for beyond the deadline. */
#include "control/client/resolver.h"

#include <errno.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/client/clock.h"
#include "tests/unit/check.h"

/* Lookups so far; and a pipe that those of "slow" wait on. */
static atomic_int lookups;
static int gate[2];

/* "10.0.0.N" is "hostN", "slow" is "late", others have no name. */
static int lookup(const char *address, char *name)
{
	char byte;

	lookups++;
	if (strcmp(address, "slow") == 0) {
		if (read(gate[0], &byte, 1) != 1)
			return EAI_SYSTEM;
		strcpy(name, "late");
		return 0;
	}
	if (strncmp(address, "10.0.0.", 7) != 0)
		return EAI_NONAME;
	snprintf(name, NI_MAXHOST, "host%s", address + 7);
	return 0;
}

static json_t *flow(const char *source, const char *destination)
{
	return json_pack("{s{ss}s{ss}}", "SourceAddress", "AddressDefinition", source,
		"DestinationAddress", "AddressDefinition", destination);
}

static void check_flow(const json_t *rows, size_t i, const char *source, const char *destination)
{
	json_t *expected = flow(source, destination);

	if (!json_equal(json_array_get(rows, i), expected))
		fail_msg("row %zu: %s", i, json_dumps(json_array_get(rows, i), 0));
	json_decref(expected);
}

static json_t *apply(struct resolver *resolver, json_t *rows, int64_t milliseconds)
{
	assert_int_equal(resolver_apply(resolver, rows, clock_milliseconds() + milliseconds), 0);
	return rows;
}

static void test_each_once(void **state)
{
	struct resolver *resolver = resolver_open(lookup);
	json_t *rows = json_array();
	char address[32], name[32];

	(void)state;
	lookups = 0;
	assert_non_null(resolver);
	for (int i = 0; i < 300; i++) {
		snprintf(address, sizeof(address), "10.0.0.%d", i % 150);
		json_array_append_new(rows, flow(address, "unnamed"));
	}
	apply(resolver, rows, 60000);
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "host%d", i % 150);
		check_flow(rows, (size_t)i, name, "unnamed");
	}
	assert_int_equal(lookups, 151);
	json_decref(rows);
	resolver_close(resolver);
}

/* What has not come is shown as it is; it is there the next time. */
static void test_late(void **state)
{
	struct resolver *resolver = resolver_open(lookup);
	int64_t start = clock_milliseconds();
	json_t *rows;

	(void)state;
	assert_non_null(resolver);
	assert_int_equal(pipe(gate), 0);
	rows = apply(resolver, json_pack("[oo]", flow("slow", "10.0.0.1"), flow("x", "slow")), 100);
	assert_in_range(clock_milliseconds() - start, 100, 10000);
	check_flow(rows, 0, "slow", "host1");
	check_flow(rows, 1, "x", "slow");
	json_decref(rows);
	assert_int_equal(write(gate[1], "x", 1), 1);
	rows = apply(resolver, json_pack("[o]", flow("slow", "x")), 60000);
	check_flow(rows, 0, "late", "x");
	json_decref(rows);
	resolver_close(resolver);
	close(gate[0]);
	close(gate[1]);
}

/* Closing does not wait for a lookup. */
static void test_close(void **state)
{
	struct resolver *resolver = resolver_open(lookup);
	json_t *rows;

	(void)state;
	assert_non_null(resolver);
	assert_int_equal(pipe(gate), 0);
	rows = apply(resolver, json_pack("[o]", flow("slow", "slow")), 0);
	check_flow(rows, 0, "slow", "slow");
	json_decref(rows);
	resolver_close(resolver);
	assert_int_equal(write(gate[1], "x", 1), 1);
}

/* The system's, without asking a server: what is no address has no name. */
static void test_system(void **state)
{
	char name[NI_MAXHOST];

	(void)state;
	assert_int_equal(resolver_lookup("nonsense", name), EAI_NONAME);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_once),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_close),
		cmocka_unit_test(test_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
