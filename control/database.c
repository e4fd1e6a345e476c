/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/database.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/database_file.h"
#include "control/operation_row.h"

enum { SHRINK_PAGES = 256 };

/* The statements of a connection, prepared when they are first used. */
enum statement {
	PUT_OPERATION,
	LIST,
	PUT_CHUNK,
	GET_CHUNK,
	DELETE_CHUNKS,
	DELETE_OPERATION,
	GET_SETTING,
	PUT_SETTING,
	FREE_PAGES,
	STATEMENT_COUNT
};

/* As in control/operation_row.h. */
#define OPERATION_COLUMNS                                                                          \
	"sequence, kind, status, requested, elapsed, flow_count, window, asymmetric, size,"        \
	" id, message, text, params, receipt, client_token, checksum"

static const char *const texts_of_statements[] = {
	[PUT_OPERATION] = "INSERT OR REPLACE INTO operation (" OPERATION_COLUMNS ")"
			  " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[LIST] = "SELECT " OPERATION_COLUMNS " FROM operation ORDER BY sequence",
	[PUT_CHUNK] = "INSERT OR REPLACE INTO chunk (operation, number, data) VALUES (?, ?, ?)",
	[GET_CHUNK] = "SELECT data FROM chunk WHERE operation = ? AND number = ?",
	[DELETE_CHUNKS] = "DELETE FROM chunk WHERE operation = ?",
	[DELETE_OPERATION] = "DELETE FROM operation WHERE sequence = ?",
	[GET_SETTING] = "SELECT value FROM setting WHERE name = ?",
	[PUT_SETTING] = "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)",
	[FREE_PAGES] = "PRAGMA freelist_count",
};

struct database {
	sqlite3 *file;
	int lock; /* descriptor; -1 for a reader */
	sqlite3_stmt *statements[STATEMENT_COUNT];
};

/* ---- connections ---- */

int database_open(
	const char *directory, bool thorough, struct database **ret_database, bool *ret_renewed)
{
	struct database *database = calloc(1, sizeof(*database));
	char path[PATH_MAX];
	int error;

	if (database == NULL)
		return -ENOMEM;
	error = database_file_path(directory, path);
	if (error != 0)
		goto free_database;
	database->lock = database_file_lock(directory);
	if (database->lock < 0) {
		error = database->lock;
		goto free_database;
	}
	error = database_file_open(path, thorough, &database->file, ret_renewed);
	if (error != 0)
		goto unlock;
	fsync(database->lock); /* the file's name is in the directory */
	*ret_database = database;
	return 0;

unlock:
	close(database->lock);
free_database:
	free(database);
	return error;
}

int database_discard(const char *directory)
{
	char path[PATH_MAX];
	int error = database_file_path(directory, path);

	return error != 0 ? error : database_file_discard(path);
}

