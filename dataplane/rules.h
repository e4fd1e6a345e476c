/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rules: what a policy is made of, as the control side hands it to policy_create(). Part of the
 * public header dataplane.h.
 *
 * The model is AWS Network Firewall's: every packet meets the stateless rules first, by its own
 * addresses and flags; what they forward, or all without any, meets the stateful rules, which judge
 * flows.
 */
#ifndef TIDEGATE_DATAPLANE_RULES_H
#define TIDEGATE_DATAPLANE_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "lpm/lpm.h"

/* The most rules of each kind that a policy holds. */
#define POLICY_STATELESS_MAX 65534
#define POLICY_STATEFUL_MAX CLASSIFIER_MATCH_MAX

enum stateless_action { STATELESS_PASS, STATELESS_DROP, STATELESS_FORWARD };

/* No custom action: nothing is counted but the rule itself. */
#define METRIC_NONE UINT16_MAX

/* An action with its custom action, a counter that each such packet adds to. */
struct stateless_verdict {
	uint8_t action;	 /* enum stateless_action */
	uint16_t metric; /* index of the counter, or METRIC_NONE */
};

struct stateless_rule {
	struct match match;
	struct stateless_verdict verdict;
};

enum stateful_action { STATEFUL_PASS, STATEFUL_DROP, STATEFUL_REJECT, STATEFUL_ALERT };

/* What of a flow a stateful rule looks at (Suricata's flow keyword); 0 in a dimension: either. */
enum {
	RULE_TO_SERVER = 1, /* packets from the flow's source */
	RULE_TO_CLIENT = 2, /* packets to it */
	RULE_ESTABLISHED = 4,
	RULE_NOT_ESTABLISHED = 8,
};

struct stateful_rule {
	struct match match; /* of a packet's own source and destination */
	uint8_t action;	    /* enum stateful_action */
	uint8_t flow;	    /* RULE_… bits */
	bool both;	    /* direction ANY: also with source and destination exchanged */
};

/* What happens to packets that no stateful rule decides. */
enum {
	DEFAULT_DROP_STRICT = 1,
	DEFAULT_DROP_ESTABLISHED = 2,
	DEFAULT_ALERT_STRICT = 4,
	DEFAULT_ALERT_ESTABLISHED = 8,
};

/* Counters of a rule, a default action or a custom action. */
struct rule_hits {
	uint64_t packets;
	uint64_t bytes;	    /* L3 bytes */
	uint64_t last_seen; /* nanoseconds of the dataplane's clock; 0: never */
};

enum stream_exception { STREAM_DROP, STREAM_CONTINUE, STREAM_REJECT };

/* Rules in the order in which they are tried: the first PASS, DROP or REJECT decides, ALERT does
 * not. */
struct policy_rules {
	const struct stateless_rule *stateless;
	const struct stateful_rule *stateful;
	uint32_t stateless_count;
	uint32_t stateful_count;
	struct stateless_verdict stateless_default;
	struct stateless_verdict stateless_fragment_default;
	uint16_t metric_count;
	uint8_t stateful_default; /* DEFAULT_… bits; 0: what nothing decides passes */
	uint8_t stream_exception; /* enum stream_exception */
};

#endif
