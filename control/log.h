/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * log: one line a message on the daemon's standard error: "tidegated: MESSAGE".
 */
#ifndef TIDEGATE_CONTROL_LOG_H
#define TIDEGATE_CONTROL_LOG_H

#include <syslog.h> /* LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO */

/* Under systemd ($JOURNAL_STREAM is set) lines begin with their level, as sd-daemon(3) has it. */
void log_init(void);

/* Control characters of the message become "?", so that a message stays one line. */
void log_write(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Log "MESSAGE: what the -errno means" as an error. Returns error, for the caller to return. */
int log_failure(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
