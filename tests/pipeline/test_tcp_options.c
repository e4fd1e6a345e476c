/* SPDX-License-Identifier: BSD-3-Clause */
/* TCP options, byte by byte as the RFCs draw them, and what is learned of them. */
#include <stdlib.h>
#include <string.h>

#include "dataplane/tcp_options.h"
#include "tests/unit/check.h"

enum { SYN = 2, ACK = 16 };

#define SCALE 3, 3
#define SACK_PERMITTED 4, 2
#define NUMBER(n)                                                                                  \
	(uint8_t)((uint32_t)(n) >> 24), (uint8_t)((n) >> 16), (uint8_t)((n) >> 8), (uint8_t)(n)
#define TIME(value) 8, 10, NUMBER(value), NUMBER(7)
#define BLOCK(left, right) NUMBER(left), NUMBER(right)

struct option_case {
	const char *name;
	uint8_t flags;
	uint8_t length;
	uint8_t bytes[40];
	uint32_t ack;
	/* What is learned. */
	uint8_t scale; /* + 1; 0: none */
	bool sack_permitted;
	bool stamped;
	uint32_t timestamp;
	uint32_t sacked;
};

static const struct option_case cases[] = {
	{"RFC 7323 appendix A: aligned timestamps", ACK, 12, .bytes = {1, 1, TIME(0x80000001)},
		.stamped = true, .timestamp = 0x80000001},
	{"RFC 7323 section 3.2: timestamps that are not aligned", ACK, 12, .bytes = {TIME(5), 1, 1},
		.stamped = true, .timestamp = 5},
	{"timestamps of another length are none", ACK, 12,
		.bytes = {8, 9, 1, 2, 3, 4, 5, 6, 7, 1, 1, 1}},
	{"the options of a Linux SYN", SYN, 20,
		.bytes = {2, 4, 5, 180, SACK_PERMITTED, TIME(9), 1, SCALE, 7}, .scale = 8,
		.sack_permitted = true, .stamped = true, .timestamp = 9},
	{"RFC 7323 section 2.3: a scale past 14 counts as 14", SYN, 4, .bytes = {1, SCALE, 15},
		.scale = 15},
	{"a scale of 0 is one", SYN, 4, .bytes = {SCALE, 0, 0}, .scale = 1},
	{"RFC 7323 section 2.2, RFC 2018 section 2: not behind the SYN", ACK, 8,
		.bytes = {SCALE, 7, SACK_PERMITTED, 1, 1, 1}},
	{"of two the first", SYN, 28, .bytes = {SCALE, 3, SCALE, 5, 1, 1, TIME(1), TIME(2)},
		.scale = 4, .stamped = true, .timestamp = 1},
	{"behind the end of the list is nothing", SYN, 8,
		.bytes = {1, 0, SCALE, 7, SACK_PERMITTED, 0}},
	{"an option of length 0 ends it", SYN, 8, .bytes = {1, 77, 0, SCALE, 7, 0, 0}},
	{"an option of length 1 ends it", SYN, 8, .bytes = {1, 77, 1, SCALE, 7, 0, 0}},
	{"one that has no length ends it", SYN, 4, .bytes = {1, 1, 1, 3}},
	{"one past the end ends it", SYN, 4, .bytes = {1, 1, SCALE}},
	{"unknown ones are skipped", SYN, 12, .bytes = {30, 4, 0, 1, 34, 4, 1, 2, SCALE, 2, 1},
		.scale = 3},
	{"RFC 2018 section 3: the highest of three blocks, beside timestamps", ACK, 40,
		.bytes = {1, 1, TIME(3), 1, 1, 5, 26, BLOCK(600, 700), BLOCK(900, 1000),
			BLOCK(300, 400)},
		.ack = 100, .stamped = true, .timestamp = 3, .sacked = 900},
	{"RFC 2883 section 4: a duplicate below the acknowledgement", ACK, 20,
		.bytes = {1, 1, 5, 18, BLOCK(50, 80), BLOCK(200, 300)}, .ack = 100, .sacked = 200},
	{"RFC 2883 section 4: and that alone", ACK, 12, .bytes = {1, 1, 5, 10, BLOCK(50, 80)},
		.ack = 100},
	{"numbers wrap around", ACK, 12, .bytes = {1, 1, 5, 10, BLOCK(0xfffffff0, 16)},
		.ack = 0xffffff00, .sacked = 272},
	{"a block that ends before it begins is none", ACK, 12,
		.bytes = {1, 1, 5, 10, BLOCK(300, 200)}, .ack = 100},
	{"a block that is cut off is none", ACK, 12,
		.bytes = {1, 1, 5, 9, NUMBER(200), 0, 0, 1, 1}},
};

static void run_case(const struct option_case *one)
{
	struct tcp_segment segment = {
		.flags = one->flags, .ack = one->ack, .scale = TCP_SCALE_NONE};
	/* So that a read past the end is seen. */
	uint8_t *bytes = malloc(one->length);
	uint8_t scale = one->scale > 0 ? one->scale - 1 : TCP_SCALE_NONE;

	assert_non_null(bytes);
	memcpy(bytes, one->bytes, one->length);
	tcp_options_read(bytes, one->length, &segment);
	free(bytes);
	if (segment.scale != scale || segment.sack_permitted != one->sack_permitted ||
		segment.stamped != one->stamped || segment.timestamp != one->timestamp ||
		segment.sacked != one->sacked)
		fail_msg("%s: scale %u, permitted %d, stamped %d %u, sacked %u", one->name,
			segment.scale, segment.sack_permitted, segment.stamped, segment.timestamp,
			segment.sacked);
}

static void test_cases(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		run_case(&cases[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
