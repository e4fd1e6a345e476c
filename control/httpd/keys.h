/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * keys: who may in: access keys with their secrets and roles, from a file that nobody but the
 * process
 * and root may read.
 *
 * Life-cycle: the file is read anew when it has changed, which is looked for every second, and when
 * keys_reload() is called. A file that is in error changes nothing, and is logged once.
 */
#ifndef TIDEGATE_CONTROL_HTTPD_KEYS_H
#define TIDEGATE_CONTROL_HTTPD_KEYS_H

#include <stdint.h>

#include "control/rate_limit.h"

struct event_base;
struct keys;

/* What a key may do; each may what the one before may. */
enum role { ROLE_READ, ROLE_OPERATE, ROLE_ADMIN };

struct key {
	char *access_key;
	char *secret;
	enum role role;
	struct rate_limit limit; /* of its requests */
};

/*
 * path NULL: nobody has a key, and keys_anyone() is whoever asks. Returns 0, or -errno with the
 * cause
 * logged.
 */
int keys_create(struct event_base *base, const char *path, uint32_t requests_per_second,
	struct keys **ret_keys);
void keys_destroy(struct keys *keys);

void keys_reload(struct keys *keys);

/* NULL: there is none of this name. The key is good until the loop goes on. */
struct key *keys_find(struct keys *keys, const char *access_key);

/* The one for requests that need no signature; NULL: all need one. */
struct key *keys_anyone(struct keys *keys);

/* Whether one more request is within the key's limit now. */
bool keys_take(struct key *key);

#endif
