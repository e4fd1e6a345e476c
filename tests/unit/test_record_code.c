/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Records to bytes and back: fixed bytes by the format's own words, random records in chunks, and
 * bytes that are hostile: cut off, flipped, and made up. Hostile ones lie at the end of a page
 * before one that cannot be read.
 */
#include "control/record_code.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "control/chunk.h"
#include "tests/unit/check.h"

enum { HEADER = 20, CHECKSUM = 8 };

static const struct flow_record udp = {
	.source = {192, 0, 2, 1},
	.destination = {198, 51, 100, 2},
	.source_port = 300,
	.destination_port = 53,
	.version = 4,
	.protocol = 17,
	.state = FLOW_ESTABLISHED,
	.action = ACTION_DROP,
	.rule_kind = RULE_STATEFUL,
	.packets = {1, 127},
	.bytes = {128, 16384},
	.captured = 1000,
	.first_seen = 1000 - 500,
	.last_seen = 1000,
};

/* LEB128, DWARF 5 section 7.6, figure 22, and the ends of the range. */
static void test_varints(void **state)
{
	static const struct {
		uint64_t number;
		const char *text;
		size_t length;
	} cases[] = {
		{0, "\x00", 1},
		{2, "\x02", 1},
		{127, "\x7f", 1},
		{128, "\x80\x01", 2},
		{129, "\x81\x01", 2},
		{12857, "\xb9\x64", 2},
		{UINT64_MAX, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10},
	};
	static const char *const bad[] = {"\x80", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02",
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81"};
	uint64_t number;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t text[VARINT_MAX];
		struct record_input input = {(const uint8_t *)cases[i].text,
			(const uint8_t *)cases[i].text + cases[i].length};

		assert_int_equal(varint_encode(cases[i].number, text), cases[i].length);
		assert_memory_equal(text, cases[i].text, cases[i].length);
		assert_int_equal(varint_decode(&input, &number), 0);
		assert_true(number == cases[i].number && input.at == input.end);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct record_input input = {
			(const uint8_t *)bad[i], (const uint8_t *)bad[i] + strlen(bad[i])};

		assert_int_equal(varint_decode(&input, &number), -EBADMSG);
	}
}

static void test_bytes(void **state)
{
	/* kind: ports, rule, stateful; state 2, dropped; UDP; addresses; ports; counters; steps of
	 * time 2 · 1000, 500 and 0; rule 5 */
	static const uint8_t expected[] = {0x62, 0x82, 17, 192, 0, 2, 1, 198, 51, 100, 2, 0xac,
		0x02, 53, 1, 0x80, 0x01, 127, 0x80, 0x80, 0x01, 0xd0, 0x0f, 0xf4, 0x03, 0, 5};
	uint8_t text[RECORD_CODE_MAX];
	uint64_t captured = 0;

	(void)state;
	assert_int_equal(record_encode(&udp, 5, &captured, text), sizeof(expected));
	assert_memory_equal(text, expected, sizeof(expected));
	assert_int_equal(captured, 1000);
}

/* A number of any length. */
static uint64_t draw(unsigned int *seed)
{
	uint64_t number = (uint64_t)rand_r(seed) << 33 ^ (uint64_t)rand_r(seed) << 11 ^
		(uint64_t)rand_r(seed);

	return number >> (rand_r(seed) % 64);
}

static void draw_address(uint8_t address[16], uint8_t version, unsigned int *seed)
{
	for (int i = 0; i < (version == 4 ? 4 : 16); i++)
		address[i] = (uint8_t)rand_r(seed);
}

static struct flow_record draw_record(unsigned int *seed)
{
	struct flow_record record;

	memset(&record, 0, sizeof(record)); /* padding as well: records are compared as bytes */
	record.version = rand_r(seed) % 2 == 0 ? 4 : 6;
	draw_address(record.source, record.version, seed);
	draw_address(record.destination, record.version, seed);
	for (int i = 0; i < 2; i++) {
		record.packets[i] = draw(seed);
		record.bytes[i] = draw(seed);
	}
	record.captured = draw(seed);
	record.first_seen = draw(seed);
	record.last_seen = draw(seed);
	record.source_port = (uint16_t)draw(seed);
	record.destination_port = (uint16_t)draw(seed);
	record.identifier = (uint16_t)(rand_r(seed) % 3 == 0 ? draw(seed) : 0);
	record.vlan_outer = (uint16_t)(draw(seed) % 4096);
	record.vlan_inner = (uint16_t)(draw(seed) % 4096);
	record.protocol = (uint8_t)rand_r(seed);
	record.state = (uint8_t)(rand_r(seed) % FLOW_STATE_COUNT);
	record.action = rand_r(seed) % 2 == 0 ? ACTION_ALLOW : ACTION_DROP;
	record.midstream = rand_r(seed) % 2 == 0;
	record.rule_kind = rand_r(seed) % 2 == 0 ? RULE_STATELESS : RULE_STATEFUL;
	if (rand_r(seed) % 2 == 0) {
		record.window_packets = draw(seed);
		record.window_bytes = draw(seed);
	}
	record.rule = rand_r(seed) % 3 == 0 ? RULE_NONE : (uint32_t)rand_r(seed) % 3000;
	record.generation = (uint32_t)rand_r(seed) % 2;
	return record;
}

/* "kind/generation/rule", of every seventh none is known. */
static char *name_rule(const struct flow_record *flow, const void *context)
{
	char *text = NULL;

	(void)context;
	if (flow->rule % 7 != 0)
		assert_true(asprintf(&text, "%u/%u/%u", flow->rule_kind, flow->generation,
				    flow->rule) > 0);
	return text;
}

