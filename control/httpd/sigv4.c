/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/httpd/sigv4.h"

#include <ctype.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "control/httpd/uri.h"

static void write_hex(const unsigned char *bytes, size_t count, char *text)
{
	for (size_t i = 0; i < count; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

int sigv4_hash(const void *data, size_t length, char hash[SIGV4_HASH_SIZE])
{
	unsigned char digest[SHA256_DIGEST_LENGTH];

	if (EVP_Digest(data, length, digest, NULL, EVP_sha256(), NULL) != 1)
		return -EIO;
	write_hex(digest, sizeof(digest), hash);
	return 0;
}

bool sigv4_is_signed(const struct sigv4_authorization *authorization, const char *name)
{
	for (size_t i = 0; i < authorization->signed_count; i++)
		if (strcmp(authorization->signed_headers[i], name) == 0)
			return true;
	return false;
}

const char *sigv4_header_value(const struct sigv4_request *request, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; i < request->header_count; i++) {
		if (strcasecmp(request->headers[i].name, name) != 0)
			continue;
		if (value != NULL)
			return NULL;
		value = request->headers[i].value;
	}
	return value;
}

/* ---- the canonical request ---- */

/* A value without blanks around it, and each run of them inside as one space. */
static void write_value(FILE *out, const char *value)
{
	bool written = false;

	for (;;) {
		size_t length;

		value += strspn(value, " \t\r\n");
		length = strcspn(value, " \t\r\n");
		if (length == 0)
			return;
		fprintf(out, "%s%.*s", written ? " " : "", (int)length, value);
		written = true;
		value += length;
	}
}

/* "name:value,value\n", the values in the order in which they came. Returns 0 or -EINVAL. */
static int write_header(FILE *out, const struct sigv4_request *request, const char *name)
{
	bool found = false;

	fprintf(out, "%s:", name);
	for (size_t i = 0; i < request->header_count; i++) {
		if (strcasecmp(request->headers[i].name, name) != 0)
			continue;
		if (found)
			putc(',', out);
		found = true;
		write_value(out, request->headers[i].value);
	}
	putc('\n', out);
	return found ? 0 : -EINVAL;
}

static int write_canonical(FILE *out, const struct sigv4_request *request,
	const struct sigv4_authorization *authorization)
{
	size_t path_length = strcspn(request->target, "?");
	const char *query = request->target + path_length;
	char body_hash[SIGV4_HASH_SIZE];
	int error;

	fprintf(out, "%s\n", request->method);
	error = uri_write_path(out, request->target, path_length);
	putc('\n', out);
	if (error == 0)
		error = uri_write_query(out, *query == '?' ? query + 1 : query);
	putc('\n', out);
	for (size_t i = 0; i < authorization->signed_count && error == 0; i++)
		error = write_header(out, request, authorization->signed_headers[i]);
	putc('\n', out);
	for (size_t i = 0; i < authorization->signed_count; i++)
		fprintf(out, "%s%s", i > 0 ? ";" : "", authorization->signed_headers[i]);
	if (error == 0)
		error = sigv4_hash(request->body, request->body_length, body_hash);
	if (error == 0)
		fprintf(out, "\n%s", body_hash);
	return error;
}

int sigv4_canonical_request(const struct sigv4_request *request,
	const struct sigv4_authorization *authorization, char **ret_text)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int error;

	if (out == NULL)
		return -ENOMEM;
	error = write_canonical(out, request, authorization);
	if (fclose(out) != 0)
		error = -ENOMEM;
	if (error == 0)
		*ret_text = text;
	else
		free(text);
	return error;
}

/* ---- the signature ---- */

/* One step of the derivation: key = HMAC(key, text). */
static int hmac_step(unsigned char key[SHA256_DIGEST_LENGTH], size_t length, const char *text)
{
	unsigned char result[SHA256_DIGEST_LENGTH];

	if (HMAC(EVP_sha256(), key, (int)length, (const unsigned char *)text, strlen(text), result,
		    NULL) == NULL)
		return -EIO;
	memcpy(key, result, sizeof(result));
	OPENSSL_cleanse(result, sizeof(result));
	return 0;
}

/* The first step, from the secret itself. */
static int hmac_secret(
	const char *secret, const char *date, unsigned char key[SHA256_DIGEST_LENGTH])
{
	char *start;
	int length = asprintf(&start, "AWS4%s", secret);
	int error = 0;

	if (length < 0)
		return -ENOMEM;
	if (HMAC(EVP_sha256(), start, length, (const unsigned char *)date, strlen(date), key,
		    NULL) == NULL)
		error = -EIO;
	OPENSSL_cleanse(start, (size_t)length);
	free(start);
	return error;
}

static int sign_text(const struct sigv4_authorization *authorization, const char *secret,
	const char *text, char signature[SIGV4_HASH_SIZE])
{
	const char *const steps[] = {
		authorization->region, authorization->service, "aws4_request", text};
	unsigned char key[SHA256_DIGEST_LENGTH];
	int error = hmac_secret(secret, authorization->date, key);

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && error == 0; i++)
		error = hmac_step(key, sizeof(key), steps[i]);
	if (error == 0)
		write_hex(key, sizeof(key), signature);
	OPENSSL_cleanse(key, sizeof(key));
	return error;
}

int sigv4_sign(const struct sigv4_request *request, const struct sigv4_authorization *authorization,
	const char *date, const char *secret, char signature[SIGV4_HASH_SIZE])
{
	char hash[SIGV4_HASH_SIZE], *canonical, *text;
	int error = sigv4_canonical_request(request, authorization, &canonical);

	if (error != 0)
		return error;
	error = sigv4_hash(canonical, strlen(canonical), hash);
	free(canonical);
	if (error != 0)
		return error;
	if (asprintf(&text, "AWS4-HMAC-SHA256\n%s\n%s/%s/%s/aws4_request\n%s", date,
		    authorization->date, authorization->region, authorization->service, hash) < 0)
		return -ENOMEM;
	error = sign_text(authorization, secret, text, signature);
	free(text);
	return error;
}

bool sigv4_signatures_equal(
	const struct sigv4_authorization *authorization, const char signature[SIGV4_HASH_SIZE])
{
	/* Both have this length; the parser has seen to it. */
	return CRYPTO_memcmp(authorization->signature, signature, SIGV4_HASH_SIZE - 1) == 0;
}
