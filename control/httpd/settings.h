/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * settings: the configuration file of tidegate-httpd, one JSON object.
 */
#ifndef TIDEGATE_CONTROL_HTTPD_SETTINGS_H
#define TIDEGATE_CONTROL_HTTPD_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* Room for any message of settings_load(). */
#define SETTINGS_MESSAGE_SIZE 1024

enum { SETTINGS_LISTEN_MAX = 16 };

struct settings_address {
	char *text; /* as it was given; of a Unix socket the path */
	bool local; /* a Unix socket; of address the family alone is set */
	struct sockaddr_storage address;
	socklen_t length;
};

struct settings {
	char *daemon_socket;
	struct settings_address listen[SETTINGS_LISTEN_MAX];
	size_t listen_count;
	char *key_file; /* NULL: nobody has to sign, and all of listen is this machine alone */
	char *region;	/* of signatures; NULL without a key file */
	char *tls_certificate; /* NULL: no TLS */
	char *tls_key;	       /* likewise */
	bool metrics_to_all;
	char *user; /* NULL: stay who started it, which must not be root */
	uint32_t connections;
	uint32_t connections_per_address;
	uint32_t deadline; /* seconds */
	uint32_t header_bytes;
	uint32_t body_bytes;
	uint32_t requests_per_second; /* of a key */
};

/*
 * Read and validate a file; NULL: all defaults. Returns 0, or -errno, and then message holds one
 * line: "FILE:LINE: key.path[index]: what is wrong".
 */
int settings_load(const char *path, struct settings **ret_settings, char *message, size_t size);

/* Whether an address is of a Unix socket or a loopback address. */
bool settings_is_local(const struct sockaddr *address);

void settings_destroy(struct settings *settings);

#endif
