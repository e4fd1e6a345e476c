/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/httpd/exposition.h"

#include <string.h>

void exposition_header(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Backslash, quote and line feed are escaped. */
void exposition_label(FILE *out, const char *name, const char *value)
{
	fprintf(out, "%s=\"", name);
	for (; value != NULL && *value != '\0'; value++) {
		if (*value == '\n')
			fputs("\\n", out);
		else
			fprintf(out, "%s%c", *value == '\\' || *value == '"' ? "\\" : "", *value);
	}
	putc('"', out);
}

static void write_value(FILE *out, const json_t *value)
{
	if (json_is_boolean(value))
		fprintf(out, " %d\n", json_is_true(value));
	else if (json_is_integer(value))
		fprintf(out, " %" JSON_INTEGER_FORMAT "\n", json_integer_value(value));
	else
		fprintf(out, " %.15g\n", json_number_value(value));
}

static const json_t *find(const json_t *object, const char *member)
{
	const char *dot = strchr(member, '.');

	if (dot == NULL)
		return json_object_get(object, member);
	return find(json_object_getn(object, member, (size_t)(dot - member)), dot + 1);
}

bool exposition_keys(FILE *out, const struct key_label *keys, const json_t *object)
{
	bool any = false;

	for (; keys->name != NULL; keys++) {
		const json_t *value = json_object_get(object, keys->member);
		char number[32];

		if (value == NULL)
			continue;
		snprintf(
			number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		if (any)
			putc(',', out);
		exposition_label(
			out, keys->name, json_is_string(value) ? json_string_value(value) : number);
		any = true;
	}
	return any;
}

static void write_sample(
	FILE *out, const struct family *family, const struct key_label *keys, const json_t *object)
{
	const json_t *value = find(object, family->member);
	bool labels = keys->name != NULL || family->label != NULL;

	if (value == NULL)
		return;
	fprintf(out, "%s%s", family->name, labels ? "{" : "");
	if (exposition_keys(out, keys, object) && family->label != NULL)
		putc(',', out);
	fprintf(out, "%s%s", family->label != NULL ? family->label : "", labels ? "}" : "");
	write_value(out, value);
}

void exposition_families(FILE *out, const struct family *families, size_t count,
	const struct key_label *keys, const json_t *objects)
{
	const json_t *object;
	size_t i;

	for (size_t row = 0; row < count; row++) {
		const struct family *family = &families[row];

		if (row == 0 || strcmp(family->name, families[row - 1].name) != 0)
			exposition_header(out, family->name, family->type, family->help);
		json_array_foreach(objects, i, object)
			write_sample(out, family, keys, object);
	}
}

void exposition_object(FILE *out, const struct family *families, size_t count, const json_t *object)
{
	static const struct key_label none = {NULL, NULL};
	json_t *alone = json_pack("[O]", object);

	exposition_families(out, families, count, &none, alone);
	json_decref(alone);
}
