/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_rules: the text of a RulesString, with Suricata's notation of addresses and ports in it.
 *
 * A '!' before the text stands for STRICT_ORDER. The rules may use the variables of the table below
 * and the reference set @LIST.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "control/policy/suricata.h"
#include "control/policy/variables.h"
#include "tests/fuzz/property.h"

static const char addresses[] =
	"{\"HOME_NET\": {\"Definition\": [\"10.0.0.0/8\", \"2001:db8::/32\"]},"
	"\"A\": {\"Definition\": [\"192.0.2.1\", \"!$B\"]},"
	"\"B\": {\"Definition\": [\"[192.0.2.0/24,any]\"]},"
	"\"C\": {\"Definition\": [\"$C\"]}}";
static const char ports[] = "{\"WEB\": {\"Definition\": [\"443\", \"8000:8100\", \"!8080\"]},"
			    "\"HIGH\": {\"Definition\": [\"!:1023\"]}}";
static const struct match_address prefixes[] = {
	{.prefix = {.version = 4, .depth = 8, .address = {11}}},
	{.prefix = {.version = 6, .depth = 16, .address = {0x20, 0x02}}},
};
/* What a message about a variable or a rule names. */
static const char name[] = "rules";

struct reading {
	struct arena arena;
	struct builder builder;
	struct config_reader reader;
	json_t *definitions[LIST_TYPES];
	json_t *sids;
	char message[POLICY_MESSAGE_SIZE];
};

static void must(bool done)
{
	if (!done)
		abort();
}

static void reading_init(struct reading *reading, bool strict_order, bool skip_unsupported)
{
	const struct list list = {(void *)prefixes, 2};
	struct scope *scope = &reading->builder.scope;
	struct config_reader *reader = &reading->reader;

	*reading = (struct reading){0};
	*reader = (struct config_reader){.file = name,
		.text = "",
		.message = reading->message,
		.size = sizeof(reading->message)};
	must(builder_init(&reading->builder, &reading->arena, skip_unsupported) == 0);
	reading->builder.strict_order = strict_order;
	reading->builder.group = name;
	reading->definitions[LIST_ADDRESSES] = json_loads(addresses, 0, NULL);
	reading->definitions[LIST_PORTS] = json_loads(ports, 0, NULL);
	for (int type = 0; type < LIST_TYPES; type++)
		must(variables_define(
			     reader, reading->definitions[type], scope, (enum list_type)type) == 0);
	must(scope_refer(scope, "LIST", &list) == 0);
	must(variables_define_defaults(reader, scope) == 0);
	reading->sids = json_object();
	must(reading->sids != NULL);
}

static void reading_fini(struct reading *reading)
{
	json_decref(reading->sids);
	builder_fini(&reading->builder);
	for (int type = 0; type < LIST_TYPES; type++)
		json_decref(reading->definitions[type]);
	arena_fini(&reading->arena);
}

/* Returns whether the text was accepted, and then the document, whose arena is the reading's. */
static bool read_text(
	struct reading *reading, const char *text, struct policy_document *ret_document)
{
	static const char *const files[] = {name}, *const contents[] = {""};
	struct stateful_group group = {.builder = &reading->builder,
		.scope = &reading->builder.scope,
		.sids = reading->sids};
	int result = suricata_read(&reading->reader, text, &group);

	*ret_document = (struct policy_document){0};
	if (result == 0) {
		must(builder_finish(&reading->builder, ret_document) == 0);
		property_accepted(ret_document);
	} else {
		property_refused(result, reading->message, files, contents, 1);
	}
	return result == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool strict_order = size > 0 && data[0] == '!';
	/* NULL: what is not UTF-8 does not get past the JSON. */
	json_t *string = json_stringn((const char *)data + strict_order, size - strict_order);
	struct reading whole, rest;
	struct policy_document whole_document, rest_document;

	if (string) {
		const char *text = json_string_value(string);
		bool accepted, accepted_rest;

		reading_init(&whole, strict_order, false);
		reading_init(&rest, strict_order, true);
		accepted = read_text(&whole, text, &whole_document);
		accepted_rest = read_text(&rest, text, &rest_document);
		property_check(accepted_rest || !accepted,
			"what is supported loads with the rest left out", whole.message);
		if (accepted)
			property_alike(&whole_document, &rest_document);
		reading_fini(&whole);
		reading_fini(&rest);
	}
	json_decref(string);
	return 0;
}
