/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/httpd/access.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "control/httpd/settings.h"

#define SERVICE "network-firewall"

/* Types of errors, as the AWS documentation "Common Error Types" has them, all with status 403. */
#define MISSING "MissingAuthenticationTokenException"
#define INCOMPLETE "IncompleteSignatureException"
#define INVALID "InvalidSignatureException"
#define UNRECOGNIZED "UnrecognizedClientException"
#define DENIED "AccessDeniedException"

#define refuse(exchange, type, ...) exchange_fail(exchange, MHD_HTTP_FORBIDDEN, type, __VA_ARGS__)

/* ---- without keys ---- */

/* "localhost" or a loopback address, with or without a port. */
static bool names_this_machine(const char *host)
{
	static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t length = strlen(names[i]);

		if (strncasecmp(host, names[i], length) == 0 &&
			(host[length] == '\0' || host[length] == ':'))
			return true;
	}
	return false;
}

static bool check_host(struct exchange *exchange)
{
	const char *host = sigv4_header_value(&exchange->request, MHD_HTTP_HEADER_HOST);

	if (host != NULL && names_this_machine(host))
		return true;
	refuse(exchange, DENIED,
		"Without a signature only requests to localhost, 127.0.0.1 or [::1] are served.");
	return false;
}

bool access_check_local(struct exchange *exchange)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	if (info != NULL && info->client_addr != NULL && settings_is_local(info->client_addr))
		return check_host(exchange);
	refuse(exchange, DENIED, "This is served to clients on this machine alone.");
	return false;
}

/* ---- signatures ---- */

time_t access_date(const char *text)
{
	struct tm parts = {0};
	char again[SIGV4_DATE_SIZE];
	const char *end = strptime(text, "%Y%m%dT%H%M%SZ", &parts);
	time_t date;

	if (end == NULL || *end != '\0')
		return -1;
	/* strptime() takes fewer digits, blanks and the 31st of any month, too. */
	date = timegm(&parts);
	if (strftime(again, sizeof(again), "%Y%m%dT%H%M%SZ", &parts) == 0 ||
		strcmp(again, text) != 0)
		return -1;
	return date;
}

/* The headers that a signature has to be of. */
static bool check_signed(struct exchange *exchange, const struct sigv4_authorization *authorization)
{
	static const struct {
		const char *name;
		bool always;
	} headers[] = {{"host", true}, {"x-amz-date", true}, {"x-amz-target", false}};

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		bool sent = false;

		for (size_t j = 0; j < exchange->request.header_count; j++)
			sent = sent || strcasecmp(exchange->headers[j].name, headers[i].name) == 0;
		if ((sent || headers[i].always) &&
			!sigv4_is_signed(authorization, headers[i].name)) {
			refuse(exchange, INVALID, "'%s' must be a signed header.", headers[i].name);
			return false;
		}
	}
	return true;
}

static bool check_scope(struct exchange *exchange, const struct sigv4_authorization *authorization,
	const char *date, const char *region)
{
	if (strncmp(authorization->date, date, strlen(authorization->date)) != 0)
		refuse(exchange, INVALID,
			"Date in Credential scope does not match YYYYMMDD from "
			"ISO-8601 version of date from HTTP.");
	else if (strcmp(authorization->region, region) != 0)
		refuse(exchange, INVALID,
			"Credential should be scoped to a valid region, not '%s'.",
			authorization->region);
	else if (strcmp(authorization->service, SERVICE) != 0)
		refuse(exchange, INVALID,
			"Credential should be scoped to correct service: '" SERVICE "'.");
	else
		return true;
	return false;
}

static bool check_clock(struct exchange *exchange, const char *date)
{
	time_t then = access_date(date), now = time(NULL);
	char text[SIGV4_DATE_SIZE];
	struct tm parts;

	if (then < 0) {
		refuse(exchange, INCOMPLETE, "X-Amz-Date must be as 20150830T123600Z.");
		return false;
	}
	if (then - now <= ACCESS_SKEW_MAX && now - then <= ACCESS_SKEW_MAX)
		return true;
	strftime(text, sizeof(text), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &parts));
	if (then < now)
		refuse(exchange, INVALID,
			"Signature expired: %s is more than 5 minutes earlier than %s.", date,
			text);
	else
		refuse(exchange, INVALID,
			"Signature not yet current: %s is more than 5 minutes later than %s.", date,
			text);
	return false;
}

/* A hash of the body that the client sent is to be the right one: it may be what was signed. */
static bool check_body(struct exchange *exchange)
{
	const char *sent = sigv4_header_value(&exchange->request, "x-amz-content-sha256");
	char hash[SIGV4_HASH_SIZE];

	if (sent == NULL ||
		(sigv4_hash(exchange->body, exchange->body_length, hash) == 0 &&
			strcmp(sent, hash) == 0))
		return true;
	refuse(exchange, INVALID, "X-Amz-Content-Sha256 is not the hash of the body.");
	return false;
}

static bool check_signature(struct exchange *exchange,
	const struct sigv4_authorization *authorization, const char *date, const char *secret)
{
	char signature[SIGV4_HASH_SIZE];
	int error = sigv4_sign(&exchange->request, authorization, date, secret, signature);

	if (error == 0 && sigv4_signatures_equal(authorization, signature))
		return true;
	if (error == 0 || error == -EINVAL)
		refuse(exchange, INVALID,
			"The request signature we calculated does not match the signature you "
			"provided. Check your secret access key and signing method.");
	else
		exchange_fail(exchange, MHD_HTTP_INTERNAL_SERVER_ERROR, "InternalServerError",
			"The signature could not be calculated.");
	return false;
}

/* All but that there is an Authorization header, and what form it has. */
static struct key *check_authorization(struct exchange *exchange, struct keys *keys,
	const struct sigv4_authorization *authorization, const char *region)
{
	const char *date = sigv4_header_value(&exchange->request, "x-amz-date");
	struct key *key = keys_find(keys, authorization->access_key);

	if (date == NULL) {
		refuse(exchange, INCOMPLETE,
			"Authorization header requires existence of one "
			"'X-Amz-Date' header.");
		return NULL;
	}
	if (!check_clock(exchange, date) || !check_signed(exchange, authorization) ||
		!check_scope(exchange, authorization, date, region) || !check_body(exchange))
		return NULL;
	if (key == NULL || sigv4_header_value(&exchange->request, "x-amz-security-token")) {
		refuse(exchange, UNRECOGNIZED,
			"The security token included in the request is invalid.");
		return NULL;
	}
	return check_signature(exchange, authorization, date, key->secret) ? key : NULL;
}

struct key *access_check(struct exchange *exchange, struct keys *keys, const char *region)
{
	const char *value = sigv4_header_value(&exchange->request, MHD_HTTP_HEADER_AUTHORIZATION);
	struct sigv4_authorization authorization;
	const char *problem = "there is no memory for it";
	struct key *key = keys_anyone(keys);

	if (key != NULL)
		return check_host(exchange) ? key : NULL;
	if (value == NULL) {
		refuse(exchange, MISSING, "Missing Authentication Token");
		return NULL;
	}
	if (sigv4_authorization_parse(value, &authorization, &problem) != 0) {
		refuse(exchange, INCOMPLETE, "Authorization header is not valid: %s.", problem);
		return NULL;
	}
	key = check_authorization(exchange, keys, &authorization, region);
	sigv4_authorization_fini(&authorization);
	if (key != NULL)
		exchange->access_key = strdup(key->access_key);
	return key;
}