static void check_chunk(
	const struct flow_record *records, uint32_t count, const uint8_t *data, size_t size)
{
	struct chunk_reader *reader;
	struct flow_record flow;
	const char *rule;

	assert_int_equal(chunk_reader_create(data, size, &reader), 0);
	assert_int_equal(chunk_reader_count(reader), count);
	for (uint32_t i = 0; i < count; i++) {
		struct flow_record expected = records[i];
		char *name = expected.rule != RULE_NONE ? name_rule(&expected, NULL) : NULL;

		memset(&flow, 0, sizeof(flow));
		assert_int_equal(chunk_reader_next(reader, &flow, &rule), 1);
		assert_string_equal(rule != NULL ? rule : "none", name != NULL ? name : "none");
		assert_int_equal(flow.rule == RULE_NONE, expected.rule == RULE_NONE);
		expected.rule = flow.rule;
		expected.generation = 0;
		assert_memory_equal(&flow, &expected, sizeof(flow));
		free(name);
	}
	assert_int_equal(chunk_reader_next(reader, &flow, &rule), 0);
	chunk_reader_destroy(reader);
}

static void test_random_chunks(void **state)
{
	static const uint32_t counts[] = {0, 1, 2, CHUNK_RECORDS - 1, CHUNK_RECORDS, 7, 300};
	struct flow_record *records = calloc(CHUNK_RECORDS, sizeof(*records));
	unsigned int seed = (unsigned int)time(NULL);
	struct chunk_writer *writer;

	(void)state;
	print_message("seed %u\n", seed);
	assert_int_equal(chunk_writer_create(&writer), 0);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		const uint8_t *data;
		int64_t size;

		for (uint32_t j = 0; j < counts[i]; j++) {
			records[j] = draw_record(&seed);
			assert_int_equal(chunk_writer_add(writer, &records[j], name_rule, NULL), 0);
		}
		size = chunk_writer_finish(writer, &data);
		assert_true(size >= HEADER);
		check_chunk(records, counts[i], data, (size_t)size);
	}
	chunk_writer_destroy(writer);
	free(records);
}

/* Bytes that end where the readable memory ends. */
struct fence {
	uint8_t *map;
	size_t size; /* of what can be read */
	size_t page;
};

static struct fence raise_fence(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct fence fence = {.page = page, .size = (size + page - 1) / page * page};

	fence.map = mmap(NULL, fence.size + page, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(fence.map != MAP_FAILED);
	assert_int_equal(mprotect(fence.map + fence.size, page, PROT_NONE), 0);
	return fence;
}

static uint8_t *before_fence(const struct fence *fence, const uint8_t *data, size_t size)
{
	return memcpy(fence->map + fence->size - size, data, size);
}

static void sign(uint8_t *data, size_t size)
{
	uint8_t digest[EVP_MAX_MD_SIZE];

	assert_int_equal(
		EVP_Digest(data + CHECKSUM, size - CHECKSUM, digest, NULL, EVP_sha256(), NULL), 1);
	memcpy(data, digest, CHECKSUM);
}

/* Read all that can be; returns whether it is a whole chunk. */
static bool read_all(const uint8_t *data, size_t size)
{
	struct chunk_reader *reader;
	struct flow_record flow;
	const char *rule;
	int result = chunk_reader_create(data, size, &reader);

	if (result != 0) {
		assert_int_equal(result, -EBADMSG);
		return false;
	}
	while ((result = chunk_reader_next(reader, &flow, &rule)) == 1) {
		assert_true(flow.state < FLOW_STATE_COUNT);
		assert_true(flow.vlan_inner < 4096 && flow.vlan_outer < 4096);
		if (rule != NULL)
			assert_true(strlen(rule) > 0);
	}
	chunk_reader_destroy(reader);
	return result == 0;
}

/* No part of a chunk is a chunk, and none with one bit flipped; with the checksum put right,
 * whatever the bytes, nothing behind their end is read. */
static void test_hostile(void **state)
{
	enum { RECORDS = 40, ROUNDS = 20000 };
	unsigned int seed = (unsigned int)time(NULL);
	struct chunk_writer *writer;
	struct fence fence;
	const uint8_t *data;
	int64_t size;

	(void)state;
	print_message("seed %u\n", seed);
	assert_int_equal(chunk_writer_create(&writer), 0);
	for (int i = 0; i < RECORDS; i++) {
		struct flow_record record = draw_record(&seed);

		assert_int_equal(chunk_writer_add(writer, &record, name_rule, NULL), 0);
	}
	size = chunk_writer_finish(writer, &data);
	assert_true(size > 0);
	fence = raise_fence((size_t)size);
	assert_true(read_all(before_fence(&fence, data, (size_t)size), (size_t)size));
	for (size_t part = 0; part < (size_t)size; part++)
		assert_false(read_all(before_fence(&fence, data, part), part));
	for (size_t bit = 0; bit < (size_t)size * 8; bit++) {
		uint8_t *copy = before_fence(&fence, data, (size_t)size);

		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(read_all(copy, (size_t)size));
	}
	for (int i = 0; i < ROUNDS; i++) {
		size_t part = HEADER + (size_t)rand_r(&seed) % ((size_t)size - HEADER + 1);
		uint8_t *copy = before_fence(&fence, data, part);

		for (int j = rand_r(&seed) % 8; j >= 0; j--)
			copy[CHECKSUM + (size_t)rand_r(&seed) % (part - CHECKSUM)] =
				(uint8_t)rand_r(&seed);
		sign(copy, part);
		read_all(copy, part);
	}
	munmap(fence.map, fence.size + fence.page);
	chunk_writer_destroy(writer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_varints),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_random_chunks),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
