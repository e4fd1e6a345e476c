/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/record_code.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* The first byte: what kind of record it is, and which parts it has. */
enum {
	HAS_IPV6 = 1 << 0,
	HAS_PORTS = 1 << 1,
	HAS_IDENTIFIER = 1 << 2,
	HAS_VLANS = 1 << 3,
	HAS_WINDOW = 1 << 4,
	HAS_RULE = 1 << 5,
	IS_STATEFUL = 1 << 6, /* the rule's kind */
	IS_MIDSTREAM = 1 << 7,
};

enum { VLAN_MAX = 4095, IS_DROPPED = 1 << 7 /* in the byte of the state */ };

/* Three bytes, two addresses, five numbers of 16 and one of 32 bits, nine of 64 bits. */
static_assert(RECORD_CODE_MAX >= 3 + 2 * 16 + 5 * 3 + 5 + 9 * VARINT_MAX, "a record has room");

size_t varint_encode(uint64_t number, uint8_t *text)
{
	size_t length = 0;

	for (; number >= 0x80; number >>= 7)
		text[length++] = (uint8_t)(number | 0x80);
	text[length++] = (uint8_t)number;
	return length;
}

int varint_decode(struct record_input *input, uint64_t *ret_number)
{
	uint64_t number = 0;

	for (unsigned int shift = 0; shift < 64; shift += 7) {
		uint8_t byte;

		if (input->at == input->end)
			return -EBADMSG;
		byte = *input->at++;
		if (shift == 63 && byte > 1)
			return -EBADMSG;
		number |= (uint64_t)(byte & 0x7f) << shift;
		if ((byte & 0x80) == 0) {
			*ret_number = number;
			return 0;
		}
	}
	return -EBADMSG;
}

static uint8_t kind_of(const struct flow_record *record, uint32_t rule)
{
	uint8_t kind = record->version == 6 ? HAS_IPV6 : 0;

	if (record->source_port != 0 || record->destination_port != 0)
		kind |= HAS_PORTS;
	if (record->identifier != 0)
		kind |= HAS_IDENTIFIER;
	if (record->vlan_outer != 0 || record->vlan_inner != 0)
		kind |= HAS_VLANS;
	if (record->window_packets != 0 || record->window_bytes != 0)
		kind |= HAS_WINDOW;
	if (rule != RULE_NONE)
		kind |= HAS_RULE;
	if (record->rule_kind == RULE_STATEFUL)
		kind |= IS_STATEFUL;
	if (record->midstream)
		kind |= IS_MIDSTREAM;
	return kind;
}

/* Smaller numbers are shorter: differences that may be below zero have their sign in bit 0. */
static uint64_t zigzag(uint64_t difference)
{
	return (difference << 1) ^ (uint64_t)((int64_t)difference >> 63);
}

static uint64_t unzigzag(uint64_t number)
{
	return (number >> 1) ^ (0 - (number & 1));
}

size_t record_encode(
	const struct flow_record *record, uint32_t rule, uint64_t *captured, uint8_t *text)
{
	uint8_t kind = kind_of(record, rule), *at = text;
	size_t address = (kind & HAS_IPV6) != 0 ? 16 : 4;

	*at++ = kind;
	*at++ = (uint8_t)(record->state | (record->action == ACTION_DROP ? IS_DROPPED : 0));
	*at++ = record->protocol;
	memcpy(at, record->source, address);
	memcpy(at + address, record->destination, address);
	at += 2 * address;
	if ((kind & HAS_PORTS) != 0) {
		at += varint_encode(record->source_port, at);
		at += varint_encode(record->destination_port, at);
	}
	if ((kind & HAS_IDENTIFIER) != 0)
		at += varint_encode(record->identifier, at);
	if ((kind & HAS_VLANS) != 0) {
		at += varint_encode(record->vlan_outer, at);
		at += varint_encode(record->vlan_inner, at);
	}
	for (int direction = 0; direction < 2; direction++) {
		at += varint_encode(record->packets[direction], at);
		at += varint_encode(record->bytes[direction], at);
	}
	if ((kind & HAS_WINDOW) != 0) {
		at += varint_encode(record->window_packets, at);
		at += varint_encode(record->window_bytes, at);
	}
	at += varint_encode(zigzag(record->captured - *captured), at);
	at += varint_encode(record->captured - record->first_seen, at);
	at += varint_encode(record->captured - record->last_seen, at);
	if ((kind & HAS_RULE) != 0)
		at += varint_encode(rule, at);
	*captured = record->captured;
	return (size_t)(at - text);
}

