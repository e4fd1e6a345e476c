/* SPDX-License-Identifier: BSD-3-Clause */
/* access: who may in. */
#ifndef TIDEGATE_CONTROL_HTTPD_ACCESS_H
#define TIDEGATE_CONTROL_HTTPD_ACCESS_H

#include <time.h>

#include "control/httpd/exchange.h"
#include "control/httpd/keys.h"

/* How far a request's date may be from the clock, in seconds. */
enum { ACCESS_SKEW_MAX = 300 };

/*
 * Find the key that the request is signed by, and check the signature. Without a key file it is
 * whoever asks, from this machine, for this machine by name: a browser that was told that a name of
 * the web is at a loopback address has that name in Host. Returns NULL when the request was
 * answered with an error. exchange->access_key is set to who signed.
 */
struct key *access_check(struct exchange *exchange, struct keys *keys, const char *region);

/*
 * Whether the client is on this machine and asks for it by name, as above; else the request was
 * answered with an error.
 */
bool access_check_local(struct exchange *exchange);

/* Seconds since the epoch of a date such as 20150830T123600Z, or -1. */
time_t access_date(const char *text);

#endif
