/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * archive: the thread that writes operations to the database, and reads what takes long.
 *
 * Overview: the event loop hands out jobs, and gets each back with its outcome, in the same order,
 * through an eventfd. When there is nothing else to do the thread brings the database's log into
 * the file and gives free space back.
 *
 * Synchronisation: the functions are the event loop's; a lock guards the two lists of jobs.
 */
#ifndef TIDEGATE_CONTROL_ARCHIVE_H
#define TIDEGATE_CONTROL_ARCHIVE_H

#include <stdint.h>

#include "control/job.h"

struct archive;
struct database;
struct event_base;

/*
 * Start the thread; the directory and the key, which is kept in the database, are copied. database
 * is taken over on success; NULL: it could not be opened so far. Returns 0 or -errno.
 */
int archive_create(struct event_base *base, const char *directory, const struct token_key *key,
	struct database *database, struct archive **ret_archive);

/* Carries out the jobs that it has; nobody is told. */
void archive_destroy(struct archive *archive);

/* The job is the archive's until it is done. */
void archive_put(struct archive *archive, struct job *job);

/*
 * Wait until there is no job to carry out, but no longer than some milliseconds. Done jobs are told
 * of by the event loop as ever.
 */
void archive_wait(struct archive *archive, uint32_t milliseconds);

#endif
