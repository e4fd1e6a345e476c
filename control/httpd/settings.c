/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/httpd/settings.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <event2/util.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "control/config_reader.h"
#include "control/text_file.h"

#define PATH_PATTERN "^/[^[:cntrl:]]*[^/[:cntrl:]]$"

/* ---- listen ---- */

bool settings_is_local(const struct sockaddr *address)
{
	const struct sockaddr_in *ipv4 = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *)address;

	switch (address->sa_family) {
	case AF_UNIX:
		return true;
	case AF_INET:
		return ntohl(ipv4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	case AF_INET6:
		return IN6_IS_ADDR_LOOPBACK(&ipv6->sin6_addr);
	default:
		return false;
	}
}

static in_port_t port_of(const struct settings_address *listen)
{
	if (listen->address.ss_family == AF_INET)
		return ((const struct sockaddr_in *)&listen->address)->sin_port;
	return ((const struct sockaddr_in6 *)&listen->address)->sin6_port;
}

static int read_address(
	struct config_reader *reader, const json_t *value, struct settings_address *listen)
{
	const char *text = json_string_value(value);
	int length = sizeof(listen->address);
	int ret = config_reader_string(reader, value);

	if (ret < 0)
		return ret;
	listen->local = text[0] == '/';
	if (listen->local && strlen(text) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return config_reader_fail(reader, "the path of a socket is at most %zu bytes long",
			sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1);
	if (!listen->local &&
		(evutil_parse_sockaddr_port(text, (struct sockaddr *)&listen->address, &length) !=
				0 ||
			port_of(listen) == 0))
		return config_reader_fail(reader,
			"must be ADDRESS:PORT, [IPV6-ADDRESS]:PORT or an absolute path, not "
			"\"%.64s\"",
			text);
	if (listen->local)
		listen->address.ss_family = AF_UNIX;
	listen->length = (socklen_t)length;
	listen->text = strdup(text);
	return listen->text != NULL ? 0 : -ENOMEM;
}

static int store_listen(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct settings *settings = target;

	(void)key;
	for (size_t i = 0; i < json_array_size(value); i++) {
		int ret;

		config_reader_enter_index(reader, i);
		ret = read_address(reader, json_array_get(value, i),
			&settings->listen[settings->listen_count]);
		if (ret < 0)
			return ret;
		settings->listen_count++;
		config_reader_leave(reader);
	}
	return 0;
}

/* ---- limits ---- */

#define LIMIT(field, from, to, default_value, text)                                                \
	{                                                                                          \
		.name = #field, .type = CONFIG_INTEGER, .low = from, .high = to,                   \
		.fallback = default_value, .help = text, .store = config_reader_store_number,      \
		.offset = offsetof(struct settings, field)                                         \
	}

static const struct config_key limit_members[] = {
	LIMIT(connections, 1, 900, "256", "Connections at once."),
	LIMIT(connections_per_address, 1, 900, "32", "Connections at once from one address."),
	LIMIT(header_bytes, 4096, 65536, "16384",
		"Memory for the request line and the headers of a request."),
	LIMIT(body_bytes, 1024, 524288, "262144", "The body of a request."),
	LIMIT(requests_per_second, 1, 100000, "50", "Requests by one key."),
	{.name = NULL},
};

#define PATH_KEY(key_name, field, is_required, words_of_path, default_value, text)                 \
	{                                                                                          \
		.name = key_name, .type = CONFIG_STRING, .required = is_required, .low = 2,        \
		.high = PATH_MAX - 1, .pattern = PATH_PATTERN, .words = words_of_path,             \
		.fallback = default_value, .help = text, .store = config_reader_store_string,      \
		.offset = offsetof(struct settings, field)                                         \
	}

/* ---- tls ---- */

static const struct config_key tls_members[] = {
	PATH_KEY("certificate_file", tls_certificate, true, "the absolute path of a file", NULL,
		"The certificate, and those above it, as PEM."),
	PATH_KEY("key_file", tls_key, true, "the absolute path of a file", NULL,
		"The private key of the certificate, as PEM."),
	{.name = NULL},
};

static int store_object(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	return value != NULL ? config_reader_object(reader, key->members, value, target) : 0;
}

/* ---- metrics ---- */

static const char *const metrics_choices[] = {"local", "all", NULL};

static int store_metrics(struct config_reader *reader, const struct config_key *key,
	const json_t *value, void *target)
{
	struct settings *settings = target;

	(void)reader;
	(void)key;
	settings->metrics_to_all = strcmp(json_string_value(value), "all") == 0;
	return 0;
}

/* ---- the whole ---- */

static const struct config_key settings_keys[] = {
	PATH_KEY("daemon_socket", daemon_socket, false, "the absolute path of a socket",
		"\"/run/tidegate/control.sock\"", "The control socket of tidegated."),
	{.name = "listen",
		.type = CONFIG_ARRAY,
		.low = 1,
		.high = SETTINGS_LISTEN_MAX,
		.fallback = "[\"127.0.0.1:8700\"]",
		.help = "Addresses with ports, or paths of Unix sockets.",
		.store = store_listen},
	PATH_KEY("key_file", key_file, false, "the absolute path of a file", NULL,
		"The access keys."),
	{.name = "region",
		.type = CONFIG_STRING,
		.low = 1,
		.high = 64,
		.pattern = "^[a-z0-9-]+$",
		.words = "the name of a region",
		.help = "The region that signatures are for, as in the firewall's ARN.",
		.store = config_reader_store_string,
		.offset = offsetof(struct settings, region)},
	{.name = "user",
		.type = CONFIG_STRING,
		.low = 1,
		.high = 32,
		.pattern = "^[A-Za-z_][A-Za-z0-9_-]*$",
		.words = "the name of a user",
		.help = "Who to become when started by root.",
		.store = config_reader_store_string,
		.offset = offsetof(struct settings, user)},
	{.name = "tls",
		.type = CONFIG_OBJECT,
		.members = tls_members,
		.help = "TLS, on all addresses and sockets.",
		.store = store_object},
	{.name = "metrics",
		.type = CONFIG_CHOICE,
		.choices = metrics_choices,
		.fallback = "\"local\"",
		.help = "Who is given the metrics: clients on this machine, or whoever connects.",
		.store = store_metrics},
	{.name = "deadline_seconds",
		.type = CONFIG_INTEGER,
		.low = 1,
		.high = 3600,
		.fallback = "30",
		.help = "How long a request may take.",
		.store = config_reader_store_number,
		.offset = offsetof(struct settings, deadline)},
	{.name = "limits",
		.type = CONFIG_OBJECT,
		.members = limit_members,
		.fallback = "{}",
		.help = "How much of everything.",
		.store = store_object},
	{.name = NULL},
};

/* What goes together. */
static int check_together(struct config_reader *reader, const struct settings *settings)
{
	if ((settings->key_file != NULL) != (settings->region != NULL))
		return config_reader_fail(reader, "key_file and region go together");
	for (size_t i = 0; i < settings->listen_count && settings->key_file == NULL; i++) {
		if (settings_is_local((const struct sockaddr *)&settings->listen[i].address))
			continue;
		config_reader_enter_key(reader, "listen");
		config_reader_enter_index(reader, i);
		return config_reader_fail(reader,
			"without key_file only loopback addresses and Unix sockets are served");
	}
	return 0;
}

static int read_settings(
	struct config_reader *reader, const json_t *root, struct settings **ret_settings)
{
	struct settings *settings = calloc(1, sizeof(*settings));
	int ret;