int database_open_reader(const char *directory, struct database **ret_database)
{
	struct database *database = calloc(1, sizeof(*database));
	char path[PATH_MAX];
	int error, result;

	if (database == NULL)
		return -ENOMEM;
	database->lock = -1;
	error = database_file_path(directory, path);
	if (error == 0) {
		/* In WAL mode readers write, too: to the index of the log. */
		result = sqlite3_open_v2(
			path, &database->file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
		error = database_file_error(database->file, result);
	}
	if (error == 0)
		error = database_file_error(database->file,
			sqlite3_exec(database->file,
				"PRAGMA query_only = ON; PRAGMA trusted_schema = OFF;"
				"PRAGMA wal_autocheckpoint = 0; PRAGMA cell_size_check = ON",
				NULL, NULL, NULL));
	if (error != 0) {
		database_close(database);
		return error;
	}
	*ret_database = database;
	return 0;
}

void database_close(struct database *database)
{
	if (database == NULL)
		return;
	for (int i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(database->statements[i]);
	sqlite3_close(database->file);
	if (database->lock >= 0)
		close(database->lock);
	free(database);
}

/* ---- statements ---- */

static int prepare(struct database *database, enum statement index, sqlite3_stmt **ret_statement)
{
	sqlite3_stmt **statement = &database->statements[index];
	int result = SQLITE_OK;

	if (*statement == NULL)
		result = sqlite3_prepare_v3(database->file, texts_of_statements[index], -1,
			SQLITE_PREPARE_PERSISTENT, statement, NULL);
	if (result != SQLITE_OK)
		return database_file_error(database->file, result);
	sqlite3_reset(*statement);
	*ret_statement = *statement;
	return 0;
}

/* Carry out a statement that has no rows. */
static int finish(struct database *database, sqlite3_stmt *statement)
{
	int error = database_file_error(database->file, sqlite3_step(statement));

	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return error;
}

static int execute(struct database *database, const char *sql)
{
	return database_file_error(
		database->file, sqlite3_exec(database->file, sql, NULL, NULL, NULL));
}

int database_begin(struct database *database, bool durable)
{
	int error = execute(
		database, durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");

	return error != 0 ? error : execute(database, "BEGIN IMMEDIATE");
}

int database_commit(struct database *database)
{
	return execute(database, "COMMIT");
}

void database_rollback(struct database *database)
{
	if (!sqlite3_get_autocommit(database->file))
		execute(database, "ROLLBACK");
	database_checkpoint(database); /* what it has put into the log takes up space */
}

/* ---- operations ---- */

int database_put_operation(struct database *database, const struct operation *operation,
	const struct database_outcome *outcome)
{
	struct operation_row row;
	uint8_t checksum[OPERATION_ROW_CHECKSUM];
	sqlite3_stmt *statement;
	int error = prepare(database, PUT_OPERATION, &statement);

	operation_row_init(&row, operation, outcome);
	if (error == 0)
		error = operation_row_checksum(&row, checksum);
	if (error != 0)
		return error;
	for (int i = 0; i < ROW_NUMBERS; i++)
		sqlite3_bind_int64(statement, 1 + i, row.numbers[i]);
	for (int i = 0; i < ROW_TEXTS; i++)
		sqlite3_bind_text(statement, 1 + ROW_NUMBERS + i, row.texts[i], -1, SQLITE_STATIC);
	sqlite3_bind_blob(statement, 1 + ROW_NUMBERS + ROW_TEXTS, checksum, OPERATION_ROW_CHECKSUM,
		SQLITE_STATIC);
	return finish(database, statement);
}

/* The texts are the statement's. -EUCLEAN when it is not what was put. */
static int read_row(sqlite3_stmt *statement, struct operation_row *row)
{
	uint8_t checksum[OPERATION_ROW_CHECKSUM];
	const void *found;
	int error;

	for (int i = 0; i < ROW_NUMBERS; i++)
		row->numbers[i] = sqlite3_column_int64(statement, i);
	for (int i = 0; i < ROW_TEXTS; i++) {
		row->texts[i] = (const char *)sqlite3_column_text(statement, ROW_NUMBERS + i);
		if (row->texts[i] == NULL)
			return -EUCLEAN;
	}
	error = operation_row_checksum(row, checksum);
	if (error != 0)
		return error;
	found = sqlite3_column_blob(statement, ROW_NUMBERS + ROW_TEXTS);
	if (found == NULL ||
		sqlite3_column_bytes(statement, ROW_NUMBERS + ROW_TEXTS) !=
			OPERATION_ROW_CHECKSUM ||
		memcmp(found, checksum, OPERATION_ROW_CHECKSUM) != 0)
		return -EUCLEAN;
	return 0;
}

int database_list(struct database *database, database_operation_fn *take, void *context)
{
	sqlite3_stmt *statement;
	int error = prepare(database, LIST, &statement), result = SQLITE_DONE;

	while (error == 0 && (result = sqlite3_step(statement)) == SQLITE_ROW) {
		struct operation *operation;
		struct operation_row row;

		error = read_row(statement, &row);
		if (error == 0)
			error = operation_row_restore(&row, &operation);
		if (error == 0)
			take(operation, context);
	}
	if (error == 0)
		error = database_file_error(database->file, result);
	sqlite3_reset(statement);
	return error;
}

static int delete_rows(struct database *database, enum statement index, uint64_t sequence)
{
	sqlite3_stmt *statement;
	int error = prepare(database, index, &statement);

	if (error != 0)
		return error;
	sqlite3_bind_int64(statement, 1, (int64_t)sequence);
	return finish(database, statement);
}

int database_delete(struct database *database, uint64_t sequence)
{
	int error = delete_rows(database, DELETE_CHUNKS, sequence);

	return error != 0 ? error : delete_rows(database, DELETE_OPERATION, sequence);
}

/* ---- chunks ---- */

int database_put_chunk(struct database *database, uint64_t sequence, uint32_t number,
	const uint8_t *data, size_t size)
{
	sqlite3_stmt *statement;
	int error = prepare(database, PUT_CHUNK, &statement);

	if (error != 0)
		return error;
	sqlite3_bind_int64(statement, 1, (int64_t)sequence);
	sqlite3_bind_int64(statement, 2, number);
	sqlite3_bind_blob64(statement, 3, data, size, SQLITE_STATIC);
	return finish(database, statement);
}

int database_get_chunk(struct database *database, uint64_t sequence, uint32_t number,
	const uint8_t **ret_data, size_t *ret_size)
{
	sqlite3_stmt *statement;
	int error = prepare(database, GET_CHUNK, &statement), result;

	if (error != 0)
		return error;
	sqlite3_bind_int64(statement, 1, (int64_t)sequence);
	sqlite3_bind_int64(statement, 2, number);
	result = sqlite3_step(statement);
	*ret_data = result == SQLITE_ROW ? sqlite3_column_blob(statement, 0) : NULL;
	*ret_size = result == SQLITE_ROW ? (size_t)sqlite3_column_bytes(statement, 0) : 0;
	if (result == SQLITE_ROW && *ret_data == NULL && *ret_size > 0)
		return -ENOMEM;
	return database_file_error(database->file, result);
}

void database_end_get(struct database *database)
{
	sqlite3_reset(database->statements[GET_CHUNK]);
}

/* ---- settings ---- */

int database_get_setting(struct database *database, const char *name, void *value, size_t size)
{
	sqlite3_stmt *statement;
	int error = prepare(database, GET_SETTING, &statement), result;

	if (error != 0)
		return error;
	sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	result = sqlite3_step(statement);
	error = database_file_error(database->file, result);
	if (error == 0)
		error = -ENOENT;
	if (result == SQLITE_ROW && (size_t)sqlite3_column_bytes(statement, 0) == size &&
		sqlite3_column_blob(statement, 0) != NULL) {
		memcpy(value, sqlite3_column_blob(statement, 0), size);
		error = 0;
	}
	sqlite3_reset(statement);
	return error;
}

int database_put_setting(
	struct database *database, const char *name, const void *value, size_t size)
{
	sqlite3_stmt *statement;
	int error = prepare(database, PUT_SETTING, &statement);

	if (error != 0)
		return error;
	sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_blob64(statement, 2, value, size, SQLITE_STATIC);
	return finish(database, statement);
}

/* ---- space ---- */

void database_checkpoint(struct database *database)
{
	sqlite3_wal_checkpoint_v2(database->file, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}

bool database_shrink(struct database *database)
{
	sqlite3_stmt *statement;
	int64_t pages = 0;
	char sql[64];

	if (prepare(database, FREE_PAGES, &statement) != 0)
		return false;
	if (sqlite3_step(statement) == SQLITE_ROW)
		pages = sqlite3_column_int64(statement, 0);
	sqlite3_reset(statement);
	if (pages == 0)
		return false;
	snprintf(sql, sizeof(sql), "PRAGMA incremental_vacuum(%d)", SHRINK_PAGES);
	return execute(database, sql) == 0 && pages > SHRINK_PAGES;
}
