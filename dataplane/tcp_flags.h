/* SPDX-License-Identifier: BSD-3-Clause */
/* tcp_flags: which TCP flags go together. */
#ifndef TIDEGATE_DATAPLANE_TCP_FLAGS_H
#define TIDEGATE_DATAPLANE_TCP_FLAGS_H

#include <stdbool.h>
#include <stdint.h>

/* Whether the combination of flags is one that RFC 9293 section 3.10.7 knows. */
bool tcp_flags_legal(uint8_t flags);

/* Whether a segment with these may be the first of a connection: a SYN alone. */
bool tcp_flags_open(uint8_t flags);

#endif
