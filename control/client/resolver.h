/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * resolver: names of addresses, by the system's resolver (getnameinfo()), which may block for long.
 *
 * Overview: threads look names up, each address once; who asks waits for a bounded time and does
 * without the names that have not come by then. A name that comes later is there the next time.
 *
 * Life-cycle: resolver_close() does not wait for lookups under way; the last thread frees.
 */
#ifndef TIDEGATE_CONTROL_CLIENT_RESOLVER_H
#define TIDEGATE_CONTROL_CLIENT_RESOLVER_H

#include <jansson.h>
#include <stdint.h>

struct resolver;

/* What stands for an address: writes its name (NI_MAXHOST bytes) and returns 0, or anything else.
 */
typedef int resolver_lookup_fn(const char *address, char *name);

/* The system's. */
resolver_lookup_fn resolver_lookup;

/* NULL when memory is out. */
struct resolver *resolver_open(resolver_lookup_fn *lookup);
void resolver_close(struct resolver *resolver);

/*
 * Put names in place of the addresses of SourceAddress and DestinationAddress in rows (flows).
 * Waits for them up to deadline (clock_milliseconds()). Returns 0 or -errno.
 */
int resolver_apply(struct resolver *resolver, json_t *rows, int64_t deadline);

#endif