static bool decode_up_to(struct record_input *input, uint64_t most, uint64_t *ret_number)
{
	return varint_decode(input, ret_number) == 0 && *ret_number <= most;
}

static bool decode_16(struct record_input *input, uint64_t most, uint16_t *ret_number)
{
	uint64_t number;

	if (!decode_up_to(input, most, &number))
		return false;
	*ret_number = (uint16_t)number;
	return true;
}

static bool decode_start(struct record_input *input, uint8_t *ret_kind, struct flow_record *record)
{
	size_t address;
	uint8_t state;

	if (input->end - input->at < 3)
		return false;
	*ret_kind = *input->at++;
	state = *input->at++;
	record->protocol = *input->at++;
	record->version = (*ret_kind & HAS_IPV6) != 0 ? 6 : 4;
	record->rule_kind = (*ret_kind & IS_STATEFUL) != 0 ? RULE_STATEFUL : RULE_STATELESS;
	record->midstream = (*ret_kind & IS_MIDSTREAM) != 0;
	record->action = (state & IS_DROPPED) != 0 ? ACTION_DROP : ACTION_ALLOW;
	record->state = state & (IS_DROPPED - 1);
	address = record->version == 6 ? 16 : 4;
	if (record->state >= FLOW_STATE_COUNT || (size_t)(input->end - input->at) < 2 * address)
		return false;
	memcpy(record->source, input->at, address);
	memcpy(record->destination, input->at + address, address);
	input->at += 2 * address;
	return true;
}

static bool decode_identity(struct record_input *input, uint8_t kind, struct flow_record *record)
{
	if ((kind & HAS_PORTS) != 0 &&
		(!decode_16(input, UINT16_MAX, &record->source_port) ||
			!decode_16(input, UINT16_MAX, &record->destination_port)))
		return false;
	if ((kind & HAS_IDENTIFIER) != 0 && !decode_16(input, UINT16_MAX, &record->identifier))
		return false;
	return (kind & HAS_VLANS) == 0 ||
		(decode_16(input, VLAN_MAX, &record->vlan_outer) &&
			decode_16(input, VLAN_MAX, &record->vlan_inner));
}

static bool decode_counters(struct record_input *input, uint8_t kind, struct flow_record *record)
{
	for (int direction = 0; direction < 2; direction++)
		if (varint_decode(input, &record->packets[direction]) != 0 ||
			varint_decode(input, &record->bytes[direction]) != 0)
			return false;
	return (kind & HAS_WINDOW) == 0 ||
		(varint_decode(input, &record->window_packets) == 0 &&
			varint_decode(input, &record->window_bytes) == 0);
}

static bool decode_times(struct record_input *input, uint64_t captured, struct flow_record *record)
{
	uint64_t step, age, idle;

	if (varint_decode(input, &step) != 0 || varint_decode(input, &age) != 0 ||
		varint_decode(input, &idle) != 0)
		return false;
	record->captured = captured + unzigzag(step);
	record->first_seen = record->captured - age;
	record->last_seen = record->captured - idle;
	return true;
}

int record_decode(struct record_input *input, uint64_t *captured, struct flow_record *ret_record)
{
	struct flow_record record = {.rule = RULE_NONE};
	uint64_t rule;
	uint8_t kind;

	if (!decode_start(input, &kind, &record) || !decode_identity(input, kind, &record) ||
		!decode_counters(input, kind, &record) || !decode_times(input, *captured, &record))
		return -EBADMSG;
	if ((kind & HAS_RULE) != 0) {
		if (!decode_up_to(input, RULE_NONE - 1, &rule))
			return -EBADMSG;
		record.rule = (uint32_t)rule;
	}
	*captured = record.captured;
	*ret_record = record;
	return 0;
}
