/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * backend: requests to tidegated over its Unix socket, without waiting for the answers.
 *
 * Overview: one connection serves all requests, since the daemon answers in their order. It is
 * made when
 * a request needs it. Where it breaks, or the oldest request gets no answer in time, all that wait
 * for one are told so, and the next request makes a new one.
 */
#ifndef TIDEGATE_CONTROL_HTTPD_BACKEND_H
#define TIDEGATE_CONTROL_HTTPD_BACKEND_H

#include <jansson.h>

struct backend;
struct event_base;

/*
 * error 0: result is what the daemon answered; -EREMOTEIO: refusal is its error object; else there
 * was no answer. Both objects are gone after the call.
 */
typedef void backend_answered_fn(int error, json_t *result, const json_t *refusal, void *context);

/* path is borrowed. Returns 0 or -ENOMEM. */
int backend_create(struct event_base *base, const char *path, struct backend **ret_backend);

/* Those who wait for answers are told that there is none. */
void backend_destroy(struct backend *backend);

/*
 * Call a method. Returns 0, and then answered is called once, later; or -errno: the request was not
 * sent.
 */
int backend_call(struct backend *backend, const char *method, const json_t *params,
	backend_answered_fn *answered, void *context);

#endif
