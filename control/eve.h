/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * eve: an event as a line of Suricata's EVE format, see docs/event-log.md. Written as text at once:
 * there may be 100,000 a second.
 */
#ifndef TIDEGATE_CONTROL_EVE_H
#define TIDEGATE_CONTROL_EVE_H

#include <stddef.h>
#include <stdint.h>

#include "dataplane/dataplane.h"

/* Room for any line, and how many bytes of a signature's text go into one. */
enum { EVE_LINE_SIZE = 8192, EVE_TEXT_MAX = 1024 };

/* What decided: a rule, or a default action. */
struct eve_signature {
	const char *text; /* bytes that are no UTF-8 become "?" */
	uint32_t sid;
	uint32_t rev;
	uint32_t severity;
};

/* Severity of what has no priority, Suricata's own. */
enum { EVE_SEVERITY = 3 };

/* The alert of a policy's default actions (DEFAULT_… bits), as AWS Network Firewall calls it. */
const struct eve_signature *eve_default(uint8_t stateful_default);

/*
 * Write the line of an event with its newline. port is the name of the port that the packet came in
 * by; epoch is the dataplane's time 0 on the wall clock, in nanoseconds since 1970. Returns the
 * length, or -1 without memory or when size is less than EVE_LINE_SIZE and too small.
 */
int eve_alert(const struct event_record *event, const struct eve_signature *signature,
	const char *port, int64_t epoch, char *line, size_t size);

/* Totals since the start. */
struct eve_stats {
	uint64_t alerts;     /* lines written */
	uint64_t lost;	     /* events that never came to a line */
	uint64_t suppressed; /* events beyond the rate limit */
	uint64_t uptime;     /* seconds */
};

/* Write a line that tells the totals; now: nanoseconds since 1970. Returns as eve_alert(). */
int eve_stats(const struct eve_stats *stats, int64_t now, char *line, size_t size);

#endif
