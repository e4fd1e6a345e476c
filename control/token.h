/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * token: NextToken, the place where the next page of a list begins.
 *
 * A token is bound to its list by a keyed MAC (HMAC-SHA-256, RFC 2104): one that this process did
 * not make, or made for another list, is refused.
 */
#ifndef TIDEGATE_CONTROL_TOKEN_H
#define TIDEGATE_CONTROL_TOKEN_H

#include <stdint.h>

/* 8 bytes of position and 16 of MAC in base64, with the final NUL. */
enum { TOKEN_SIZE = 33, TOKEN_KEY_SIZE = 32 };

struct token_key {
	uint8_t bytes[TOKEN_KEY_SIZE];
};

/* Draw a key. Returns 0 or -errno. */
int token_key_init(struct token_key *key);

/* scope names the list that position is one of. Returns 0 or -EIO. */
int token_make(
	const struct token_key *key, const char *scope, uint64_t position, char text[TOKEN_SIZE]);

/* Returns 0, or -EINVAL for a token that token_make() did not give for this scope. */
int token_read(
	const struct token_key *key, const char *scope, const char *text, uint64_t *ret_position);

#endif
