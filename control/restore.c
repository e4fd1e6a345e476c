/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/restore.h"

#include <errno.h>

#include "control/database.h"
#include "control/job.h"

static void take(struct operation *operation, void *context)
{
	struct operation_list *operations = context;

	TAILQ_INSERT_HEAD(operations, operation, link);
}

int restore_list(struct database *database, struct operation_list *operations)
{
	int error = database_list(database, take, operations);

	if (error != 0)
		operation_drop_all(operations);
	return error;
}

size_t restore_merge(struct operation_list *operations, struct operation_list *earlier)
{
	struct operation *at = TAILQ_FIRST(operations), *operation;
	size_t moved = 0;

	while ((operation = TAILQ_FIRST(earlier)) != NULL) {
		TAILQ_REMOVE(earlier, operation, link);
		while (at != NULL && at->sequence > operation->sequence)
			at = TAILQ_NEXT(at, link);
		if (at != NULL && at->sequence == operation->sequence) {
			operation_unref(operation);
			continue;
		}
		if (at != NULL)
			TAILQ_INSERT_BEFORE(at, operation, link);
		else
			TAILQ_INSERT_TAIL(operations, operation, link);
		moved++;
	}
	return moved;
}

static int load(struct database *database, struct token_key *key, struct operation_list *operations)
{
	int error = restore_list(database, operations);

	if (error == 0)
		error = database_get_setting(database, "token_key", key->bytes, TOKEN_KEY_SIZE);
	if (error == -ENOENT)
		error = database_put_setting(database, "token_key", key->bytes, TOKEN_KEY_SIZE);
	return error;
}

static int open_and_load(const char *directory, struct token_key *key,
	struct operation_list *operations, struct database **ret_database)
{
	bool renewed;
	int error = database_open(directory, false, ret_database, &renewed);

	if (error != 0)
		return error;
	error = load(*ret_database, key, operations);
	if (error != 0) {
		database_close(*ret_database);
		operation_drop_all(operations);
	}
	return error;
}

struct database *restore_open(
	const char *directory, struct token_key *key, struct operation_list *operations)
{
	struct database *database;
	int error = open_and_load(directory, key, operations, &database);

	if (error == -EUCLEAN) {
		error = database_discard(directory);
		if (error == 0)
			error = open_and_load(directory, key, operations, &database);
	}
	if (error == 0)
		return database;
	job_log_failure(directory, error);
	return NULL;
}
