/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sigv4: AWS Signature Version 4 of a request, as the AWS documentation "Create a signed AWS API
 * request" has it.
 *
 * Overview: the Authorization header names the credential, its scope and the headers that are
 * signed. The canonical request is made of those headers and the rest of the request; the string to
 * sign has its hash, and the signature is an HMAC-SHA-256 of that string by a key which is derived
 * of the secret and the scope.
 */
#ifndef TIDEGATE_CONTROL_HTTPD_SIGV4_H
#define TIDEGATE_CONTROL_HTTPD_SIGV4_H

#include <stdbool.h>
#include <stddef.h>

enum {
	SIGV4_DATE_SIZE = sizeof("20150830T123600Z"),
	SIGV4_HASH_SIZE = 65, /* SHA-256 in hexadecimal digits */
	SIGV4_SIGNED_MAX = 64 /* signed headers */
};

struct sigv4_header {
	const char *name;
	const char *value;
};

/* A request as it came in. All of it is borrowed. */
struct sigv4_request {
	const char *method;
	const char *target; /* path and query of the request line */
	const struct sigv4_header *headers;
	size_t header_count;
	const void *body;
	size_t body_length;
};

/* What an Authorization header says; parts of one text on the heap. */
struct sigv4_authorization {
	char *text;
	const char *access_key;
	const char *date; /* YYYYMMDD */
	const char *region;
	const char *service;
	const char *signed_headers[SIGV4_SIGNED_MAX]; /* lower case, ascending */
	size_t signed_count;
	const char *signature; /* 64 hexadecimal digits */
};

/*
 * Parse the value of an Authorization header. Returns 0, -ENOMEM, or -EINVAL with what is wrong
 * with
 * it in words, which no byte of the header is in.
 */
int sigv4_authorization_parse(
	const char *value, struct sigv4_authorization *ret_authorization, const char **ret_problem);
void sigv4_authorization_fini(struct sigv4_authorization *authorization);

bool sigv4_is_signed(const struct sigv4_authorization *authorization, const char *name);

/* The value of a header, NULL without one and for one that came more than once. */
const char *sigv4_header_value(const struct sigv4_request *request, const char *name);

/* SHA-256 in lower case hexadecimal digits. Returns 0 or -EIO. */
int sigv4_hash(const void *data, size_t length, char hash[SIGV4_HASH_SIZE]);

/*
 * The canonical request, on the heap. Returns 0, -EINVAL when the request has none (a signed header
 * that it lacks, a query that cannot be decoded), -EIO or -ENOMEM.
 */
int sigv4_canonical_request(const struct sigv4_request *request,
	const struct sigv4_authorization *authorization, char **ret_text);

/*
 * The signature that the request has by the secret, under the scope and of the headers that
 * the authorization names; date is that of X-Amz-Date. Errors as above.
 */
int sigv4_sign(const struct sigv4_request *request, const struct sigv4_authorization *authorization,
	const char *date, const char *secret, char signature[SIGV4_HASH_SIZE]);

/* Whether the signatures are the same, in a time that does not tell where they differ. */
bool sigv4_signatures_equal(
	const struct sigv4_authorization *authorization, const char signature[SIGV4_HASH_SIZE]);

#endif
