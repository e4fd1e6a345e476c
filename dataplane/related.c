/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/related.h"

#include "dataplane/expire.h"
#include "dataplane/quote.h"
#include "dataplane/verdict.h"

/* The flow whose packet a message quotes, when it goes on; or negative. */
static int32_t quoted_flow(struct worker *worker, const struct flow_table *table, unsigned i)
{
	const struct burst *burst = &worker->burst;
	struct packet quoted;
	int32_t position;

	if (!quote_parse(burst->mbufs[i], &burst->packets[i], &quoted))
		return -1;
	position = flow_lookup(table, &quoted.key, flow_hash(table, &quoted.key));
	if (position >= 0 && expire_is_due(worker, &table->flows[position], burst->now))
		return -1;
	return position;
}

enum related related_judge(struct worker *worker, unsigned i, enum drop_reason *ret_reason)
{
	const struct packet *packet = &worker->burst.packets[i];
	const struct flow_table *table = worker_table(worker, packet->version);
	int32_t position;

	if (packet->icmp >= ICMP_NEIGHBOR)
		return RELATED_PASS;
	if (packet->icmp == ICMP_ANSWER) {
		*ret_reason = DROP_ICMP_UNSOLICITED;
		return RELATED_DROP;
	}
	position = quoted_flow(worker, table, i);
	if (position < 0 || !verdict_passes(worker->policy, table, position)) {
		*ret_reason = DROP_ICMP_UNRELATED;
		return RELATED_DROP;
	}
	if (packet->icmp == ICMP_REDIRECT)
		return RELATED_RULES;
	verdict_count_related(worker, &table->flows[position], packet);
	return RELATED_PASS;
}
