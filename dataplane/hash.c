/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/hash.h"

#include <errno.h>
#include <sys/random.h>

int hash_secret_draw(struct hash_secret *ret_secret)
{
	struct hash_secret secret;

	/* Up to 256 bytes come whole once the pool is seeded (getrandom(2)). */
	_Static_assert(sizeof(secret) <= 256, "one call fills the secret");
	for (;;) {
		ssize_t got = getrandom(&secret, sizeof(secret), 0);

		if (got == (ssize_t)sizeof(secret))
			break;
		if (got < 0 && errno != EINTR)
			return -errno;
	}
	*ret_secret = secret;
	return 0;
}
