/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_signature: what a client who is not known yet may send: the Authorization header, the request's
 * target, a header's value and a body, a line each but the body.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/httpd/sigv4.h"
#include "control/httpd/uri.h"

#define DATE "20150830T123600Z"

static void must(bool good)
{
	if (!good)
		abort();
}

/* Cut a line off; what is left is the rest. NUL bytes end a text, as they do for the server. */
static const char *cut_line(char **rest)
{
	char *line = *rest, *end = strchr(line, '\n');

	if (end == NULL) {
		*rest = line + strlen(line);
	} else {
		*end = '\0';
		*rest = end + 1;
	}
	return line;
}

static char *canonical_query(const char *query)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int error;

	must(out != NULL);
	error = uri_write_query(out, query);
	must(fclose(out) == 0);
	if (error == 0)
		return text;
	free(text);
	return NULL;
}

/* What is canonical stays as it is. */
static void check_query(const char *query)
{
	char *once = canonical_query(query), *twice;

	if (once == NULL)
		return;
	twice = canonical_query(once);
	must(twice != NULL && strcmp(once, twice) == 0);
	free(once);
	free(twice);
}

static void check_signature(const char *authorization_text, const struct sigv4_request *request)
{
	struct sigv4_authorization authorization;
	char signature[SIGV4_HASH_SIZE];
	const char *problem = NULL;

	if (sigv4_authorization_parse(authorization_text, &authorization, &problem) != 0) {
		must(problem != NULL);
		return;
	}
	must(strlen(authorization.signature) == SIGV4_HASH_SIZE - 1);
	must(authorization.signed_count >= 1 && authorization.signed_count <= SIGV4_SIGNED_MAX);
	if (sigv4_sign(request, &authorization, DATE, "secret", signature) == 0) {
		must(strlen(signature) == SIGV4_HASH_SIZE - 1);
		sigv4_signatures_equal(&authorization, signature);
	}
	sigv4_authorization_fini(&authorization);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sigv4_header headers[] = {
		{"Host", "localhost"}, {"X-Amz-Date", DATE}, {"X-Amz-Target", NULL}};
	struct sigv4_request request = {.method = "POST", .headers = headers, .header_count = 3};
	char *text = malloc(size + 1), *rest = text;
	const char *authorization;

	must(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	authorization = cut_line(&rest);
	request.target = cut_line(&rest);
	headers[2].value = cut_line(&rest);
	request.body = rest;
	request.body_length = strlen(rest);
	check_query(request.target + strcspn(request.target, "?"));
	check_signature(authorization, &request);
	free(text);
	return 0;
}
