/* SPDX-License-Identifier: BSD-3-Clause */
/* operand: words of the command line that are neither options nor filters. */
#ifndef TIDEGATE_CONTROL_CLIENT_OPERAND_H
#define TIDEGATE_CONTROL_CLIENT_OPERAND_H

#include <jansson.h>

/* The most operands of any command that are no filters. */
enum { OPERAND_LIMIT = 5 };

enum operand_kind {
	OPERAND_ADDRESS, /* {"AddressDefinition": text} */
	OPERAND_PORT,	 /* the text; "-" for a packet without ports leaves the member out */
	OPERAND_TEXT,
	OPERAND_PROTOCOL, /* a number, or a name that stands for one */
};

struct operand_spec {
	const char *name;   /* what --help calls it */
	const char *member; /* of the request */
	enum operand_kind kind;
};

/*
 * Set an operand's member. Whether addresses and numbers are good is the server's to tell. Returns
 * 0; or -errno with a message for the user (NULL when memory is out).
 */
int operand_set(
	const struct operand_spec *operand, const char *text, json_t *params, char **ret_message);

#endif
