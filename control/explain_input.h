/* SPDX-License-Identifier: BSD-3-Clause */
/* explain_input: the packet that a request describes, by members that are called as those of a
 * flow. */
#ifndef TIDEGATE_CONTROL_EXPLAIN_INPUT_H
#define TIDEGATE_CONTROL_EXPLAIN_INPUT_H

#include "control/api_member.h"
#include "control/policy/explain.h"

#define EXPLAIN_INPUT_MEMBERS                                                                      \
	(MEMBER_BIT(SOURCE_ADDRESS) | MEMBER_BIT(DESTINATION_ADDRESS) | MEMBER_BIT(SOURCE_PORT) |  \
		MEMBER_BIT(DESTINATION_PORT) | MEMBER_BIT(PROTOCOL) | MEMBER_BIT(TCP_FLAGS) |      \
		MEMBER_BIT(ESTABLISHED) | MEMBER_BIT(DIRECTION) | MEMBER_BIT(FRAGMENT))

/*
 * Returns 0, or -1 with the reply an InvalidRequestException. A TCP packet without TCPFlags gets
 * those of its place in a connection: SYN, SYN and ACK from the other side, ACK once it is
 * established.
 */
int explain_input_parse(
	const struct api_input *input, struct explain_packet *ret_packet, struct reply *reply);

/* TCPFlags, NULL without memory. */
json_t *explain_input_flags(uint8_t flags);

#endif
