/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * claim: one daemon alone on a socket path.
 *
 * Overview: the daemon holds an flock(2) on PATH.lock as long as it lives; the kernel drops the
 * lock of a process that dies, however it dies. The file is removed at an orderly stop while it is
 * still locked. Somebody who had opened it before that gets the lock of a file that has no name any
 * more, so whoever gets a lock looks whether the file is still the one at that path, and else tries
 * again.
 */
#ifndef TIDEGATE_CONTROL_CLAIM_H
#define TIDEGATE_CONTROL_CLAIM_H

struct claim;
struct sockaddr_un;

/*
 * Make the socket's directory (mode 0755) when it is missing, lock, and remove the socket of a
 * daemon that is gone. Returns 0, or -errno with the cause logged: -EADDRINUSE when somebody lives
 * there, -EEXIST when the path is no socket's.
 */
int claim_create(const char *path, struct claim **ret_claim);
void claim_destroy(struct claim *claim);

/* A socket to bind to a path, or to connect, and its address. Returns the descriptor, or -errno
 * with the cause logged. */
int claim_socket(const char *path, struct sockaddr_un *ret_address);

#endif
