/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * database: the SQLite file that operations and their results are kept in.
 *
 * Overview: one connection writes, and has the directory locked against other daemons; another one
 * reads. The file is in WAL mode, so that neither waits for the other. A transaction is in the file
 * when it is committed: a process that is killed does not take it back, and if it was durable
 * neither does a loss of power (PRAGMA synchronous FULL; NORMAL otherwise).
 *
 * The tables: operation, a row each with a checksum; chunk, the flows of a result
 * (control/chunk.h); setting, values by name. PRAGMA user_version is the schema's version.
 *
 * Synchronisation: a connection is one thread's at a time.
 *
 * Errors are -errno: -ENOSPC, -EROFS, -EACCES and the like as the file system has it; -EUCLEAN the
 * file is damaged; -EBUSY another daemon has the directory; -EPROTO the file is of a newer version.
 */
#ifndef TIDEGATE_CONTROL_DATABASE_H
#define TIDEGATE_CONTROL_DATABASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control/operation.h"

struct database;

/*
 * Open the file in a directory to write, and make both where they are not there. thorough: look
 * through all of it for damage, which takes long. A file that is no good is moved aside, with
 * ".damaged" at its name's end, said so in the log, and a new one made; *ret_renewed is true then.
 */
int database_open(
	const char *directory, bool thorough, struct database **ret_database, bool *ret_renewed);

/* Move the file of a directory that nobody has open aside, as one that is damaged. */
int database_discard(const char *directory);

/* To read. -ENOENT when it is not there. */
int database_open_reader(const char *directory, struct database **ret_database);
void database_close(struct database *database);

/* What is put and deleted until database_commit() is a transaction; without it each is one. */
int database_begin(struct database *database, bool durable);
int database_commit(struct database *database);
void database_rollback(struct database *database);

/* What of an operation changes as it ends; zero before. */
struct database_outcome {
	enum operation_status status;
	const char *message; /* "": none */
	uint64_t elapsed;
	uint32_t asymmetric;
	const char *receipt; /* NULL: none */
	uint32_t flow_count;
	uint64_t size; /* bytes of its chunks */
};

/* The row of an operation, in place of the one before. Of operation what does not change is read.
 */
int database_put_operation(struct database *database, const struct operation *operation,
	const struct database_outcome *outcome);

/* Chunk number of an operation, by its sequence number. */
int database_put_chunk(struct database *database, uint64_t sequence, uint32_t number,
	const uint8_t *data, size_t size);

/* *ret_data is NULL when there is none; it stays until database_end_get(), which is to follow. */
int database_get_chunk(struct database *database, uint64_t sequence, uint32_t number,
	const uint8_t **ret_data, size_t *ret_size);

void database_end_get(struct database *database);

/* An operation's row and its chunks. */
int database_delete(struct database *database, uint64_t sequence);

typedef void database_operation_fn(struct operation *operation, void *context);

/* Hand out all operations, the oldest first; each with one reference, the receiver's. */
int database_list(struct database *database, database_operation_fn *take, void *context);

/* Returns 0, or -ENOENT when there is none of that size. */
int database_get_setting(struct database *database, const char *name, void *value, size_t size);
int database_put_setting(
	struct database *database, const char *name, const void *value, size_t size);

/* Bring what is committed from the log to the file, as far as no reader is in the way. */
void database_checkpoint(struct database *database);

/* Give some free space of the file back to the file system. Returns whether there is more. */
bool database_shrink(struct database *database);

#endif
