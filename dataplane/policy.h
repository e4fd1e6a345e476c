/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * policy: the rules of a dataplane, compiled, and the counters of what they decide.
 *
 * Overview: stateless rules are one classifier, and a second one that ignores TCP flags where any
 * rule looks at them: what that finds tells whether the flags matter for a tuple at all. Stateful
 * rules are sorted out by situation, so that a lookup sees only the rules that apply there; rules
 * that decide and rules that alert apart, so that the one that decides is found by one lookup.
 *
 * A rule's counters are at a place: 0 is that of the default action, index + 1 that of a rule.
 *
 * Synchronisation: immutable once published, but for the counters: each worker writes its own, the
 * control thread reads them all, see stats.h.
 */
#ifndef TIDEGATE_DATAPLANE_POLICY_H
#define TIDEGATE_DATAPLANE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/dataplane.h"

/*
 * What the stateful rules tell packets of a flow apart by: bits 0, the packet is not from the
 * flow's source, and 1, the flow is established.
 */
enum { SITUATION_REVERSE = 1, SITUATION_ESTABLISHED = 2, SITUATION_COUNT = 4 };

/* Some of the stateful rules, in their order. */
struct rule_list {
	struct classifier *classifier; /* asked with a packet's own source and destination */
	struct classifier *exchanged;  /* of the rules of both directions: with these exchanged */
	uint32_t *rules;	       /* index of the rule, by match of classifier */
	uint32_t *exchanged_rules;
	uint32_t count;
	uint32_t exchanged_count;
};

/* The rules that apply in a situation. */
struct situation_rules {
	struct rule_list deciding; /* PASS, DROP, REJECT */
	struct rule_list alerts;
};

struct policy {
	uint32_t generation; /* set when it is published; flows remember whose they are */
	uint32_t kept_from;  /* flows of this generation or a later one keep their verdicts */
	uint32_t stateless_count;
	uint32_t stateful_count;
	struct classifier *stateless;		/* NULL: there are no stateless rules */
	struct classifier *stateless_any_flags; /* flags ignored; NULL: no rule looks at them */
	bool *stateless_flags;			/* by place: the rule looks at TCP flags */
	/* By place; fragments that no rule matches have one behind the rules'. */
	struct stateless_verdict *stateless_verdicts;
	const struct situation_rules *situations[SITUATION_COUNT]; /* of lists */
	struct situation_rules lists[SITUATION_COUNT];
	uint8_t *actions;	  /* enum stateful_action, by rule */
	uint8_t stateful_default; /* DEFAULT_… bits */
	uint8_t stream_exception; /* enum stream_exception */
	uint16_t worker_count;
	/* By place, those of a worker together: stateless, and from stateful_hits on stateful. */
	struct rule_hits *hits[WORKER_MAX];
	uint32_t stateful_hits;
};

/* The place of fragments that no stateless rule matches. */
static inline uint16_t policy_fragment_place(const struct policy *policy)
{
	return policy->stateless_count + 1;
}

static inline struct rule_hits *policy_stateless_hits(
	const struct policy *policy, uint16_t worker, uint16_t place)
{
	return &policy->hits[worker][place];
}

static inline struct rule_hits *policy_stateful_hits(
	const struct policy *policy, uint16_t worker, uint32_t place)
{
	return &policy->hits[worker][policy->stateful_hits + place];
}

#endif
