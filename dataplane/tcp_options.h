/* SPDX-License-Identifier: BSD-3-Clause */
/* tcp_options: the options of a TCP header that its connection is tracked by. */
#ifndef TIDEGATE_DATAPLANE_TCP_OPTIONS_H
#define TIDEGATE_DATAPLANE_TCP_OPTIONS_H

#include <stdint.h>

#include "dataplane/tcp.h"

/* The most that a header can have, bytes: RFC 9293 section 3.1. */
enum { TCP_OPTIONS_MAX = 40 };

/*
 * Add to a segment, which has all but them, what length bytes of options say: window scale (RFC
 * 7323 section 2), SACK-permitted and SACK (RFC 2018 sections 2 and 3), timestamps (RFC 7323
 * section 3). Of an option that comes twice the first counts; what is behind a malformed one is not
 * read. None of this makes a segment invalid: that is for its receiver to say.
 */
void tcp_options_read(const uint8_t *options, uint32_t length, struct tcp_segment *segment);

#endif
