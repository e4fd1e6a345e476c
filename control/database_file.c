/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/database_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/log.h"

enum {
	PAGE_MIN = 512,
	VERSION = 1,
	APPLICATION = 0x54644670 /* "TdFp", of PRAGMA application_id */
};

#define OPERATION_TABLE                                                                            \
	"CREATE TABLE operation (sequence INTEGER PRIMARY KEY, kind INTEGER NOT NULL,"             \
	" status INTEGER NOT NULL, requested INTEGER NOT NULL, elapsed INTEGER NOT NULL,"          \
	" flow_count INTEGER NOT NULL, window INTEGER NOT NULL, asymmetric INTEGER NOT NULL,"      \
	" size INTEGER NOT NULL, id TEXT NOT NULL, message TEXT NOT NULL, text TEXT NOT NULL,"     \
	" params TEXT NOT NULL, receipt TEXT NOT NULL, client_token TEXT NOT NULL,"                \
	" checksum BLOB NOT NULL)"
#define CHUNK_TABLE                                                                                \
	"CREATE TABLE chunk (operation INTEGER NOT NULL, number INTEGER NOT NULL,"                 \
	" data BLOB NOT NULL, PRIMARY KEY (operation, number))"
#define SETTING_TABLE "CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL)"

int database_file_path(const char *directory, char path[PATH_MAX])
{
	int length = snprintf(path, PATH_MAX, "%s/operations.db", directory);

	return length < PATH_MAX - 16 /* what is put behind it */ ? 0 : -ENAMETOOLONG;
}

int database_file_lock(const char *directory)
{
	int fd, error;

	if (mkdir(directory, 0750) != 0 && errno != EEXIST)
		return -errno;
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0 || access(directory, W_OK | X_OK) != 0) {
		error = errno == EWOULDBLOCK ? -EBUSY : -errno;
		close(fd);
		return error;
	}
	return fd;
}

int database_file_error(sqlite3 *file, int result)
{
	int system;

	switch (result & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_SCHEMA:
		return -EUCLEAN;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_READONLY:
		return -EROFS;
	default:
		system = sqlite3_system_errno(file);
		return system > 0 ? -system : -EIO;
	}
}

static int execute(sqlite3 *file, const char *sql)
{
	return database_file_error(file, sqlite3_exec(file, sql, NULL, NULL, NULL));
}

/* The first column of the first row, as an integer or as whether it is this text. */
static int ask(sqlite3 *file, const char *sql, const char *text, int64_t *ret_value)
{
	sqlite3_stmt *statement;
	int error = database_file_error(file, sqlite3_prepare_v2(file, sql, -1, &statement, NULL));
	const unsigned char *found;
	int result;

	if (error != 0)
		return error;
	result = sqlite3_step(statement);
	if (result == SQLITE_ROW && text == NULL) {
		*ret_value = sqlite3_column_int64(statement, 0);
	} else if (result == SQLITE_ROW) {
		found = sqlite3_column_text(statement, 0);
		*ret_value = found != NULL && strcmp((const char *)found, text) == 0;
	} else {
		error = result == SQLITE_DONE ? -EUCLEAN : database_file_error(file, result);
	}
	sqlite3_finalize(statement);
	return error;
}

/* 0, or -EUCLEAN when the answer is another text. */
static int expect(sqlite3 *file, const char *sql, const char *text)
{
	int64_t same;
	int error = ask(file, sql, text, &same);

	if (error == 0 && !same)
		error = -EUCLEAN;
	return error;
}

/* An empty file becomes ours. */
static int make_tables(sqlite3 *file)
{
	char *sql = sqlite3_mprintf(
		"PRAGMA page_size = 16384; PRAGMA auto_vacuum = INCREMENTAL;"
		"PRAGMA journal_mode = WAL; BEGIN IMMEDIATE;" OPERATION_TABLE ";" CHUNK_TABLE
		";" SETTING_TABLE "; PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
		APPLICATION, VERSION);
	int error = sql != NULL ? execute(file, sql) : -ENOMEM;

	sqlite3_free(sql);
	return error;
}

static int check_tables(sqlite3 *file)
{
	int64_t application, version, objects;
	int error = ask(file, "PRAGMA application_id", NULL, &application);

	if (error == 0)
		error = ask(file, "PRAGMA user_version", NULL, &version);
	if (error == 0)
		error = ask(file, "SELECT count(*) FROM sqlite_schema", NULL, &objects);
	if (error != 0)
		return error;
	if (application == 0 && version == 0 && objects == 0) {
		error = make_tables(file);
		if (error != 0)
			return error;
	} else if (application != APPLICATION || version < VERSION) {
		return -EUCLEAN;
	} else if (version > VERSION) {
		return -EPROTO;
	}
	/* What another schema would do with these statements is not known. */
	error = expect(file,
		"SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema"
		" WHERE sql IS NOT NULL ORDER BY name)",
		CHUNK_TABLE ";" OPERATION_TABLE ";" SETTING_TABLE);
	if (error == 0)
		error = expect(file, "PRAGMA journal_mode = WAL", "wal");
	return error;
}

static int open_once(const char *path, bool thorough, sqlite3 **ret_file)
{
	struct stat status;
	sqlite3 *file;
	int error, fd;

	if (stat(path, &status) != 0) {
		/* Before SQLite does, which would let everyone read it. */
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
		if (fd < 0)
			return -errno;
		close(fd);
	} else if (!S_ISREG(status.st_mode) || (status.st_size > 0 && status.st_size < PAGE_MIN)) {
		/* SQLite would take a file of less than a page for an empty one. */
		return -EUCLEAN;
	} else if (access(path, R_OK | W_OK) != 0) {
		return -errno;
	}
	error = sqlite3_open_v2(path, &file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (error != SQLITE_OK) {
		error = database_file_error(file, error);
		sqlite3_close(file);
		return error;
	}
	error = execute(file,
		"PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
		"PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -8192");
	if (error == 0)
		error = check_tables(file);
	if (error == 0 && thorough)
		error = expect(file, "PRAGMA quick_check(1)", "ok");
	if (error != 0) {
		sqlite3_close(file);
		return error;
	}
	*ret_file = file;
	return 0;
}

/* The log goes first: without the file it would be taken for that of the next one. */
static int move_aside(const char *path)
{
	static const char *const parts[] = {"-wal", "-shm", ""};

	for (int i = 0; i < 3; i++) {
		char from[PATH_MAX + 8], to[PATH_MAX + 16];

		snprintf(from, sizeof(from), "%s%s", path, parts[i]);
		snprintf(to, sizeof(to), "%s.damaged%s", path, parts[i]);
		if (rename(from, to) != 0 && errno != ENOENT)
			return -errno;
	}
	return 0;
}

int database_file_discard(const char *path)
{
	int error = move_aside(path);

	if (error != 0)
		log_failure(error, "%s is damaged, and cannot be moved aside", path);
	else
		log_write(LOG_ERR, "%s is damaged: moved to %s.damaged, a new one is begun", path,
			path);
	return error;
}

int database_file_open(const char *path, bool thorough, sqlite3 **ret_file, bool *ret_renewed)
{
	int error = open_once(path, thorough, ret_file);

	*ret_renewed = error == -EUCLEAN;
	if (error != -EUCLEAN)
		return error;
	error = database_file_discard(path);
	return error != 0 ? error : open_once(path, false, ret_file);
}
