/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/restore.h"

#include <errno.h>

#include "control/database.h"
#include "control/job.h"
#include "control/log.h"

static void take(struct operation *operation, void *context)
{
	struct operation_list *operations = context;

	TAILQ_INSERT_HEAD(operations, operation, link);
}

static void drop_all(struct operation_list *operations)
{
	struct operation *operation;

	while ((operation = TAILQ_FIRST(operations)) != NULL) {
		TAILQ_REMOVE(operations, operation, link);
		operation_unref(operation);
	}
}

static int load(struct database *database, struct token_key *key, struct operation_list *operations)
{
	int error = database_list(database, take, operations);

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
		drop_all(operations);
	}
	return error;
}

struct database *restore_open(
	const char *directory, struct token_key *key, struct operation_list *operations)
{
	struct database *database;
	char reason[96];
	int error = open_and_load(directory, key, operations, &database);

	if (error == -EUCLEAN) {
		error = database_discard(directory);
		if (error == 0)
			error = open_and_load(directory, key, operations, &database);
	}
	if (error == 0)
		return database;
	job_reason(error, reason, sizeof(reason));
	log_write(LOG_ERR, "operations are not stored in %s: %s", directory, reason);
	return NULL;
}