	if (settings == NULL)
		return -ENOMEM;
	ret = config_reader_object(reader, settings_keys, root, settings);
	if (ret == 0)
		ret = check_together(reader, settings);
	if (ret == 0)
		*ret_settings = settings;
	else
		settings_destroy(settings);
	return ret;
}

int settings_load(const char *path, struct settings **ret_settings, char *message, size_t size)
{
	struct config_reader reader = {
		.file = path != NULL ? path : "defaults", .message = message, .size = size};
	char *text = NULL;
	json_t *root = NULL;
	int ret = 0;

	if (path != NULL) {
		ret = text_file_read(&reader, &text);
	} else {
		reader.text = "{}";
		reader.length = 2;
	}
	if (ret == 0)
		ret = text_file_json(&reader, &root);
	if (ret == 0)
		ret = read_settings(&reader, root, ret_settings);
	json_decref(root);
	free(text);
	if (ret == -ENOMEM)
		snprintf(message, size, "%s: %s", reader.file, strerrordesc_np(ENOMEM));
	for (char *at = message; ret < 0 && *at != '\0'; at++) {
		if (iscntrl((unsigned char)*at))
			*at = '?';
	}
	return ret;
}

void settings_destroy(struct settings *settings)
{
	if (settings == NULL)
		return;
	for (size_t i = 0; i < SETTINGS_LISTEN_MAX; i++)
		free(settings->listen[i].text);
	free(settings->daemon_socket);
	free(settings->key_file);
	free(settings->region);
	free(settings->tls_certificate);
	free(settings->tls_key);
	free(settings->user);
	free(settings);
}
