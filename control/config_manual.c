/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Prints the manual page of the configuration file: docs/tidegated.conf.5.in with the keys of the
 * table in place of its line KEYS. Texts of the table are those of docs/configuration.md, in
 * Markdown.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/config_schema.h"

static const char placeholder[] = "KEYS\n";

/* Print a text of Markdown as roff: `code` is bold, of [a link](URL) the text is left. */
static void print_text(const char *text)
{
	static const char dash[] = "\xe2\x80\x93";
	bool bold = false;

	for (; *text != '\0'; text++) {
		if (*text == '`') {
			bold = !bold;
			fputs(bold ? "\\fB" : "\\fP", stdout);
		} else if (*text == '-') {
			fputs("\\-", stdout);
		} else if (*text == '\\') {
			fputs("\\e", stdout);
		} else if (strncmp(text, dash, strlen(dash)) == 0) {
			fputs("\\(en", stdout);
			text += strlen(dash) - 1;
		} else if (!bold && text[0] == ']' && text[1] == '(') {
			text += strcspn(text, ")");
		} else if (bold || *text != '[') {
			putchar(*text);
		}
	}
}

/* "string, 1–31 bytes: letters" */
static void print_type(const struct config_key *key)
{
	long long low = (long long)key->low, high = (long long)key->high;

	switch (key->type) {
	case CONFIG_STRING:
		printf("string, %lld\\(en%lld bytes: ", low, high);
		print_text(key->words);
		break;
	case CONFIG_INTEGER:
		printf("integer, %lld\\(en%lld", low, high);
		break;
	case CONFIG_BOOLEAN:
		fputs("true or false", stdout);
		break;
	case CONFIG_CHOICE:
		for (size_t i = 0; key->choices[i] != NULL; i++) {
			fputs(i > 0 ? " or \"" : "\"", stdout);
			print_text(key->choices[i]);
			putchar('"');
		}
		break;
	case CONFIG_OBJECT:
		fputs("object", stdout);
		break;
	case CONFIG_ARRAY:
	case CONFIG_MIXED:
		print_text(key->type == CONFIG_MIXED ? key->words : "array");
		if (key->high > 0)
			printf(", %lld\\(en%lld elements", low, high);
		break;
	}
}

static void print_key(const struct config_key *key)
{
	fputs(".TP\n.B ", stdout);
	print_text(key->name);
	fputs("\n\\&", stdout);
	print_text(key->help);
	fputs("\n.br\n\\&", stdout);
	print_type(key);
	if (key->required) {
		fputs("; required", stdout);
	} else {
		fputs("; default: ", stdout);
		print_text(key->fallback != NULL ? key->fallback : key->otherwise);
	}
	fputs(".\n", stdout);
}

/* The keys of one object, then those of the objects in it. path is "", or "ports." */
static void print_keys(const struct config_key *keys, const char *path)
{
	for (const struct config_key *key = keys; key->name != NULL; key++)
		print_key(key);
	for (const struct config_key *key = keys; key->name != NULL; key++) {
		char inner[256];

		if (key->members == NULL)
			continue;
		snprintf(inner, sizeof(inner), "%s%s", path, key->name);
		fputs(".SS In ", stdout);
		print_text(inner);
		putchar('\n');
		strncat(inner, ".", sizeof(inner) - strlen(inner) - 1);
		print_keys(key->members, inner);
	}
}

int main(int argc, char **argv)
{
	FILE *page = argc == 2 ? fopen(argv[1], "re") : NULL;
	char *line = NULL;
	size_t size = 0;
	int error;

	if (page == NULL) {
		fprintf(stderr, "%s: a readable page is needed\n", argv[0]);
		return 1;
	}
	while (getline(&line, &size, page) >= 0) {
		if (strcmp(line, placeholder) == 0)
			print_keys(config_schema_keys, "");
		else
			fputs(line, stdout);
	}
	error = ferror(page);
	fclose(page);
	free(line);
	return error || fclose(stdout) != 0;
}
