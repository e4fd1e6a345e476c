/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/result.h"

#include <errno.h>

#include "control/chunk.h"
#include "control/chunk_list.h"
#include "control/database.h"

static char *name_rule(const struct flow_record *flow, const void *context)
{
	const struct rule_name *name = operation_rule(context, flow);

	return name != NULL ? rule_names_json(name, flow->rule_kind) : NULL;
}

static int put_chunk(struct database *database, const struct operation *operation, uint32_t number,
	const uint8_t *data, size_t size)
{
	if (operation->chunks != NULL)
		return chunk_list_add(operation->chunks, data, size);
	return database_put_chunk(database, operation->sequence, number, data, size);
}

/* Put the chunk that begins with this flow. Returns its bytes, or -errno. */
static int64_t write_chunk(struct database *database, struct chunk_writer *writer,
	const struct operation *operation, const uint32_t *order, uint32_t first, uint32_t count)
{
	uint32_t left = count - first, end = first + (left < CHUNK_RECORDS ? left : CHUNK_RECORDS);
	const uint8_t *data;
	int64_t length;
	int error = 0;

	for (uint32_t i = first; error == 0 && i < end; i++)
		error = chunk_writer_add(writer,
			merge_flow(operation->flows, order != NULL ? order[i] : i), name_rule,
			operation);
	if (error != 0)
		return error;
	length = chunk_writer_finish(writer, &data);
	if (length >= 0)
		error = put_chunk(database, operation, first / CHUNK_RECORDS, data, (size_t)length);
	return error != 0 ? error : length;
}

int result_write(struct database *database, const struct operation *operation,
	const uint32_t *order, uint32_t count, uint64_t *ret_size)
{
	struct chunk_writer *writer;
	uint64_t size = 0;
	int64_t length;
	int error = chunk_writer_create(&writer);

	if (error != 0)
		return error;
	for (uint32_t first = 0; error == 0 && first < count; first += CHUNK_RECORDS) {
		length = write_chunk(database, writer, operation, order, first, count);
		if (length < 0)
			error = (int)length;
		else
			size += (uint64_t)length;
	}
	chunk_writer_destroy(writer);
	*ret_size = size;
	return error;
}

int result_read(struct database *database, const struct operation *operation, uint32_t number,
	struct chunk_reader **ret_reader)
{
	const uint8_t *data;
	size_t size;
	int error;

	if (operation->chunks != NULL) {
		data = chunk_list_get(operation->chunks, number, &size);
		return chunk_reader_create(data, size, ret_reader);
	}
	error = database_get_chunk(database, operation->sequence, number, &data, &size);
	if (error == 0)
		error = chunk_reader_create(data, size, ret_reader);
	database_end_get(database);
	return error;
}

static int visit_chunk(struct chunk_reader *reader, result_visit_fn *visit, void *context)
{
	struct flow_record flow;
	const char *rule;
	int result;

	while ((result = chunk_reader_next(reader, &flow, &rule)) == 1) {
		result = visit(&flow, context);
		if (result != 0)
			break;
	}
	return result;
}

int result_visit(struct database *database, const struct operation *operation, uint32_t count,
	result_visit_fn *visit, void *context)
{
	uint32_t visited = 0;

	for (uint32_t number = 0; visited < count; number++) {
		struct chunk_reader *reader;
		int error = result_read(database, operation, number, &reader);

		if (error != 0)
			return error;
		visited += chunk_reader_count(reader);
		error = chunk_reader_count(reader) > 0 ? visit_chunk(reader, visit, context)
						       : -EBADMSG;
		chunk_reader_destroy(reader);
		if (error != 0)
			return error;
	}
	return 0;
}
