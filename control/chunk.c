/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/chunk.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "control/record_code.h"

enum {
	VERSION = 1,
	CHECKSUM_SIZE = 8,
	HEADER_SIZE = 20,
	RECORDS_SIZE = CHUNK_RECORDS * RECORD_CODE_MAX,
	SLOTS = 2 * CHUNK_RECORDS, /* of the table of rules, a power of two */
};

struct header {
	uint8_t checksum[CHECKSUM_SIZE];
	uint8_t version;
	uint8_t reserved[3];
	uint32_t count;
	uint32_t records_size;
};

static_assert(sizeof(struct header) == HEADER_SIZE, "the header has no padding");

/* ---- writing ---- */

/* A rule that has its number. */
struct slot {
	uint32_t number; /* plus one; 0: the slot is free */
	uint32_t rule;
	uint32_t generation;
	uint8_t kind;
};

struct chunk_writer {
	uint32_t count;
	uint32_t rule_count;
	uint64_t captured;
	size_t size; /* of the header and the records so far */
	uint8_t *rules;
	size_t rules_size;
	size_t rules_capacity;
	uint8_t *whole; /* the chunk, once it is finished */
	struct slot slots[SLOTS];
	uint8_t data[HEADER_SIZE + RECORDS_SIZE];
};

int chunk_writer_create(struct chunk_writer **ret_writer)
{
	struct chunk_writer *writer = calloc(1, sizeof(*writer));

	if (writer == NULL)
		return -ENOMEM;
	writer->size = HEADER_SIZE;
	*ret_writer = writer;
	return 0;
}

void chunk_writer_destroy(struct chunk_writer *writer)
{
	if (writer == NULL)
		return;
	free(writer->whole);
	free(writer->rules);
	free(writer);
}

/* The slot of a flow's rule, or a free one. */
static struct slot *find_slot(struct chunk_writer *writer, const struct flow_record *flow)
{
	uint32_t hash = (flow->rule * 2 + flow->rule_kind) * UINT32_C(2654435761) +
		flow->generation * UINT32_C(40503);

	for (uint32_t i = hash >> 16;; i++) {
		struct slot *slot = &writer->slots[i & (SLOTS - 1)];

		if (slot->number == 0 ||
			(slot->rule == flow->rule && slot->generation == flow->generation &&
				slot->kind == flow->rule_kind))
			return slot;
	}
}

static int append_rule(struct chunk_writer *writer, const char *text)
{
	size_t length = text != NULL ? strlen(text) : 0;
	size_t needed = writer->rules_size + VARINT_MAX + length;

	if (needed > writer->rules_capacity) {
		uint8_t *larger = realloc(writer->rules, 2 * needed);

		if (larger == NULL)
			return -ENOMEM;
		writer->rules = larger;
		writer->rules_capacity = 2 * needed;
	}
	writer->rules_size += varint_encode(length, writer->rules + writer->rules_size);
	if (length > 0)
		memcpy(writer->rules + writer->rules_size, text, length);
	writer->rules_size += length;
	return 0;
}

/* The number of the flow's rule in this chunk. An unknown rule has an empty text. */
static int number_rule(struct chunk_writer *writer, const struct flow_record *flow,
	chunk_rule_fn *rule, const void *context, uint32_t *ret_number)
{
	struct slot *slot;

	if (flow->rule == RULE_NONE) {
		*ret_number = RULE_NONE;
		return 0;
	}
	slot = find_slot(writer, flow);
	if (slot->number == 0) {
		char *text = rule(flow, context);
		int error = append_rule(writer, text);

		free(text);
		if (error != 0)
			return error;
		*slot = (struct slot){.number = ++writer->rule_count,
			.rule = flow->rule,
			.generation = flow->generation,
			.kind = flow->rule_kind};
	}
	*ret_number = slot->number - 1;
	return 0;
}

int chunk_writer_add(struct chunk_writer *writer, const struct flow_record *flow,
	chunk_rule_fn *rule, const void *context)
{
	uint32_t number;
	int error = number_rule(writer, flow, rule, context, &number);

	assert(writer->count < CHUNK_RECORDS);
	if (error != 0)
		return error;
	writer->size += record_encode(flow, number, &writer->captured, writer->data + writer->size);
	writer->count++;
	return 0;
}

static int checksum_of(const uint8_t *data, size_t size, uint8_t checksum[CHECKSUM_SIZE])
{
	uint8_t digest[EVP_MAX_MD_SIZE];

	if (EVP_Digest(data + CHECKSUM_SIZE, size - CHECKSUM_SIZE, digest, NULL, EVP_sha256(),
		    NULL) != 1)
		return -EIO;
	memcpy(checksum, digest, CHECKSUM_SIZE);
	return 0;
}

static void empty(struct chunk_writer *writer)
{
	if (writer->rule_count > 0)
		memset(writer->slots, 0, sizeof(writer->slots));
	writer->rule_count = 0;
	writer->rules_size = 0;
	writer->count = 0;
	writer->captured = 0;
	writer->size = HEADER_SIZE;
}

