/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * json_locate: the line of a value in a JSON text, for messages about values that are valid JSON
 * but wrong. jansson keeps no positions.
 */
#ifndef TIDEGATE_CONTROL_JSON_LOCATE_H
#define TIDEGATE_CONTROL_JSON_LOCATE_H

#include <stddef.h>

/* One step of a key path: into an object's member, or into an array's element. */
struct json_step {
	const char *key; /* NULL: into an array */
	size_t index;	 /* of the element, from 0 */
};

/*
 * The line, from 1, on which the value at the end of the path begins. Where a step leads nowhere,
 * it is the line of the value that the step starts from. text is one valid JSON text without
 * duplicate keys (RFC 8259), of length bytes.
 */
size_t json_locate(const char *text, size_t length, const struct json_step *path, size_t depth);

#endif
