/* SPDX-License-Identifier: BSD-3-Clause */
/* docs/configuration.md says what the table of keys says, and its examples are accepted. */
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/config.h"
#include "control/config_schema.h"

#define DOCUMENT TIDEGATE_SOURCE_ROOT "/docs/configuration.md"

static int read_document(void **state)
{
	FILE *file = fopen(DOCUMENT, "r");
	char *text = NULL;
	size_t capacity = 0;

	if (!file || getdelim(&text, &capacity, '\0', file) < 0)
		return -1;
	fclose(file);
	*state = text;
	return 0;
}

static int free_document(void **state)
{
	free(*state);
	return 0;
}

static void print_range(FILE *out, const struct config_key *key)
{
	switch (key->type) {
	case CONFIG_STRING:
		fprintf(out, "%lld–%lld bytes: %s", (long long)key->low, (long long)key->high,
			key->words);
		break;
	case CONFIG_INTEGER:
		fprintf(out, "%lld–%lld", (long long)key->low, (long long)key->high);
		break;
	case CONFIG_CHOICE:
		for (size_t i = 0; key->choices[i]; i++)
			fprintf(out, "%s`\"%s\"`", i > 0 ? " or " : "", key->choices[i]);
		break;
	case CONFIG_ARRAY:
	case CONFIG_MIXED:
		if (key->high > 0)
			fprintf(out, "%lld–%lld elements", (long long)key->low,
				(long long)key->high);
		break;
	case CONFIG_BOOLEAN:
	case CONFIG_OBJECT:
		break;
	}
}

static void print_row(FILE *out, const struct config_key *key)
{
	static const char *const types[] = {
		[CONFIG_STRING] = "string",
		[CONFIG_INTEGER] = "integer",
		[CONFIG_BOOLEAN] = "boolean",
		[CONFIG_CHOICE] = "string",
		[CONFIG_OBJECT] = "object",
		[CONFIG_ARRAY] = "array",
	};

	fprintf(out, "| `%s` | %s | ", key->name,
		key->type == CONFIG_MIXED ? key->words : types[key->type]);
	print_range(out, key);
	if (key->required)
		fprintf(out, " | required");
	else if (key->fallback)
		fprintf(out, " | `%s`", key->fallback);
	else
		fprintf(out, " | %s", key->otherwise);
	fprintf(out, " | %s |\n", key->help);
}

/* Expect the table of these keys, and those of their members. Returns how many rows they have. */
static size_t expect_table(const char *document, const struct config_key *members)
{
	char *table = NULL;
	size_t size = 0;
	size_t rows = 0;
	FILE *out = open_memstream(&table, &size);

	assert_non_null(out);
	fprintf(out, "\n| key | type | range | default | meaning |\n|---|---|---|---|---|\n");
	for (const struct config_key *key = members; key->name; key++, rows++)
		print_row(out, key);
	fprintf(out, "\n");
	assert_int_equal(fclose(out), 0);
	if (!strstr(document, table))
		fail_msg(DOCUMENT " lacks this table:\n%s", table);
	free(table);
	for (const struct config_key *key = members; key->name; key++) {
		if (key->members)
			rows += expect_table(document, key->members);
	}
	return rows;
}

static void test_tables(void **state)
{
	size_t found = 0;
	size_t rows = expect_table(*state, config_schema_keys);

	for (const char *at = *state; (at = strstr(at, "\n| `")); at++)
		found++;
	assert_int_equal(found, rows);
}

static void test_examples(void **state)
{
	static const char fence[] = "```json\n";
	const char *at = *state;
	size_t examples = 0;

	while ((at = strstr(at, fence))) {
		const char *end = strstr(at, "\n```\n");
		char path[] = "/tmp/test_config_docs.XXXXXX";
		char message[CONFIG_MESSAGE_SIZE] = "";
		struct config *config = NULL;
		int file = mkstemp(path);

		assert_non_null(end);
		assert_true(file >= 0);
		at += strlen(fence);
		assert_int_equal(write(file, at, (size_t)(end - at)), end - at);
		close(file);
		if (config_load(path, NULL, &config, message, sizeof(message)) != 0)
			fail_msg("%s", message);
		unlink(path);
		config_destroy(config);
		examples++;
	}
	assert_int_equal(examples, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_examples),
	};

	return cmocka_run_group_tests(tests, read_document, free_document);
}
