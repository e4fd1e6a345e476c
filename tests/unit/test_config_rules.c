/* SPDX-License-Identifier: BSD-3-Clause */
/* The configuration's own rules: every way in which they can be wrong, and the most of them. */
#include "tests/unit/config_fixture.h"
#include "tests/unit/folder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check.h"

#define RULE(members) "{`rules`: [{`action`: `drop`},\n{`action`: `drop`,\n" members "}]" AND_PORTS

static const struct config_fixture_error bad[] = {
	{"{`rules`: {}" AND_PORTS, ":1: rules: must be an array, not an object"},
	{"{`rules`: [[]]" AND_PORTS, ":1: rules[0]: must be an object, not an array"},
	{RULE("`port`: 1"), ":3: rules[1].port: unknown key"},
	{"{`rules`: [{`action`: `reject`}]" AND_PORTS,
		":1: rules[0].action: must be `allow` or `drop`, not `reject`"},
	{RULE("`name`: `tab\\t`"),
		":3: rules[1].name: must be printable ASCII characters, not `tab?`"},
	{RULE("`name`: `" X64 "x`"), ":3: rules[1].name: must be 1 to 64 bytes long, not 65"},
	{RULE("`name`: `rule 1`"),
		":3: rules[1].name: `rule 1` is what rules[0] is called, which has no name"},
	{"{`rules`: [{`name`: `r`, `action`: `drop`}, {`action`: `drop`},\n"
	 "{`action`: `allow`,\n`name`: `r`}]" AND_PORTS,
		":3: rules[2].name: `r` is the name of rules[0] as well"},
	{RULE("`source`: 10"),
		":3: rules[1].source: must be a string, or an array of such, not an integer"},
	{RULE("`source`: []"), ":3: rules[1].source: must have 1 to 1024 elements, not 0"},
	{RULE("`source`: [`10.0.0.0/8`,\n{}]"),
		":4: rules[1].source[1]: must be a string, not an object"},
	{RULE("`source`: `10.0.0`"), ":3: rules[1].source: `10.0.0` is no address or CIDR"},
	{RULE("`source`: `any`"), ":3: rules[1].source: `any` is no address or CIDR"},
	{RULE("`destination`: `10.0.0.0/33`"),
		":3: rules[1].destination: `10.0.0.0/33` is no address or CIDR"},
	{RULE("`destination`: [`::/0`,\n`2001:DB8::1/32`]"),
		":4: rules[1].destination[1]: `2001:DB8::1/32` has bits set behind its prefix "
		"length, the prefix is 2001:db8::/32"},
	{RULE("`source`: `10.1.2.3/8`"),
		":3: rules[1].source: `10.1.2.3/8` has bits set behind its prefix length, the "
		"prefix is 10.0.0.0/8"},
	{RULE("`source`: [`10.0.0.0/8`, `ANY`]"),
		":3: rules[1].source[1]: `ANY` stands alone, not in an array"},
	{RULE("`source_ports`: 65536"), ":3: rules[1].source_ports: must be 0 to 65535, not 65536"},
	{RULE("`source_ports`: 80.0"),
		":3: rules[1].source_ports: must be an integer or a string, or an array of such, "
		"not a number with a fraction or exponent"},
	{RULE("`source_ports`: [true]"),
		":3: rules[1].source_ports[0]: must be an integer or a string, not true"},
	{RULE("`source_ports`: `http`"),
		":3: rules[1].source_ports: `http` is no port or range such as `1990:1994`"},
	{RULE("`destination_ports`: [80, `443:`]"),
		":3: rules[1].destination_ports[1]: `443:` is no port or range such as "
		"`1990:1994`"},
	{RULE("`destination_ports`: `1994:1990`"),
		":3: rules[1].destination_ports: `1994:1990`: ports are 0 to 65535, and a range "
		"begins with the lower one"},
	{RULE("`destination_ports`: `65536`"),
		":3: rules[1].destination_ports: `65536`: ports are 0 to 65535, and a range "
		"begins with the lower one"},
	{RULE("`destination_ports`: [`ANY`]"),
		":3: rules[1].destination_ports[0]: `ANY` stands alone, not in an array"},
	{RULE("`protocols`: 256"), ":3: rules[1].protocols: must be 0 to 255, not 256"},
	{RULE("`protocols`: [`tcp`,\n`256`]"),
		":4: rules[1].protocols[1]: `256` is no protocol: a number from 0 to 255, or tcp, "
		"udp, icmp, icmpv6, sctp, gre, esp or ah"},
	{RULE("`protocols`: `06`"),
		":3: rules[1].protocols: `06` is no protocol: a number from 0 to 255, or tcp, "
		"udp, icmp, icmpv6, sctp, gre, esp or ah"},
	{RULE("`source`: [`10.0.0.0/8`, `192.0.2.1`], `destination`: `::/0`"),
		":2: rules[1]: can never match: source and destination are of different IP "
		"versions"},
	{RULE("`source_ports`: `ANY`, `destination_ports`: 80, `protocols`: [`icmp`, 47]"),
		":2: rules[1]: can never match: there are ports, but no protocol of tcp, udp and "
		"sctp"},
};

static void test_bad_files(void **state)
{
	(void)state;
	config_fixture_check(bad, sizeof(bad) / sizeof(bad[0]));
}

/* As many rules as there may be, and one more. */
static void test_most_rules(void **state)
{
	static const char rule[] = "{\"action\": \"drop\", \"source\": \"10.0.0.0/8\"},\n";
	size_t size = sizeof(rule) * (CLASSIFIER_MATCH_MAX + 1) + 256;
	char *text = malloc(size);
	char *end;
	struct config *config;

	(void)state;
	assert_non_null(text);
	end = stpcpy(text, "{`rules`: [\n");
	for (size_t i = 0; i < CLASSIFIER_MATCH_MAX - 1; i++)
		end = stpcpy(end, rule);
	strcpy(end, "{`action`: `drop`}]" AND_PORTS);
	config = config_fixture_load(text);
	assert_int_equal(config->document->rules.stateful_count, 65536);
	assert_string_equal(config->document->stateful[65535].msg, "rule 65536");
	config_destroy(config);

	end = stpcpy(end, rule);
	strcpy(end, "{`action`: `drop`}]" AND_PORTS);
	config_fixture_write_text(FILE_NAME, text);
	assert_true(config_fixture_refuses(FILE_NAME, -EINVAL,
		FILE_NAME ":1: rules: must have 0 to 65536 elements, not 65537"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_files),
		cmocka_unit_test(test_most_rules),
	};

	return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
