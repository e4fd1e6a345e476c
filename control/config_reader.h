/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * config_reader: reads JSON objects by tables of their keys.
 *
 * Overview: a table has an entry a key, with its type, range and default. The reader checks a value
 * against the entry and hands it to the entry's store function. It keeps the path to the value at
 * hand, so that a message can name path and line. The first error ends the reading.
 */
#ifndef TIDEGATE_CONTROL_CONFIG_READER_H
#define TIDEGATE_CONTROL_CONFIG_READER_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "control/json_locate.h"

/* The deepest path of a policy document has 12 steps. */
enum { CONFIG_DEPTH_MAX = 16 };

struct config_reader {
	const char *file;
	const char *text; /* of the file, for line numbers */
	size_t length;
	const cpu_set_t *cpus; /* that workers may have; NULL: those of the calling thread */
	struct json_step path[CONFIG_DEPTH_MAX];
	size_t depth;
	char *message; /* of size bytes; written by config_reader_fail() */
	size_t size;
};

enum config_type {
	CONFIG_STRING,	/* low to high bytes that match the pattern */
	CONFIG_INTEGER, /* low to high */
	CONFIG_BOOLEAN,
	CONFIG_CHOICE, /* one of some strings */
	CONFIG_OBJECT,
	CONFIG_ARRAY, /* low to high elements; the store function reads them */
	CONFIG_MIXED, /* several types: the store function checks them */
};

struct config_key;

/*
 * Put a checked value into target, the object that the key's table describes. value is NULL when
 * the key is absent and has no fallback. Returns 0, or -errno with the message written.
 */
typedef int config_store_fn(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target);

struct config_key {
	const char *name; /* NULL: end of the table */
	enum config_type type;
	const char *words; /* CONFIG_STRING: the pattern in words. CONFIG_MIXED: the types */
	bool required;
	int64_t low;
	int64_t high;
	const char *pattern;		  /* CONFIG_STRING: extended regular expression (POSIX) */
	const char *const *choices;	  /* CONFIG_CHOICE: up to NULL */
	const struct config_key *members; /* of the object, or of an array's objects */
	const char *fallback;		  /* the JSON value that stands for an absent key */
	const char *otherwise;		  /* without a fallback: what holds then, in words */
	const char *help;
	config_store_fn *store;
	size_t offset; /* in target, for the general store functions */
};

void config_reader_enter_key(struct config_reader *reader, const char *key);
void config_reader_enter_index(struct config_reader *reader, size_t index);
void config_reader_leave(struct config_reader *reader);

/* Write the message "FILE:LINE: PATH: text" for the value at hand. Returns -EINVAL. */
int config_reader_fail(struct config_reader *reader, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * The checks of one value each: 0, or -EINVAL with the message written. config_reader_object() also
 * stores the members in target, and then returns what a store function does.
 */
int config_reader_object(struct config_reader *reader, const struct config_key *members,
	const json_t *value, void *target);
int config_reader_array(struct config_reader *reader, const json_t *value, size_t low, size_t high);
int config_reader_integer(
	struct config_reader *reader, const json_t *value, int64_t low, int64_t high);
int config_reader_string(struct config_reader *reader, const json_t *value);
int config_reader_text(/* against a key of type CONFIG_STRING */
	struct config_reader *reader, const struct config_key *key, const json_t *value);

/* "a string", "an integer" and so on, for messages. */
const char *config_reader_type(const json_t *value);

/* General store functions. An absent value leaves the target as it is. */
config_store_fn config_reader_store_string; /* offset of a char *, which gets a copy */
config_store_fn config_reader_store_text;   /* offset of a char array of more than high bytes */
config_store_fn config_reader_store_number; /* offset of a uint32_t */
config_store_fn config_reader_store_choice; /* offset of an unsigned int: position in choices */

#endif
