/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * chunk: up to CHUNK_RECORDS flows of a result in one piece, with what their rules are called.
 *
 * A chunk is a header; the records (control/record_code.h); and the rules, each the length of a
 * text and the text: the members of a Flow that name it, in the order of their numbers. The header,
 * numbers in network order: 8 bytes of the SHA-256 of all that follows them, a byte of the format's
 * version, 3 bytes zero, 4 bytes how many records, 4 bytes how long they are.
 */
#ifndef TIDEGATE_CONTROL_CHUNK_H
#define TIDEGATE_CONTROL_CHUNK_H

#include <stddef.h>
#include <stdint.h>

#include "dataplane/dataplane.h"

enum { CHUNK_RECORDS = 2048 };

struct chunk_writer;

/* -ENOMEM */
int chunk_writer_create(struct chunk_writer **ret_writer);
void chunk_writer_destroy(struct chunk_writer *writer);

/*
 * The text that names the rule which decided a flow, malloc()ed, or NULL where none did or it is
 * not known. It must be the same for all flows with the same rule, kind of rule and generation.
 */
typedef char *chunk_rule_fn(const struct flow_record *flow, const void *context);

/* One more flow; there must be less than CHUNK_RECORDS. Returns 0 or -ENOMEM. */
int chunk_writer_add(struct chunk_writer *writer, const struct flow_record *flow,
	chunk_rule_fn *rule, const void *context);

/* The flows that were added, as a chunk; it stays until the next one is begun. Returns its length,
 * or -errno. The writer is empty again. */
int64_t chunk_writer_finish(struct chunk_writer *writer, const uint8_t **ret_data);

struct chunk_reader;

/* Check a chunk and copy it. Returns 0, -ENOMEM or -EBADMSG: it is no whole chunk. */
int chunk_reader_create(const uint8_t *data, size_t size, struct chunk_reader **ret_reader);
void chunk_reader_destroy(struct chunk_reader *reader);

uint32_t chunk_reader_count(const struct chunk_reader *reader);

/*
 * The next flow, and the members that name its rule, or NULL; the text lives as long as the reader.
 * Returns 1, 0 after the last, or -EBADMSG.
 */
int chunk_reader_next(
	struct chunk_reader *reader, struct flow_record *ret_flow, const char **ret_rule);

#endif
