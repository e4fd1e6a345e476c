/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * shorthand: the "shorthand syntax" of the public aws command, as a JSON value.
 *
 *	text     = pair *("," pair)
 *	pair     = key ("=" / "@=") values          "@=": values of the form file://PATH are read
 *	key      = *(letter / digit / "-" / "_" / "." / "#" / "/" / ":")
 *	values   = list / hash / value *("," value)     more than one value is a list
 *	list     = "[" [item *("," item)] "]"
 *	hash     = "{" [key ("=" / "@=") item *("," …)] "}"
 *	item     = list / hash / value
 *	value    = 'text' / "text" / word               \' \" \\ inside quotes; \, in a word
 *
 * Blanks around "=", ",", brackets and values do not count. A "," starts the next pair where a key
 * and "=" follow it, else the next value. Every value is a string: the caller knows the types.
 * Source: the AWS CLI user guide, "Using shorthand syntax with the AWS CLI"; where that is silent,
 * as the aws command does it, but what it drops without a word is an error here: the first of two
 * equal keys in a hash, and the start of a value with an escaped or quoted comma where a pair
 * should be.
 */
#ifndef TIDEGATE_CONTROL_CLIENT_SHORTHAND_H
#define TIDEGATE_CONTROL_CLIENT_SHORTHAND_H

#include <jansson.h>

/*
 * Returns 0 and a JSON object; -EINVAL when the text is no shorthand, and then *ret_message shows
 * the text with a caret below the place, in the words of the aws command; another -errno with a
 * message when a file cannot be read or memory is out.
 */
int shorthand_parse(const char *text, json_t **ret_object, char **ret_message);

#endif
