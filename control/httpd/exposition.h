/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * exposition: families of metrics in the text format of Prometheus, version 0.0.4, out of JSON
 * objects, by tables that say which member is which family's.
 */
#ifndef TIDEGATE_CONTROL_HTTPD_EXPOSITION_H
#define TIDEGATE_CONTROL_HTTPD_EXPOSITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

/* A row of a table. Rows of one family follow each other, and differ in a label. */
struct family {
	const char *name;
	const char *type;
	const char *help;
	const char *member; /* of an object; "Verdicts.Passed" is a member of a member */
	const char *label;  /* besides those of the object: its name and value, or NULL */
};

/* A label that tells one object of a list from the others; it is left out where an object does not
 * have the member. */
struct key_label {
	const char *name; /* NULL: there are no more */
	const char *member;
};

/* "# HELP" and "# TYPE" */
void exposition_header(FILE *out, const char *name, const char *type, const char *help);

/* name="value", with the escapes of the format; NULL is the empty text. */
void exposition_label(FILE *out, const char *name, const char *value);

/* The object's labels with commas between them. Returns whether there were any. */
bool exposition_keys(FILE *out, const struct key_label *keys, const json_t *object);

/* Each family once, with the samples of all objects that have its member. */
void exposition_families(FILE *out, const struct family *families, size_t count,
	const struct key_label *keys, const json_t *objects);

/* The same of one object, without labels of its own. */
void exposition_object(
	FILE *out, const struct family *families, size_t count, const json_t *object);

#endif
