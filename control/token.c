/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/token.h"

#include <endian.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>
#include <sys/random.h>

enum { POSITION_SIZE = 8, MAC_SIZE = 16, SCOPE_MAX = 128 };

struct payload {
	uint8_t position[POSITION_SIZE]; /* big endian */
	uint8_t mac[MAC_SIZE];		 /* the first half of HMAC(key, position, scope) */
};

int token_key_init(struct token_key *key)
{
	ssize_t got = getrandom(key->bytes, sizeof(key->bytes), 0);

	if (got < 0)
		return -errno;
	return got == sizeof(key->bytes) ? 0 : -EIO;
}

int token_make(
	const struct token_key *key, const char *scope, uint64_t position, char text[TOKEN_SIZE])
{
	uint8_t message[POSITION_SIZE + SCOPE_MAX], digest[EVP_MAX_MD_SIZE];
	size_t length = strlen(scope);
	uint64_t big_endian = htobe64(position);
	struct payload payload;

	if (length > SCOPE_MAX)
		return -EIO;
	memcpy(message, &big_endian, POSITION_SIZE);
	memcpy(message + POSITION_SIZE, scope, length);
	if (HMAC(EVP_sha256(), key->bytes, TOKEN_KEY_SIZE, message, POSITION_SIZE + length, digest,
		    NULL) == NULL)
		return -EIO;
	memcpy(payload.position, &big_endian, POSITION_SIZE);
	memcpy(payload.mac, digest, MAC_SIZE);
	EVP_EncodeBlock((unsigned char *)text, (const unsigned char *)&payload, sizeof(payload));
	return 0;
}

int token_read(
	const struct token_key *key, const char *scope, const char *text, uint64_t *ret_position)
{
	unsigned char payload[sizeof(struct payload)];
	uint64_t big_endian, position;
	char expected[TOKEN_SIZE];

	if (strlen(text) != TOKEN_SIZE - 1 ||
		EVP_DecodeBlock(payload, (const unsigned char *)text, TOKEN_SIZE - 1) !=
			sizeof(payload))
		return -EINVAL;
	memcpy(&big_endian, payload, POSITION_SIZE);
	position = be64toh(big_endian);
	/* The whole text is compared, so that a position has one token alone. */
	if (token_make(key, scope, position, expected) != 0 ||
		CRYPTO_memcmp(text, expected, TOKEN_SIZE - 1) != 0)
		return -EINVAL;
	*ret_position = position;
	return 0;
}
