/* SPDX-License-Identifier: BSD-3-Clause */
/* stateless_match: the MatchAttributes of a stateless rule. */
#ifndef TIDEGATE_CONTROL_POLICY_STATELESS_MATCH_H
#define TIDEGATE_CONTROL_POLICY_STATELESS_MATCH_H

#include "control/config_reader.h"
#include "control/policy/arena.h"
#include "dataplane/dataplane.h"

/* One element of TCPFlags, as struct match has it. */
struct stateless_flags {
	uint8_t flags;
	uint8_t mask;
};

struct stateless_match {
	struct arena *arena;	       /* holds the lists; set before reading */
	struct match match;	       /* without flags */
	struct stateless_flags *flags; /* any of them may match; none: flags do not matter */
	uint32_t flag_count;
};

/* Read MatchAttributes into a match that is zero but for the arena. Returns 0, or -errno with the
 * message written. */
int stateless_match_read(
	struct config_reader *reader, const json_t *value, struct stateless_match *match);

#endif
