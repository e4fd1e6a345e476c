/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/peer.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "control/log.h"

void peer_log(int fd, int priority, const char *what)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0)
		log_write(
			priority, "%s: pid %d, uid %u, gid %u", what, peer.pid, peer.uid, peer.gid);
	else
		log_write(LOG_WARNING, "%s, credentials unknown: %s", what, strerror(errno));
}
