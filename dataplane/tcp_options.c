/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/tcp_options.h"

#include <arpa/inet.h>
#include <string.h>

#include <rte_tcp.h>

/* RFC 9293 section 3.1, RFC 7323 sections 2.2 and 3.2, RFC 2018 sections 2 and 3. */
enum { END = 0, NOP = 1, WINDOW_SCALE = 3, SACK_PERMITTED = 4, SACK = 5, TIMESTAMP = 8 };

enum {
	SCALE_MAX = 14, /* RFC 7323 section 2.3: a larger one counts as this */
	SACK_BLOCK = 8, /* bytes */
	TIMESTAMP_LENGTH = 10,
	TIMESTAMP_ALIGNED = 12,
};

static uint32_t load32(const uint8_t *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return ntohl(value);
}

static void note_timestamp(const uint8_t *option, struct tcp_segment *segment)
{
	if (segment->stamped)
		return;
	segment->stamped = true;
	segment->timestamp = load32(option + 2);
}

/* The right edge that is furthest above the acknowledgement. Blocks below it tell of duplicates:
 * RFC 2883 section 4. */
static void note_sack(const uint8_t *option, uint32_t length, struct tcp_segment *segment)
{
	for (uint32_t i = 2; i + SACK_BLOCK <= length; i += SACK_BLOCK) {
		uint32_t left = load32(option + i), right = load32(option + i + 4);
		int32_t above = (int32_t)(right - segment->ack);

		if ((int32_t)(right - left) > 0 && above > (int32_t)segment->sacked)
			segment->sacked = (uint32_t)above;
	}
}

static void note_option(const uint8_t *option, uint32_t length, struct tcp_segment *segment)
{
	bool syn = (segment->flags & RTE_TCP_SYN_FLAG) != 0;

	switch (option[0]) {
	case WINDOW_SCALE:
		if (syn && length == 3 && segment->scale == TCP_SCALE_NONE)
			segment->scale = option[2] < SCALE_MAX ? option[2] : SCALE_MAX;
		break;
	case SACK_PERMITTED:
		segment->sack_permitted = segment->sack_permitted || (syn && length == 2);
		break;
	case SACK:
		note_sack(option, length, segment);
		break;
	case TIMESTAMP:
		if (length == TIMESTAMP_LENGTH)
			note_timestamp(option, segment);
		break;
	default:
		break;
	}
}

void tcp_options_read(const uint8_t *options, uint32_t length, struct tcp_segment *segment)
{
	const uint32_t aligned = NOP << 24 | NOP << 16 | TIMESTAMP << 8 | TIMESTAMP_LENGTH;
	uint32_t i = 0;

	/* What nearly all segments begin with that have any: RFC 7323 appendix A. */
	if (length >= TIMESTAMP_ALIGNED && load32(options) == aligned) {
		note_timestamp(options + 2, segment);
		i = TIMESTAMP_ALIGNED;
	}
	while (i < length && options[i] != END) {
		if (options[i] == NOP) {
			i++;
			continue;
		}
		if (i + 2 > length || options[i + 1] < 2 || i + options[i + 1] > length)
			return;
		note_option(options + i, options[i + 1], segment);
		i += options[i + 1];
	}
}
