/* SPDX-License-Identifier: BSD-3-Clause */
/* names: the words that status, records and verdicts use. */
#include "dataplane/dataplane.h"

#include <assert.h>

#define DROP_NAME(symbol, name, help) [DROP_##symbol] = name,

const char *drop_name(enum drop_reason reason)
{
	static const char *const names[DROP_COUNT] = {DROP_REASONS(DROP_NAME)};

	assert(reason < DROP_COUNT);
	return names[reason];
}

const char *flow_state_name(enum flow_state state)
{
	static const char *const names[FLOW_STATE_COUNT] = {
		[FLOW_FREE] = "free",
		[FLOW_NEW] = "new",
		[FLOW_ESTABLISHED] = "established",
		[FLOW_CLOSING] = "closing",
		[FLOW_CLOSED] = "closed",
	};

	assert(state < FLOW_STATE_COUNT);
	return names[state];
}
