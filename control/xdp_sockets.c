/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/xdp_sockets.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <linux/if_xdp.h>

#include "control/log.h"

/* An option of a socket, or 0. */
static int option(int fd, int level, int name)
{
	int value = 0;
	socklen_t length = sizeof(value);

	return getsockopt(fd, level, name, &value, &length) == 0 ? value : 0;
}

static bool is_known(const struct xdp_sockets *sockets, int fd)
{
	for (uint32_t i = 0; i < sockets->known_count; i++)
		if (sockets->known[i] == fd)
			return true;
	return false;
}

static void add(struct xdp_sockets *sockets, uint16_t port, int fd)
{
	struct xdp_sockets_port *own = &sockets->ports[port];

	sockets->known[sockets->known_count++] = fd;
	if (own->count++ == 0)
		own->zero_copy = own->busy_poll = true;
	if ((option(fd, SOL_XDP, XDP_OPTIONS) & XDP_OPTIONS_ZEROCOPY) == 0)
		own->zero_copy = false;
	if (option(fd, SOL_SOCKET, SO_PREFER_BUSY_POLL) == 0)
		own->busy_poll = false;
}

void xdp_sockets_note(uint16_t port, void *context)
{
	struct xdp_sockets *sockets = context;
	const uint32_t limit = sizeof(sockets->known) / sizeof(sockets->known[0]);
	DIR *folder = opendir("/proc/self/fd");
	struct dirent *entry;

	if (folder == NULL)
		return;
	while (sockets->known_count < limit && (entry = readdir(folder)) != NULL) {
		int fd = atoi(entry->d_name); /* of "." it is 0, which is no such socket */

		if (option(fd, SOL_SOCKET, SO_DOMAIN) == AF_XDP && !is_known(sockets, fd))
			add(sockets, port, fd);
	}
	closedir(folder);
}

void xdp_sockets_log(const struct xdp_sockets *sockets, const struct dataplane_config *config)
{
	for (uint16_t i = 0; i < config->port_count; i++) {
		const struct xdp_sockets_port *port = &sockets->ports[i];

		if (port->count > 0)
			log_write(LOG_NOTICE, "port %s: AF_XDP by %u queue%s, %s, %s",
				config->ports[i].name, port->count, port->count == 1 ? "" : "s",
				port->zero_copy ? "zero-copy"
						: "packets are copied, for want of zero-copy",
				port->busy_poll ? "busy polling" : "no busy polling");
	}
}
