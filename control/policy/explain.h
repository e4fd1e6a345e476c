/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * explain: which rule of a policy decides a packet, and why those before it do not.
 *
 * Overview: a plain walk over the rules in their order, field by field. It shares no code with the
 * classifier, so that each can be checked by the other. A long list that rules share by pointer is
 * looked at once.
 *
 * What rules do not decide is left out: connection tracking, the stream exception policy, a
 * decision that the packet's flow already has.
 */
#ifndef TIDEGATE_CONTROL_POLICY_EXPLAIN_H
#define TIDEGATE_CONTROL_POLICY_EXPLAIN_H

#include "control/policy/policy_document.h"

/* REASON(symbol, text), the fields in the order in which they are looked at. */
#define EXPLAIN_REASONS(REASON)                                                                    \
	REASON(SOURCE_ADDRESS, "source address")                                                   \
	REASON(DESTINATION_ADDRESS, "destination address")                                         \
	REASON(SOURCE_PORT, "source port")                                                         \
	REASON(DESTINATION_PORT, "destination port")                                               \
	REASON(PROTOCOL, "protocol")                                                               \
	REASON(TCP_FLAGS, "TCP flags")                                                             \
	REASON(FLOW_DIRECTION, "flow direction")                                                   \
	REASON(FLOW_STATE, "flow state")                                                           \
	REASON(ALERTS, "matches but alerts only")                                                  \
	REASON(FORWARDS, "matches and forwards to the stateful rules")

#define EXPLAIN_SYMBOL(symbol, text) EXPLAIN_##symbol,
/* Why a rule does not decide: the first field that it does not accept, or what it does instead. */
enum explain_reason { EXPLAIN_REASONS(EXPLAIN_SYMBOL) EXPLAIN_REASON_COUNT };
#undef EXPLAIN_SYMBOL

const char *explain_reason_name(enum explain_reason reason);

struct explain_packet {
	struct tuple tuple; /* its own source and destination */
	bool to_client;	    /* it goes to the source of its flow */
	bool established;   /* its flow has seen packets of both sides */
	bool fragment;
};

struct explanation {
	enum stateful_action verdict; /* PASS, DROP or REJECT */
	enum rule_kind kind;	      /* of the rule or default action that decides */
	uint32_t rule;		      /* index, or RULE_NONE for the default action */
	/* Bits of rules.stateful_default that apply: one drops where rule is RULE_NONE, others
	 * alert. */
	uint8_t defaults;
	/* How many rules of a kind come before that one; their reasons are the stateless rules',
	 * then the stateful ones'. */
	uint32_t tried[RULE_STATEFUL + 1];
	uint8_t reasons[]; /* enum explain_reason */
};

/* Explain a packet. Returns 0 with what free() releases, or -ENOMEM. */
int explain_packet(const struct policy_document *document, const struct explain_packet *packet,
	struct explanation **ret_explanation);

#endif
