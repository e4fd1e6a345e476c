/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * database_file: the file of a database: its directory, its form, and what becomes of a damaged
 * one.
 */
#ifndef TIDEGATE_CONTROL_DATABASE_FILE_H
#define TIDEGATE_CONTROL_DATABASE_FILE_H

#include <limits.h>
#include <sqlite3.h>
#include <stdbool.h>

/* The file in its directory. -ENAMETOOLONG */
int database_file_path(const char *directory, char path[PATH_MAX]);

/* Make the directory if need be, and lock it. Returns a descriptor that holds the lock, or -errno.
 */
int database_file_lock(const char *directory);

/* Open, or make, a file to write; see database_open(). */
int database_file_open(const char *path, bool thorough, sqlite3 **ret_file, bool *ret_renewed);

/* Move a damaged file aside; says so in the log. */
int database_file_discard(const char *path);

/* The -errno of a call's result. */
int database_file_error(sqlite3 *file, int result);

#endif
