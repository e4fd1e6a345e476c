/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * xdp: XDP programs that the AF_XDP driver left on an interface.
 *
 * Overview: DPDK's AF_XDP driver attaches libxdp's default program, and detaches it when it closes
 * the port. After a process that was killed the program stays, with a socket map that nobody fills.
 * A driver that starts while the program serves another process fails, and in closing detaches the
 * program of the living one. So what is attached is looked at before the driver starts.
 *
 * libxdp is kept from using its dispatcher (dataplane/eal.c), so the program is attached itself,
 * and a dispatcher is somebody else's.
 */
#ifndef TIDEGATE_CONTROL_XDP_H
#define TIDEGATE_CONTROL_XDP_H

#include <stddef.h>

/*
 * Make the interface of a port's device free for the AF_XDP driver; other devices need nothing. To
 * be called before the driver starts; it is harmless, and has nothing to do, after its orderly end.
 * Returns 0 when there was nothing to do; 1 when a stale program was detached. On failure returns
 * -ENODEV when there is no such interface; -EEXIST when a foreign XDP program is attached; -EBUSY
 * when the driver's program serves a socket of a living process; or another -errno of the kernel's.
 * But for 0, message (of size bytes) says what was done or is wrong. Needs CAP_SYS_ADMIN,
 * CAP_NET_ADMIN and CAP_NET_RAW.
 */
int xdp_release_stale(const char *device, char *message, size_t size);

#endif
