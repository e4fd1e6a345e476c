/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verdict_case: tables of policies and packets, and all that must come of them: reasons, hits of
 * every rule, events, answers, flows. Each case is run in bursts of 1, 3 and 32.
 */
#ifndef TIDEGATE_TESTS_PIPELINE_VERDICT_CASE_H
#define TIDEGATE_TESTS_PIPELINE_VERDICT_CASE_H

#include "tests/pipeline/frame.h"
#include "tests/pipeline/rig.h"

enum {
	VERDICT_POLICIES = 4,
	VERDICT_PLACES = 20, /* rules of a kind, with the default */
	VERDICT_PACKETS = 14,
	VERDICT_EVENTS = 20,
	VERDICT_METRICS = 2,
};

struct verdict_hits {
	uint64_t packets;
	uint64_t bytes;
};

struct verdict_policy {
	struct policy_rules rules;
	bool keep; /* flows of the policies before it keep their verdicts */
	/* By rule, from 1 on; 0: the default actions. What is left out has none. */
	struct verdict_hits stateless[VERDICT_PLACES];
	struct verdict_hits stateful[VERDICT_PLACES];
	struct verdict_hits metrics[VERDICT_METRICS];
};

struct verdict_packet {
	struct frame_spec frame;
	bool dropped; /* else sent on */
	enum drop_reason reason;
	uint8_t policy;	 /* in force when it comes */
	uint8_t answers; /* sent for it: to its sender, to its receiver */
	uint8_t port;
};

struct verdict_event {
	uint32_t rule;
	uint8_t packet; /* that made it, by its place in the case */
	uint8_t action; /* enum stateful_action */
	uint8_t direction;
};

struct verdict_case {
	const char *name;
	struct verdict_policy policies[VERDICT_POLICIES];
	struct verdict_packet packets[VERDICT_PACKETS];
	unsigned policy_count; /* 0: one */
	unsigned packet_count;
	struct verdict_event events[VERDICT_EVENTS]; /* all, in their order */
	unsigned event_count;
	uint32_t flows[2];	  /* entries left: IPv4, IPv6 */
	uint64_t flow_packets[2]; /* of the only flow; forward 0: not looked at */
};

void verdict_case_run(const struct verdict_case *cases, unsigned count);

/* Rules in an initialiser of struct policy_rules. */
#define STATELESS(...)                                                                             \
	.stateless = (const struct stateless_rule[]){__VA_ARGS__},                                 \
	.stateless_count = RTE_DIM(((const struct stateless_rule[]){__VA_ARGS__}))
#define STATEFUL(...)                                                                              \
	.stateful = (const struct stateful_rule[]){__VA_ARGS__},                                   \
	.stateful_count = RTE_DIM(((const struct stateful_rule[]){__VA_ARGS__}))
#define DEFAULTS(action, fragment_action)                                                          \
	.stateless_default = {action, METRIC_NONE},                                                \
	.stateless_fragment_default = {fragment_action, METRIC_NONE}
/* All goes to the stateful rules. */
#define FORWARD DEFAULTS(STATELESS_FORWARD, STATELESS_FORWARD)

/* Lists in a match. */
#define PROTOCOL(number) .protocols = (const uint8_t[]){number}, .protocol_count = 1
#define TO_PORT(number)                                                                            \
	.destination_ports = (const struct match_port[]){{number, number, false}},                 \
	.destination_port_count = 1
#define FROM(...)                                                                                  \
	.sources =                                                                                 \
		(const struct match_address[]){                                                    \
			{{.address = {__VA_ARGS__}, .version = 4, .depth = 32}, false}},           \
	.source_count = 1

#define DROPPED(drop_reason) .dropped = true, .reason = drop_reason

#endif
