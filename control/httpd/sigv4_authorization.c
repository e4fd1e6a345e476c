/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, SignedHeaders=a;b,
 * Signature=HEX
 *
 * Whoever may connect writes this text. It is cut in place from left to right; nothing is
 * looked at twice.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/httpd/sigv4.h"

#define ALGORITHM "AWS4-HMAC-SHA256"

/* Of a token of RFC 9110 section 5.6.2 those that a name has in lower case. */
#define HEADER_BYTES "abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~"
#define KEY_BYTES "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
#define SCOPE_BYTES "abcdefghijklmnopqrstuvwxyz0123456789-"

enum { COMPONENT_CREDENTIAL, COMPONENT_HEADERS, COMPONENT_SIGNATURE, COMPONENT_COUNT };

static const char *const component_names[COMPONENT_COUNT] = {
	"Credential", "SignedHeaders", "Signature"};

static bool consists_of(const char *text, const char *bytes)
{
	return text[0] != '\0' && text[strspn(text, bytes)] == '\0';
}

static int fail(const char **ret_problem, const char *problem)
{
	*ret_problem = problem;
	return -EINVAL;
}

/* KEY/DATE/REGION/SERVICE/aws4_request */
static int cut_credential(
	char *text, struct sigv4_authorization *authorization, const char **ret_problem)
{
	const char *parts[5];

	for (size_t i = 0; i < 5; i++) {
		parts[i] = strsep(&text, "/");
		if (parts[i] == NULL)
			return fail(ret_problem, "Credential must have five parts");
	}
	if (text != NULL)
		return fail(ret_problem, "Credential must have five parts");
	if (!consists_of(parts[0], KEY_BYTES))
		return fail(ret_problem, "Credential must begin with an access key");
	if (!consists_of(parts[1], "0123456789") || strlen(parts[1]) != 8)
		return fail(ret_problem, "Credential must have a date as YYYYMMDD");
	if (!consists_of(parts[2], SCOPE_BYTES) || !consists_of(parts[3], SCOPE_BYTES))
		return fail(ret_problem, "Credential must have a region and a service");
	if (strcmp(parts[4], "aws4_request") != 0)
		return fail(ret_problem, "Credential must end with aws4_request");
	authorization->access_key = parts[0];
	authorization->date = parts[1];
	authorization->region = parts[2];
	authorization->service = parts[3];
	return 0;
}

static int cut_headers(
	char *text, struct sigv4_authorization *authorization, const char **ret_problem)
{
	const char *name, *last = "";

	while ((name = strsep(&text, ";")) != NULL) {
		if (authorization->signed_count == SIGV4_SIGNED_MAX)
			return fail(ret_problem, "SignedHeaders are too many");
		if (!consists_of(name, HEADER_BYTES) || strcmp(last, name) >= 0)
			return fail(
				ret_problem, "SignedHeaders must be names in lower case, sorted");
		authorization->signed_headers[authorization->signed_count++] = last = name;
	}
	return 0;
}

static int cut_component(char *component, char *values[COMPONENT_COUNT], const char **ret_problem)
{
	char *value;
	const char *name;
	size_t i, length;

	component += strspn(component, " \t");
	value = component;
	name = strsep(&value, "=");
	for (i = 0; i < COMPONENT_COUNT && strcmp(name, component_names[i]) != 0; i++)
		;
	if (i == COMPONENT_COUNT || value == NULL)
		return fail(ret_problem,
			"it must have Credential, SignedHeaders and Signature, and nothing else");
	if (values[i] != NULL)
		return fail(ret_problem, "a part of it came twice");
	length = strcspn(value, " \t");
	if (value[length + strspn(value + length, " \t")] != '\0')
		return fail(ret_problem, "its parts must have commas between them");
	value[length] = '\0';
	values[i] = value;
	return 0;
}

static int cut(char *text, struct sigv4_authorization *authorization, const char **ret_problem)
{
	char *values[COMPONENT_COUNT] = {NULL}, *component;
	const char *algorithm = strsep(&text, " \t");
	int error;

	if (strcmp(algorithm, ALGORITHM) != 0 || text == NULL)
		return fail(ret_problem, "it must begin with " ALGORITHM);
	while ((component = strsep(&text, ",")) != NULL) {
		error = cut_component(component, values, ret_problem);
		if (error != 0)
			return error;
	}
	for (size_t i = 0; i < COMPONENT_COUNT; i++)
		if (values[i] == NULL)
			return fail(ret_problem,
				"it must have Credential, SignedHeaders and Signature");
	if (!consists_of(values[COMPONENT_SIGNATURE], "0123456789abcdef") ||
		strlen(values[COMPONENT_SIGNATURE]) != SIGV4_HASH_SIZE - 1)
		return fail(ret_problem, "Signature must be 64 hexadecimal digits in lower case");
	authorization->signature = values[COMPONENT_SIGNATURE];
	error = cut_credential(values[COMPONENT_CREDENTIAL], authorization, ret_problem);
	if (error != 0)
		return error;
	return cut_headers(values[COMPONENT_HEADERS], authorization, ret_problem);
}

int sigv4_authorization_parse(
	const char *value, struct sigv4_authorization *ret_authorization, const char **ret_problem)
{
	struct sigv4_authorization authorization = {.text = strdup(value)};
	int error;

	if (authorization.text == NULL)
		return -ENOMEM;
	error = cut(authorization.text, &authorization, ret_problem);
	if (error != 0) {
		free(authorization.text);
		return error;
	}
	*ret_authorization = authorization;
	return 0;
}

void sigv4_authorization_fini(struct sigv4_authorization *authorization)
{
	free(authorization->text);
	authorization->text = NULL;
}
