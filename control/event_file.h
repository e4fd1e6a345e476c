/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * event_file: appends lines to a file or FIFO without ever blocking who has them.
 *
 * Overview: lines go into a buffer; a thread of its own writes them, so that a disk that hangs or a
 * reader that is slow hold up that thread alone. Without room in the buffer, and when a write
 * fails, lines are lost and counted. A line of which a part was written is finished before anything
 * else, so that no line is ever broken by another. A failure is logged once, and its end too.
 *
 * Synchronisation: the functions are one thread's, the event loop's; a lock, held for a copy at
 * most, guards what it shares with the thread.
 */
#ifndef TIDEGATE_CONTROL_EVENT_FILE_H
#define TIDEGATE_CONTROL_EVENT_FILE_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of lines that wait to be written, and the longest line. */
enum { EVENT_FILE_BUFFER = 4 << 20, EVENT_FILE_LINE = 8192 };

struct event_file;

struct event_file_totals {
	uint64_t written; /* lines */
	uint64_t lost;
};

/*
 * Open the file, or make it with mode 0640; its last part may not be a symbolic link. A FIFO that
 * nobody reads yet is opened when somebody does. Returns 0 or -errno.
 */
int event_file_create(const char *path, struct event_file **ret_file);

/* Writes what is there first. */
void event_file_destroy(struct event_file *file);

/* One line with its newline, at most EVENT_FILE_LINE bytes. */
void event_file_put(struct event_file *file, const char *line, size_t length);

/* Open the path anew, for what comes from here on; while that fails the old file is written on. */
void event_file_reopen(struct event_file *file);

void event_file_totals(struct event_file *file, struct event_file_totals *ret_totals);

#endif
