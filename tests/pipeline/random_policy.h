/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * random_policy: policies and packets by chance, of so few addresses and ports that most packets
 * meet a rule. By random(): srandom() makes them the same again.
 */
#ifndef TIDEGATE_TESTS_PIPELINE_RANDOM_POLICY_H
#define TIDEGATE_TESTS_PIPELINE_RANDOM_POLICY_H

#include <stdlib.h>

#include "tests/pipeline/frame.h"
#include "tests/pipeline/reference_policy.h"

enum { RANDOM_LIST = 4 };

/* The lists of a rule's match. */
struct random_lists {
	struct match_address addresses[2][RANDOM_LIST];
	struct match_port ports[2][RANDOM_LIST];
	uint8_t protocols[RANDOM_LIST];
};

struct random_policy {
	struct random_lists lists[2 * REFERENCE_RULES];
	struct stateless_rule stateless[REFERENCE_RULES];
	struct stateful_rule stateful[REFERENCE_RULES];
	struct policy_rules rules;
};

/* A random number below bound. */
static inline uint32_t random_below(uint32_t bound)
{
	return (uint32_t)random() % bound;
}

void random_policy(struct random_policy *policy);

/* Two ends that talk. */
struct random_conversation {
	uint8_t version;
	uint8_t protocol;
	uint8_t ends[2]; /* addresses, by number */
	uint16_t ports[2];
};

void random_conversation(struct random_conversation *conversation);

/*
 * A packet of the conversation, for frame_build() and, but for its length, for reference_judge().
 * id is the datagram's, if it is fragmented.
 */
void random_packet(const struct random_conversation *conversation, uint16_t id,
	struct frame_spec *spec, struct reference_packet *packet);

/* Another fragment of the datagram whose first one, or a later one, they are. */
void random_later_fragment(struct frame_spec *spec, struct reference_packet *packet);

#endif
