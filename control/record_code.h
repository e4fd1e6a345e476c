/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * record_code: a flow record in few bytes, as it is stored.
 *
 * A record is three bytes of kind and state; the addresses, 4 or 16 bytes each; where they are not
 * zero ports, identifier, VLANs and the counters of a window; packets and bytes of both
 * directions; the time when it was made, as the difference to the record before, and from there
 * back to its packets; and where a rule decided it, that rule's number. Numbers are varints: seven
 * bits a byte, the low ones first, the highest bit set in all bytes but the last (LEB128, DWARF 5
 * section 7.6).
 *
 * Decoding trusts nothing: it reads no byte past the end, and what the encoder does not write is
 * -EBADMSG.
 */
#ifndef TIDEGATE_CONTROL_RECORD_CODE_H
#define TIDEGATE_CONTROL_RECORD_CODE_H

#include <stddef.h>
#include <stdint.h>

#include "dataplane/dataplane.h"

/* The longest a record can be: see record_encode(). */
enum { RECORD_CODE_MAX = 160, VARINT_MAX = 10 };

/*
 * Write a record into text, which has room for RECORD_CODE_MAX bytes. rule is the number of its
 * rule, or RULE_NONE; the record's own rule and generation are not written. captured is that of
 * the record before, 0 before the first, and becomes this one's. Returns the length.
 */
size_t record_encode(
	const struct flow_record *record, uint32_t rule, uint64_t *captured, uint8_t *text);

/* What is still to be read. */
struct record_input {
	const uint8_t *at;
	const uint8_t *end;
};

/* A record as record_encode() wrote it; its rule is the number, its generation 0. -EBADMSG */
int record_decode(struct record_input *input, uint64_t *captured, struct flow_record *ret_record);

/* Returns the length, at most VARINT_MAX. */
size_t varint_encode(uint64_t number, uint8_t *text);

/* -EBADMSG when there is no whole one of at most 64 bits. */
int varint_decode(struct record_input *input, uint64_t *ret_number);

#endif
