/* SPDX-License-Identifier: BSD-3-Clause */
/* protocol: IP protocol numbers (IANA, Assigned Internet Protocol Numbers) and their names. */
#ifndef TIDEGATE_CONTROL_CLIENT_PROTOCOL_H
#define TIDEGATE_CONTROL_CLIENT_PROTOCOL_H

/* All names that protocol_number() knows, for messages. */
#define PROTOCOL_NAMES "tcp, udp, icmp, icmpv6, sctp, gre, esp, ah"

/* The number of a name, as decimal text, or NULL. */
const char *protocol_number(const char *name);

/* The name of a number in decimal, or NULL. */
const char *protocol_name(const char *number);

#endif
