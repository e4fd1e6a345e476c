/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * peer: the process at the other end of a Unix socket.
 */
#ifndef TIDEGATE_CONTROL_PEER_H
#define TIDEGATE_CONTROL_PEER_H

/* Log "WHAT: pid 1, uid 2, gid 3": who connected, by SO_PEERCRED of unix(7). */
void peer_log(int fd, int priority, const char *what);

#endif
