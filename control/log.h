/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * log: one line a message on standard error: "PROGRAM: MESSAGE".
 */
#ifndef TIDEGATE_CONTROL_LOG_H
#define TIDEGATE_CONTROL_LOG_H

#include <syslog.h> /* LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO */

/*
 * program is what lines begin with, and lasts. Under systemd ($JOURNAL_STREAM is set) their level comes
 * before that, as sd-daemon(3) has it.
 */
void log_init(const char *program);

/* Control characters of the message become "?", so that a message stays one line. */
void log_write(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Log "MESSAGE: what the -errno means" as an error. Returns error, for the caller to return. */
int log_failure(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
