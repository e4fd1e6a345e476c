/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * reference_policy: what rules.h and dataplane.h say of policies, done in the plainest way, for the
 * packet path to be compared with. Flows are a list, and rules are walked in their order.
 */
#ifndef TIDEGATE_TESTS_PIPELINE_REFERENCE_POLICY_H
#define TIDEGATE_TESTS_PIPELINE_REFERENCE_POLICY_H

#include "dataplane/dataplane.h"

enum { REFERENCE_RULES = 32, REFERENCE_METRICS = 2, REFERENCE_FLOWS = 64, REFERENCE_EVENTS = 17 };

struct reference_hits {
	uint64_t packets;
	uint64_t bytes;
};

/* A policy in force. Its counters are by rule, from 1 on; 0: the default actions. */
struct reference_policy {
	const struct policy_rules *rules;
	uint32_t generation;
	uint32_t kept_from; /* flows that this generation or a later one has judged keep that */
	struct reference_hits stateless[REFERENCE_RULES + 1];
	struct reference_hits stateful[REFERENCE_RULES + 1];
	struct reference_hits metrics[REFERENCE_METRICS];
};

struct reference_packet {
	struct tuple tuple; /* a later fragment's ports are those of its first */
	bool fragment;
	bool later; /* not the first fragment of its datagram, the last one that began */
	uint32_t length;
};

struct reference_flow {
	struct tuple first; /* the packet that began it */
	bool sent[2]; /* by direction: packets were, but for those that stateless rules dropped */
	bool fin[2];
	bool closed;
	bool passed;		    /* at least one of its packets went on */
	uint32_t generation;	    /* of the policy that judged it last */
	bool dropped;		    /* what came of it then */
	bool judged[4];		    /* by situation */
	bool told[REFERENCE_RULES]; /* ALERT rules that matched */
	bool decided;		    /* by the stateful rule below */
	uint32_t rule;
	uint8_t action; /* of that rule */
};

struct reference_event {
	uint32_t rule;
	uint8_t action;
	uint8_t direction;
};

struct reference {
	struct reference_flow flows[REFERENCE_FLOWS];
	uint32_t count;
	struct reference_event events[REFERENCE_EVENTS]; /* of the last packet */
	uint32_t event_count;
	enum drop_reason first; /* of the datagram that began last, for the later fragments */
};

/* The reason to drop the packet, or DROP_NONE. */
enum drop_reason reference_judge(struct reference *reference, struct reference_policy *policy,
	const struct reference_packet *packet);

/* Whether the policy would drop the next packet of a flow that passes: the source's, or behind that
 * the destination's. */
bool reference_denied(const struct reference *reference, const struct reference_policy *policy,
	const struct reference_flow *flow);

#endif
