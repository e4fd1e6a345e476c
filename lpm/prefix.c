/* SPDX-License-Identifier: BSD-3-Clause */
#include "lpm/lpm.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255" is what inet_pton() may be given at most. */
static_assert(PREFIX_TEXT_SIZE >= INET6_ADDRSTRLEN, "an address fits");

static uint8_t address_bits(uint8_t version)
{
	return version == 4 ? 32 : 128;
}

/* A length in decimal: digits, no leading zero, at most three. */
static int parse_depth(const char *text, uint8_t most, uint8_t *ret_depth)
{
	size_t digits = strspn(text, "0123456789");
	unsigned int depth = 0;

	if (digits == 0 || digits > 3 || text[digits] != '\0' || (text[0] == '0' && digits > 1))
		return -EINVAL;
	for (size_t i = 0; i < digits; i++)
		depth = depth * 10 + (unsigned int)(text[i] - '0');
	if (depth > most)
		return -EINVAL;
	*ret_depth = (uint8_t)depth;
	return 0;
}

/* The byte of a mask of depth bits. */
static uint8_t mask_byte(uint8_t depth, uint32_t byte)
{
	uint32_t before = byte * 8;

	if (depth >= before + 8)
		return 0xff;
	return depth <= before ? 0 : (uint8_t)(0xff00 >> (depth - before));
}

int prefix_parse(const char *text, struct prefix *ret_prefix)
{
	struct prefix prefix = {.version = strchr(text, ':') == NULL ? 4 : 6};
	const char *slash = strchrnul(text, '/');
	size_t length = (size_t)(slash - text);
	char address[INET6_ADDRSTRLEN];
	int result = 0;

	if (length >= sizeof(address))
		return -EINVAL;
	memcpy(address, text, length);
	address[length] = '\0';
	/* It takes neither blanks, zones nor leading zeros in IPv4. */
	if (inet_pton(prefix.version == 4 ? AF_INET : AF_INET6, address, prefix.address) != 1)
		return -EINVAL;
	prefix.depth = address_bits(prefix.version);
	if (*slash == '/' && parse_depth(slash + 1, prefix.depth, &prefix.depth) != 0)
		return -EINVAL;
	for (uint32_t i = 0; i < sizeof(prefix.address); i++) {
		uint8_t kept = prefix.address[i] & mask_byte(prefix.depth, i);
		if (kept != prefix.address[i])
			result = -EDOM;
		prefix.address[i] = kept;
	}
	*ret_prefix = prefix;
	return result;
}

const char *prefix_format(const struct prefix *prefix, char text[PREFIX_TEXT_SIZE])
{
	inet_ntop(
		prefix->version == 4 ? AF_INET : AF_INET6, prefix->address, text, PREFIX_TEXT_SIZE);
	size_t length = strlen(text);
	snprintf(text + length, PREFIX_TEXT_SIZE - length, "/%u", (unsigned int)prefix->depth);
	return text;
}
