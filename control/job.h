/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * job: a piece of work of the archive's thread, and how it is carried out on the database.
 *
 * While an operation's flows are written (JOB_FINISH) nobody changes the operation; while it is
 * noted that it runs (JOB_BEGIN) the event loop does, but nothing that is read for that.
 */
#ifndef TIDEGATE_CONTROL_JOB_H
#define TIDEGATE_CONTROL_JOB_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "control/operation.h"
#include "control/result.h"
#include "control/token.h"

struct database;

enum job_kind {
	JOB_BEGIN,  /* note that an operation runs, for the next start */
	JOB_FINISH, /* sort and store its result */
	JOB_AMEND,  /* note how it ended */
	JOB_DELETE, /* forget it and its result */
	JOB_OPEN,   /* open the database, if it is not */
	JOB_CHECK,  /* look through the database for damage */
	JOB_VISIT,  /* hand all its flows to visit */
	JOB_FREE,   /* destroy what is of millions of flows, which takes its time */
};

struct job;

/* Called in the event loop, with the job's outcome; it frees the job. */
typedef void job_done_fn(struct job *job, void *context);

struct job {
	enum job_kind kind;
	struct operation *operation; /* a reference; NULL with JOB_OPEN, JOB_CHECK and JOB_FREE */
	void *memory;		     /* of JOB_FREE, taken over */
	void (*destroy)(void *memory);
	uint32_t flow_count;	/* of JOB_VISIT; the outcome of JOB_FINISH */
	result_visit_fn *visit; /* of JOB_VISIT, called in the thread */
	void *visit_context;
	job_done_fn *done;
	void *context;
	/* The outcome. */
	int error;     /* 0 or -errno, see control/database.h */
	uint64_t size; /* bytes, of JOB_FINISH */
	bool renewed;  /* the database was damaged: what was in it before this job is gone */
	bool listed;   /* the database could be opened at last: earlier is what was in it */
	struct operation_list
		earlier; /* the newest first; whoever does not want them leaves them */
	TAILQ_ENTRY(job) link;
};

/* operation is NULL, or one to hold a reference to. NULL without memory. */
struct job *job_create(
	enum job_kind kind, struct operation *operation, job_done_fn *done, void *context);

/* Drop the reference or destroy the memory of a job, and free it. */
void job_free(struct job *job);

/* What jobs are carried out on. */
struct job_place {
	const char *directory;
	struct token_key key;	   /* kept in the database */
	struct database *database; /* NULL: to be opened */
	bool unlisted;		   /* what is in the database is not known yet */
	bool damaged;		   /* the database is to be looked through when it is opened */
	bool failing;		   /* and logged */
	bool untidy; /* there may be something to bring into the file, or free space in it */
};

void job_carry_out(struct job *job, struct job_place *place);

/* What there is time for while there is no job. Returns whether to come again. */
bool job_tidy(struct job_place *place);

/* Room for a reason, with its final NUL. */
enum { JOB_REASON_SIZE = 96 };

/* The reason of a failure in the letters of StatusMessage. */
void job_reason(int error, char text[JOB_REASON_SIZE]);

/* Log that operations are not stored in this directory, and why. */
void job_log_failure(const char *directory, int error);

#endif