int64_t chunk_writer_finish(struct chunk_writer *writer, const uint8_t **ret_data)
{
	size_t size = writer->size + writer->rules_size;
	struct header header = {
		.version = VERSION,
		.count = htobe32(writer->count),
		.records_size = htobe32((uint32_t)(writer->size - HEADER_SIZE)),
	};
	uint8_t *whole = realloc(writer->whole, size);
	int error;

	if (whole == NULL)
		return -ENOMEM;
	writer->whole = whole;
	memcpy(whole, &header, HEADER_SIZE);
	memcpy(whole + HEADER_SIZE, writer->data + HEADER_SIZE, writer->size - HEADER_SIZE);
	if (writer->rules_size > 0)
		memcpy(whole + writer->size, writer->rules, writer->rules_size);
	error = checksum_of(whole, size, whole);
	empty(writer);
	if (error != 0)
		return error;
	*ret_data = whole;
	return (int64_t)size;
}

/* ---- reading ---- */

struct chunk_reader {
	uint32_t count;
	uint32_t left;
	uint64_t captured;
	uint32_t rule_count;
	const char **rules;	   /* "": not known */
	char *texts;		   /* of the rules, each with a final NUL */
	struct record_input input; /* the records that are left */
	uint8_t records[];
};

void chunk_reader_destroy(struct chunk_reader *reader)
{
	if (reader == NULL)
		return;
	free(reader->rules);
	free(reader->texts);
	free(reader);
}

/*
 * Copy the rules' texts, or only count them without a place. A text is at least the byte of its
 * length, which its copy has as the final NUL: there is room for all in the size of the input.
 */
static int read_rules(
	struct record_input input, const char **rules, char *texts, uint32_t *ret_count)
{
	uint32_t count = 0;
	uint64_t length;

	for (; input.at < input.end; count++) {
		if (count == CHUNK_RECORDS || varint_decode(&input, &length) != 0 ||
			length > (uint64_t)(input.end - input.at))
			return -EBADMSG;
		if (rules != NULL) {
			rules[count] = memcpy(texts, input.at, length);
			texts[length] = '\0';
			texts += length + 1;
		}
		input.at += length;
	}
	*ret_count = count;
	return 0;
}

static int copy_rules(struct chunk_reader *reader, const uint8_t *data, size_t size)
{
	struct record_input input = {data, data + size};
	int error = read_rules(input, NULL, NULL, &reader->rule_count);

	if (error != 0 || reader->rule_count == 0)
		return error;
	reader->rules = calloc(reader->rule_count, sizeof(*reader->rules));
	reader->texts = malloc(size);
	if (reader->rules == NULL || reader->texts == NULL)
		return -ENOMEM;
	return read_rules(input, reader->rules, reader->texts, &reader->rule_count);
}

static int check(const uint8_t *data, size_t size, struct header *ret_header)
{
	uint8_t checksum[CHECKSUM_SIZE];
	int error;

	if (size < HEADER_SIZE)
		return -EBADMSG;
	error = checksum_of(data, size, checksum);
	if (error != 0)
		return error;
	memcpy(ret_header, data, HEADER_SIZE);
	ret_header->count = be32toh(ret_header->count);
	ret_header->records_size = be32toh(ret_header->records_size);
	if (memcmp(checksum, ret_header->checksum, CHECKSUM_SIZE) != 0 ||
		ret_header->version != VERSION || ret_header->count > CHUNK_RECORDS ||
		ret_header->records_size > size - HEADER_SIZE)
		return -EBADMSG;
	return 0;
}

int chunk_reader_create(const uint8_t *data, size_t size, struct chunk_reader **ret_reader)
{
	struct chunk_reader *reader;
	struct header header;
	int error = check(data, size, &header);

	if (error != 0)
		return error;
	reader = calloc(1, sizeof(*reader) + header.records_size);
	if (reader == NULL)
		return -ENOMEM;
	reader->count = header.count;
	reader->left = header.count;
	memcpy(reader->records, data + HEADER_SIZE, header.records_size);
	reader->input.at = reader->records;
	reader->input.end = reader->records + header.records_size;
	error = copy_rules(reader, data + HEADER_SIZE + header.records_size,
		size - HEADER_SIZE - header.records_size);
	if (error != 0) {
		chunk_reader_destroy(reader);
		return error;
	}
	*ret_reader = reader;
	return 0;
}

uint32_t chunk_reader_count(const struct chunk_reader *reader)
{
	return reader->count;
}

int chunk_reader_next(
	struct chunk_reader *reader, struct flow_record *ret_flow, const char **ret_rule)
{
	int error;

	if (reader->left == 0)
		return reader->input.at == reader->input.end ? 0 : -EBADMSG;
	error = record_decode(&reader->input, &reader->captured, ret_flow);
	if (error != 0)
		return error;
	*ret_rule = NULL;
	if (ret_flow->rule != RULE_NONE) {
		if (ret_flow->rule >= reader->rule_count)
			return -EBADMSG;
		if (reader->rules[ret_flow->rule][0] != '\0')
			*ret_rule = reader->rules[ret_flow->rule];
	}
	reader->left--;
	return 1;
}
